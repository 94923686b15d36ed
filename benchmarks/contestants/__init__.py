"""What is measured: ours, its peers, and the ceilings. Each makes its preparations and returns the work to time."""
