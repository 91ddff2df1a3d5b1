"""A keep with an opened book, on SQLite, and again on PostgreSQL where a server is at hand."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tallybook.keep.opening import Keep
from tallybook.keep.recorder import Recorder
from tests.fakes.small_keep import BOOK, opening, shelve, small_keep, stopped_clock, stopped_steady
from tests.needs import needs_postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/book.db"
        return
    server, name = needs_postgres(), f"keep_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield f"{server.rpartition('/')[0]}/{name}"
    from django.db import connections

    connections.close_all()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def keep(url: str, tmp_path: Path) -> Keep:
    """A new keep."""
    return small_keep(tmp_path, url)


@pytest.fixture
def recorder(keep: Keep) -> Iterator[Recorder]:
    """A recorder whose book is open, at nine in the evening of election day."""
    made = Recorder(keep, BOOK, shelve=shelve, clock=stopped_clock(), steady=stopped_steady())
    made.submit(opening(keep))
    yield made
    made.close()
