"""Microsoft Teams: the digest as Adaptive Cards, through a Workflows webhook."""
