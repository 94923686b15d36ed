"""The sample portfolio of the embedded trackers: a company that a portfolio office would recognise."""
