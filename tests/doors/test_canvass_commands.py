"""`tallybook canvass`, `envelopes` and `poll` as a person types them; what goes wrong is told in words."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tallybook.doors.cli import main
from tallybook.doors.polls import Columns, judged, waves_of_respondents, waves_published
from tests.needs import needs_shared

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Type words; get exit code, output and errors, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def typed(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tallybook", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return int(ended.value.code or 0), told.out, told.err

    return typed


def write(name: str, *lines: str) -> str:
    Path(name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return name


# Canvass ------------------------------------------------------------------------------------------


def test_accounts_that_agree_end_with_zero_and_differences_with_one(run: Run) -> None:
    good = write("good.csv", "county,ballots_cast,cards_tabulated", "Lee,500,500")
    code, out, _ = run("canvass", good)
    assert code == 0
    assert "No findings: what is stated agrees." in out
    bad = write("bad.csv", "county,ballots_cast,cards_tabulated", "Lee,500,480")
    code, out, _ = run("canvass", bad, "--margin", "100", "--json")
    (one,) = json.loads(out)["findings"]
    assert (code, one["cards"], one["of_margin"], one["severity"]) == (1, 20, "1/5", "large")


def test_turnout_and_votes_not_used_are_shown_exactly(run: Run) -> None:
    heads = "county,registered,ballots_cast,votes,undervotes,overvotes"
    file = write("a.csv", heads, "Lee,300,200,195,4,1", "Ray,100,90,90,0,0")
    out = run("canvass", file)[1]
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines.index("Ray 90 100 90.00%") < lines.index("Lee 200 300 66.67%")
    assert "Lee 5 200 2.50%" in lines
    told = json.loads(run("canvass", file, "--json")[1])
    assert told["votes_not_used"][0] == {"place": "Lee", "number": 5, "of": 200}


def test_pending_ballots_alone_do_not_make_a_difference(run: Run) -> None:
    heads = "county,provisional_issued,provisional_accepted,provisional_rejected,provisional_pending"
    code, out, _ = run("canvass", write("a.csv", heads, "Lee,10,7,1,2"))
    assert code == 0
    assert "2 are still provisional pending." in out


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["county,cards_scanned", "Lee,-3"], "found -3; expected 0 or more"),
        (["county,cards_scanned", "Lee,3,4"], "row 2: found 3 cells; expected 2"),
        (["county,county", "Lee,Lee"], 'found the heading "county" twice'),
        (["county,cards_scanned"], "found 1 rows"),
        (["county,cards_scanned", 'Lee,"5'], "cannot be read as a table"),
    ],
)
def test_a_broken_sheet_is_told_and_nothing_concluded(run: Run, lines: list[str], told: str) -> None:
    code, out, err = run("canvass", write("a.csv", *lines))
    assert (code, out) == (2, "")
    assert told in err


def test_an_explained_difference_ends_with_zero_and_one_that_fits_nothing_is_told(run: Run) -> None:
    accounts = write("a.csv", "county,voters_credited,ballots_cast", "Lee,500,497")
    heads = "county,earlier,later,cards,words"
    why = write("w.csv", heads, "Lee,voters_credited,ballots_cast,-3,three left; see the log")
    code, out, _ = run("canvass", accounts, "--explained", why)
    assert code == 0
    assert "Explained, 3: three left; see the log" in " ".join(out.split())
    other = write("o.csv", heads, "Ray,voters_credited,ballots_cast,-3,three left")
    code, out, err = run("canvass", accounts, "--explained", other)
    assert (code, out) == (2, "")
    assert "found an explanation for Ray" in err
    broken = write("x.csv", heads, "Lee,voters,ballots_cast,three,")
    err = run("canvass", accounts, "--explained", broken)[2]
    assert [line.split(": found")[0] for line in err.splitlines()[:3]] == [
        'x.csv, row 2, "earlier"',
        'x.csv, row 2, "cards"',
        'x.csv, row 2, "words"',
    ]


def test_custody_is_shown_by_container_for_people_and_machines(run: Run) -> None:
    accounts = write("a.csv", "county,ballots_cast", "Lee,5")
    events = write(
        "c.csv",
        "container,time,action,persons,place,seal",
        "box-1,2020-11-03T19:30:00-05:00,sealed,a; b,precinct 4,A-1",
        "box-1,2020-11-03T19:40:00-05:00,released,a,precinct 4,A-1",
        "box-1,2020-11-03T20:00:00-05:00,received,a; c,office,A-1",
    )
    boxes = write("b.csv", "container,cards", "box-1,5", "box-2,7")
    code, out, _ = run("canvass", accounts, "--custody", events, "--containers", boxes, "--json")
    custody = json.loads(out)["custody"]
    assert code == 1
    assert [one["kind"] for one in custody["findings"]] == ["no_record", "one_person"]
    assert [e["action"] for e in custody["timelines"]["box-1"]] == ["sealed", "released", "received"]
    assert "Container box-1, with gaps" in run("canvass", accounts, "--custody", events)[1]


# Envelopes ----------------------------------------------------------------------------------------

BOXES = ("county,box,envelopes", "Lee,box-1,50", "Lee,box-2,50", "Ray,box-1,30")


def test_a_draw_is_the_same_for_everybody_and_every_design_has_one(run: Run) -> None:
    boxes = write("b.csv", *BOXES)
    seed = ("--seed", "20201214071503398211")
    again = write("c.csv", BOXES[0], *reversed(BOXES[1:]))
    for design in ("simple", "by_county", "boxes", "boxes_by_size"):
        words = ("--design", design, "--draws", "3", *seed, "--json")
        first = run("envelopes", "draw", boxes, *words)
        assert first[0] == 0
        assert first == run("envelopes", "draw", again, *words)
        assert sum(int(row["times"]) for row in json.loads(first[1])) == 3


def test_a_file_with_names_is_refused_without_repeating_them(run: Run) -> None:
    boxes = write("b.csv", "county,box,envelopes,voter_name", "Lee,box-1,50,Jane Doe")
    code, out, err = run("envelopes", "plan", boxes, "--at-most", "5")
    assert (code, out) == (2, "")
    assert "seems to hold personal data" in err
    assert "Jane" not in err


def test_a_measure_by_machine_has_the_bound_of_its_design(run: Run) -> None:
    boxes = write("b.csv", *BOXES)
    heads = "county,box,match,cure_needed,cannot_verify,refer_to_investigation"
    read = write("r.csv", heads, "Lee,box-1,50,0,0,0", "Ray,box-1,29,1,0,0")
    code, out, _ = run("envelopes", "measure", read, "--boxes", boxes, "--design", "boxes", "--json")
    told = json.loads(out)
    assert (code, told["at_most"], told["not_verified"]) == (0, 51, 1)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("plan", "b.csv"), "State either --at-most or --detect."),
        (("plan", "b.csv", "--at-most", "1", "--design", "odd"), 'no plan for the design "odd"'),
        (("plan", "b.csv", "--at-most", "999"), "at_most: found 999; expected a whole number, from 0 to 130"),
        (("plan", "b.csv", "--at-most", "1", "--confidence", "99"), 'found "99"; expected a decimal'),
        (("draw", "b.csv", "--draws", "2", "--seed", "12"), "20 to 200 digits"),
        (("measure",), "State READ.csv and --boxes"),
        (("measure", "--published", "1,2"), "expected three numbers"),
        (("measure", "--published", "10,20,3"), "read: found 20"),
    ],
)
def test_a_mistake_is_told_in_words(run: Run, words: tuple[str, ...], told: str) -> None:
    write("b.csv", *BOXES)
    code, out, err = run("envelopes", *words)
    assert (code, out) == (2, "")
    assert told in " ".join(err.split())


# Polls --------------------------------------------------------------------------------------------


def test_the_reported_fall_is_judged_with_what_is_unknown(run: Run) -> None:
    file = needs_shared("data/polls/kemp_approval_reported.csv")
    where = ("--where", "group=GA Republicans", "--where", "pollster=Morning Consult")
    code, out, _ = run("poll", str(file), *where, "--json", "--svg", "k.svg")
    told = json.loads(out)
    assert code == 0
    assert [w["percent"] for w in told["waves"]] == [86, 77, 74]
    assert told["averages"] == []
    assert "clear of none at 95% if 145 or more answered" in " ".join(told["changes"][0])
    assert any("How many were asked" in line for line in told["unknown"])
    drawn = ElementTree.parse("k.svg").getroot()
    assert len(drawn.findall(".//{http://www.w3.org/2000/svg}circle")) == 3
    assert "77.0%" in (drawn.findtext("{http://www.w3.org/2000/svg}desc") or "")


def test_mixed_series_are_named(run: Run) -> None:
    file = needs_shared("data/polls/impeachment_polls_538.csv")
    told = json.loads(run("poll", str(file), "--where", "pollster=ABC News/Washington Post", "--json")[1])
    assert any('values of "category"' in line for line in told["mixed"])


def test_a_change_with_sizes_has_newcombes_interval() -> None:
    """Newcombe (1998b), table II, example 1: 56/70 against 48/80, difference 0.2 (0.0524 to 0.3339)."""
    rows = [{"d": "2020-01-01", "p": "60", "n": "80"}, {"d": "2020-01-02", "p": "80", "n": "70"}]
    waves, problems = waves_published(rows, Columns("d", "p", "n"), "p.csv")
    assert problems == []
    assert "+20.0 points, 95% interval +5.2 to +33.4: clear of no change." in judged(*waves, 0.95)[0]


def test_respondents_are_weighted_and_their_size_is_the_effective_one() -> None:
    """Weights 1, 1, 2 and 4: Kish's size is 64 / 22; yes has 5 of 8."""
    rows = [
        {"wave": "2020-12", "q": a, "w": w} for a, w in [("yes", "1"), ("no", "1"), ("no", "2"), ("yes", "4")]
    ]
    waves, _ = waves_of_respondents(
        rows, Columns("wave", answer_column="q", answer="yes", weight="w"), "r.csv", 0.95
    )
    assert waves[0].share == pytest.approx(5 / 8)
    assert waves[0].effective == pytest.approx(64 / 22)
    assert (waves[0].asked, waves[0].when) == (4, "2020-12")


@pytest.mark.parametrize(
    ("lines", "words", "told"),
    [
        (["date,percent", "soon,50"], (), "expected a day YYYY-MM-DD or a month YYYY-MM"),
        (["date,percent", "2020-01-01,150"], (), "expected a share from 0 to 100"),
        (["date,percent,n", "2020-01-01,50,-3"], (), "expected how many were asked"),
        (["when,percent", "2020-01-01,50"], (), "Name the columns"),
        (["date,percent", "2020-01-01,50"], ("--where", "group=x"), "expected COLUMN=VALUE"),
        (["date,percent", "2020-01-01,50"], ("--where", "percent=51"), "no such row"),
        (["date,percent", "2020-01-01,50"], ("--share", "odd"), 'There is no column "odd"'),
    ],
)  # fmt: skip
def test_a_poll_that_cannot_be_read_is_told(
    run: Run, lines: list[str], words: tuple[str, ...], told: str
) -> None:
    code, out, err = run("poll", write("p.csv", *lines), *words)
    assert (code, out) == (2, "")
    assert told in " ".join(err.split())
