"""Which database: a URL in, Django's settings out, set in code (no settings file on disk).

For whoever opens a keep. `sqlite:///book.db` is a file in this folder, `sqlite:////srv/book.db` one by its
full path, `postgresql://user:password@host:port/name` a server. What makes an acknowledgement durable is
set here: SQLite's write-ahead log with a full sync at each commit, PostgreSQL's synchronous commit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import django
from django.apps import apps
from django.conf import settings
from django.db import connections

from tallybook.keep.faults import KeepError

APP = "tallybook.keep"
PATIENCE = 30
"""Seconds to wait for a database that another process holds, before saying that it is busy."""

_ON_CONNECT = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA fullfsync=ON; PRAGMA recursive_triggers=ON;"
)
_AS_POSTGRES = {"postgresql", "postgres"}


def database(url: str) -> dict[str, Any]:
    """Django's settings of one database. Raises KeepError for a URL that is neither kind."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1:
        return _sqlite(parts)
    if parts.scheme in _AS_POSTGRES and len(parts.path) > 1:
        return _postgresql(parts)
    raise KeepError(
        f"The database {without_password(url)!r} is neither sqlite:///PATH nor "
        "postgresql://USER@HOST/NAME. Name it in one of these two ways."
    )


def without_password(url: str) -> str:
    """A database URL as it may be shown and logged."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return url
    user, at, host = parts.netloc.rpartition("@")
    name, colon, _ = user.partition(":")
    return parts._replace(netloc=f"{name}{':***' if colon else ''}{at}{host}", query="").geturl()


def connect_to(url: str) -> str:
    """Set Django up where that has not been done, and give the alias of this URL's connections."""
    config = database(url)
    if not settings.configured:
        settings.configure(
            DATABASES={"default": config},
            INSTALLED_APPS=[APP],
            USE_TZ=True,
            DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        )
    if not apps.ready:
        django.setup()
    return _known(config) or _added(url, config)


def _known(config: dict[str, Any]) -> str | None:
    """The alias under which a database is configured already."""
    telling = ("ENGINE", "NAME", "HOST", "PORT", "USER")
    for alias in connections:
        if all(connections.databases[alias].get(key, "") == config.get(key, "") for key in telling):
            return alias
    return None


def _added(url: str, config: dict[str, Any]) -> str:
    """One more database beside the default one, in the same process."""
    filled = connections.configure_settings({"default": {}, url: config})
    connections.databases[url] = filled[url]
    return url


def _sqlite(parts: SplitResult) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(Path(unquote(parts.path[1:])).absolute()),
        "OPTIONS": {"timeout": PATIENCE, "transaction_mode": "IMMEDIATE", "init_command": _ON_CONNECT},
    }


def _postgresql(parts: SplitResult) -> dict[str, Any]:
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": {"connect_timeout": PATIENCE, "options": "-c synchronous_commit=on", **query},
    }
