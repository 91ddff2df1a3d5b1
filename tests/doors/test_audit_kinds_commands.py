"""`tallybook audit`, as officials type it, for pools, for strata and for ranked contests without records."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.doors.test_audit_commands import ORIGIN, SEED, SIGN, typed, witnessed

Run = Callable[..., str]
__all__ = ["typed"]

pytestmark = pytest.mark.slow


def mark(item: str) -> str:
    """What stands on a card: three of five are for Ash, and in batch 10 all are."""
    batch, _, place = item.partition("/")
    number = int(batch.partition("-")[2])
    return "ash" if number == 10 or (number * 10 + int(place)) % 5 < 3 else "birch"


def export(path: Path) -> None:
    """The voting system's export of 100 cards in ten batches."""
    with path.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["Lee County 2026", "5.17", "", "", "", "", "", ""])
        rows.writerow(["", "", "", "", "", "", "Mayor (Vote For=1)", "Mayor (Vote For=1)"])
        rows.writerow(["", "", "", "", "", "", "A. Ash", "B. Birch"])
        head = ["CvrNumber", "TabulatorNum", "BatchId", "RecordId", "ImprintedId", "PrecinctPortion"]
        rows.writerow([*head, "", ""])
        for n in range(100):
            batch, place = n // 10 + 1, n % 10 + 1
            read = mark(f"1-{batch}/{place}")
            rows.writerow([n + 1, 1, batch, place, "", "North", int(read == "ash"), int(read == "birch")])


def table(path: Path, head: str, rows: list[str]) -> str:
    path.write_text("\n".join([head, *rows]) + "\n")
    return str(path)


def begun(typed: Run, here: Path, *changes: tuple[str, str]) -> str:
    """A book with an audit ordered and an export; the board of a plan, in TOML."""
    example = typed("book", "example").replace('"model"', '"county"').replace("2026-11-03", "2020-11-03")
    for old, new in changes:
        assert old in example
        example = example.replace(old, new)
    (here / "election.toml").write_text(example)
    typed("witness", "new", "witness.example", "--out", "witness.key")
    typed("keys", "new", ORIGIN)
    public = typed("witness", "show", "witness.key").strip()
    typed("book", "new", "election.toml", "--origin", ORIGIN, "--witness", public)
    order = ("order_risk_limiting_audit", "--office", "secretary_of_state", "--contest", "mayor")
    typed("book", "act", *order, "--set", "risk_limit=1/10")
    export(here / "export.csv")
    members = []
    for name in ("able", "best"):
        typed("officer", "key", f"{name}.key")
        members.append(f'{{ name = "{name}", key = "{(here / f"{name}.key.pub").read_text().strip()}" }}')
    return f"[board]\nquorum = 2\nmembers = [{', '.join(members)}]\n"


def carried(typed: Run, here: Path, readings: Mapping[str, str], records: bool = True) -> None:
    """From the commitment of plan.toml to the measurement, as every audit goes."""
    assert "the plan is committed" in typed("audit", "commit", "plan.toml")
    witnessed(typed)
    typed("audit", "seed", SEED)
    items = [one["item"] for one in json.loads(typed("audit", "draw", "--json"))["pull"]]
    rows = table(
        here / "read.csv", "Item,Contest,Reading", [f"{item},mayor,{readings[item]}" for item in items]
    )
    for reader in ("One", "Two"):
        typed("audit", "read", f"R. {reader}", rows, "--secret", f"{reader}.key")
    for reader in ("One", "Two"):
        typed("audit", "open", f"R. {reader}", rows, "--secret", f"{reader}.key")
    if records:
        assert "0 discrepancies" in typed("audit", "records", "--secret", "salts.key")
    typed(*SIGN)


PAPER = {f"1-{batch}/{place}": mark(f"1-{batch}/{place}") for batch in range(1, 11) for place in range(1, 11)}


def test_batches_whose_cards_cannot_be_told_apart_are_audited_as_pools(typed: Run, tmp_path: Path):
    board = begun(typed, tmp_path)
    pools = table(tmp_path / "pools.csv", "Batch", ["1-1", "1-2", "1-3"])
    told = typed("audit", "publish", "export.csv", "rows", "--secret", "salts.key", "--pools", pools)
    assert "70 rows, and 3 pools in rows/mayor" in told
    (tmp_path / "plan.toml").write_text(
        'manifest = "rows/manifest.json"\nrisk_limit = "1/10"\nsizes = { mayor = 60 }\n'
        + board
        + '[[contests]]\ncontest = "mayor"\nevidence = "pools"\nwinners = ["ash"]\nrows = "rows/mayor"\n'
        + 'pools = "rows/mayor/pools.json"\n'
    )
    carried(typed, tmp_path, PAPER)
    assert json.loads(typed("audit", "measure", "--json"))["result"]["contests"]["mayor"]["step"] == "stop"
    assert "the sample bears out the reported outcome" in typed("audit", "stop", "mayor")


def test_a_table_of_pools_that_holds_more_votes_than_cards_is_told_before_the_draw(
    typed: Run, tmp_path: Path
):
    board = begun(typed, tmp_path)
    named = table(tmp_path / "named.csv", "Batch", ["1-1"])
    typed("audit", "publish", "export.csv", "rows", "--secret", "salts.key", "--pools", named)
    table(tmp_path / "pools.csv", "Batch,ash,birch,Write-ins", ["1-1,8,4,0"])
    (tmp_path / "plan.toml").write_text(
        'manifest = "rows/manifest.json"\nrisk_limit = "1/10"\nsizes = { mayor = 60 }\n'
        + board
        + '[[contests]]\ncontest = "mayor"\nevidence = "pools"\nwinners = ["ash"]\nrows = "rows/mayor"\n'
        + 'pools = "pools.csv"\n'
    )
    assert "more votes than the 10 ballots of the pool 1-1" in typed("audit", "commit", "plan.toml", code=2)
    table(tmp_path / "pools.csv", "Batch,ash,birch,Write-ins", ["1-11,6,4,0"])
    assert "'1-11' is no batch of the manifest" in typed("audit", "commit", "plan.toml", code=2)


def hybrid(typed: Run, tmp_path: Path, scanned_cards: int, counted_cards: int) -> None:
    """The mayor's contest in two strata, its first round measured."""
    board = begun(typed, tmp_path)
    scanned = table(tmp_path / "scanned.csv", "Batch", [f"1-{n}" for n in range(1, 8)])
    table(tmp_path / "counted.csv", "Batch", [f"1-{n}" for n in range(8, 11)])
    told = typed("audit", "publish", "export.csv", "rows", "--secret", "salts.key", "--only", scanned)
    assert "70 rows in rows/mayor" in told
    ash = sum(PAPER[item] == "ash" for item in PAPER if int(item[2:].partition("/")[0]) > 7)
    (tmp_path / "plan.toml").write_text(
        'manifest = "rows/manifest.json"\nrisk_limit = "1/10"\n'
        + f"sizes = {{ mayor__scanned = {scanned_cards}, mayor__counted = {counted_cards} }}\n"
        + board
        + '[[contests]]\ncontest = "mayor"\nwinners = ["ash"]\n'
        + '[[contests.strata]]\nstratum = "scanned"\nevidence = "comparison"\nbatches = "scanned.csv"\n'
        + 'rows = "rows/mayor"\n'
        + '[[contests.strata]]\nstratum = "counted"\nevidence = "polling"\nbatches = "counted.csv"\n'
        + f"reported = {{ cards = 30, votes = {{ ash = {ash}, birch = {30 - ash} }}, write_ins = 0 }}\n"
    )
    carried(typed, tmp_path, PAPER)


def test_records_in_one_part_and_polling_in_another_are_one_audit(typed: Run, tmp_path: Path):
    hybrid(typed, tmp_path, 45, 25)
    shown = typed("audit", "measure")
    assert "25 counted + 45 scanned" in shown and "How sure" in shown
    assert "the sample bears out the reported outcome" in typed("audit", "stop", "mayor")


def test_strata_grow_together_and_who_asks_otherwise_is_told_the_next_sizes(typed: Run, tmp_path: Path):
    hybrid(typed, tmp_path, 9, 5)
    typed("audit", "measure")
    apart = typed("audit", "draw", "--size", "mayor__counted=10", code=2)
    assert "strata that grow together, as the plan began: next 17, 10" in apart
    pulled = json.loads(typed("audit", "draw", "--size", "mayor=18", "--json"))["pull"]
    counted = [one for one in pulled if one["item"].partition("/")[0] in ("1-8", "1-9", "1-10")]
    assert (len(pulled), len(counted)) == ((18 - 9) + (10 - 5), 10 - 5)


RANKED = {item: "ash>birch" if n % 3 else "birch>ash" for n, item in enumerate(PAPER)}


def ranked(typed: Run, here: Path, row: str, size: int) -> None:
    """The mayor's contest as a ranked one, with this row of a plan."""
    board = begun(typed, here, ('class = "mayor"', 'class = "ranked"'))
    table(here / "manifest.csv", "Batch,Cards", [f"1-{n},10" for n in range(1, 11)])
    (here / "plan.toml").write_text(
        f'manifest = "manifest.csv"\nrisk_limit = "1/10"\nsizes = {{ mayor = {size} }}\n'
        + board
        + '[[contests]]\ncontest = "mayor"\nevidence = "polling"\nwinners = ["ash"]\n'
        + row
    )


def test_a_ranked_contest_without_records_is_read_from_its_sample_alone(typed: Run, tmp_path: Path):
    ranked(typed, tmp_path, 'lacking = "may_lack"\nreported = { cards = 100 }\n', 60)
    carried(typed, tmp_path, RANKED, records=False)
    found = json.loads(typed("audit", "measure", "--json"))["result"]["contests"]["mayor"]
    assert found["step"] == "stop" and len(found["risks"]) == 1
    assert "the sample bears out" in typed("audit", "stop", "mayor")


def test_a_ranked_contest_is_polled_with_a_table_of_its_rankings(typed: Run, tmp_path: Path):
    many = [
        f"{said},{sum(one == said for one in RANKED.values())}" for said in dict.fromkeys(RANKED.values())
    ]
    table(tmp_path / "rankings.csv", "Reading,Cards", many)
    ranked(typed, tmp_path, 'totals = "rankings.csv"\n', 60)
    carried(typed, tmp_path, RANKED, records=False)
    assert json.loads(typed("audit", "measure", "--json"))["result"]["contests"]["mayor"]["step"] == "stop"


def test_a_ranked_contest_of_which_nothing_is_reported_is_told_what_to_state(typed: Run, tmp_path: Path):
    ranked(typed, tmp_path, "", 60)
    assert "without records state reported = { cards = N }" in " ".join(
        typed("audit", "commit", "plan.toml", code=2).split()
    )


MANY = 190
NAMES = [f"seat_{n:03}_{'of_the_assembly_' * 5}end" for n in range(MANY)]


def test_an_audit_of_so_many_contests_that_results_are_exhibits_is_packaged_and_checked(
    typed: Run, tmp_path: Path
):
    board = begun(typed, tmp_path, *many_contests(typed))
    table(tmp_path / "manifest.csv", "Batch,Cards", [f"1-{n},10" for n in range(1, 11)])
    ash = sum(one == "ash" for one in PAPER.values())
    reported = f"{{ cards = 100, votes = {{ ash = {ash}, birch = {100 - ash} }}, write_ins = 0 }}"
    sizes = ", ".join(f"{name} = 1" for name in ("mayor", *NAMES))
    rows = "".join(
        f'[[contests]]\ncontest = "{name}"\nevidence = "polling"\nwinners = ["ash"]\nreported = {reported}\n'
        for name in ("mayor", *NAMES)
    )
    head = f'manifest = "manifest.csv"\nrisk_limit = "1/10"\nsizes = {{ {sizes} }}\n'
    (tmp_path / "plan.toml").write_text(head + board + rows)
    typed("audit", "commit", "plan.toml")
    witnessed(typed)
    typed("audit", "seed", SEED)
    (item,) = [one["item"] for one in json.loads(typed("audit", "draw", "--json"))["pull"]]
    said = [f"{item},{name},{PAPER[item]}" for name in ("mayor", *NAMES)]
    read = table(tmp_path / "read.csv", "Item,Contest,Reading", said)
    for act in ("read", "open"):
        for reader in ("One", "Two"):
            typed("audit", act, f"R. {reader}", read, "--secret", f"{reader}.key")
    typed(*SIGN)
    shown = json.loads(typed("audit", "measure", "--json"))["result"]
    assert "contests_sha256" in shown and len(shown["contests"]) == MANY + 1
    typed("witness", "request", "request.txt", "--old", "3")
    log = typed("keys", "show", "--log").strip()
    typed("witness", "sign", "request.txt", "reply.txt", "--key", "witness.key", "--log", log)
    typed("witness", "add", "reply.txt")
    typed("package", "lee.zip")
    checked = [sys.executable, "-m", "tallycheck", "lee.zip"]
    told = subprocess.run(checked, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    assert "15 nothing unexplained        ok" in told, told


def many_contests(typed: Run) -> list[tuple[str, str]]:
    """The change to the example election that gives it all these contests besides the mayor's."""
    example = typed("book", "example").replace('"model"', '"county"').replace("2026-11-03", "2020-11-03")
    at = example.index("[[places]]")
    choices = '[{ id = "ash", name = "A. Ash" }, { id = "birch", name = "B. Birch" }]'
    more = "".join(
        f'[[contests]]\nid = "{name}"\nname = "Seat {n}"\nclass = "mayor"\nchoices = {choices}\n\n'
        for n, name in enumerate(NAMES)
    )
    return [(example[at:], more + example[at:])]
