"""Who held each container, where, under which seal, at every moment; and where the record does not say.

For the custodian and for the audit that rests on the paper. Events are read in the order of their times.
A gap (no second person, a seal that is not the one put on, a holder who never received, an opening without
a new seal, a stretch that nobody vouches for) is a finding. It is also an assumption: whoever relies on the
cards takes it for granted that nothing was changed there, and the package says so. Source for the practice:
EAC, Chain of Custody Best Practices (2021); Georgia rules 183-1-15-.03 and -.04 on sealed containers.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from tallybook.canvass.accounts import whole_number
from tallybook.canvass.findings import Finding, margin_words, numbered, of_margin, severity
from tallybook.election.problems import Problem

ACTIONS = ("sealed", "released", "received", "stored", "opened", "resealed")
"""sealed: filled and closed. released and received: the two ends of a transfer. stored: put into a locked
place. opened, resealed: a seal taken off, a new one put on."""
CLOSING = ("sealed", "resealed")
COLUMNS = ("container", "time", "action", "persons", "place", "seal")


class Event(msgspec.Struct, frozen=True):
    """One event: ``persons`` are the labels of those present, ``seal`` the number put on or found."""

    container: str
    time: datetime
    action: str
    persons: tuple[str, ...]
    place: str
    seal: str = ""
    row: int = 0


class Container(msgspec.Struct, frozen=True):
    """A container of the manifest and the cards it holds, where that is known."""

    id: str
    cards: int = 0


class Assumption(msgspec.Struct, frozen=True):
    """What whoever relies on these cards takes for granted, and the finding that makes it necessary."""

    container: str
    says: str
    cards: int


class Record(msgspec.Struct, frozen=True):
    """Findings, numbered; an assumption for each container with gaps; every container's events and gaps."""

    findings: tuple[Finding, ...]
    assumptions: tuple[Assumption, ...]
    unbroken: tuple[str, ...]
    timelines: Mapping[str, tuple[Event, ...]]
    gaps: Mapping[str, tuple["Gap", ...]]


def custody(
    events: Sequence[Event],
    containers: Sequence[Container],
    margin: int | None = None,
    longest_transfer: timedelta = timedelta(hours=2),
) -> Record:
    """Every gap in the record of every container, listed or not, and what must be assumed for it.

    longest_transfer: how long a container may be on its way from release to receipt without question.
    """
    cards = {one.id: one.cards for one in containers}
    lines = timeline(events)
    told: dict[str, list[Gap]] = {
        name: list(gaps(lines.get(name, ()), name in cards or not cards, longest_transfer))
        for name in dict.fromkeys([*cards, *lines])
    }
    for name, again in shared_seals(lines):
        told[name].append(again)
    findings = [finding(name, one, cards.get(name, 0), margin) for name, all_ in told.items() for one in all_]
    assumed = tuple(assumption(name, all_, cards.get(name, 0)) for name, all_ in told.items() if all_)
    unbroken = tuple(name for name, all_ in told.items() if not all_)
    open_ = {name: tuple(all_) for name, all_ in told.items()}
    return Record(numbered(findings), assumed, unbroken, lines, open_)


def timeline(events: Sequence[Event]) -> dict[str, tuple[Event, ...]]:
    """The events of each container in the order of time; events of one time keep the order of the record."""
    lines: dict[str, list[Event]] = defaultdict(list)
    for one in events:
        lines[one.container].append(one)
    return {name: tuple(sorted(line, key=lambda e: e.time)) for name, line in lines.items()}


def read_events(rows: Sequence[Mapping[str, str]], file: str) -> tuple[tuple[Event, ...], list[Problem]]:
    """Rows of a custody record (heading -> cell; the first is row 2), persons separated by semicolons."""
    problems: list[Problem] = []
    for column in COLUMNS[:-1]:
        if rows and column not in rows[0]:
            problems.append(Problem(f"{file}, row 1", f"no column {column}", "it", "Add the column."))
    events = [read_event(row, number, file, problems) for number, row in enumerate(rows, 2)]
    return tuple(one for one in events if one is not None), problems


def read_containers(
    rows: Sequence[Mapping[str, str]], file: str
) -> tuple[tuple[Container, ...], list[Problem]]:
    """Rows container, cards (which may be empty; the first is row 2) as the containers of the manifest."""
    problems: list[Problem] = []
    listed: dict[str, Container] = {}
    for number, row in enumerate(rows, 2):
        where = f"{file}, row {number}"
        name = (row.get("container") or "").strip()
        cards = whole_number(row.get("cards") or "", f'{where}, "cards"', problems)
        if not name or name in listed:
            found = f"container {name} a second time" if name else "no container"
            problems.append(
                Problem(where, found, "each container once", "Correct the label, or leave the row out.")
            )
        listed[name] = Container(name, cards or 0)
    return tuple(listed.values()), problems


def read_event(row: Mapping[str, str], number: int, file: str, problems: list[Problem]) -> Event | None:
    where = f"{file}, row {number}"
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    before = len(problems)
    time = instant(cells["time"])
    if time is None:
        expected = "a time with its offset, such as 2020-11-03T19:05:00-05:00"
        problems.append(Problem(f'{where}, "time"', f'"{cells["time"]}"', expected, "Correct the cell."))
    if cells["action"] not in ACTIONS:
        found = f'"{cells["action"]}"'
        problems.append(
            Problem(f'{where}, "action"', found, f"one of {', '.join(ACTIONS)}", "Correct the cell.")
        )
    if not cells["container"]:
        problems.append(Problem(f'{where}, "container"', "nothing", "its label", "Fill in the cell."))
    if time is None or len(problems) > before:
        return None
    persons = tuple(p.strip() for p in cells["persons"].split(";") if p.strip())
    return Event(cells["container"], time, cells["action"], persons, cells["place"], cells["seal"], number)


def instant(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo is not None else None


class Gap(msgspec.Struct, frozen=True):
    """What the record of a container leaves open. at: the number of the event, from 1, at which it shows; 0
    where there is none. before: whether it lies between that event and the one before it."""

    kind: str
    says: str
    to_do: str
    at: int = 0
    before: bool = False


def gaps(line: Sequence[Event], is_listed: bool, longest: timedelta) -> Iterator[Gap]:
    """Everything that the record of one container leaves open, in the order of time."""
    if not line:
        yield Gap("no_record", "nothing is on record.", "Find the custody form of this container.")
        return
    if not is_listed:
        words = "the manifest does not know this container."
        yield Gap("not_listed", words, "Add it to the manifest, or correct the label.")
    if line[0].action != "sealed":
        words = f"the record begins at {at(line[0])} with {line[0].action}, not with its sealing."
        yield Gap("no_beginning", words, "Find the form that was filled in when it was sealed.", 1, True)
    for number, one in enumerate(line, 1):
        yield from persons_of(number, one)
    for number, (before, after) in enumerate(pairwise(line), 2):
        yield from between(number, before, after, longest)
    yield from seals(line)
    if line[-1].action in ("released", "opened"):
        words = f"the record ends at {at(line[-1])} with {line[-1].action}."
        yield Gap("no_end", words, "Record who received or resealed it.", len(line) + 1, True)


def persons_of(number: int, one: Event) -> Iterator[Gap]:
    if len(set(one.persons)) < 2:
        words = f"{one.action} at {at(one)} with {len(set(one.persons))} person on record instead of two."
        mend = "Ask the second person to confirm in writing, or record that there was none."
        yield Gap("one_person", words, mend, number)


def between(number: int, before: Event, after: Event, longest: timedelta) -> Iterator[Gap]:
    """From one event to the next: who held it, and where."""
    if before.action == "released" and after.action != "received":
        words = f"released at {at(before)}, then {after.action} at {at(after)}: no receipt between."
        yield Gap("no_receipt", words, "Find the receipt, or ask both ends in writing.", number, True)
    if after.action == "received" and before.action != "released":
        words = f"received at {at(after)} although nobody had released it since {at(before)}."
        yield Gap("no_release", words, "Find the release, or ask both ends in writing.", number, True)
    if before.action == "released" and after.action == "received" and after.time - before.time > longest:
        words = f"on its way from {at(before)} to {at(after)}, longer than {said(longest)}."
        yield Gap("long_transfer", words, "Record the route and who was with it.", number, True)
    moved = after.place != before.place and after.action != "received"
    if before.action not in ("released", "received") and moved:
        words = (
            f'at "{before.place}" until {at(before)}, '
            f'at "{after.place}" from {at(after)}: no transfer on record.'
        )
        yield Gap("moved_unseen", words, "Find the transfer's form.", number, True)


def seals(line: Sequence[Event]) -> Iterator[Gap]:
    """The seal found is the seal put on, and what was opened is sealed again before it goes anywhere."""
    on, is_open = "", False
    for number, one in enumerate(line, 1):
        if one.action in CLOSING:
            if not one.seal:
                words = f"{one.action} at {at(one)} without a seal's number."
                yield Gap("no_seal", words, "Record the number.", number)
            if one.action == "resealed" and not is_open:
                words = f"resealed at {at(one)} although no opening is on record."
                mend = "Record when and why it was opened, and by whom."
                yield Gap("opened_unseen", words, mend, number, True)
            on, is_open = one.seal, False
            continue
        if is_open and one.action != "opened":
            words = f"{one.action} at {at(one)} while open: no new seal on record."
            yield Gap("open_container", words, "Reseal it.", number, True)
            is_open = False
            on = ""
        if one.seal and on and one.seal != on:
            words = f'the seal found at {at(one)} is "{one.seal}"; "{on}" was put on.'
            mend = "Read the seal again; if it is another, report it at once."
            yield Gap("other_seal", words, mend, number, True)
            on = one.seal
        if one.action == "opened":
            is_open = True


def shared_seals(lines: Mapping[str, Sequence[Event]]) -> Iterator[tuple[str, Gap]]:
    """A seal's number put on twice, on one container or two: one of the two records is wrong."""
    first: dict[str, Event] = {}
    put_on = [
        (one.row, number, one)
        for line in lines.values()
        for number, one in enumerate(line, 1)
        if one.action in CLOSING and one.seal
    ]
    for _, number, one in sorted(put_on, key=lambda found: found[:2]):
        other = first.setdefault(one.seal, one)
        if other is not one:
            words = (
                f'the seal "{one.seal}" of {at(one)} was already put on '
                f"container {other.container}, {at(other)}."
            )
            yield one.container, Gap("seal_twice", words, "Read both seals again.", number)


def finding(name: str, gap: Gap, cards: int, margin: int | None) -> Finding:
    """A gap as a finding: the cards are all that the container holds."""
    size = f" It holds {cards:,} cards. {margin_words(cards, margin)}".rstrip() if cards else ""
    grave = severity(cards, cards, margin) if cards else "small"
    place, share = f"container {name}", of_margin(cards, margin)
    says = f"{gap.says}{size}"
    return Finding(gap.kind, place, "custody", cards, cards, cards, grave, says, (), gap.to_do, share)


def assumption(name: str, told: Sequence[Gap], cards: int) -> Assumption:
    """All gaps of one container as the sentence that whoever relies on it must be ready to sign."""
    held = f"its {cards:,} cards" if cards else "its cards"
    listed = "; ".join(one.says.rstrip(".") for one in told)
    return Assumption(name, f"That {held} were not changed, added or taken, although: {listed}.", cards)


def at(one: Event) -> str:
    return one.time.isoformat(sep=" ", timespec="minutes")


def said(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):g} hours"
