"""`python -m lpm_sync` is `lpm-sync`."""

from lpm_sync.cli.main import main

if __name__ == "__main__":
    main()
