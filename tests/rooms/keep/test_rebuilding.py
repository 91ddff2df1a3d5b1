"""What follows from the entries can be dropped; what was published is compared."""

import subprocess
from pathlib import Path

import pytest
from django.db import connections
from msgspec.structs import replace

from tallybook.book import Standing
from tallybook.keep import tables
from tallybook.keep.__main__ import main
from tallybook.keep.checkpoints import check_checkpoints, keep_checkpoint, latest_checkpoint, root_at
from tallybook.keep.exhibits import file_public, file_sealed, read_sealed
from tallybook.keep.faults import DamagedError, KeepError
from tallybook.keep.opening import Keep, make_keep
from tallybook.keep.rebuilding import (
    check_book,
    derived_bytes,
    drop_derived,
    export_to,
    exported,
    import_entries,
    rebuild,
)
from tallybook.keep.recorder import Receipt, Recorder
from tallybook.merkle.checkpoints import Checkpoint, format_text
from tests.fakes.small_keep import BOOK, ORIGIN, certification, returns, shelve
from tests.needs import needs_program
from tests.rooms.keep.conftest import database_of_its_own

SECRET = b"s" * 32


@pytest.fixture
def filled(keep: Keep, recorder: Recorder) -> Keep:
    """A book with a refusal, a public and a sealed exhibit, and returns."""
    public = file_public(keep, "a.csv", [b"a,b\n"])
    sealed = file_sealed(keep, SECRET, "small/b/0", "b.csv", b"voters")
    recorder.submit(certification("refused"))
    recorder.submit(replace(returns("a"), exhibits=(public, sealed)))
    for n in range(20):
        recorder.submit(returns(f"more-{n}", place=n % 3))
    return keep


def plain(standing: Standing) -> dict[str, object]:
    """A standing to compare: its law by the names of the files."""
    return {name: getattr(standing, name) for name in standing.__struct_fields__ if name != "law"}


def another_keep(keep: Keep, folder: Path) -> Keep:
    """An empty database beside the exhibits of a keep."""
    return make_keep(f"sqlite:///{folder}/other.db", keep.folder)


def test_all_but_the_record_is_rebuilt_byte_for_byte(filled: Keep, recorder: Recorder) -> None:
    before, standing = derived_bytes(filled), recorder.standing()
    drop_derived(filled)
    assert derived_bytes(filled) == b'{"books":[],"receipts":[]}'
    assert plain(rebuild(filled, BOOK)) == plain(standing)
    assert derived_bytes(filled) == before


def test_an_export_imported_into_an_empty_database_is_the_same_book(filled: Keep, tmp_path: Path) -> None:
    other = another_keep(filled, tmp_path)
    import_entries(other, BOOK, exported(filled, BOOK))
    assert list(exported(other, BOOK)) == list(exported(filled, BOOK))
    assert list(tables.rows(other.alias, BOOK, 0)) == list(tables.rows(filled.alias, BOOK, 0))
    assert derived_bytes(other) == derived_bytes(filled)
    assert check_book(other, BOOK) == check_book(filled, BOOK)
    assert root_at(other, BOOK, 23) == root_at(filled, BOOK, 23)
    sealed = tables.exhibits(other.alias).get(sealed=True)
    assert read_sealed(other, SECRET, sealed.name_hash)[1] == b"voters"


def test_a_repeated_act_gets_its_receipt_after_export_and_import(filled: Keep, tmp_path: Path) -> None:
    other = another_keep(filled, tmp_path)
    import_entries(other, BOOK, exported(filled, BOOK))
    recorder = Recorder(other, BOOK, shelve=shelve)
    found = recorder.submit(returns("more-3", place=0))
    recorder.close()
    assert isinstance(found, Receipt)
    assert (found.seq, found.repeated) == (6, True)


def test_a_changed_export_is_refused_whole(filled: Keep, tmp_path: Path) -> None:
    other = another_keep(filled, tmp_path)
    lines = list(exported(filled, BOOK))
    for broken, words in (
        ([*lines[:5], *lines[6:]], "is not entry 5"),
        ([*lines[:5], lines[5].replace(b'"ada":10', b'"ada": 10')], "no entry"),
        ([*lines[:5], lines[5].replace(b'"v":1', b'"v":1,"w":2')], "Line 6"),
        ([*lines[:5], b"\n"], "no entry"),
        (lines[1:], "is not entry 0"),
    ):
        with pytest.raises(KeepError, match=words):
            import_entries(other, BOOK, broken)
        assert tables.size_of(other.alias, BOOK) == 0


def test_a_book_with_entries_takes_no_import(filled: Keep) -> None:
    with pytest.raises(KeepError, match="has entries already"):
        import_entries(filled, BOOK, exported(filled, BOOK))


def test_an_export_never_overwrites(filled: Keep, tmp_path: Path) -> None:
    assert export_to(filled, BOOK, tmp_path / "out.jsonl") == 23
    with pytest.raises(KeepError, match="is there already"):
        export_to(filled, BOOK, tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == b"".join(exported(filled, BOOK))


def note_of(keep: Keep, size: int) -> bytes:
    """An unsigned-looking checkpoint: signatures are for another room."""
    root = root_at(keep, BOOK, size)
    assert root is not None
    return format_text(Checkpoint(ORIGIN, size, root)).encode() + b"\n\xe2\x80\x94 x " + b"AAAAAAA=" + b"\n"


def test_a_published_checkpoint_is_kept_and_compared(filled: Keep) -> None:
    for size in (3, 23, 10):
        keep_checkpoint(filled, BOOK, note_of(filled, size))
    assert check_checkpoints(filled, BOOK) == 3
    assert latest_checkpoint(filled, BOOK) == note_of(filled, 23)


def test_a_checkpoint_of_another_history_is_refused(filled: Keep) -> None:
    other = note_of(filled, 3).replace(b"\n3\n", b"\n4\n")
    with pytest.raises(KeepError, match="is not of the book"):
        keep_checkpoint(filled, BOOK, other)


def test_a_book_that_lost_entries_disagrees_with_its_checkpoint(filled: Keep, tmp_path: Path) -> None:
    note = note_of(filled, 23)
    other = another_keep(filled, tmp_path)
    import_entries(other, BOOK, list(exported(filled, BOOK))[:20])
    tables.insert_checkpoint(other.alias, BOOK, 23, note)
    with pytest.raises(DamagedError, match="entries are missing or changed"):
        check_book(other, BOOK)


def test_receipts_that_do_not_follow_are_found_and_made_anew(
    filled: Keep, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tables.receipts(filled.alias).filter(key="more-3").update(seq=4)
    assert main(["check", url, str(filled.folder)]) == 1
    assert "keep rebuild" in capsys.readouterr().err
    assert main(["rebuild", url, str(filled.folder)]) == 0
    assert main(["check", url, str(filled.folder)]) == 0
    assert "23 entries, 4 exhibits, 0 checkpoints are whole" in capsys.readouterr().out


def test_a_byte_changed_in_the_database_file_is_found(filled: Keep) -> None:
    guard = "keep_entries_update" if filled.vendor == "sqlite" else "keep_entries_change ON keep_entries"
    with connections[filled.alias].cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {guard}")
    for seq, data, _ in list(tables.rows(filled.alias, BOOK, 0)):
        changed = data.replace(b'"v":1', b'"v":2')
        assert changed != data
        tables.entries(filled.alias, BOOK).filter(seq=seq).update(data=changed)
        with pytest.raises(DamagedError, match=f"Entry {seq} is not as it was recorded"):
            rebuild(filled, BOOK)
        tables.entries(filled.alias, BOOK).filter(seq=seq).update(data=data)
    rebuild(filled, BOOK)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_copy_made_while_recording_is_a_whole_keep(
    filled: Keep, recorder: Recorder, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy.db"
    assert main(["copy", url, str(filled.folder), str(copy)]) == 0
    recorder.submit(returns("after the copy"))
    capsys.readouterr()
    assert main(["check", f"sqlite:///{copy}", str(filled.folder)]) == 0
    assert "23 entries" in capsys.readouterr().out
    assert main(["copy", url, str(filled.folder), str(copy)]) == 1
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_dump_restored_into_an_empty_server_is_a_whole_keep(
    filled: Keep, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    dump, psql = needs_program("pg_dump", "Debian: postgresql"), needs_program("psql", "Debian: postgresql")
    dumped = subprocess.run([str(dump), url], capture_output=True, check=True).stdout
    with database_of_its_own() as (_, other):
        restored = [str(psql), "-q", "-v", "ON_ERROR_STOP=1", other]
        subprocess.run(restored, input=dumped, capture_output=True, check=True)
        assert main(["check", other, str(filled.folder)]) == 0
        assert "23 entries" in capsys.readouterr().out
