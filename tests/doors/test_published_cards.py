"""A published contest with the rows an audit needs: they are no ballots of it."""

from pathlib import Path

import numpy as np

from tallybook.doors.published_cards import published_in
from tallybook.election import Choice, Contest
from tallybook.election.cards import Mark, Pattern, narrowed
from tallybook.keep.cards.published import files_of, publish_population


def test_rows_of_cards_without_the_contest_or_without_a_record_are_not_counted(tmp_path: Path) -> None:
    """Five cards: two for Ann, one blank, one that lacks the contest, one that has no record."""
    contest = Contest("mayor", "Mayor", "", (Choice("ann", "Ann"), Choice("bo", "Bo")))
    patterns = (Pattern((Mark("ann"),)), Pattern(()))
    codes = narrowed(np.array([1, 1, 2, 0, 0]))
    names = [f"1-1/{place}" for place in range(1, 6)]
    made = publish_population(contest, patterns, codes, names, bytes(range(32)), {names[4]})
    folder = tmp_path / "1"
    folder.mkdir()
    for name, data in files_of(made).items():
        (folder / name).write_bytes(data)
    (held,) = published_in(tmp_path)
    assert sum(held.counts) == 3
    assert dict(zip(held.patterns, held.counts, strict=True)) == {patterns[0]: 2, patterns[1]: 1}
