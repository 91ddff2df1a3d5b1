"""What the accounts leave open stands in the book, and the certification carries it by number."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tallybook.doors.cli import main

pytestmark = pytest.mark.slow

Run = Callable[..., tuple[int, str, str]]
COUNTY = ("--office", "county_superintendent", "--contest", "mayor", "--place", "lee")
STATE = ("--office", "secretary_of_state", "--contest", "mayor")


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A book of one county under Georgia's law, which asks for no audit first; words in, answers out."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TALLYBOOK_HOME", raising=False)
    monkeypatch.delenv("TALLYBOOK_DATABASE", raising=False)

    def typed(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tallybook", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return int(ended.value.code or 0), told.out, told.err

    election = typed("book", "example")[1].replace("2026-11-03", "2020-11-03")
    election = election.replace('"model" ', '"georgia" ').replace('"mayor"\nchoices', '"us_senate"\nchoices')
    write("election.toml", *election.splitlines())
    typed("keys", "new", "elections.example/lee")
    assert typed("book", "new", "election.toml", "--origin", "elections.example/lee")[0] == 0
    write("lee.csv", "choice,votes", "ash,260", "birch,217")
    return typed


def write(name: str, *lines: str) -> str:
    Path(name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return name


def entry(run: Run, number: int) -> dict[str, object]:
    found: dict[str, object] = json.loads(run("book", "show", "--entry", str(number))[1])
    return found


def test_a_certification_carries_its_open_findings_by_number_and_is_not_blocked(opened: Run) -> None:
    accounts = write(
        "accounts.csv",
        "county,mode,memory_card,voters_credited,cards_scanned,cards_tabulated",
        "Lee County,polls,1,,300,300",
        "Lee County,polls,2,,177,177",
        "Lee County,polls,,500,,",
        "Lee County,mail,3,80,80,0",
    )
    code, out, _ = opened("canvass", accounts, "--margin", "43", "--enter", "--contest", "mayor")
    assert (code, "Finding 1 in the book: entry 1." in out, "Finding 2 in the book: entry 2." in out) == (
        1,
        1,
        1,
    )
    first, second = entry(opened, 1), entry(opened, 2)
    assert first["place"] == second["place"] == "lee"
    assert first["detail"]["size"] == 80
    assert first["detail"]["cause"] == "card_not_uploaded"
    assert "80 fewer cards tabulated than cards scanned (0 against 80)" in str(first["detail"]["text"])
    assert first["exhibits"][0]["name"] == "accounts.csv"
    assert second["detail"]["size"] == 23
    words = ("canvass", accounts, "--margin", "43", "--enter", "--contest", "mayor", "--json")
    assert json.loads(opened(*words)[1])["entered"] == [
        [1, "entry 1, as before."],
        [2, "entry 2, as before."],
    ]

    opened("book", "act", "close_finding", *COUNTY, "--set", "finding=2", "--set", "text=23 left the line.")
    assert opened("book", "act", "certify_county_returns", *COUNTY, "--returns", "lee.csv")[0] == 0
    assert opened("book", "act", "certify_state_results", *STATE)[0] == 0
    certified = json.loads(opened("book", "show", "--entry", "5")[1])
    assert (certified["entry"], certified["result"]["findings"]) == ("state_results_certified", [1])


def test_a_finding_of_a_place_that_the_book_does_not_know_has_none(opened: Run) -> None:
    accounts = write("a.csv", "county,voters_credited,ballots_cast", "Ray,50,40")
    opened("canvass", accounts, "--enter")
    assert "place" not in entry(opened, 1)
    assert str(entry(opened, 1)["detail"]["text"]).startswith("Ray: 10 fewer ballots cast")


def test_what_was_explained_is_not_reported(opened: Run) -> None:
    accounts = write("a.csv", "county,voters_credited,ballots_cast", "Lee,500,497")
    why = write("w.csv", "county,earlier,later,cards,words", "Lee,voters_credited,ballots_cast,-3,three left")
    assert opened("canvass", accounts, "--explained", why, "--enter")[0] == 0
    assert json.loads(opened("book", "list", "--json")[1]) == {"lee_2026": 1}


def test_a_gap_in_the_custody_is_entered_with_what_it_makes_everybody_assume(opened: Run) -> None:
    accounts = write("a.csv", "county,voters_credited,ballots_cast", "Lee,500,497")
    events = write(
        "c.csv",
        "container,time,action,persons,place,seal",
        "box-1,2020-11-03T19:30:00-05:00,sealed,a; b,precinct 4,A-1",
        "box-1,2020-11-03T19:40:00-05:00,released,a,precinct 4,A-1",
        "box-1,2020-11-03T20:00:00-05:00,received,a; c,office,A-1",
    )
    boxes = write("b.csv", "container,cards", "box-1,120")
    words = ("canvass", accounts, "--custody", events, "--containers", boxes, "--enter", "--svg", "c.svg")
    code, out, _ = opened(*words)
    assert (code, "Finding 2 in the book: entry 2." in out) == (1, True)
    detail = entry(opened, 2)["detail"]
    assert detail["cause"] == "one_person"
    assert detail["note"].startswith("Whoever relies on these cards assumes: That its 120 cards were not")
    drawn = Path("c.svg").read_text(encoding="utf-8")
    assert "gap 2" in drawn
    assert "<title>Chain of custody</title>" in drawn
    assert opened("canvass", accounts, "--svg", "d.svg")[0] == 2
