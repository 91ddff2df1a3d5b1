"""An office without the power asks for every act of the law, through every door: none is granted."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tallybook.book import Act, Entered, Malformed
from tallybook.doors import home as homes
from tallybook.doors.cli import main
from tallybook.doors.lawfiles import state_set
from tallybook.doors.parts import taken_in
from tallybook.keep.exhibits import file_public
from tallybook.keep.recorder import Receipt
from tallybook.law import LawAct
from tests.rooms.book.books import MANIFEST, Book, contest, law, opened_under
from tests.rooms.book.cells import said
from tests.rooms.book.signing import key_set, public_key, verify, written

STRANGER = "polling_firm"
SET = ("book", "officers", "us", "georgia", "georgia_officers")
OPEN_TO_ALL = {"correct_entry", "enter_claim", "file_exhibit", "record_objection", "rotate_keys"}
"""What every office may do: correct its wording, file an exhibit, object, enter a claim, change its keys."""

NOT_DONE = ("act_refused", "act_without_legal_effect")
ELECTION = """
id = "test"
title = "A small election"
day = "2020-11-03"
"""


def acts() -> tuple[LawAct, ...]:
    return tuple(one for one in state_set("georgia_officers").acts.values() if one.id not in OPEN_TO_ALL)


def memory() -> Book:
    """A book in memory under the same law, to write well-formed acts with."""
    president = contest("president", "ash", "birch", "cedar", of="president")
    book = opened_under({one: law(one) for one in SET}, president)
    book.shelf = replace(book.shelf, verify=verify)
    return book


def well_formed(book: Book, act: LawAct) -> Act:
    """The act as the stranger would ask for it: nothing wrong with it but the office."""
    asked: dict[str, Any] = said(book, act)
    detail = dict(asked["detail"])
    fingerprint = book.standing.law_files[0]
    known = {
        **key_set(book, "governor", {"p1": 1}, 1, key="stranger", place="appling", new=["p1"]),
        "post": "governor",
        "roster": [{"person": "p1", "seat": "one"}],
        "moves": "ga-secretary-of-state-certify-state-results",
        "moved_to": "2020-11-25T12:00",
        "first_batches": fingerprint,
        "second_batches": fingerprint,
        "dated": "2020-11-02",
        "claim": 0,
        "answer": "record_cannot_tell",
        "bmd_ballots": 75,
        "hand_marked_ballots": 25,
        "precincts": 3,
    }
    detail |= {name: known[name] for name in detail if name in known}
    return book.act(act.id, STRANGER, "2020-11-04 09:00", key="stranger", **{**asked, "detail": detail})


def test_what_every_office_may_do_is_what_the_law_gives_to_every_office() -> None:
    laws = state_set("georgia_officers")
    assert {row.act for row in laws.rows if row.office == "*" and row.grants} == OPEN_TO_ALL
    assert len(acts()) == 96


def test_the_book_itself_grants_a_stranger_nothing() -> None:
    book = memory()
    book.witness()
    for act in acts():
        found = book.decide(well_formed(book, act))
        if act.id in ("open_book", "adopt_law"):
            continue
        assert isinstance(found, Entered), (act.id, found)
        assert found.entries[0].entry in NOT_DONE, act.id


@pytest.fixture
def keep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """A book of this law in a keep, with what the acts name on file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TALLYBOOK_HOME", raising=False)
    monkeypatch.delenv("TALLYBOOK_DATABASE", raising=False)
    places = "".join(
        f'[[places]]\nid = "{one}"\nname = "{one}"\nkind = "county"\n' for one in ("appling", "bacon")
    )
    contests = (
        '[[contests]]\nid = "president"\nname = "President"\nclass = "president"\n'
        'choices = [{ id = "ash", name = "Ash" }, { id = "birch", name = "Birch" }, '
        '{ id = "cedar", name = "Cedar" }]\n'
    )
    text = f'state = "georgia_officers"\n[election]{ELECTION}{places}{contests}'
    Path("election.toml").write_text(text, encoding="utf-8")
    typed(monkeypatch, "keys", "new", "elections.example/x")
    assert typed(monkeypatch, "book", "new", "election.toml", "--origin", "elections.example/x") == 0
    capsys.readouterr()
    opened = homes.opened(
        homes.home_at(Path("tallybook-home") if Path("tallybook-home").is_dir() else home())
    )
    file_public(opened, "manifest.json", [written(MANIFEST)])
    return opened


def home() -> Path:
    """The home that the commands made."""
    return next(path.parent for path in Path().rglob("books.sqlite3"))


def typed(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Type words; the exit code."""
    monkeypatch.setattr(sys, "argv", ["tallybook", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def asked() -> Iterator[tuple[str, Act]]:
    """Every act of the law, as a stranger asks for it, each under its own key."""
    book = memory()
    for n, act in enumerate(acts()):
        yield act.id, msgspec.structs.replace(well_formed(book, act), key=f"stranger-{n}")


@pytest.mark.slow
def test_the_recorder_and_a_carried_part_grant_a_stranger_nothing(keep) -> None:  # type: ignore[no-untyped-def]
    desk = homes.recorder(keep, homes.book_named(keep, ""))
    try:
        refused = 0
        for name, act in asked():
            answer = desk.submit(act)
            good = isinstance(answer, Malformed) or (isinstance(answer, Receipt) and answer.entry in NOT_DONE)
            assert good, (name, answer)
            refused += isinstance(answer, Receipt)
            carried = taken_in(desk, msgspec.structs.replace(act, key=f"carried-{act.key}"), lambda _: None)
            assert carried.came in ("refused", "problem"), (name, carried)
        assert refused > 90
    finally:
        desk.close()


@pytest.mark.slow
def test_the_command_line_grants_a_stranger_nothing(keep, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    for n, (name, act) in enumerate(asked()):
        Path("act.json").write_text(json.dumps(msgspec.to_builtins(act)), encoding="utf-8")
        assert typed(monkeypatch, "book", "act", "act.json") in (1, 2), name
        if n % 5:  # Both ways lead to the same recorder; every fifth act goes both.
            continue
        words = [f"--set={field}={json.dumps(value) if not isinstance(value, str) else value}"
                 for field, value in act.detail.items()]  # fmt: skip
        scope = [f"--contest={act.contest}"] * bool(act.contest) + [f"--place={act.place}"] * bool(act.place)
        assert typed(monkeypatch, "book", "act", name, "--office", STRANGER, *scope, *words) in (1, 2), name
    capsys.readouterr()
    standing = homes.recorder(keep, homes.book_named(keep, "")).standing()
    assert not standing.officers.keys and standing.record.kinds.keys() == {"book_opened"}
    assert public_key(1) not in standing.officers.owners
