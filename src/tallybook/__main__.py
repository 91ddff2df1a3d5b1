"""`python -m tallybook` and the installed command: the command line, loaded so that Ctrl-C may come early."""

import sys


def main() -> None:
    """Load the command line and run it; stopped while it loads, it ends without a trace."""
    try:
        from tallybook.doors.cli import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
