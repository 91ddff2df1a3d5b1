"""Compile the table of the Georgia 2020 demonstration from the folder of public records.

For whoever wants to know where the demonstration's numbers come from, and to make them again. The folder
holds the larger files that were collected from public sources: precinct returns, the 41,881 batches of
the hand tally, county accounts. This script sums and joins them, imputes nothing, and writes the small
files that the package carries. Names, parties and the counties' positions, which the folder lacks, lie
beside this script in tools/georgia_2020/. `sources.csv` in the result says where every column comes from.

    python tools/compile_georgia_2020.py FOLDER [RESULT]

The same folder gives the same bytes. Where an account does not add up the script says so and stops.
"""

import csv
import io
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BESIDE = ROOT / "tools" / "georgia_2020"
RESULT = ROOT / "src" / "tallybook" / "doors" / "georgia_2020"

Row = dict[str, str]
MODES = ("election_day", "advance", "absentee_by_mail", "provisional")
PRESIDENT = ("trump", "biden", "jorgensen")
SET_ASIDE = ("invalid_write_in", "valid_write_in", "blank_undervote", "overvote")
KINDS = {
    "Absentee By Mail": "absentee_by_mail", "Advance": "advance", "Election Day": "election_day",
    "Provisional": "provisional", "Other": "other",
}  # fmt: skip
COUNTS = {"canvass": "state_certified", "hand_tally": "audit_tally", "machine_recount": "recount"}
CAUCUS = {"D": "democrats", "R": "republicans"}


def main(folder: Path, result: Path) -> int:
    """Write every file of the table; the number of accounts that do not add up."""
    places = rows(folder / "georgia2020" / "county_three_counts.csv")
    for problem in (problems := accounts_that_fail(places)):
        sys.stderr.write(f"{problem}\n")
    if problems:
        return len(problems)
    result.mkdir(parents=True, exist_ok=True)
    canvass = rows(folder / "georgia2020" / "canvass_county_mode.csv")
    runoff = rows(folder / "georgia2020" / "runoff_2021_county.csv")
    batches = rows(folder / "georgia2020" / "hand_tally_batches.csv")
    write(result / "counties.csv", COUNTY_COLUMNS, counties(places, rows(BESIDE / "county_points.csv")))
    write(result / "returns.csv", RETURN_COLUMNS, returns(canvass))
    write(result / "runoff.csv", RETURN_COLUMNS, returns(runoff))
    write(result / "president_accounts.csv", ACCOUNT_COLUMNS, accounts(places))
    credited = rows(folder / "georgia2020" / "absentee_registration_county.csv")
    write(result / "voters.csv", VOTER_COLUMNS, voters(credited, places))
    write(result / "hand_tally.csv", HAND_COLUMNS, hand_tally(batches))
    write(result / "recount.csv", ("county", *PRESIDENT, "total"), recount(places))
    write(result / "totals.csv", ("contest", "count", "choice", "votes"), totals(folder / "georgia2020"))
    electoral = rows(folder / "national" / "electoral_votes_2020.csv")
    write(result / "electoral_votes.csv", ELECTORAL_COLUMNS, electoral_votes(electoral))
    write(result / "senate.csv", SENATE_COLUMNS, senate(rows(folder / "national" / "senate_composition.csv")))
    write(result / "timeline.csv", TIMELINE_COLUMNS, timeline(rows(folder / "georgia_2020_timeline.csv")))
    (result / "contests.json").write_bytes((BESIDE / "contests.json").read_bytes())
    (result / "sources.csv").write_bytes((BESIDE / "sources.csv").read_bytes())
    return 0


# The files of the table ---------------------------------------------------------------------

COUNTY_COLUMNS = ("id", "name", "fips", "latitude", "longitude")
RETURN_COLUMNS = ("county", "contest", "choice", *MODES, "total")
ACCOUNT_COLUMNS = ("county", "ballots_cast", *PRESIDENT, "write_ins", "undervotes", "overvotes")
VOTER_COLUMNS = (
    "county",
    "voters_credited",
    "cards_tabulated",
    "mail_returned",
    "mail_accepted",
    "mail_rejected",
)
HAND_COLUMNS = ("county", "kind", "batches", "empty_batches", *PRESIDENT, *SET_ASIDE)
ELECTORAL_COLUMNS = ("unit", "state", "rule", "electoral_votes", "biden", "trump", "other", "total", "winner")
SENATE_COLUMNS = (
    "from_date", "to_date", "seats", "democrats", "independents_with_democrats", "vacant", "republicans",
    "vice_president", "tie_breaker", "control", "source",
)  # fmt: skip
TIMELINE_COLUMNS = (
    "seq", "date", "time_local", "office", "act", "object", "outcome", "answer", "basis", "figures", "source",
    "note",
)  # fmt: skip


def accounts_that_fail(places: Iterable[Row]) -> list[str]:
    """Counties whose votes, write-ins, undervotes and overvotes do not make up the ballots cast."""
    return [
        f"{place['county']}: {parts} votes and marks set aside, {place['official_ballots_cast']} ballots cast"
        for place in places
        if (parts := account_parts(place)) != int(place["official_ballots_cast"])
    ]


def account_parts(place: Row) -> int:
    votes = [f"canvass_{choice}" for choice in PRESIDENT]
    return sum(int(place[key]) for key in (*votes, *("official_" + k for k in ("other", *UNCOUNTED))))


UNCOUNTED = ("undervotes", "overvotes")


def counties(places: Iterable[Row], points: Iterable[Row]) -> list[Sequence[object]]:
    """The 159 counties with the Census Bureau's internal point of each, to three decimals of a degree."""
    where = {point["fips"]: point for point in points}
    return [
        (county_id(p["county"]), p["county"], p["fips"], *(f"{float(where[p['fips']][k]):.3f}" for k in AXES))
        for p in places
    ]


AXES = ("latitude", "longitude")


def returns(certified: Iterable[Row]) -> list[Sequence[object]]:
    """Certified votes by county, contest, choice and the way in which the ballot was cast."""
    keys = ("contest", "choice", *MODES, "total")
    return [(county_id(row["county"]), *(row[key] for key in keys)) for row in certified]


def accounts(places: Iterable[Row]) -> list[Sequence[object]]:
    """The county's own account of the presidential contest: ballots cast and what became of each."""
    keys = (
        "official_ballots_cast", *(f"canvass_{choice}" for choice in PRESIDENT), "official_other",
        "official_undervotes", "official_overvotes",
    )  # fmt: skip
    return [(county_id(place["county"]), *(place[key] for key in keys)) for place in places]


def voters(credited: Iterable[Row], places: Iterable[Row]) -> list[Sequence[object]]:
    """Voters credited with having voted, beside the ballots of the final canvass; the account of mail."""
    ballots = {place["fips"]: place["official_ballots_cast"] for place in places}
    keys = ("mail_returned", "mail_counted", "mail_rejected")
    return [
        (county_id(row["county"]), row["participants"], ballots[row["fips"]], *(row[key] for key in keys))
        for row in credited
    ]


def hand_tally(batches: Iterable[Row]) -> list[Sequence[object]]:
    """The hand tally's batches summed by county and kind of batch; an empty batch has no card at all."""
    sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for batch in batches:
        found = {key: int(batch[key]) for key in (*PRESIDENT, *SET_ASIDE)}
        total = sums[county_id(batch["county"]), KINDS[batch["batch_type"]]]
        total.update(found)
        total.update(batches=1, empty_batches=int(not any(found.values())))
    return [(*where, *(total[key] for key in HAND_COLUMNS[2:])) for where, total in sums.items()]


def recount(places: Iterable[Row]) -> list[Sequence[object]]:
    """The recount by scanner, by county."""
    keys = (*(f"recount_{choice}" for choice in PRESIDENT), "recount_total")
    return [(county_id(place["county"]), *(place[key] for key in keys)) for place in places]


def totals(folder: Path) -> list[Sequence[object]]:
    """Statewide totals by count: before the audit, certified, hand tally, recount, runoffs."""
    before = json.loads((folder / "hand_tally_settings.json").read_text(encoding="utf-8"))
    tabulated = before["reported_tabulated_votes"]
    unofficial = [("president", "unofficial", choice, tabulated[choice]) for choice in PRESIDENT]
    later = [
        (contest_of(row), COUNTS.get(row["count"], "state_certified"), row["choice"], row["votes"])
        for row in rows(folder / "certified_totals.csv")
    ]
    return [*unofficial, *later]


def contest_of(row: Row) -> str:
    return row["contest"] + ("_runoff" if row["count"] == "runoff" else "")


def electoral_votes(units: Iterable[Row]) -> list[Sequence[object]]:
    """The 56 units that appointed presidential electors in 2020, with the votes of each."""
    return [tuple(unit[key] for key in ELECTORAL_COLUMNS) for unit in units]


def senate(spells: Iterable[Row]) -> list[Sequence[object]]:
    """How the Senate of the United States stood, spell by spell, and whose Vice President broke ties."""
    return [
        (*(s[key] for key in SENATE_COLUMNS[:7]), *vice_president(s), CAUCUS[s["control"]], s["source"])
        for s in spells
    ]


def vice_president(spell: Row) -> tuple[str, str]:
    name, _, party = spell["vice_president"].partition(" (")
    return name, CAUCUS[party.rstrip(")")]


def timeline(acts: Iterable[Row]) -> list[Sequence[object]]:
    """The acts of the election in order, with the answer that each got."""
    keys = (
        "seq", "date", "time_local", "actor_office", "act", "object", "outcome", "accepted_or_refused",
        "legal_basis", "figures", "source", "note",
    )  # fmt: skip
    return [
        (f"{int(act['seq']):02d}", *(act[key] for key in keys[1:-2]), public(act["source"]), act["note"])
        for act in acts
    ]


def public(source: str) -> str:
    """The source as a stranger can look for it: the collector's own short names are written out."""
    for short, long in SHORT_NAMES.items():
        source = source.replace(short, long)
    return source


SHORT_NAMES = {"seed articles": "press, 2020-12-05 to 08", "seed article": "press, December 2020"}


# Reading and writing ------------------------------------------------------------------------


def county_id(name: str) -> str:
    """The county's id in every file: lower case, underscores for blanks."""
    return name.lower().replace(" ", "_")


def rows(file: Path) -> list[Row]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def write(file: Path, columns: Sequence[str], table: Iterable[Sequence[object]]) -> None:
    """CSV with a header, line feeds and rows sorted as text, so that two makings can be compared."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(columns)
    out.writerows(sorted([str(cell) for cell in row] for row in table))
    file.write_bytes(text.getvalue().encode())


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python tools/compile_georgia_2020.py FOLDER [RESULT]")
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else RESULT))
