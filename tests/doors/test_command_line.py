"""The command line, as a person types it: answers, refusals and mistakes. No traceback ever.

The way through a whole book stands in docs/tutorial/first-book.md, which the tests run; here is what goes
wrong on the way, and what machines read.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from tallybook.doors.cli.shown import DoorError, show_stacked, widths
from tallybook.doors.georgia_2020.playing import POLICY
from tallybook.doors.georgia_2020.running import refuse_foreign

Run = Callable[..., tuple[int, str, str]]
COUNTY = ("--office", "county_superintendent", "--contest", "mayor", "--place", "lee")


@pytest.fixture
def opened(run: Run, tmp_path: Path) -> Run:
    """A book is open: one county, one contest, the model law, no witness."""
    election = run("book", "example")[1].replace("2026-11-03", "2020-11-03")
    (tmp_path / "election.toml").write_text(election, encoding="utf-8")
    run("keys", "new", "elections.example/lee")
    code, out, err = run("book", "new", "election.toml", "--origin", "elections.example/lee")
    assert code == 0, out + err
    (tmp_path / "lee.csv").write_text("choice,votes\nash,6\nbirch,5\n", encoding="utf-8")
    return run


def test_the_signature_audit_has_two_answers(run: Run) -> None:
    question = ("law", "who-may", "order_signature_audit", "--office", "secretary_of_state", "--json")
    before = json.loads(run(*question, "--on", "2020-12-05")[1])["answers"][0]
    after = json.loads(run(*question, "--on", "2022-12-05")[1])["answers"][0]
    assert (before["status"], after["status"]) == ("conditional", "permitted")
    assert "21-2-31(5)" in before["rows"][0]["citation"]
    assert "21-2-390(b)" in after["rows"][0]["citation"]


def test_the_governor_may_not_order_a_signature_audit_in_either_year(run: Run) -> None:
    for day in ("2020-12-05", "2022-12-05"):
        told = json.loads(
            run("law", "who-may", "order_signature_audit", "--on", day, "--office", "governor", "--json")[1]
        )
        assert [one["may"] for one in told["answers"]] == [False]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("law", "who-may", "order_audit", "--on", "2020-12-05"), "Perhaps: "),
        (("law", "who-may", "request_recount", "--on", "5.12.2020"), "Write it as YYYY-MM-DD"),
        (("law", "who-may", "request_recount", "--on", "2020-02-30"), "is no day"),
        (("law", "calendar", "atlantis-2020"), 'There is no election "atlantis-2020"'),
        (("law", "diff", "ATLANTIS", "2020-11-03", "2022-11-08"), "There is no law for"),
        (("book", "show"), "There is no home"),
        (("book", "new", "none.toml", "--origin", "a.example/b"), "There is no file none.toml"),
        (("package", "out.zip"), "There is no home"),
        (("witness", "sign", "request", "reply", "--log", "x"), "There is no file request"),
        (("keys", "new", "not a name"), "not a name"),
    ],
)
def test_a_mistake_is_answered_in_a_sentence(run: Run, words: tuple[str, ...], said: str) -> None:
    code, out, err = run(*words)
    assert code == 2
    assert said in err
    assert not out


def test_a_key_is_never_replaced(opened: Run) -> None:
    code, _, err = opened("keys", "new", "elections.example/lee")
    assert code == 2
    assert "nothing was changed" in err


def test_every_problem_of_an_act_is_told_at_once(opened: Run) -> None:
    code, _, err = opened(
        "book", "act", "certify_county_returns", "--office", "mayor", "--contest", "sheriff", "--place", "lee"
    )
    assert code == 2
    assert "Nothing was changed" in err
    for field in ("office", "contest", "detail.returns"):
        assert f"  {field}: found " in err
    assert json.loads(opened("book", "list", "--json")[1]) == {"lee_2026": 1}


def test_a_refusal_names_the_law_and_is_in_the_book(opened: Run) -> None:
    code, out, _ = opened("book", "act", "certify_county_returns", *COUNTY, "--returns", "lee.csv")
    assert code == 1
    assert "The audit comes before certification" in out
    assert "Model law, section 3" in out
    entry = json.loads(opened("book", "show", "--entry", "1")[1])
    assert (entry["entry"], entry["refusal"]["code"]) == ("act_refused", "audit_first")


def test_the_same_act_twice_is_entered_once(opened: Run) -> None:
    asked = ("book", "act", "report_unofficial_returns", *COUNTY, "--returns", "lee.csv", "--key", "once")
    first = opened(*asked)
    again = opened(*asked)
    assert (first[0], again[0]) == (0, 0)
    assert "(entered before)" in again[1]
    assert json.loads(opened("book", "list", "--json")[1]) == {"lee_2026": 2}


def test_another_act_under_the_same_key_is_a_problem(opened: Run, tmp_path: Path) -> None:
    opened("book", "act", "report_unofficial_returns", *COUNTY, "--returns", "lee.csv", "--key", "once")
    (tmp_path / "other.csv").write_text("choice,votes\nash,7\nbirch,5\n", encoding="utf-8")
    code, _, err = opened(
        "book", "act", "report_unofficial_returns", *COUNTY, "--returns", "other.csv", "--key", "once"
    )
    assert code == 2
    assert "key: found" in err


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("choice,votes\nash,12O4\nbirch,5\n", 'row 2, "votes": found "12O4"'),
        ("choice,votes\nash,-4\nbirch,5\n", 'found "-4"'),
        ("choice,votes\nash,4.5\nbirch,5\n", 'found "4.5"'),
        ("name,number\nash,4\n", "expected choice,votes"),
        ("", "found nothing"),
        ("choice,votes\nash,4\n", "a whole number for each of ash, birch"),
        ("choice,votes\nash,4\nbirch,5\noak,1\n", "nobody else"),
        ("choice,votes\nash,4\nbirch,5\nballots,12\n", "votes, write-ins, undervotes and overvotes together"),
        ("choice,votes,mail\nash,4,1\nbirch,5,5\n", "the modes' sum"),
    ],
)
def test_a_table_of_returns_that_is_wrong_names_the_place(
    opened: Run, tmp_path: Path, table: str, said: str
) -> None:
    (tmp_path / "wrong.csv").write_text(table, encoding="utf-8")
    code, _, err = opened("book", "act", "report_unofficial_returns", *COUNTY, "--returns", "wrong.csv")
    assert code == 2
    assert said in err
    assert json.loads(opened("book", "list", "--json")[1]) == {"lee_2026": 1}


def test_a_table_may_have_a_mark_blanks_and_thousands(opened: Run, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_bytes(b'\xef\xbb\xbfchoice,votes\r\nash," 1,204 "\r\nbirch,5\r\n')
    assert opened("book", "act", "report_unofficial_returns", *COUNTY, "--returns", "good.csv")[0] == 0
    told = json.loads(opened("book", "show", "--json")[1])
    assert told["contests"][0]["counts"]["unofficial"]["votes"] == {"ash": 1204, "birch": 5}


def test_next_acts_say_who_until_when_and_why_the_rest_is_closed(opened: Run) -> None:
    told = json.loads(opened("book", "next", "--all", "--json")[1])
    certify = next(one for one in told if one["act"] == "certify_county_returns")
    assert (certify["office"], certify["open"], certify["until"]) == (
        "county_superintendent",
        False,
        "2020-11-17T22:00:00Z",
    )
    assert certify["why"]
    assert certify["citation"] == "Model law, section 3"


@pytest.mark.parametrize("wrong", ["nonsense", "2020-11-10", "2020-13-10T00:00:00Z"])
def test_a_moment_that_is_none_is_said_to_be_none(opened: Run, wrong: str) -> None:
    said = f'"{wrong}" is no moment. Write it in UTC, such as 2020-11-10T17:00:00Z.\n'
    assert opened("book", "next", "--at", wrong) == (2, "", said)


def test_a_package_of_the_book_is_believed_and_a_receipt_stands_in_it(opened: Run, tmp_path: Path) -> None:
    from tallycheck.checks import Asked, check

    opened("book", "act", "report_unofficial_returns", *COUNTY, "--returns", "lee.csv")
    assert opened("package", "lee.zip")[0] == 0
    assert opened("package", "folder")[0] == 0
    assert opened("receipt", "1", "board.tlog-proof")[0] == 0
    receipt = (tmp_path / "board.tlog-proof").read_bytes()
    for name in ("lee.zip", "folder"):
        report = check(tmp_path / name, name, Asked(None, None, receipt))
        assert report.proves, report.failure


def test_publishing_goes_on_from_what_is_there(opened: Run, tmp_path: Path) -> None:
    opened("publish", "www")
    first = (tmp_path / "www" / "checkpoint").read_bytes()
    opened("book", "act", "report_unofficial_returns", *COUNTY, "--returns", "lee.csv")
    assert opened("publish", "www")[0] == 0
    assert (tmp_path / "www" / "checkpoint").read_bytes() != first
    code, _, err = opened("book", "show", "--entry", "7")
    assert (code, "0 to 1" in err) == (2, True)


def test_a_folder_of_another_book_is_not_published_over(opened: Run, tmp_path: Path) -> None:
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "index.html").write_text("mine", encoding="utf-8")
    code, _, err = opened("publish", "www")
    assert code == 2
    assert err
    assert (tmp_path / "www" / "index.html").read_text(encoding="utf-8") == "mine"


def test_a_sealed_exhibit_is_named_but_not_shipped(opened: Run, tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_text("A. Voter\n", encoding="utf-8")
    code, *_ = opened(
        "book",
        "act",
        "file_exhibit",
        "--office",
        "record_keeper",
        "--set",
        "text=Voter list",
        "--sealed",
        "names.csv",
    )
    assert code == 0
    opened("package", "folder")
    everything = b"".join(path.read_bytes() for path in (tmp_path / "folder").rglob("*") if path.is_file())
    assert b"A. Voter" not in everything
    entry = json.loads(opened("book", "show", "--entry", "1")[1])
    assert entry["exhibits"][0]["kind"] == "sealed"


# The demonstration's folder ----------------------------------------------------------------------


@pytest.mark.parametrize("theirs", ["mine.txt", "index.html", "package/module.py", "policy.txt"])
def test_the_demonstration_touches_no_folder_that_is_not_its_own(
    run: Run, tmp_path: Path, theirs: str
) -> None:
    mine = tmp_path / "out" / theirs
    mine.parent.mkdir(parents=True)
    mine.write_text("mine", encoding="utf-8")
    code, _, err = run("demo", "--out", "out")
    assert (code, mine.read_text("utf-8"), len(list((tmp_path / "out").iterdir()))) == (2, "mine", 1)
    assert "Nothing was changed." in err


@pytest.mark.parametrize("theirs", ["package/module.py", "package/tile/0/mine"])
def test_the_demonstration_removes_nothing_that_was_put_into_its_package(tmp_path: Path, theirs: str) -> None:
    (tmp_path / "policy.txt").write_text(POLICY, encoding="utf-8")
    for name in (theirs, "package/tile/entries/004.p/149"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("old", encoding="utf-8")
    with pytest.raises(DoorError, match=Path(theirs).name):
        refuse_foreign(tmp_path)
    (tmp_path / theirs).unlink()
    refuse_foreign(tmp_path)


def test_a_file_is_no_folder_for_the_demonstration(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine", encoding="utf-8")
    assert (
        run("demo", "--out", "notes")[2]
        == "notes is a file. Name a folder with --out. Nothing was changed.\n"
    )


def test_who_stops_a_command_is_told_so_without_a_traceback(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tallybook.doors.georgia_2020.running.played", stopped)
    assert run("demo") == (130, "", "Stopped. What was acknowledged before is kept.\n")


# Tables ------------------------------------------------------------------------------------------


def test_columns_share_the_screen_by_how_much_they_say() -> None:
    lines = [["Day", "What"], ["2020-11-13", "x " * 60], ["2020-11-20", "y " * 10]]
    assert widths(lines, 80) == [10, 66]
    assert widths([["a", "b"], ["c", "d"]], 80) == [1, 1]


def test_a_screen_too_narrow_for_a_table_gets_its_rows_one_below_the_other(run: Run) -> None:
    long = "many words " * 12
    assert widths([["Office", "Law"], [long, long]], 40) is None
    show_stacked(
        Console(width=40), "Title", ["Office", "Law"], [["Governor", "[a] one"], ["Governor", "two"]]
    )
    assert run("law", "acts", "--json")[1].startswith("Title\n\nGovernor\n  Law: [a] one\n\n  Law: two\n")
