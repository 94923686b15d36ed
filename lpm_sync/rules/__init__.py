"""The rules: pure models that judge items, value streams and the portfolio."""
