"""The pure core: values and functions without clock, network, database or settings."""
