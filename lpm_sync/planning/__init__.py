"""Planning, pure: what should stand in the trackers, compared with what does, makes the plan."""
