"""Everything that knows a wire format, and nothing else."""
