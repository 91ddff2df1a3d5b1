"""A book of 700 contests and 159 places, as a clerk makes it from one file, through to its package."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tallybook.merkle.canonical import MAX_ENTRY

pytestmark = pytest.mark.slow

Run = Callable[..., tuple[int, str, str]]
CONTESTS, PLACES = 700, 159
ORIGIN = "elections.example/wide"


def election(contests: int, places: int) -> str:
    """An election file: every contest is voted on in three places, the first one everywhere."""
    head = 'state = "model"\n[election]\nid = "wide_2020"\ntitle = "A wide state"\nday = "2020-11-03"\n'
    voted = [
        f'[[contests]]\nid = "contest_{n}"\nname = "Contest {n}"\nclass = "other"\n'
        + (f'places = ["place_{n % 159}", "place_{(n + 1) % 159}"]\n' if n else "")
        + f'choices = [{{ id = "ash_{n}", name = "Ash {n}" }}, {{ id = "elm_{n}", name = "Elm {n}" }}]\n'
        for n in range(contests)
    ]
    named = [f'[[places]]\nid = "place_{n}"\nname = "County {n}"\nkind = "county"\n' for n in range(places)]
    return head + "".join(voted) + "".join(named)


@pytest.fixture
def wide(run: Run, tmp_path: Path) -> Run:
    """The book, opened from the command line, with one report in it."""
    (tmp_path / "election.toml").write_text(election(CONTESTS, PLACES), encoding="utf-8")
    run("keys", "new", ORIGIN)
    code, out, err = run("book", "new", "election.toml", "--origin", ORIGIN)
    assert code == 0, out + err
    (tmp_path / "r.csv").write_text("choice,votes\nash_650,60\nelm_650,50\n", encoding="utf-8")
    where = ("--office", "county_superintendent", "--contest", "contest_650", "--place", "place_14")
    code, out, err = run(
        "book", "act", "report_unofficial_returns", *where, "--returns", "r.csv", "--key", "r"
    )
    assert code == 0, out + err
    return run


def test_a_clerk_opens_a_book_of_many_contests_from_one_file(wide: Run) -> None:
    entry = json.loads(wide("book", "show", "--entry", "0")[1])
    assert sorted(entry["detail"]) == ["contests_file", "election", "law", "places"]
    assert len(entry["detail"]["places"]) == PLACES
    assert len(json.dumps(entry)) < MAX_ENTRY
    shown = json.loads(wide("book", "show", "--json")[1])
    assert len(shown["contests"]) == CONTESTS
    one = json.loads(wide("book", "show", "--contest", "contest_650", "--json")[1])["contests"][0]
    assert one["phase"] == "counting"


@pytest.mark.slow
def test_its_package_holds_the_contests_and_a_rebuild_finds_them_again(wide: Run, tmp_path: Path) -> None:
    shown = wide("book", "show", "--contest", "contest_650", "--json")[1]
    assert wide("package", "wide.zip")[0] == 0
    assert wide("publish", "public")[0] == 0
    named = json.loads(wide("book", "show", "--entry", "0")[1])["detail"]["contests_file"]
    listed = json.loads((tmp_path / "public" / "exhibits" / named).read_bytes())
    assert [one["id"] for one in listed] == [f"contest_{n}" for n in range(CONTESTS)]
    assert wide("privacy", "wide.zip")[0] == 0
    keep = ("sqlite:///tallybook-home/books.sqlite3", "tallybook-home/exhibits")
    for word in ("check", "rebuild"):
        assert rebuilt(word, *keep) == 0
    assert wide("book", "show", "--contest", "contest_650", "--json")[1].endswith(shown)


def rebuilt(*words: str) -> int:
    """A command of the keep."""
    from tallybook.keep.__main__ import main

    return main(list(words))


@pytest.mark.slow
def test_its_pages_tell_its_acts(wide: Run, tmp_path: Path) -> None:
    assert wide("book", "pages", "pages")[0] == 0
    told = "".join(path.read_text("utf-8") for path in (tmp_path / "pages").glob("*.html"))
    assert "Contest 650" in told
    assert "Ash 650" in told
    assert "County 14" in told


@pytest.mark.slow
def test_a_county_carries_its_part_of_it_into_another_installation(wide: Run) -> None:
    assert wide("book", "export-part", "--place", "place_14", "--out", "lee.part")[0] == 0
    wide("keys", "new", "elections.example/other", "--home", "other")
    code, out, err = wide(
        "book", "new", "election.toml", "--origin", "elections.example/other", "--home", "other"
    )
    assert code == 0, out + err
    code, out, err = wide("book", "import-part", "lee.part", "--home", "other")
    assert (code, err) == (0, ""), out
    assert "1 entered" in out


def test_contests_and_places_go_into_files_where_neither_fits(run: Run, tmp_path: Path) -> None:
    (tmp_path / "election.toml").write_text(election(600, 1500), encoding="utf-8")
    run("keys", "new", ORIGIN)
    code, out, err = run("book", "new", "election.toml", "--origin", ORIGIN)
    assert code == 0, out + err
    detail = json.loads(run("book", "show", "--entry", "0")[1])["detail"]
    assert sorted(detail) == ["contests_file", "election", "law", "places_file"]


def test_a_small_book_has_its_lists_in_its_entry(run: Run, tmp_path: Path) -> None:
    (tmp_path / "election.toml").write_text(election(3, 159), encoding="utf-8")
    run("keys", "new", ORIGIN)
    run("book", "new", "election.toml", "--origin", ORIGIN)
    detail = json.loads(run("book", "show", "--entry", "0")[1])["detail"]
    assert sorted(detail) == ["contests", "election", "law", "places"]


def test_what_is_wrong_in_a_long_file_is_said_by_its_place(run: Run, tmp_path: Path) -> None:
    text = election(CONTESTS, PLACES).replace('places = ["place_14", "place_15"]', 'places = ["elsewhere"]')
    (tmp_path / "election.toml").write_text(text, encoding="utf-8")
    run("keys", "new", ORIGIN)
    code, _, err = run("book", "new", "election.toml", "--origin", ORIGIN)
    assert code == 2
    assert "detail.contests[14].places: found ['elsewhere']" in err


def test_a_lost_list_of_contests_is_said_in_words(wide: Run, tmp_path: Path) -> None:
    named = json.loads(wide("book", "show", "--entry", "0")[1])["detail"]["contests_file"]
    (tmp_path / "tallybook-home" / "exhibits" / "public" / named[:2] / named).unlink()
    code, _, err = wide("book", "show")
    assert code != 0
    assert f"The exhibit {named} is not in" in err
