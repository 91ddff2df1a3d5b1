"""The counts of a book's contests, of the whole and by place, as values that pages show.

For every door that shows a book. A count is a statement of its own and never replaced by another; what the
places have stated is added up, and said to be added up, until somebody states the whole.
"""

from collections.abc import Mapping

from tallybook.book import Contest, Entry, Standing
from tallybook.book.counts import by_place, over_places
from tallybook.doors.telling_audits import Look
from tallybook.law import LawSet
from tallybook.reports import Count, CountyRow

COUNT_WORDS = {
    "unofficial": "Unofficial returns",
    "county_certified": "Certified by the counties",
    "state_certified": "Certified by the state",
    "audit_tally": "Hand tally of the audit",
    "recount": "Recount by the counties",
    "recertified": "Certified anew by the state",
}
EFFECTS = {
    "returns_stand": "The returns stand.",
    "replaces_returns": "The tally replaces the returns.",
    "no_rule": "The law adopted here does not say what follows.",
}


def counts(laws: LawSet, contest: Contest, entries: list[Entry]) -> tuple[Count, ...]:
    """Every count of a contest as a whole, in the order of the days on which it was stated."""
    found = []
    spot = contest.record.spot("")
    for kind in ("unofficial", "state_certified", "recertified"):
        if statement := spot.held.get(kind):
            found.append(counted(laws, kind, entries[statement.seq], statement.votes))
    for kind, whole in (("unofficial", "unofficial"), ("county_certified", "state_certified")):
        held = by_place(contest, kind)
        if held and whole not in spot.held:
            found.append(added_up(laws, kind, contest, entries[max(one.seq for one in held.values())]))
    for entry in entries:
        if entry.entry == "audit_result_published" and entry.contest == contest.id:
            votes = tuple(entry.result["votes"][one] for one in contest.choices)
            found.append(counted(laws, "audit_tally", entry, votes))
    return tuple(sorted(found, key=lambda count: (count.day, count.entry or 0)))


def counted(laws: LawSet, kind: str, entry: Entry, votes: tuple[int, ...]) -> Count:
    """One count of a contest as a whole."""
    effects = {
        "unofficial": "Reported before certification. It decides nothing.",
        "state_certified": "The certified count. It stands until it is certified anew.",
        "recertified": "The certified count since then.",
        "audit_tally": f"An audit of the paper. {EFFECTS.get(entry.result.get('effect', ''), '')}".strip(),
    }
    return Count(
        kind=kind,
        title=COUNT_WORDS[kind],
        day=entry.on[:10],
        office=laws.offices[entry.office].name,
        votes=votes,
        margin_votes=ahead(votes),
        effect=effects[kind],
        citation=entry.ruling["citation"],
        entry=entry.seq,
    )


def ahead(votes: tuple[int, ...]) -> int:
    """The votes between the two choices that have most; all votes where there is one choice."""
    first, *rest = sorted(votes, reverse=True)
    return first - (rest[0] if rest else 0)


def added_up(laws: LawSet, kind: str, contest: Contest, latest: Entry) -> Count:
    """What the places have stated so far, added up; nobody has stated the whole. latest: the last of them."""
    over = over_places(contest, kind)
    votes = tuple(over["votes"].values())
    several = len(contest.places) > 1
    over_what = f"Added up over {over['places']:,} of {len(contest.places):,} places." if several else ""
    standing = "It decides nothing." if kind == "unofficial" else "The state has not certified yet."
    return Count(
        kind=kind,
        title="Unofficial returns" if kind == "unofficial" else "Certified returns",
        day=latest.on[:10],
        office=laws.offices[latest.office].name,
        votes=votes,
        margin_votes=ahead(votes),
        effect=f"{over_what} {standing}".strip(),
        citation=latest.ruling["citation"],
        entry=latest.seq,
    )


def place_votes(contest: Contest, kinds: Mapping[str, str]) -> dict[str, dict[str, tuple[int, ...]]]:
    """Place -> shown kind -> votes, from the counts of places (shown kind -> count)."""
    found: dict[str, dict[str, tuple[int, ...]]] = {place: {} for place in contest.places}
    for shown, count in kinds.items():
        for place, statement in by_place(contest, count).items():
            found[place][shown] = statement.votes
    return found


def counted_contest(laws: LawSet, standing: Standing, entries: list[Entry]) -> Contest:
    """The contest whose counts are shown: the first that has one of the whole, or else the first."""
    every = [standing.contests[one] for one in standing.order]
    return next((one for one in every if counts(laws, one, entries)), every[0])


KINDS = {
    "unofficial": "unofficial",
    "county_certified": "county_certified",
    "state_certified": "county_certified",
    "audit_tally": "audit_tally",
    "recertified": "recount",
}
"""Count of the whole -> the places' count that it sums."""


def base_of(contest: Contest) -> str:
    """The count of the whole with which the others are compared."""
    return "state_certified" if "state_certified" in contest.record.spot("").held else "county_certified"


def place_rows(standing: Standing, contest: Contest, entries: list[Entry]) -> tuple[CountyRow, ...]:
    """The places of a contest with its counts side by side, and its entries; none without votes."""
    own: dict[str, list[int]] = {}
    for entry in entries:
        if entry.place:
            own.setdefault(entry.place, []).append(entry.seq)
    votes = place_votes(contest, KINDS)
    return tuple(
        CountyRow(place, standing.places[place], votes[place], entries=tuple(own[place]))
        for place in contest.places
        if votes[place] and place in own
    )


def place_kinds(opened: Entry, look: Look) -> list[str]:
    """The kinds of the places of a book, each once. Entry 0 has them, or names an exhibit that has."""
    listed = opened.detail.get("places") or look(opened.detail.get("places_file", ""))
    return list(dict.fromkeys(one["kind"] for one in listed))


def kind_words(kinds: list[str]) -> tuple[str, str]:
    """What the places are, one and many: ("precinct", "precincts"); places if of several kinds."""
    one = kinds[0].replace("_", " ") if len(kinds) == 1 else "place"
    if one.endswith("y") and one[-2:-1] not in "aeiou":
        return one, f"{one[:-1]}ies"
    return one, f"{one}{'es' if one.endswith(('s', 'x', 'ch', 'sh')) else 's'}"
