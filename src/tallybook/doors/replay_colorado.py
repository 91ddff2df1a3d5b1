"""Colorado's published files, read for `tallybook replay`: lists of drawn cards, manifests, tables of risks.

The arithmetic is ``audit.replaying_draws``. The seed stands in the published notice, not in every file: it is
given by hand where no column holds it.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from fractions import Fraction

from tallybook.audit.replaying import Line, Verdict
from tallybook.audit.replaying_draws import (
    DrawReplay,
    SizeRow,
    draw_again,
    draw_lines,
    draws_that_give,
    in_draw_order,
    polled_risks,
    size_lines,
)
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.replay_files import Published, PublishedFile
from tallybook.formats.csv_in import as_number, read_table
from tallybook.formats.problems import Problems
from tallybook.stats.kaplan import Discrepancies

Cells = Mapping[str, str]


def colorado_lines(published: Published, seed: str) -> list[Line]:
    """All that Colorado's files show, kind by kind; nothing where there are none of them."""
    lines = card_lines(published, seed) if published.colorado_selected else []
    lines += risk_lines(published) if published.colorado_risks else []
    return lines + (polled_lines(published) if published.polled_audits else [])


def card_draws(published: Published, seed: str) -> list[DrawReplay]:
    """The drawn cards of each county, drawn again from the seed."""
    if not seed.isdigit():
        raise DoorError("Give the seed of the published notice: --seed followed by its digits.")
    totals: Counter[str] = Counter()
    for row in _rows(published.colorado_manifests):
        totals[row["county"]] += _whole(row, "ballots")
    selected: dict[str, list[int]] = defaultdict(list)
    for row in _rows(published.colorado_selected):
        selected[row["county"]].append(_whole(row, "cvr_number"))
    return [draw_again(county, seed, cards, totals.get(county)) for county, cards in selected.items()]


def card_lines(published: Published, seed: str) -> list[Line]:
    """What the draws of cards show."""
    return draw_lines(card_draws(published, seed))


def risk_lines(published: Published) -> list[Line]:
    """What the tables of risks show; contests without a margin are left out and counted."""
    rows = _rows(published.colorado_risks)
    kept = [_size_row(row) for row in rows if _whole(row, "min_margin") > 0]
    lines = size_lines(kept)
    if len(kept) < len(rows):
        said = (
            f"{len(rows) - len(kept):,} contests have no margin in the table; nothing was computed for them."
        )
        lines.append(Line("size", "note", said))
    return lines


def polled_lines(published: Published) -> list[Line]:
    """Ballot polling: the draws again, and the risk that the interpretations give each choice."""
    drawn: dict[str, list[Cells]] = defaultdict(list)
    read: dict[str, dict[int, str]] = defaultdict(dict)
    for row in _rows(published.polled_drawn):
        drawn[row["audit"]].append(row)
    for row in _rows(published.polled_read):
        read[row["audit"]].setdefault(_whole(row, "ballot_sequence"), row["choice"])
    lines, good, audits = [], 0, list(_rows(published.polled_audits))
    for audit in audits:
        name, population = audit["audit"], _whole(audit, "population")
        cards = {_whole(row, "ballot") for row in drawn[name]}
        draws = draws_that_give(audit["seed"], population, cards)
        good += draws is not None
        if draws is None:
            lines.append(Line("draw", "differs", f"{name}: the seed does not draw these ballots."))
            continue
        lines.append(_polled_risk(audit, draws, _by_ballot(drawn[name], read[name])))
    verdict: Verdict = "agrees" if good == len(audits) else "differs"
    first = Line("draw", verdict, f"The seed draws the published ballots in {good} of {len(audits)} audits.")
    unpublished = Line("totals", "not_published", "The reported totals: who was reported to have won.")
    return [first, unpublished, *lines]


def _by_ballot(drawn: list[Cells], read: Mapping[int, str]) -> dict[int, str]:
    """Position -> what was read; a ballot without a row on the tally sheet showed no mark."""
    return {_whole(row, "ballot"): read.get(_whole(row, "sorted_number"), "") for row in drawn}


def _polled_risk(audit: Cells, draws: int, reads: Mapping[int, str]) -> Line:
    name, population = audit["audit"], _whole(audit, "population")
    choices = [one.strip() for one in audit["choices"].split("|")]
    marks = in_draw_order(audit["seed"], population, draws, reads)
    assert marks is not None, "Every drawn ballot is in the list of drawn ballots."
    risks = polled_risks(choices, marks, population, "0.05")
    told = "; ".join(f"{choice} {marks.count(choice)} marks, risk {risk}" for choice, risk in risks.items())
    return Line("risk", "note", f"{name}, {draws} draws: {told}.")


def _size_row(row: Cells) -> SizeRow:
    found = Discrepancies(
        o1=_whole(row, "one_vote_over_count"),
        o2=_whole(row, "two_vote_over_count"),
        u1=_whole(row, "one_vote_under_count"),
        u2=_whole(row, "two_vote_under_count"),
    )
    return SizeRow(
        row["contest_name"],
        _whole(row, "min_margin"),
        _whole(row, "ballot_card_count"),
        Fraction(row["risk_limit"]),
        Fraction(row["gamma"]),
        found,
        _whole(row, "optimistic_samples_to_audit"),
    )


def _rows(files: tuple[PublishedFile, ...]) -> list[Cells]:
    problems = Problems()
    found = [row.cells for f in files for row in read_table(f.data, f.path, problems, (), others=True).rows]
    if problems.grave:
        raise DoorError(*(str(one) for one in problems.collected()))
    return found


def _whole(row: Cells, column: str) -> int:
    value = as_number(row.get(column, ""))
    if value is None:
        raise DoorError(f'A row has "{row.get(column, "")}" as {column}; expected a whole number.')
    return value
