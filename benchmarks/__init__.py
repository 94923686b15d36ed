"""How fast, against peers and a ceiling in the same run: `make bench`. Never a test, because machines are noisy."""
