"""`tallybook cards --manifest --totals`: an export that contradicts the other papers is not stored."""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.doors.test_cards_commands import CITY, COUNTY, put, run, truth
from tests.generators import dominion

Run = Callable[..., tuple[int, str, str]]
__all__ = ["run"]


def batches(of: object = CITY) -> Counter[tuple[int, int]]:
    """The cards of each tabulator and batch, as the world made them."""
    world = CITY if of is CITY else COUNTY
    return Counter(zip(world.tabulator.tolist(), world.batch.tolist(), strict=True))


def manifest(more: int = 0) -> bytes:
    """Arlo's manifest for a ballot comparison, its first batch with so many cards more."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Container", "Tabulator", "Batch Name", "Number of Ballots"])
    for place, ((tabulator, batch), cards) in enumerate(sorted(batches().items())):
        writer.writerow(["Shelf 1", tabulator, batch, cards + (more if place == 0 else 0)])
    return out.getvalue().encode()


def returns(more: int = 0, county: str = "City") -> bytes:
    """OpenElections' table of one county, from what the world put on its cards."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["county", "office", "district", "party", "candidate", "votes"])
    for race in CITY.races:
        if not race.ranks:
            votes = truth(CITY, race.name)
            for name in race.choices:
                extra = more if (race.name, name) == (CITY.races[-1].name, race.choices[0]) else 0
                writer.writerow([county, race.name, "", "", name, votes.get(name, 0) + extra])
    return out.getvalue().encode()


@pytest.fixture
def papers(run: Run, tmp_path: Path) -> Run:
    put(tmp_path, {"manifest.csv": manifest(), "wrong.csv": manifest(3), "few.csv": manifest(-3)})
    put(tmp_path, {"returns.csv": returns(), "other.csv": returns(5), "dom.csv": dominion.csv_export(CITY)})
    return run


def test_an_export_that_agrees_with_its_manifest_and_returns_is_stored(papers: Run, tmp_path: Path) -> None:
    code, out, err = papers("cards", "dom.csv", "--out", "kept", "--manifest", "manifest.csv")
    assert (code, err) == (0, ""), out
    code, out, err = papers("cards", "City=dom.csv", "--out", "too", "--totals", "returns.csv", "--json")
    assert code == 0, err
    told = json.loads(out)["exports"][0]["problems"]
    assert {one["consequence"] for one in told} <= {"CARE", "NOTE"}
    assert (tmp_path / "too").is_dir()


def test_fewer_cards_in_the_manifest_than_records_stops_and_names_the_batch(
    papers: Run, tmp_path: Path
) -> None:
    code, out, err = papers("cards", "dom.csv", "--out", "kept", "--manifest", "few.csv")
    assert code == 2
    (tabulator, batch), cards = min(batches().items())
    assert f'{cards} records of batch "{tabulator}-{batch}"' in " ".join(out.split())
    assert "Nothing was stored" in err
    assert not (tmp_path / "kept").exists()


def test_more_cards_in_the_manifest_than_records_are_told_and_the_rest_is_stored(papers: Run) -> None:
    code, out, _ = papers("cards", "dom.csv", "--out", "kept", "--manifest", "wrong.csv")
    assert code == 0
    assert "audited as if read against the winner" in " ".join(out.split())


def test_returns_with_other_votes_stop_and_name_the_choice_and_both_numbers(papers: Run) -> None:
    words = ("cards", "City=dom.csv", "--out", "kept", "--totals", "other.csv", "--problems", "p.csv")
    code, out, err = papers(*words)
    assert code == 2, out
    race = CITY.races[-1]
    votes = truth(CITY, race.name)[race.choices[0]]
    rows = list(csv.DictReader(io.StringIO(Path("p.csv").read_text(encoding="utf-8-sig"))))
    grave = [row for row in rows if row["consequence"] == "GRAVE"]
    assert [(row["found"], row["expected"]) for row in grave] == [
        (f'{votes:,} votes for "{race.choices[0]}" in "{race.name}"', f"as reported, {votes + 5:,}")
    ]
    assert "Nothing was stored" in err


def test_a_manifest_that_cannot_be_read_is_told_and_nothing_is_stored(papers: Run, tmp_path: Path) -> None:
    put(tmp_path, {"bad.csv": manifest().replace(b"Shelf 1,1,1,", b"Shelf 1,1,1,O")})
    code, _, err = papers("cards", "dom.csv", "--out", "kept", "--manifest", "bad.csv")
    assert code == 2
    assert "Nothing was stored" in err and not (tmp_path / "kept").exists()
    missing = papers("cards", "dom.csv", "--out", "k", "--manifest", "none.csv")
    assert "There is no file or folder none.csv" in missing[2]


def test_a_tabulator_that_the_status_report_does_not_name_stops_the_reading(
    papers: Run, tmp_path: Path
) -> None:
    known = sorted({tabulator for tabulator, _ in batches()})
    tags = [f'<tb tid="{number}" name="Scanner {number}"/>' for number in known]
    put(tmp_path, {"all.xml": f"<r><tabulators>{''.join(tags)}</tabulators></r>".encode()})
    put(tmp_path, {"few.xml": f"<r><tabulators>{''.join(tags[1:])}</tabulators></r>".encode()})
    code, out, err = papers("cards", "dom.csv", "--out", "kept", "--tabulators", "few.xml")
    assert code == 2 and "Nothing was stored" in err
    assert f'cards of tabulator "{known[0]}"' in " ".join(out.split())
    assert papers("cards", "dom.csv", "--out", "kept", "--tabulators", "all.xml")[0] == 0


def test_an_export_without_the_signatures_asked_for_is_not_stored(papers: Run) -> None:
    code, out, err = papers("cards", "hart", "--out", "kept", "--signed-by", "themselves")
    assert code == 2 and "Nothing was stored" in err
    assert "no signature" in " ".join(out.split())
    assert "no RSA key" in papers("cards", "hart", "--out", "kept", "--signed-by", "manifest.csv")[2]
