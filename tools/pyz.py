"""Make the checker one file: `tallycheck.pyz`, which runs as `python3 tallycheck.pyz PACKAGE`.

For an observer who wants to carry the checker on a stick and compare its fingerprint with others'.
The same source gives the same bytes on every machine: files in order of name, stored and not
compressed (compressors differ between machines), one fixed time, one fixed mode. The file is a ZIP
with a first line for Unix, as PEP 441 allows; Python runs the `__main__.py` at its root.

    python3 go.py run pyz [--out FILE]
"""

import argparse
import hashlib
import io
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "tallycheck"
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
FIRST_LINE = b"#!/usr/bin/env python3\n"
START = """\
import sys

if sys.version_info < (3, 11):
    sys.exit("tallycheck needs Python 3.11 or later; this is Python %d.%d." % sys.version_info[:2])

from tallycheck.__main__ import main

sys.exit(main())
"""


def contents(package: Path, licence: Path) -> dict[str, bytes]:
    """What goes into the file, by name: the start, the licence, and the package without its caches."""
    files = sorted(file for file in package.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    inside = {f"{package.name}/{file.relative_to(package).as_posix()}": file.read_bytes() for file in files}
    return {"__main__.py": START.encode(), "LICENSE": licence.read_bytes(), **inside}


def archive(inside: dict[str, bytes]) -> bytes:
    """The runnable ZIP that holds these files; equal files give equal bytes."""
    written = io.BytesIO()
    written.write(FIRST_LINE)
    with zipfile.ZipFile(written, "a", zipfile.ZIP_STORED) as bundle:
        for name in sorted(inside):
            entry = zipfile.ZipInfo(name, FIXED_TIME)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            bundle.writestr(entry, inside[name])
    return written.getvalue()


def main() -> int:
    parser = argparse.ArgumentParser(prog="go.py run pyz", description="Make the checker one file.")
    parser.add_argument("--out", type=Path, default=ROOT / "tallycheck.pyz", help="where to write it")
    out: Path = parser.parse_args().out
    made = archive(contents(PACKAGE, ROOT / "LICENSE"))
    try:
        out.write_bytes(made)
        out.chmod(0o755)
    except OSError as error:
        print(f"{out} could not be written: {error.strerror}.", file=sys.stderr)
        return 2
    print(f"Wrote {out.name}: {len(made)} bytes, SHA-256 {hashlib.sha256(made).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
