"""The database itself refuses to change a record, and a keep without that protection refuses to open."""

from pathlib import Path

import pytest
from django.db import DatabaseError, connections, models

from tallybook.keep import tables
from tallybook.keep.__main__ import main
from tallybook.keep.faults import KeepError, UnguardedError
from tallybook.keep.guards import IN_TURN, KEPT, check_guards, install_guards
from tallybook.keep.opening import Keep, make_keep, open_keep
from tallybook.keep.recorder import Recorder
from tests.fakes.small_keep import BOOK, returns, small_keep

INSERT = "INSERT INTO keep_entries (book, seq, data, leaf) VALUES ('small-2026', {}, '', '')"
FORBIDDEN = {
    "change": ("UPDATE keep_entries SET data = '' WHERE seq = 1", KEPT),
    "change the number": ("UPDATE keep_entries SET seq = 9 WHERE seq = 1", KEPT),
    "remove": ("DELETE FROM keep_entries WHERE seq = 1", KEPT),
    "remove the last": ("DELETE FROM keep_entries WHERE seq = 2", KEPT),
    "use a number again": (INSERT.format(1), IN_TURN),
    "use the last number again": (INSERT.format(2), IN_TURN),
    "leave a gap": (INSERT.format(4), IN_TURN),
    "count backwards": (INSERT.format(-1), IN_TURN),
    "change a checkpoint": ("UPDATE keep_checkpoints SET size = 1", KEPT),
    "remove a checkpoint": ("DELETE FROM keep_checkpoints", KEPT),
}
ONLY_SQLITE = {
    "replace": (INSERT.replace("INSERT", "INSERT OR REPLACE").format(1), IN_TURN),
    "replace by an upsert": (INSERT.format(1) + " ON CONFLICT (book, seq) DO UPDATE SET data = ''", IN_TURN),
    "replace another's hidden row": (
        "INSERT OR REPLACE INTO keep_entries (rowid, book, seq, data, leaf) "
        "VALUES (2, 'small-2026', 3, '', '')",
        IN_TURN,
    ),
    "replace a checkpoint": (
        "INSERT OR REPLACE INTO keep_checkpoints (id, book, size, note) VALUES (1, 'small-2026', 2, '')",
        KEPT,
    ),
}
ONLY_POSTGRESQL = {
    "truncate": ("TRUNCATE keep_entries", KEPT),
    "truncate the checkpoints": ("TRUNCATE keep_checkpoints", KEPT),
    "upsert": (INSERT.format(1) + " ON CONFLICT (book, seq) DO UPDATE SET data = ''", IN_TURN),
    "change with triggers off for replicas": (
        "SET session_replication_role = replica; UPDATE keep_entries SET data = '' WHERE seq = 1",
        KEPT,
    ),
}


@pytest.fixture
def filled(keep: Keep, recorder: Recorder) -> Keep:
    """A book of three entries and one checkpoint row."""
    recorder.submit(returns("a"))
    recorder.submit(returns("b"))
    tables.insert_checkpoint(keep.alias, BOOK, 2, b"a note")
    return keep


def test_every_way_to_change_the_record_is_refused(filled: Keep) -> None:
    before = list(tables.rows(filled.alias, BOOK, 0))
    own = ONLY_SQLITE if filled.vendor == "sqlite" else ONLY_POSTGRESQL
    for what, (sql, words) in {**FORBIDDEN, **own}.items():
        with pytest.raises(DatabaseError, match=words), connections[filled.alias].cursor() as cursor:
            cursor.execute(sql)
            pytest.fail(f"the database let somebody {what}")
        connections[filled.alias].close()
    assert list(tables.rows(filled.alias, BOOK, 0)) == before


def test_the_next_number_is_not_refused(filled: Keep) -> None:
    with connections[filled.alias].cursor() as cursor:
        cursor.execute(INSERT.format(3))
    assert tables.size_of(filled.alias, BOOK) == 4


def test_trying_the_guards_leaves_nothing_behind(filled: Keep) -> None:
    check_guards(filled.alias)
    assert tables.book_names(filled.alias) == [BOOK]


def guards_of(keep: Keep) -> list[tuple[str, str]]:
    """(name, table) of each trigger in the database."""
    with connections[keep.alias].cursor() as cursor:
        if keep.vendor == "sqlite":
            cursor.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        return cursor.fetchall()


def test_each_missing_trigger_refuses_to_start(keep: Keep, url: str) -> None:
    found = guards_of(keep)
    assert len(found) >= 5
    for name, table in found:
        with connections[keep.alias].cursor() as cursor:
            cursor.execute(f"DROP TRIGGER {name}" + ("" if keep.vendor == "sqlite" else f" ON {table}"))
        with pytest.raises(UnguardedError, match=f"{name} is missing.*keep guard"):
            open_keep(url, keep.folder)
        install_guards(keep.alias)
        open_keep(url, keep.folder)


def test_a_trigger_that_is_there_but_does_nothing_refuses_to_start(keep: Keep, url: str) -> None:
    with connections[keep.alias].cursor() as cursor:
        if keep.vendor == "sqlite":
            cursor.execute("DROP TRIGGER keep_entries_delete")
            cursor.execute(
                "CREATE TRIGGER keep_entries_delete BEFORE DELETE ON keep_entries BEGIN SELECT 1; END"
            )
        else:
            body = "BEGIN RETURN COALESCE(NEW, OLD); END"
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION keep_kept() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"
            )
    with pytest.raises(UnguardedError):
        open_keep(url, keep.folder)


def test_triggers_that_look_right_but_let_pass_are_found_by_trying(
    keep: Keep, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tallybook.keep.guards.guards_missing", lambda _connection: [])
    with connections[keep.alias].cursor() as cursor:
        for name, table in guards_of(keep):
            cursor.execute(f"DROP TRIGGER {name}" + ("" if keep.vendor == "sqlite" else f" ON {table}"))
    with pytest.raises(UnguardedError, match="an entry can be changed, an entry can be removed"):
        open_keep(url, keep.folder)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_disabled_trigger_refuses_to_start(keep: Keep, url: str) -> None:
    with connections[keep.alias].cursor() as cursor:
        cursor.execute("ALTER TABLE keep_entries DISABLE TRIGGER keep_entries_turn")
    with pytest.raises(UnguardedError, match="keep_entries_turn is missing"):
        open_keep(url, keep.folder)


def test_a_table_rebuild_that_drops_the_triggers_silently_is_caught(tmp_path: Path) -> None:
    """Django alters a table of SQLite by making it anew; its triggers go with the old one."""
    keep = small_keep(tmp_path)
    row = tables.entries(keep.alias, BOOK).model
    wider = models.BinaryField(null=True)
    wider.set_attributes_from_name("leaf")
    wider.model = row
    with connections[keep.alias].schema_editor() as editor:
        editor.alter_field(row, row._meta.get_field("leaf"), wider)
    with pytest.raises(UnguardedError, match="keep_entries_update is missing"):
        open_keep(f"sqlite:///{tmp_path}/book.db", keep.folder)


def test_a_migration_ends_with_a_look_at_the_guards(tmp_path: Path) -> None:
    keep = small_keep(tmp_path)
    with connections[keep.alias].cursor() as cursor:
        cursor.execute("DROP TRIGGER keep_entries_turn")
    with pytest.raises(UnguardedError):
        make_keep(f"sqlite:///{tmp_path}/book.db", keep.folder)


def test_the_command_that_the_sentence_names_restores_the_guards(
    keep: Keep, recorder: Recorder, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    recorder.submit(returns("a"))
    with connections[keep.alias].cursor() as cursor:
        table = "" if keep.vendor == "sqlite" else " ON keep_entries"
        cursor.execute(f"DROP TRIGGER keep_entries_turn{table}")
    assert main(["check", url, str(keep.folder)]) == 1
    assert "keep guard" in capsys.readouterr().err
    assert main(["guard", url, str(keep.folder)]) == 0
    assert "protected again" in capsys.readouterr().out
    assert main(["check", url, str(keep.folder)]) == 0


def test_the_command_looks_at_every_entry_before_it_restores(
    keep: Keep, recorder: Recorder, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    recorder.submit(returns("a"))
    table = "" if keep.vendor == "sqlite" else " ON keep_entries"
    changing = "keep_entries_update" if keep.vendor == "sqlite" else "keep_entries_change"
    with connections[keep.alias].cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {changing}{table}")
        cursor.execute("UPDATE keep_entries SET data = %s WHERE seq = 1", [b"{}"])
    assert main(["guard", url, str(keep.folder)]) == 1
    assert "Entry 1 is not as it was recorded" in capsys.readouterr().err


def test_a_database_of_a_newer_version_is_refused(keep: Keep, url: str) -> None:
    with connections[keep.alias].cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('keep', '0099_later', '2026-11-21')"
        )
    with pytest.raises(KeepError, match="made by a newer Tallybook"):
        open_keep(url, keep.folder)
