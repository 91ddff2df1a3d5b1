"""A keep with an opened book, on SQLite, and again on PostgreSQL where a server is at hand.

The tables are made once per kind of database, and copied for each test.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.db import connections

from tallybook.keep.opening import Keep, make_keep, open_keep
from tallybook.keep.recorder import Recorder
from tests.fakes.small_keep import BOOK, opening, shelve, stopped_clock, stopped_steady
from tests.needs import needs_postgres


@pytest.fixture(scope="session")
def made_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with empty tables."""
    folder = tmp_path_factory.mktemp("made")
    keep = make_keep(f"sqlite:///{folder}/book.db", folder / "exhibits")
    connections[keep.alias].close()
    return folder / "book.db"


@pytest.fixture(scope="session")
def made_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a PostgreSQL database with empty tables."""
    with database_of_its_own() as (name, url):
        keep = make_keep(url, tmp_path_factory.mktemp("made") / "exhibits")
        connections[keep.alias].close()
        yield name


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind with empty tables."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("made_sqlite"), tmp_path / "book.db")
        yield f"sqlite:///{tmp_path}/book.db"
        connections.close_all()
        return
    needs_postgres()
    with database_of_its_own(request.getfixturevalue("made_postgresql")) as (_, address):
        yield address


@pytest.fixture
def keep(url: str, tmp_path: Path) -> Keep:
    """A new keep."""
    (tmp_path / "exhibits").mkdir()
    return open_keep(url, tmp_path / "exhibits")


@pytest.fixture
def recorder(keep: Keep) -> Iterator[Recorder]:
    """A recorder whose book is open, at nine in the evening of election day."""
    made = Recorder(keep, BOOK, shelve=shelve, clock=stopped_clock(), steady=stopped_steady())
    made.submit(opening(keep))
    yield made
    made.close()


@contextmanager
def database_of_its_own(like: str = "template1") -> Iterator[tuple[str, str]]:
    """(name, URL) of a database on the server, dropped at the end."""
    server, name = needs_postgres(), f"keep_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    yield name, f"{server.rpartition('/')[0]}/{name}"
    connections.close_all()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
