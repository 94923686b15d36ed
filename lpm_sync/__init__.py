"""Governance as code for Lean Portfolio Management, on the trackers a company already has."""

__version__ = "0.1.0"
