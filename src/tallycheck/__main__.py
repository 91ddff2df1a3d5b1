"""``tallycheck PACKAGE``: the command, as the checks specification, section 2, describes it."""

import argparse
import errno
import os
import stat
import sys
from pathlib import Path

from .checks import Asked, check
from .failure import printable
from .report import as_json, as_text
from .sources import reason

LONGEST_FILE = 4 << 20


def main(words: list[str] | None = None) -> int:
    """Check a package. 0: every check holds; 1: one fails; 2: the command itself was wrong."""
    given = parser().parse_args(words)
    try:
        asked = Asked(*(read(path) for path in (given.policy, given.checkpoint, given.receipt)))
        report = check(Path(given.package), printable(given.package), asked)
    except (OSError, ValueError) as error:
        where = printable(str(getattr(error, "filename", None) or given.package))
        print(f"tallycheck: {where}: {reason(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("tallycheck: stopped; nothing was found out", file=sys.stderr)
        return 130
    say(as_json(report) if given.json else as_text(report))
    return 0 if report.proves else 1


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(prog="tallycheck", description="Check an evidence package of Tallybook.")
    made.add_argument("package", metavar="PACKAGE", help="a folder, or a ZIP")
    made.add_argument(
        "--policy", metavar="FILE", help="whose signatures you ask for; without it authorship is not checked"
    )
    made.add_argument(
        "--checkpoint", metavar="OLD", help="a checkpoint you kept: the package must have grown from it"
    )
    made.add_argument(
        "--receipt", metavar="FILE", help="a receipt you kept: its entry must stand in the package"
    )
    made.add_argument("--json", action="store_true", help="the report as one JSON object")
    return made


def read(path: str | None) -> bytes | None:
    """The bytes of a small file that the reader brings. A pipe serves too, if somebody writes to it."""
    if path is None:
        return None
    with open(path, "rb", opener=opened) as file:
        found = file.read(LONGEST_FILE + 1)
        is_pipe = stat.S_ISFIFO(os.fstat(file.fileno()).st_mode)
    if len(found) > LONGEST_FILE:
        raise OSError(errno.EFBIG, "larger than 4 MiB", path)
    if is_pipe and not found:
        raise OSError(errno.EPIPE, "a pipe that nobody writes to, or that holds nothing", path)
    return found


def opened(path: str, flags: int) -> int:
    """The file, opened without waiting for a writer; what a writer sends is waited for."""
    file = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if hasattr(os, "O_NONBLOCK"):
        os.set_blocking(file, True)
    return file


def say(text: str) -> None:
    """Print, whatever the terminal's encoding."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


if __name__ == "__main__":
    sys.exit(main())
