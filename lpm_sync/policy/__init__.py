"""The configuration: three YAML files, read safely, checked together, and turned into the core's values."""
