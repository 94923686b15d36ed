"""What lpm-sync remembers between cycles, in one SQLite file. Losing it loses history and duplicates nothing."""
