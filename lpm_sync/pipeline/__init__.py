"""One cycle, from pulling to recording: the only place where the pure core meets trackers, state and clock."""
