"""`tallybook demo county` on a smaller county: from the export to a package, the same on every run."""

import io
import re
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest
from rich.console import Console

from tallybook.doors.cli.shown import DoorError
from tallybook.doors.county import auditing, making
from tallybook.doors.county.running import run

pytestmark = pytest.mark.slow
CARDS = 8_000


def test_the_demonstration_audits_every_contest_and_writes_the_same_package_again(tmp_path: Path):
    said = [io.StringIO(), io.StringIO()]
    for name, told in zip(("one", "two"), said, strict=True):
        assert run(tmp_path / name, Console(file=told, width=200), CARDS, check=False) == 0
    one, two = ((tmp_path / name / "package.zip").read_bytes() for name in ("one", "two"))
    assert one == two
    assert said[0].getvalue().replace("one", "two") == said[1].getvalue()
    assert_told(said[0].getvalue(), tmp_path / "one")


def assert_told(said: str, out: Path) -> None:
    """A line for each contest at the end, and pages that say the same and name the package."""
    overview, audits = ((out / name).read_text("utf-8") for name in ("index.html", "audits.html"))
    for race in making.RACES:
        elected = ", ".join(name.title() for name in auditing.WINNERS[race.id])
        assert f"{race.name}: Elected: {elected}. Ended: outcome confirmed, risk " in said
        assert f"<strong>Elected: {elected}.</strong> As reported, and as audited." in overview
        assert f">{race.name}</h2>" in audits
    assert sha256((out / "package.zip").read_bytes()).hexdigest() in overview
    assert "audits.html" in said
    assert not re.search(r"\b1 (cards|discrepancies)", said)


def test_what_the_county_reports_is_what_stands_on_its_cards():
    """The winners that the demonstration claims, counted again from the paper without the rules."""
    county = making.made(CARDS)
    for race in making.RACES:
        readings = county.paper[race.id].values()
        if race.ranks:
            assert instant_runoff(list(readings)) == auditing.WINNERS[race.id][0]
            continue
        votes = Counter(name for one in readings if len(one) <= race.votes for name in one)
        best = sorted(name for name, _ in votes.most_common(race.votes))
        assert best == sorted(auditing.WINNERS[race.id])
        if race.class_id == "executive":
            assert 2 * votes[best[0]] > sum(votes.values())


def instant_runoff(cards: list[list[list[str]]]) -> str:
    """A plain count: the first rank of one standing choice; an overvote ends the card."""
    standing = {name for card in cards for rank in card for name in rank}
    while True:
        counts = dict.fromkeys(standing, 0)
        for card in cards:
            for rank in card:
                if len(rank) > 1:
                    break
                if rank and rank[0] in standing:
                    counts[rank[0]] += 1
                    break
        leader = max(counts, key=lambda name: counts[name])
        if 2 * counts[leader] > sum(counts.values()):
            return leader
        standing.remove(min(counts, key=lambda name: counts[name]))


def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path):
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(DoorError, match="holds something else"):
        run(tmp_path, Console(file=io.StringIO()), CARDS, check=False)
    assert (tmp_path / "mine.txt").read_text() == "keep me"
