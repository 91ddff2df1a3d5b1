"""A keep with a small book, for tests and rehearsals: a made-up law, one contest, as many places as asked.

Everything goes through the doors' own way: files on file, an act to open the book, acts after it.
"""

from collections.abc import Callable
from importlib.resources import files
from itertools import count
from pathlib import Path

from tallybook.book import Act, Shelf
from tallybook.keep.exhibits import file_public
from tallybook.keep.opening import Keep, make_keep

BOOK = "small-2026"
LAWS = ("book.toml", "model.toml")
ORIGIN = "elections.example/small/2026-11-03"
POLICY = "log elections.example/small\nquorum none\n"
NIGHT = "2026-11-04T02:00:00Z"
"""Nine in the evening of election day, where the model law is in force."""


def small_keep(folder: Path, url: str = "") -> Keep:
    """A new keep in a folder."""
    return make_keep(url or f"sqlite:///{folder}/book.db", folder / "exhibits")


def opening(keep: Keep, places: int = 3) -> Act:
    """The act that opens the book, its law files on file."""
    laws = [file_public(keep, name, [law_bytes(name)]) for name in LAWS]
    contest = {
        "id": "mayor",
        "name": "Mayor",
        "class": "council",
        "choices": [{"id": "ada", "name": "Ada"}, {"id": "ben", "name": "Ben"}],
    }
    detail = {
        "election": {"id": "small", "title": "A small election", "day": "2026-11-03"},
        "contests": [contest],
        "places": [{"id": f"p{n}", "name": f"Place {n}", "kind": "county"} for n in range(places)],
        "law": [law["sha256"] for law in laws],
    }
    return Act(
        act="open_book",
        office="record_keeper",
        on="2026-11-03",
        received="",
        key="opening",
        detail=detail,
        exhibits=tuple(laws),
    )


def law_bytes(name: str) -> bytes:
    """A law file of the product."""
    return files("tallybook.law").joinpath("data", name).read_bytes()


def shelve(_act: Act, _standing: object) -> Shelf:
    """What a door adds for an opening."""
    return Shelf(origin=ORIGIN, policy=POLICY)


def returns(key: str, place: int = 0, ada: int = 10, ben: int = 7) -> Act:
    """Unofficial returns of one place: granted."""
    return Act(
        act="report_unofficial_returns",
        office="county_superintendent",
        on="2026-11-03",
        received="",
        key=key,
        contest="mayor",
        place=f"p{place}",
        detail={"returns": {"votes": {"ada": ada, "ben": ben}}},
    )


def certification(key: str, place: int = 0) -> Act:
    """A certification before the audit: refused by the model law, which makes an entry all the same."""
    return Act(
        act="certify_county_returns",
        office="county_superintendent",
        on="2026-11-03",
        received="",
        key=key,
        contest="mayor",
        place=f"p{place}",
        detail={"returns": {"votes": {"ada": 10, "ben": 7}}},
    )


def stopped_clock(moment: str = NIGHT) -> Callable[[], str]:
    """A clock that always gives one moment."""
    return lambda: moment


def stopped_steady() -> Callable[[], float]:
    """The steady clock beside a stopped clock."""
    return lambda: 0.0


def numbered(prefix: str) -> Callable[[], str]:
    """Keys, one after the other."""
    numbers = count()
    return lambda: f"{prefix}{next(numbers)}"
