"""`tallybook privacy`, and publication refused where a voter would be given away."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from tallybook.doors.georgia_2020.tables import raw

pytestmark = pytest.mark.slow

Run = Callable[..., tuple[int, str, str]]
COUNTY = ("--office", "county_superintendent", "--contest", "mayor", "--place", "lee")


@pytest.fixture
def opened(run: Run) -> Run:
    """A book of one county under the model law."""
    election = run("book", "example")[1].replace("2026-11-03", "2020-11-03")
    write("election.toml", *election.splitlines())
    run("keys", "new", "elections.example/lee")
    assert run("book", "new", "election.toml", "--origin", "elections.example/lee")[0] == 0
    return run


def write(name: str, *lines: str) -> str:
    Path(name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return name


TABLE = (
    "precinct,mode,ash,birch",
    "North,polls,120,98", "North,mail,40,31", "North,provisional,2,0",
    "South,polls,90,103", "South,mail,22,35", "South,provisional,1,3",
    "East,polls,60,70", "East,mail,30,30", "East,provisional,8,9",
)  # fmt: skip


def test_cells_are_named_and_a_safe_table_adds_up_and_passes(run: Run) -> None:
    file = write("p.csv", *TABLE)
    code, out, _ = run("privacy", file, "--safe", "safe.csv", "--json")
    told = json.loads(out)
    assert (code, told["groups"], told["required"]) == (1, 9, [])
    assert [(one["kind"], one["place"]) for one in told["refused"]] == [
        ("unanimous", "the contest, mode provisional, precinct North"),
        ("small", "the contest, mode provisional, precinct South"),
    ]
    lines = Path("safe.csv").read_text(encoding="utf-8-sig").splitlines()
    assert ",North,mail + provisional,42,31" in lines
    assert lines[-1] == ",,,373,379"
    assert run("privacy", "safe.csv")[0] == 0
    assert "is there already" in run("privacy", file, "--safe", "safe.csv")[2]


@pytest.mark.slow
def test_georgias_returns_of_2020_by_county_and_mode_are_made_safe(tmp_path: Path) -> None:
    """Three contests, 159 counties, four modes: every sum stays, and the gate finds nothing more."""
    from tallybook.canvass import Limits, leaks, table_groups
    from tallybook.doors.privacy import rows_in
    from tallybook.doors.safe_tables import safe_table

    file = tmp_path / "returns.csv"
    file.write_bytes(raw("returns.csv"))
    groups = table_groups("r", rows_in(raw("returns.csv")))
    found = leaks(groups)
    assert {one.place.split(", ")[-1] for one in found} == {"mode provisional"}
    safe = table_groups("s", rows_in(safe_table(file, Limits()).encode()))
    assert leaks(safe) == ()
    whole = next(one for one in safe if one.contest == "president" and not one.place)
    assert [n for _, n in whole.answers or () if n] == [2_474_507, 62_138, 2_461_837]


def test_a_row_of_law_lets_a_table_pass_and_is_reported(run: Run) -> None:
    file = write("p.csv", *TABLE)
    code, out, _ = run("privacy", file, "--under", "georgia:ga-493k-2020")
    assert code == 0
    assert "2 small cells or cells of one mind pass, since the law requires them: O.C.G.A. 21-2-493(k)" in out
    assert "has no row" in run("privacy", file, "--under", "georgia:none")[2]
    assert "STATE:ROW" in run("privacy", file, "--under", "none")[2]


def test_a_file_without_votes_is_named_and_not_looked_into(run: Run) -> None:
    code, out, _ = run("privacy", write("a.csv", "name,kind", "Lee,county"))
    assert code == 0
    assert "a.csv: no table of votes was found in it; it was not looked into." in out


@pytest.mark.parametrize("heading", ["Voter Name", "last_name", "Date of Birth", "envelope_no", "Voter ID"])
def test_a_table_with_persons_or_numbers_of_envelopes_is_refused_and_not_repeated(
    run: Run, heading: str
) -> None:
    code, out, _ = run("privacy", write("a.csv", f"county,{heading},accepted", "Lee,Jane Doe 1987,1"))
    assert (code, "Jane" in out) == (1, False)
    assert "seems to hold names, numbers or signatures of persons" in " ".join(out.split())


def test_an_export_of_cast_vote_records_is_refused_whole(run: Run) -> None:
    export = write(
        "lee.csv",
        "Lee County 2026,5.17",
        ",,,,,,Mayor (Vote For=1),Mayor (Vote For=1)",
        ",,,,,,Ash,Birch",
        "CvrNumber,TabulatorNum,BatchId,RecordId,ImprintedId,PrecinctPortion,,",
        "1,4,1,1,,North,1,0",
    )
    code, out, _ = run("privacy", export)
    assert code == 1
    assert "whole ballots, with numbers that tell their order" in " ".join(out.split())


def test_published_contests_are_looked_at_together(run: Run) -> None:
    export = ["Lee County 2026,5.17", ",,,,,,Mayor (Vote For=1),Mayor (Vote For=1)", ",,,,,,Ash,Birch",
              "CvrNumber,TabulatorNum,BatchId,RecordId,ImprintedId,PrecinctPortion,,"]  # fmt: skip
    cards = [f"{k},4,1,{k},,North,{k % 2},{1 - k % 2}" for k in range(1, 13)]
    write("lee.csv", *export, *cards)
    Path("secret").write_bytes(sha256(b"the secret of the test").digest())
    words = ("convert", "lee.csv", "public", "--to", "published", "--secret", "secret")
    assert run(*words)[0] == 0
    assert run("privacy", "public")[0] == 0
    write("few.csv", *export, *cards[:6])
    code, _, err = run("convert", "few.csv", "few", *words[3:])
    assert (code, Path("few").exists()) == (1, False)
    assert "Nothing was written. Somebody's vote could be worked out" in err
    assert "6 cards bear the contest, fewer than 10." in err
    assert run("convert", "few.csv", "few", *words[3:], "--fewest", "5")[0] == 0


# A book -------------------------------------------------------------------------------------------


def test_what_no_law_requires_is_refused_before_it_is_entered(opened: Run) -> None:
    write("lee.csv", "choice,votes,polls,provisional", "ash,40,38,2", "birch,35,35,0")
    code, _, err = opened("book", "act", "report_unofficial_returns", *COUNTY, "--returns", "lee.csv")
    assert code == 1
    assert "Nothing was entered. Somebody's vote could be worked out" in err
    assert "mayor, mode provisional, place lee: 2 ballots that all say the same" in " ".join(err.split())
    assert json.loads(opened("book", "list", "--json")[1]) == {"lee_2026": 1}
    words = ("report_unofficial_returns", *COUNTY, "--returns", "lee.csv", "--under", "model-3")
    assert opened("book", "act", *words)[0] == 0
    note = json.loads(opened("book", "show", "--entry", "1")[1])["detail"]["note"]
    assert note == "Small groups are published under model-3."
    code, out, _ = opened("package", "lee.zip")
    assert (code, Path("lee.zip").exists()) == (0, True)
    looked = opened("privacy", "lee.zip")
    assert (looked[0], "1 small cells or cells of one mind pass" in looked[1]) == (0, True)
    assert "1 small cells or cells of one mind pass, since the law requires them: Model law, section 3" in out


def test_what_came_into_the_book_by_another_way_is_refused_at_publication(opened: Run) -> None:
    from tallybook.book import Act
    from tallybook.doors.home import book_named, home_at, recorder
    from tallybook.doors.home import opened as keep_of

    keep = keep_of(home_at(Path("tallybook-home")))
    desk = recorder(keep, book_named(keep, ""))
    votes = {"votes": {"ash": 4, "birch": 0}}
    day, detail = "2020-11-04", {"returns": votes}
    desk.submit(Act("report_unofficial_returns", *COUNTY[1:2], day, "", "r", "mayor", "lee", detail=detail))
    desk.close()
    code, _, err = opened("package", "lee.zip")
    assert (code, Path("lee.zip").exists()) == (1, False)
    assert "Nothing was published." in err
    assert "entry 1: mayor, place lee: 4 ballots that all say the same" in " ".join(err.split())
    assert opened("package", "lee.zip", "--under", "model-3")[0] == 0
    assert opened("privacy", "lee.zip")[0] == 1


def test_what_a_duty_files_is_published_and_reported(opened: Run) -> None:
    """Refused, since no audit was ordered; but what it states is what the duty would have it state."""
    write("lee.csv", "choice,votes", "ash,4", "birch,3")
    assert opened("book", "act", "conduct_audit", *COUNTY, "--returns", "lee.csv")[0] == 1
    code, out, _ = opened("publish", "www")
    assert code == 0
    assert (
        "1 small cells or cells of one mind pass, since the law requires them: Model law, section 11" in out
    )


def test_a_public_exhibit_that_gives_voters_away_is_refused(opened: Run) -> None:
    write("fine.csv", "precinct,ash,birch", "1,20,10")
    write("precincts.csv", "precinct,ash,birch", "1,2,0")
    write("lee.csv", "choice,votes", "ash,20", "birch,10")
    words = ("book", "act", "report_unofficial_returns", *COUNTY, "--returns", "lee.csv", "--exhibit")
    code, _, err = opened(*words, "precincts.csv")
    assert code == 1
    assert "precincts.csv: the contest, precinct 1: 2 ballots that all say the same" in " ".join(err.split())
    assert opened(*words, "fine.csv")[0] == 0
    assert opened("package", "lee.zip")[0] == 0


def test_published_cards_filed_in_a_book_are_looked_into() -> None:
    """A contest of ten choices, twelve cards, ten of one order: two cards have orders of their own."""
    from io import BytesIO

    import numpy as np

    from tallybook.canvass import Limits
    from tallybook.doors.privacy_books import cards_told
    from tallybook.election import Choice, Contest
    from tallybook.election.cards import Mark, Pattern, narrowed
    from tallybook.keep.cards.published import files_of, publish

    names = "abcdefghij"
    contest = Contest("mayor", "Mayor", "", tuple(Choice(one, one) for one in names))
    orders = ("abc", "cab", "jih")
    patterns = tuple(Pattern(tuple(Mark(c, k) for k, c in enumerate(one, 1))) for one in orders)
    codes = narrowed(np.array([1] * 10 + [2, 3]))
    files = files_of(publish(contest, patterns, codes, [f"1/{k}" for k in range(12)], bytes(32)))
    by_name = {sha256(data).hexdigest(): data for data in files.values()}
    told = cards_told(files["contest.json"], lambda name: BytesIO(by_name[name]), Limits())
    assert told is not None
    assert [one.kind for one in told.leaks] == ["unique_pattern", "unique_pattern"]
    assert cards_told(b"choice,votes", lambda name: BytesIO(by_name[name]), Limits()) is None
