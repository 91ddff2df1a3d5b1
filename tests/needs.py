"""What some tests need from the machine, and what happens where it is missing.

A test asks for it by calling one of these functions, and gets it: an address or a path. Where it is
missing the test is skipped with the reason. On the machine that decides whether a change may go in,
TALLYBOOK_REQUIRE_ALL=1 turns each of these skips into a failure, so that no test is lost unseen.
The real elections in the folder beside the checkout are never required: the project does not own them.
"""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[1]
NODE_MODULES = ROOT / "tests" / "foreign" / "node_modules"
VOTING_PYTHON = ROOT / ".venv-foreign" / "bin" / "python"
GO_SOURCES = Path("/usr/share/gocode/src")


def needs_postgres() -> str:
    """The address of a PostgreSQL server on which a test may create and drop databases."""
    address = os.environ.get("TALLYBOOK_TEST_POSTGRES", "")
    return address or missing("TALLYBOOK_TEST_POSTGRES names no PostgreSQL server (`.ci/run` starts one)")


def needs_go() -> Path:
    """The Go compiler, with Debian's copy of golang.org/x/mod (see `GO_SOURCES`) to build against."""
    if not (GO_SOURCES / "golang.org" / "x" / "mod").is_dir():
        missing("Go's x/mod is not installed (Debian: golang-golang-x-mod-dev)")
    return needs_program("go", "Debian: golang-go")


def needs_chromium() -> Path:
    """A Chromium that runs without a screen."""
    found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    first = next((place for place in found if place), None)
    return Path(first) if first else missing("there is no Chromium (Debian: chromium)")


def needs_npm_package(name: str) -> Path:
    """The folder of an npm package pinned in tests/foreign; node itself is on the path then."""
    needs_program("node", "Debian: nodejs")
    folder = NODE_MODULES / name
    return folder if folder.is_dir() else missing(f"npm's {name} is not installed (npm ci in tests/foreign)")


def needs_voting_libraries() -> Path:
    """The Python of an environment that holds requirements/foreign.txt: counting libraries of others."""
    place = Path(os.environ.get("TALLYBOOK_TEST_VOTING") or VOTING_PYTHON)
    return place if place.is_file() else missing("there is no .venv-foreign (`.ci/run` makes it)")


def needs_program(name: str, remedy: str) -> Path:
    """A program on the path."""
    found = shutil.which(name)
    return Path(found) if found else missing(f"the program {name} is not installed ({remedy})")


def needs_shared(path: str) -> Path:
    """A file or folder of the real elections kept beside the checkout; absent, the test is skipped always."""
    place = ROOT.parent / "shared" / path
    if not place.exists():
        pytest.skip(f"../shared/{path} is not beside this checkout")
    return place


def missing(what: str) -> NoReturn:
    """Skip the test, or fail it where everything is required."""
    if os.environ.get("TALLYBOOK_REQUIRE_ALL") == "1":
        pytest.fail(f"required, since TALLYBOOK_REQUIRE_ALL=1: {what}", pytrace=False)
    pytest.skip(what)
