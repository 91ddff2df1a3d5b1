"""`tallybook audit`, as officials type it: a whole audit in a book, from the export to the stop."""

import csv
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tallybook.doors.cli import main

Run = Callable[..., str]
ORIGIN = "elections.example/lee"
SEED = "31415926535897932384"

pytestmark = pytest.mark.slow


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Type words in a folder of one's own; get what is shown. A number first is the exit code expected."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TALLYBOOK_HOME", raising=False)
    monkeypatch.delenv("TALLYBOOK_DATABASE", raising=False)

    def run(*words: str, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["tallybook", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        assert int(ended.value.code or 0) == code, told.out + told.err
        return told.out + told.err

    return run


def mark(item: str) -> str:
    """What stands on a card: three of five are for Ash."""
    batch, _, place = item.partition("/")
    return "ash" if (int(batch.partition("-")[2]) * 10 + int(place)) % 5 < 3 else "birch"


def export(path: Path, otherwise: Mapping[str, str]) -> None:
    """The voting system's export of 100 cards; otherwise: cards that it read as something else."""
    with path.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["Lee County 2026", "5.17", "", "", "", "", "", ""])
        rows.writerow(["", "", "", "", "", "", "Mayor (Vote For=1)", "Mayor (Vote For=1)"])
        rows.writerow(["", "", "", "", "", "", "A. Ash", "B. Birch"])
        head = ["CvrNumber", "TabulatorNum", "BatchId", "RecordId", "ImprintedId", "PrecinctPortion"]
        rows.writerow([*head, "", ""])
        for n in range(100):
            batch, place = n // 10 + 1, n % 10 + 1
            read = otherwise.get(f"1-{batch}/{place}", mark(f"1-{batch}/{place}"))
            cells = [int(read == "ash"), int(read == "birch")]
            rows.writerow([n + 1, 1, batch, place, "", "North", *cells])


def opened(typed: Run, here: Path, otherwise: Mapping[str, str]) -> None:
    """A book with an audit ordered, the rows published, and a plan file."""
    example = typed("book", "example").replace('"model"', '"county"').replace("2026-11-03", "2020-11-03")
    (here / "election.toml").write_text(example)
    typed("witness", "new", "witness.example", "--out", "witness.key")
    typed("keys", "new", ORIGIN)
    public = typed("witness", "show", "witness.key").strip()
    typed("book", "new", "election.toml", "--origin", ORIGIN, "--witness", public)
    order = ("order_risk_limiting_audit", "--office", "secretary_of_state", "--contest", "mayor")
    typed("book", "act", *order, "--set", "risk_limit=1/10")
    export(here / "export.csv", otherwise)
    assert "100 rows" in typed("audit", "publish", "export.csv", "rows", "--secret", "salts.key")
    members = []
    for name in ("able", "best"):
        typed("officer", "key", f"{name}.key")
        members.append(f'{{ name = "{name}", key = "{(here / f"{name}.key.pub").read_text().strip()}" }}')
    (here / "plan.toml").write_text(
        'manifest = "rows/manifest.json"\nrisk_limit = "1/10"\nsizes = { mayor = 12 }\n'
        f"[board]\nquorum = 2\nmembers = [{', '.join(members)}]\n"
        '[[contests]]\ncontest = "mayor"\nevidence = "comparison"\nwinners = ["ash"]\nrows = "rows/mayor"\n'
    )


def witnessed(typed: Run) -> None:
    """A checkpoint, signed by the witness and recorded."""
    typed("witness", "request", "request.txt")
    log = typed("keys", "show", "--log").strip()
    typed("witness", "sign", "request.txt", "reply.txt", "--key", "witness.key", "--log", log)
    typed("witness", "add", "reply.txt")
    typed("witness", "record")


def table(path: Path, head: str, rows: list[str]) -> str:
    """A small table."""
    path.write_text("\n".join([head, *rows]) + "\n")
    return str(path)


def read_round(typed: Run, here: Path, *size: str) -> list[str]:
    """A round: drawn, read by two, the second of whom slips once, opened and settled. Answers the items."""
    told = typed("audit", "draw", "--json", *size)
    items = [one["item"] for one in json.loads(told)["pull"]]
    same = [f"{item},mayor,{mark(item)}" for item in items]
    one = table(here / "one.csv", "Item,Contest,Reading", same)
    two = table(here / "two.csv", "Item,Contest,Reading", [f"{items[0]},mayor,ash;birch", *same[1:]])
    typed("audit", "read", "R. One", one, "--secret", "one.key")
    assert "do not have both readings yet" in typed(
        "audit", "open", "R. One", one, "--secret", "one.key", code=1
    )
    assert "0 items wait" in typed("audit", "read", "R. Two", two, "--secret", "two.key")
    typed("audit", "open", "R. One", one, "--secret", "one.key")
    assert items[0] in typed("audit", "open", "R. Two", two, "--secret", "two.key")
    row = [f"{items[0]},mayor,{mark(items[0])},reader_error"]
    typed("audit", "settle", table(here / "settled.csv", "Item,Contest,Reading,Cause", row))
    return items


SIGN = ("audit", "sign", "--member", "able=able.key", "--member", "best=best.key")


def test_a_whole_audit_is_typed_in_the_order_that_the_book_enforces(typed: Run, tmp_path: Path):
    opened(typed, tmp_path, {})
    assert "the plan is committed" in typed("audit", "commit", "plan.toml")
    assert "No witnessed checkpoint" in typed("audit", "seed", SEED, code=1)
    witnessed(typed)
    assert "the seed is recorded" in typed("audit", "seed", SEED, "--roller", "A. Roller", "--dice", "d10")
    first_read = read_round(typed, tmp_path)[0]
    assert "0 discrepancies" in typed("audit", "records", "--secret", "salts.key")
    assert "sitting 1 is signed" in typed(*SIGN)
    first = json.loads(typed("audit", "measure", "--json"))["result"]["contests"]["mayor"]
    assert first["step"] == "another_round"
    assert "above the limit of 1/10" in typed("audit", "stop", "mayor", code=1)
    read_round(typed, tmp_path, "--size", f"mayor={12 + first['more']}")
    typed("audit", "records", "--secret", "salts.key")
    typed(*SIGN)
    assert "stop" in typed("audit", "measure")
    assert "the sample bears out the reported outcome" in typed("audit", "stop", "mayor")
    row = [f"{first_read},mayor,blank,marginal_mark"]
    now = table(tmp_path / "now.csv", "Item,Contest,Reading,Cause", row)
    assert "is corrected" in typed("audit", "correct", now, "--wrong", "The mark is a smudge.")
    assert "not signed" in typed("audit", "measure", code=1)
    typed(*SIGN)
    votes = table(tmp_path / "lee.csv", "choice,votes", ["ash,60", "birch,40"])
    certify = ("certify_county_returns", "--office", "county_superintendent", "--contest", "mayor")
    typed("book", "act", *certify, "--place", "lee", "--returns", votes)
    assert "certified" in typed("book", "show")
    assert "stop_audit" in typed("book", "next", "--all")
    typed("book", "pages", "pages")
    typed("witness", "request", "request.txt", "--old", "4")
    log = typed("keys", "show", "--log").strip()
    typed("witness", "sign", "request.txt", "reply.txt", "--key", "witness.key", "--log", log)
    typed("witness", "add", "reply.txt")
    assert "lee.zip" in typed("package", "lee.zip")


def test_a_discrepancy_is_listed_and_needs_its_cause(typed: Run, tmp_path: Path):
    wrong = {f"1-{batch}/{place}": "ash" for batch in range(1, 11) for place in (3,)}
    wrong = {item: "ash" for item in wrong if mark(item) == "birch"}
    assert wrong, "some cards are for Birch and were read for Ash"
    opened(typed, tmp_path, wrong)
    typed("audit", "commit", "plan.toml")
    witnessed(typed)
    typed("audit", "seed", SEED)
    items = read_round(typed, tmp_path)
    drawn = [item for item in items if item in wrong]
    assert drawn, "the seed draws one of them"
    told = typed("audit", "records", "--secret", "salts.key")
    assert all(item in told for item in drawn)
    assert "not finished" in typed(*SIGN, code=1)
    causes = table(tmp_path / "causes.csv", "Item,Contest,Cause", [f"{one},mayor,scanner" for one in drawn])
    typed("audit", "explain", causes)
    typed(*SIGN)


def test_the_list_to_pull_goes_box_by_box_and_into_a_spreadsheet(typed: Run, tmp_path: Path):
    opened(typed, tmp_path, {})
    kept = [f"1-{n},10,{'East' if n % 2 else 'West'},Box {n % 3}" for n in range(1, 11)]
    table(tmp_path / "manifest.csv", "Batch,Cards,Place,Container", kept)
    plan = (tmp_path / "plan.toml").read_text().replace("rows/manifest.json", "manifest.csv")
    (tmp_path / "plan.toml").write_text(plan)
    typed("audit", "commit", "plan.toml")
    witnessed(typed)
    typed("audit", "seed", SEED)
    pulls = json.loads(typed("audit", "draw", "--json", "--out", "pull.csv"))["pull"]
    places = [(one["place"], one["container"], one["batch"]) for one in pulls]
    assert places == sorted(places) and len(pulls) == 12
    assert all(f"{batch},10,{place},{box}" in kept for place, box, batch in places)
    rows = list(csv.DictReader((tmp_path / "pull.csv").read_text("utf-8-sig").splitlines()))
    assert [(row["Place"], row["Container"], row["Item"]) for row in rows] == [
        (one["place"], one["container"], one["item"]) for one in pulls
    ]


def test_the_list_of_an_earlier_round_is_made_again_from_the_book(typed: Run, tmp_path: Path):
    opened(typed, tmp_path, {})
    typed("audit", "commit", "plan.toml")
    assert "No round is drawn yet" in typed("audit", "pull", code=2)
    witnessed(typed)
    typed("audit", "seed", SEED)
    items = read_round(typed, tmp_path)
    typed("audit", "records", "--secret", "salts.key")
    typed(*SIGN)
    typed("audit", "measure")
    later = json.loads(typed("audit", "draw", "--json", "--size", "mayor=20"))
    assert json.loads(typed("audit", "pull", "--json")) == later
    first = json.loads(typed("audit", "pull", "--json", "--round", "1", "--out", "first.csv"))
    assert [one["item"] for one in first["pull"]] == items
    rows = csv.DictReader(Path("first.csv").read_text("utf-8-sig").splitlines())
    assert [row["Item"] for row in rows] == items
    assert not {one["item"] for one in later["pull"]} & set(items)
    assert "expected a round from 1 to 2" in typed("audit", "pull", "--round", "3", code=2)


def test_a_plan_that_cannot_end_is_told_before_anything_is_drawn(typed: Run, tmp_path: Path):
    opened(typed, tmp_path, {})
    (tmp_path / "plan.toml").write_text((tmp_path / "plan.toml").read_text().replace('["ash"]', '["birch"]'))
    assert "does not show this" in typed("audit", "commit", "plan.toml", code=2)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("audit", "measure"), "No plan of an audit is in the book"),
        (("audit", "commit", "missing.toml"), "There is no file missing.toml"),
        (("audit", "draw", "--size", "mayor=many"), "No plan of an audit"),
    ],
)
def test_mistakes_are_told_in_words(words: tuple[str, ...], told: str, typed: Run, tmp_path: Path):
    opened(typed, tmp_path, {})
    assert told in typed(*words, code=2)
