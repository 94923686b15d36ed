"""Reports: card, plan and digest, as values and as text."""
