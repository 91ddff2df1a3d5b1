"""Guards: the database itself refuses to change or remove an entry, or to number one out of turn.

For the observer who distrusts the program, and for the engineer whose migration rebuilt a table: a rebuild
drops triggers silently. So they are looked for, compared and made to fire (in a transaction that is taken
back) whenever a keep is opened and after every migration. A keep without its guards refuses to open.

They protect against accidents and against other programs, not against who owns the database: that is what
witnesses and published checkpoints are for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from tallybook.keep.faults import UnguardedError

KEPT = "tallybook: what is recorded is never changed"
IN_TURN = "tallybook: entries follow each other without gap"
PROBE = "?"
"""A book that no book can be named, for the guards to fire on."""

_NEXT = "(SELECT COALESCE(MAX(seq) + 1, 0) FROM keep_entries WHERE book = NEW.book)"
_SQLITE = {
    "keep_entries_update": "BEFORE UPDATE ON keep_entries BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
    "keep_entries_delete": "BEFORE DELETE ON keep_entries BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
    # INSERT OR REPLACE with the hidden rowid of another entry would remove that entry unseen.
    "keep_entries_turn": "BEFORE INSERT ON keep_entries WHEN NEW.seq IS NOT {NEXT} "
    "OR EXISTS (SELECT 1 FROM keep_entries WHERE rowid = NEW.rowid) "
    "BEGIN SELECT RAISE(ABORT, '{IN_TURN}'); END",
    "keep_checkpoints_update": "BEFORE UPDATE ON keep_checkpoints BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
    "keep_checkpoints_delete": "BEFORE DELETE ON keep_checkpoints BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
    "keep_checkpoints_again": "BEFORE INSERT ON keep_checkpoints "
    "WHEN EXISTS (SELECT 1 FROM keep_checkpoints WHERE id = NEW.id) "
    "BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
}
_EACH_ROW = "BEFORE UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION keep_kept()"
_WHOLE = "BEFORE TRUNCATE ON {} FOR EACH STATEMENT EXECUTE FUNCTION keep_kept()"
_POSTGRESQL = {
    "keep_entries_change": _EACH_ROW.format("keep_entries"),
    "keep_entries_truncate": _WHOLE.format("keep_entries"),
    "keep_entries_turn": "BEFORE INSERT ON keep_entries FOR EACH ROW EXECUTE FUNCTION keep_turn()",
    "keep_checkpoints_change": _EACH_ROW.format("keep_checkpoints"),
    "keep_checkpoints_truncate": _WHOLE.format("keep_checkpoints"),
}
_FUNCTIONS = {
    "keep_kept": "BEGIN RAISE EXCEPTION '{KEPT}'; END",
    "keep_turn": "BEGIN IF NEW.seq IS DISTINCT FROM {NEXT} THEN RAISE EXCEPTION '{IN_TURN}'; END IF; "
    "RETURN NEW; END",
}


def install_guards(alias: str) -> None:
    """Make every guard anew."""
    connection = connections[alias]
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        for statement in statements(connection.vendor):
            cursor.execute(statement)


def statements(vendor: str) -> list[str]:
    """The SQL that makes the guards of a vendor, in order."""
    if vendor == "sqlite":
        return [
            line
            for name, rest in _SQLITE.items()
            for line in (f"DROP TRIGGER IF EXISTS {name}", f"CREATE TRIGGER {name} {_filled(rest)}")
        ]
    functions = [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $keep${_filled(body)}$keep$"
        for name, body in _FUNCTIONS.items()
    ]
    # ALWAYS: they fire also in a session that asks for no triggers (session_replication_role).
    triggers = [
        line
        for name, rest in _POSTGRESQL.items()
        for line in (
            f"DROP TRIGGER IF EXISTS {name} ON {_table(rest)}",
            f"CREATE TRIGGER {name} {rest}",
            f"ALTER TABLE {_table(rest)} ENABLE ALWAYS TRIGGER {name}",
        )
    ]
    return functions + triggers


def check_guards(alias: str) -> None:
    """Refuse unless every guard is there, is the one that was made, and fires."""
    connection = connections[alias]
    missing = guards_missing(connection)
    silent = [] if missing else guards_silent(alias, connection)
    if missing or silent:
        raise UnguardedError(
            "The database no longer protects its entries: "
            f"{', '.join(missing + silent)}. A table that is rebuilt loses its triggers. Nothing is recorded "
            "until they are back: `python3 -m tallybook.keep guard DATABASE EXHIBITS` looks at every entry "
            "and restores them."
        )


def guards_missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of guards that are not there, are switched off, or are not the ones that were made."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            found = dict(cursor.fetchall())
            made = {name: f"CREATE TRIGGER {name} {_filled(rest)}" for name, rest in _SQLITE.items()}
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled = 'A' AND NOT tgisinternal")
            found = {row[0]: "" for row in cursor.fetchall()}
            cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE proname IN ('keep_kept', 'keep_turn')")
            found |= dict(cursor.fetchall())
            made = dict.fromkeys(_POSTGRESQL, "") | {name: _filled(body) for name, body in _FUNCTIONS.items()}
    return [f"{name} is missing" for name, sql in made.items() if found.get(name) != sql]


class _TakenBackError(Exception):
    """Ends the transaction in which the guards were tried."""


_CHANGE = "UPDATE keep_entries SET leaf = leaf WHERE book = %s"
_REMOVE = "DELETE FROM keep_entries WHERE book = %s"


def guards_silent(alias: str, connection: BaseDatabaseWrapper) -> list[str]:
    """What the database let happen to a made-up entry. All of it is taken back."""
    let: list[str] = []
    try:
        with transaction.atomic(using=alias), connection.cursor() as cursor:
            _insert(cursor, 0)
            let += [
                what for what, attempt in _attempts(connection).items() if _allowed(alias, cursor, attempt)
            ]
            raise _TakenBackError
    except _TakenBackError:
        return let


def _attempts(connection: BaseDatabaseWrapper) -> dict[str, Callable[[Any], object]]:
    """What must not be possible, and how it is tried."""
    attempts: dict[str, Callable[[Any], object]] = {
        "an entry can be changed": lambda cursor: cursor.execute(_CHANGE, [PROBE]),
        "an entry can be removed": lambda cursor: cursor.execute(_REMOVE, [PROBE]),
        "a number can be used twice": lambda cursor: _insert(cursor, 0),
        "a number can be left out": lambda cursor: _insert(cursor, 2),
    }
    if connection.vendor == "postgresql":
        attempts["all entries can be removed at once"] = _truncate
    return attempts


def _insert(cursor: Any, seq: int) -> None:
    cursor.execute(
        "INSERT INTO keep_entries (book, seq, data, leaf) VALUES (%s, %s, %s, %s)", [PROBE, seq, b"", b""]
    )


def _truncate(cursor: Any) -> None:
    """Not waited for: a back-up that is reading must not keep the books from opening."""
    cursor.execute("LOCK TABLE keep_entries IN ACCESS EXCLUSIVE MODE NOWAIT")
    cursor.execute("TRUNCATE keep_entries")


def _allowed(alias: str, cursor: Any, attempt: Callable[[Any], object]) -> bool:
    """Whether an attempt came through. Refused by something else than our guard is refused, too."""
    try:
        with transaction.atomic(using=alias):
            attempt(cursor)
    except DatabaseError:
        return False
    return True


def _filled(text: str) -> str:
    return text.replace("{KEPT}", KEPT).replace("{IN_TURN}", IN_TURN).replace("{NEXT}", _NEXT)


def _table(rest: str) -> str:
    return rest.split(" ON ")[1].split()[0]
