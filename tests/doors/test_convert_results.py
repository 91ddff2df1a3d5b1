"""`tallybook convert` between forms of reported results: every number arrives, and what cannot is said."""

import json
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tallybook.doors.cli import main
from tallybook.doors.converting_results import results_in
from tallybook.formats.results import Results, tally
from tests.needs import needs_shared
from tests.rooms.formats.nist_facts import faults_of_json, faults_of_xml
from tests.rooms.formats.test_night_results import DETAIL, TABLE

Run = Callable[..., tuple[int, str, str]]
STATED = ("--generated", "2026-11-21T12:00:00Z", "--status", "certified", "--issuer", "Georgia")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Type words in a folder that holds a file of results of each form; get exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    Path("detail.xml").write_bytes(DETAIL)
    Path("20201103__ga__general.csv").write_bytes(TABLE)
    with zipfile.ZipFile("detailxml.zip", "w") as made:
        made.writestr("detail.xml", DETAIL)

    def typed(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tallybook", *words])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return code, told.out, told.err

    return typed


def numbers(results: Results) -> object:
    """Every vote by names alone: contest, unit, mode, choice. Ids are each form's own."""
    contests = {one.id: one for one in results.contests}
    units = {one.id: one.name for one in results.units}
    names = {(one.id, choice.id): choice.name for one in results.contests for choice in one.choices}
    return {
        (contests[row.contest].name, units[row.unit], row.mode, names[row.contest, row.choice]): row.votes
        for row in results.votes
    }


@pytest.mark.parametrize("source", ["detail.xml", "detailxml.zip", "20201103__ga__general.csv"])
@pytest.mark.parametrize("first", ["err-json", "err-xml"])
def test_results_go_through_nists_forms_unchanged(run: Run, source: str, first: str) -> None:
    code, out, err = run("convert", source, "made", "--to", first, *STATED)
    assert (code, err) == (0, ""), err
    assert "numbers" in out
    before, after = results_in(Path(source))[0], results_in(Path("made"))[0]
    assert numbers(after) == numbers(before)
    data = Path("made").read_bytes()
    faults = (
        faults_of_json(json.loads(data), "ElectionResults", "ElectionReport")
        if first == "err-json"
        else faults_of_xml(data, "ElectionResults", "ElectionReport")
    )
    assert faults == []
    other = "err-xml" if first == "err-json" else "err-json"
    assert run("convert", "made", "again", "--to", other, *STATED)[0] == 0
    assert numbers(results_in(Path("again"))[0]) == numbers(before)


def test_a_states_detail_becomes_a_table_of_counties_without_its_own_totals(
    run: Run,
) -> None:
    code, out, _ = run("convert", "detail.xml", "20201103__ga__general__county.csv")
    assert code == 0
    assert 'The totals of "GA" are left out' in out
    before = results_in(Path("detail.xml"))[0]
    after = results_in(Path("20201103__ga__general__county.csv"))[0]
    assert after.day == before.day
    (was,), (now,) = before.contests, after.contests
    counties = [unit.id for unit in before.units if unit.kind == "county"]
    votes = [number for _, number in tally(before, was.id, counties).votes]
    assert [number for _, number in tally(after, now.id).votes] == votes == [100, 107]


def test_a_report_asks_for_what_the_source_does_not_say(run: Run) -> None:
    assert "--status, one of certified" in run("convert", "detail.xml", "out.json")[2]
    assert "--status, one of certified" in run("convert", "detail.xml", "out.json", "--status", "final")[2]
    Path("votes.csv").write_bytes(TABLE)
    assert "--day 2020-11-03" in run("convert", "votes.csv", "out.json", *STATED)[2]
    assert run("convert", "votes.csv", "out.json", *STATED, "--day", "2020-11-03")[0] == 0
    assert "expected a day such as" in run("convert", "votes.csv", "o.json", *STATED, "--day", "3/11/2020")[2]
    assert not Path("o.json").exists()


def test_two_files_of_results_and_none_are_refused_in_words(run: Run) -> None:
    with zipfile.ZipFile("two.zip", "w") as made:
        made.writestr("a.xml", DETAIL)
        made.writestr("b.xml", DETAIL)
    assert "found 2 files of results" in run("convert", "two.zip", "o.csv", "--to", "openelections")[2]
    Path("x.txt").write_text("hello")
    assert "found no file of results" in run("convert", "x.txt", "o.csv", "--to", "openelections")[2]


@pytest.mark.slow
def test_the_runoff_of_2021_keeps_every_vote_from_openelections_to_nist(run: Run) -> None:
    """15,666 rows of 155 counties; the four counties without precincts are taken off the county file."""
    data = needs_shared("data/georgia2020/runoff_2021_precinct.csv").read_text(encoding="utf-8")
    header, _, body = data.partition("\n")
    renamed = header.replace("contest", "office").replace("choice", "candidate").replace("total", "votes")
    Path("20210105__ga__runoff.csv").write_text(f"{renamed}\n{body}", encoding="utf-8")
    code, _, err = run("convert", "20210105__ga__runoff.csv", "runoff.json", *STATED)
    assert (code, err) == (0, ""), err
    made = results_in(Path("runoff.json"))[0]
    votes = {c: v for contest in made.contests for c, v in tally(made, contest.id).votes}
    county = needs_shared("data/georgia2020/runoff_2021_county.csv").read_text(encoding="utf-8").splitlines()
    expected: Counter[str] = Counter()
    for line in county[1:]:
        cells = line.split(",")
        if cells[1] not in {"Camden", "Chattooga", "Grady", "Greene"}:
            expected[cells[3]] += int(cells[-1])
    assert Counter({name.partition(" (")[0]: count for name, count in votes.items()}) == expected
