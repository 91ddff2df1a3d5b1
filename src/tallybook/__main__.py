"""`python -m tallybook`: the command line."""

from tallybook.doors.cli import main

if __name__ == "__main__":
    main()
