"""`python -m tallybook`: the command line."""

import sys

if __name__ == "__main__":
    try:
        from tallybook.doors.cli import main
    except KeyboardInterrupt:  # while the program is being loaded
        sys.exit(130)
    main()
