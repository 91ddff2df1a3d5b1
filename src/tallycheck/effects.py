"""What an act granted does, and the result that its entry must show: book specification, sections 7 and 8.

Each function takes the act and the `Desk` and gives the result, or None where there is none. Where the
book could not have entered the act at all, it raises `Failed` with the check that says so.
"""

import hashlib
from collections.abc import Callable, Set
from dataclasses import dataclass, field
from typing import Any

from .auditplan import Plan
from .canonical import write
from .draw import BadManifest, parse_manifest, sample
from .failure import Failed, shown
from .form import READINGS, Act
from .law import LawFile, Rule
from .lawfile import LONGEST, join, parse_law
from .lawforms import BadLaw
from .note import head_and_rest, parse_head
from .outcomes import (
    Outcome,
    Votes,
    WinnerRule,
    accounts_trouble,
    after_lot,
    by_college,
    control,
    margin,
    outcome,
    same,
)
from .policy import Policy
from .published import Room
from .record import base_of
from .ruling import Bench, Case
from .signatures import verified_lines
from .standing import ANY, Contest, Sampling, Standing, Statement
from .tree import Tree

LONGEST_MANIFEST = 64 << 20
MOST_LAWS = 8  # law files kept, besides those of the set
LONGEST_SAMPLE_SHOWN = 16_384
MOST_KNOWN = 5_000
MOST_KEPT = 400 << 20
MOST_MISSING = 11_200  # no 65,535 bytes hold so many different ids of [a-z0-9_] as strings of an array

Result = dict[str, Any] | None


@dataclass
class Desk:
    """What effects work on: the standing, the law in force, the package, and consequences still to follow."""

    standing: Standing
    bench: Bench
    tree: Tree
    policy: Policy
    lengths: dict[str, int]
    pending: list[dict[str, Any]] = field(default_factory=list)
    named: Set[str] = frozenset()  # the public exhibits of this entry and earlier ones
    leaf: bytes = b""  # the leaf hash of this entry
    plan: Plan | Failed | None = None  # the audit plan that this act names
    laws: dict[str, LawFile] = field(default_factory=dict)  # law files read of late, by their hash
    contests: dict[str, Any] = field(default_factory=dict)  # what an audit's result says, also in an exhibit
    once: dict[tuple[str, ...], Any] = field(
        default_factory=dict
    )  # what exhibits of plans say, by their sums
    room: Room = field(default_factory=lambda: Room(MOST_KEPT))  # for rows that are looked up again
    compared: dict[tuple[str, ...], Any] = field(default_factory=dict)  # recounts by batch, by their files

    def exhibit(self, name: str, most: int, number: int, seq: int) -> bytes:
        """The bytes of a public exhibit, which still has its hash."""
        raw = b"" if self.lengths[name] > most else self.tree.source.read(f"exhibits/{name}", most)
        if hashlib.sha256(raw).hexdigest() != name:
            words = f"the exhibit {name} is larger than {most} bytes, or changed while it was checked"
            raise Failed(number, words, entry=seq)
        return raw

    def known(self, key: tuple[str, ...], make: Callable[[], Any]) -> Any:
        """What was made before under that key, which names every exhibit that it follows from."""
        if key not in self.once:
            if len(self.once) >= MOST_KNOWN:
                self.once.clear()
            self.once[key] = make()
        return self.once[key]


def contest_of(act: Act) -> Contest:
    """The act's contest, which an act of this effect cannot do without."""
    if act.contest is None:
        raise Failed(4, f"the act {act.spec.id} names no contest", entry=act.seq)
    return act.contest


# Law ------------------------------------------------------------


def read_law(desk: Desk, name: str, seq: int) -> LawFile:
    """The law file that a public exhibit holds; fails check 5. One adopted again and again is read once."""
    if name not in desk.laws:
        raw = desk.exhibit(name, LONGEST, 5, seq)
        try:
            desk.laws[name] = parse_law(raw)
        except BadLaw as problem:
            raise Failed(5, f"the law file {name[:16]}…: {problem}", entry=seq) from None
        if len(desk.laws) > MOST_LAWS:
            del desk.laws[next(iter(desk.laws))]
    return desk.laws[name]


def adopt(act: Act, desk: Desk) -> Result:
    """A law file takes the place of the one with the same id."""
    file = read_law(desk, act.detail["law_file"], act.seq)
    files = list(desk.bench.law.files)
    places = [i for i, old in enumerate(files) if old.id == file.id]
    if not places:
        raise Failed(5, f"no file of the law set has the id {file.id}", entry=act.seq)
    if files[places[0]] is not file:
        files[places[0]] = file
        try:
            desk.bench = Bench(join(files), desk.standing.election_day)
        except BadLaw as problem:
            raise Failed(5, str(problem), entry=act.seq) from None
    require_winners(desk.bench, desk.standing, act.case.day, act.seq)
    return None


def require_winners(bench: Bench, standing: Standing, day: str, seq: int) -> None:
    """Every contest, runoffs aside, has a winner rule on that day, and one seat where a majority is asked."""
    for contest in standing.contests.values():
        if contest.runoff_of:
            continue
        rule = bench.find_rule("winner", contest.office_class, day)
        if rule is None:
            raise Failed(5, f"no winner rule applies to the contest {contest.id} on {day}", entry=seq)
        if rule.keys["method"] != "plurality" and contest.seats != 1:
            words = f"the contest {contest.id} has {contest.seats} seats; its rule {rule.id} asks for one"
            raise Failed(5, words, entry=seq)


# Statements ------------------------------------------------------------


def returns(act: Act, desk: Desk) -> Result:
    """A statement of a contest by one count for one place; a certified one carries its open findings."""
    contest, given = contest_of(act), act.detail["returns"]
    before = contest.statement(act.spec.count, act.case.place)
    votes = {choice: given["votes"][choice] for choice in contest.choices}
    state(contest, act.spec.count, act.case.place, Statement(act.seq, votes))
    require_accounts(act)
    result = {"count": act.spec.count, "total": sum(votes.values())}
    if before is not None:
        result["replaces"] = before.seq
    if act.spec.count == "county_certified":
        result |= carried(desk.standing.open_findings(contest.id, act.case.place, None))
    return result


def carried(findings: list[int]) -> dict[str, list[int]]:
    """The open findings as a field of a result, absent if there are none."""
    return {"findings": findings} if findings else {}


def require_accounts(act: Act) -> None:
    """Returns add up, whatever became of the act that brought them."""
    if act.contest is not None and "returns" in act.detail:
        trouble = accounts_trouble(act.detail["returns"], act.contest.votes_allowed)
        if trouble:
            raise Failed(6, trouble, entry=act.seq)


def state(contest: Contest, count: str, place: str | None, statement: Statement) -> None:
    """The statement is the current one from now on."""
    contest.statements.setdefault(count, {})[place] = statement
    if count in ("state_certified", "recertified") and place is None:
        contest.latest_certified = (count, statement.seq)


def restate(act: Act, desk: Desk) -> Result:
    """A corrected statement; the record has seen that it replaces the current one."""
    result = returns(act, desk)
    return None if result is None else result | {"replaces": act.detail["corrects"]}


def correct(act: Act, _: Desk) -> Result:
    """A correction of words."""
    return {"corrects": act.detail["corrects"]}


@dataclass(frozen=True)
class Sum:
    """Votes summed over places, how many those are, and the places without a statement."""

    votes: Votes
    places: list[str]
    missing: list[str]

    def fields(self) -> dict[str, Any]:
        """Their fields in a result."""
        missing = {"missing": self.missing} if self.missing else {}
        total = sum(self.votes.values())
        return {"places": len(self.places), "total": total, "votes": self.votes} | missing


def summed(contest: Contest, count: str, seq: int) -> Sum:
    """The sum of the current statements of a count over the contest's places, in the order they were made."""
    found = contest.statements.get(count, {})
    places = [place for place in found if place is not None]
    lacking = len(contest.places) - len(places)
    if lacking > MOST_MISSING:
        words = f"{lacking} places of {contest.id} have no statement, more than an entry can name"
        raise Failed(6, words, entry=seq)
    votes = {choice: sum(found[place].votes[choice] for place in places) for choice in contest.choices}
    return Sum(votes, places, [place for place in contest.places if place not in found] if lacking else [])


def state_total(act: Act, desk: Desk) -> Result:
    """The contest's total, its outcome and margin, and the runoff that follows from it."""
    contest, standing = contest_of(act), desk.standing
    base = base_of(act, contest, desk.bench)
    total = summed(contest, base, act.seq)
    before, latest = contest.statement(act.spec.count), contest.latest_outcome()
    rule, winner_rule = winner_of(contest, act.case, desk, act.seq)
    found = outcome(total.votes, contest.seats, winner_rule)
    gap = margin(total.votes, contest.seats, found)
    state(contest, act.spec.count, None, Statement(act.seq, total.votes, found, gap))
    if act.spec.count == "recertified" and act.case.purpose == "recount":
        contest.recounting = False
    result = total.fields() | {"base": base, "count": act.spec.count, "margin": gap, "outcome": found}
    result |= carried(standing.open_findings(contest.id, ANY))
    if before is not None:
        result["replaces"] = before.seq
    if act.spec.count == "recertified":
        result["changed"] = latest is None or not same(found, latest)
    follow_runoff(act, desk, contest, found, rule)
    return result


def winner_of(contest: Contest, case: Case, desk: Desk, seq: int) -> tuple[Rule, WinnerRule]:
    """The winner rule of a contest on the act's day, with the day of a runoff."""
    rule = desk.bench.find_rule("winner", contest.office_class, case.day)
    if rule is None:
        raise Failed(13, f"no winner rule applies to {contest.id} on {case.day}", entry=seq)
    if contest.runoff_of:
        return rule, WinnerRule("plurality", "lot", None)
    if rule.keys["method"] == "ranked_choice":
        raise Failed(13, f"{contest.id} is counted in rounds, not from totals", entry=seq)
    steps = rule.keys.get("runoff_day")
    day = desk.bench.day_of(steps, case, desk.standing) if steps else None
    if steps and day is None:
        raise Failed(13, f"the runoff day of the rule {rule.id} has no value", entry=seq)
    return rule, WinnerRule(rule.keys["method"], rule.keys["tie"], day.isoformat() if day else None)


def follow_runoff(act: Act, desk: Desk, contest: Contest, found: Outcome, rule: Rule) -> None:
    """The consequences of an outcome: a runoff withdrawn, a runoff arisen."""
    contests, old = desk.standing.contests, contest.standing_runoff
    runs = found["kind"] == "runoff"
    if old and not (runs and set(contests[old].choices) == set(found["choices"])):
        entry = consequence(act, desk, "runoff_withdrawn", contest.id, {"runoff": old})
        contests[old].withdrawn, contest.standing_runoff = entry["seq"], ""
    if runs and not contest.standing_runoff:
        new, n = contest.id + "_runoff", 2
        while new in contests:
            new, n = f"{contest.id}_runoff_{n}", n + 1
        result = {
            "choices": found["choices"], "citation": rule.citation, "day": found["day"], "law": rule.law,
            "row": rule.id, "runoff": new,
        }  # fmt: skip
        consequence(act, desk, "runoff_arose", contest.id, result)
        contests[new] = Contest(
            new, contest.name + " (runoff)", contest.office_class,
            contest.seats - len(found.get("sure", ())), 1, list(found["choices"]),
            found["day"], contest.places, contest.place_ids, frozenset(found["choices"]),
            runoff_of=contest.id,
        )  # fmt: skip
        contest.standing_runoff = new


def consequence(act: Act, desk: Desk, kind: str, contest: str, result: dict[str, Any]) -> dict[str, Any]:
    """An entry that must follow the act's own."""
    entry = {
        "cause": act.seq, "contest": contest, "entry": kind, "received": act.entry["received"],
        "result": result, "seq": act.seq + 1 + len(desk.pending), "v": 1,
    }  # fmt: skip
    desk.pending.append(entry)
    return entry


def audit_result(act: Act, desk: Desk) -> Result:
    """A hand count as an audit, beside the returns it audits."""
    contest = contest_of(act)
    audited = summed(contest, "audit_tally", act.seq)
    beside = {place: beside_audit(contest, place) for place in audited.places}
    reported = {choice: sum(votes[choice] for votes in beside.values()) for choice in contest.choices}
    _, rule = winner_of(contest, act.case, desk, act.seq)
    one, other = (outcome(votes, contest.seats, rule) for votes in (audited.votes, reported))
    tallies = contest.statements["audit_tally"]
    difference = sum(
        abs(tallies[place].votes[choice] - votes[choice])
        for place, votes in beside.items()
        for choice in votes
    )
    hand_count = desk.bench.find_rule("hand_count", contest.office_class, act.case.day)
    return audited.fields() | {
        "difference": difference, "effect": hand_count.keys["effect"] if hand_count else "no_rule",
        "margin": margin(audited.votes, contest.seats, one), "returns": reported,
        "returns_margin": margin(reported, contest.seats, other), "same": same(one, other),
    }  # fmt: skip


def beside_audit(contest: Contest, place: str) -> Votes:
    """The certified returns of a place, or else its unofficial ones, or else nothing."""
    found = contest.statement("county_certified", place) or contest.statement("unofficial", place)
    return found.votes if found else dict.fromkeys(contest.choices, 0)


def recount_order(act: Act, _: Desk) -> Result:
    """The contest is being recounted."""
    contest_of(act).recounting = True
    return None


def lot(act: Act, desk: Desk) -> Result:
    """The lot moves a choice of the tie to the sure ones."""
    contest = contest_of(act)
    latest = contest.latest_statement()
    if latest is None or latest.outcome is None or contest.latest_certified is None:
        raise Failed(13, "there is no certified outcome", entry=act.seq)
    found = after_lot(latest.outcome, act.detail["choice"])
    count = contest.latest_certified[0]
    contest.statements[count][None] = Statement(latest.seq, latest.votes, found, latest.margin)
    if found["kind"] == "runoff":
        follow_runoff(act, desk, contest, found, winner_of(contest, act.case, desk, act.seq)[0])
    return {"outcome": found}


# Electors and chambers ------------------------------------------------------------


def electors(act: Act, desk: Desk) -> Result:
    """The slate of presidential electors appointed."""
    contest = contest_of(act)
    rule = desk.bench.find_rule("electors", contest.office_class, act.case.day)
    counted = desk.standing.certified(contest.id)
    if rule is None or counted is None:
        raise Failed(13, "no rule on electors, or no certified count, for this contest", entry=act.seq)
    slate, number = act.detail["choice"], rule.keys["number"]
    desk.standing.electors[contest.id] = (number, slate)
    return {
        "citation": rule.citation, "electors": number, "law": rule.law, "row": rule.id, "slate": slate,
        "votes": counted.votes,
    }  # fmt: skip


def electoral_votes(act: Act, desk: Desk) -> Result:
    """The votes that the electors cast."""
    appointed, slate = desk.standing.electors[contest_of(act).id]
    president, vice = act.detail["president"], act.detail["vice_president"]
    cast = sum(president.values())
    if cast > appointed or sum(vice.values()) > appointed:
        raise Failed(13, f"more electoral votes than the {appointed} electors appointed", entry=act.seq)
    faithless = cast - president.get(slate, 0)
    return {"appointed": appointed, "cast": cast, "faithless": faithless, "vacant": appointed - cast}


def joint_session(act: Act, desk: Desk) -> Result:
    """The count of the electoral votes of all states."""
    rule = desk.bench.find_rule("electors", "president", act.case.day)
    appointed = (rule.keys["whole"] if rule else -1) - act.detail.get("not_appointed", 0)
    if appointed < 1:
        raise Failed(13, "no rule on electors, or no elector appointed", entry=act.seq)
    result: dict[str, Any] = {"appointed": appointed, "majority": appointed // 2 + 1}
    for name, prefix, chamber, places in (
        ("table", "", "House of Representatives", 3),
        ("vice_table", "vice_", "Senate", 2),
    ):
        if name in act.detail:
            totals = totals_of(act.detail[name])
            if sum(totals.values()) > appointed:
                raise Failed(13, f"more electoral votes than the {appointed} appointed", entry=act.seq)
            result[prefix + "totals"] = totals
            result[prefix + "outcome"] = by_college(totals, appointed, chamber, places)
    return result


def totals_of(table: dict[str, Votes]) -> Votes:
    """The sums of a table, by name."""
    totals: Votes = {}
    for votes in table.values():
        for name, n in votes.items():
            totals[name] = totals.get(name, 0) + n
    return totals


def chamber(act: Act, _: Desk) -> Result:
    """Who controls a chamber."""
    members, seats, vacant = act.detail["members"], act.detail["seats"], act.detail.get("vacant", 0)
    if sum(members.values()) + vacant != seats:
        raise Failed(
            13,
            f"members and vacant seats make {sum(members.values()) + vacant}; seats {seats}",
            entry=act.seq,
        )
    return control(members, seats, vacant, act.detail.get("tie_breaker"))


# Findings and checkpoints ------------------------------------------------------------


def finding(act: Act, desk: Desk) -> Result:
    """A finding is open."""
    desk.standing.open_finding(act.seq, *act.where)
    return None


def close_finding(act: Act, desk: Desk) -> Result:
    """A finding is closed."""
    desk.standing.close_finding(act.detail["finding"])
    return None


def checkpoint(act: Act, desk: Desk) -> Result:
    """A witnessed checkpoint of this book, verified anew (check 4)."""
    head, rest = head_and_rest(act.detail["checkpoint"].encode())
    found = parse_head(head)
    if found.origin != desk.tree.checkpoint.origin or found.size > act.seq:
        words = f"the recorded checkpoint is of {shown(found.origin)} and size {found.size}"
        raise Failed(4, words, entry=act.seq)
    try:
        signers = {key for key, _ in verified_lines(desk.policy, found, rest)[1:]}
    except Failed as problem:
        raise Failed(4, f"the recorded checkpoint: {problem.words}", entry=act.seq) from None
    if not desk.policy.is_met(signers):
        raise Failed(4, "the recorded checkpoint's cosignatures do not satisfy the quorum", entry=act.seq)
    if desk.tree.root_at(found.size) != found.root:
        words = f"the recorded checkpoint's root is not that of the first {found.size} entries"
        raise Failed(4, words, entry=act.seq)
    desk.standing.checkpoints.append((act.seq, found.size))
    return {"root": act.detail["checkpoint"].split("\n")[2], "size": found.size}


# An audit by sample ------------------------------------------------------------


def commit(act: Act, desk: Desk) -> Result:
    """The inputs of a draw are fixed."""
    raw = desk.exhibit(act.detail["manifest"], LONGEST_MANIFEST, 7, act.seq)
    try:
        manifest = parse_manifest(raw)
    except BadManifest as problem:
        raise Failed(7, f"the manifest: {problem}", entry=act.seq) from None
    size = act.detail["sample"]
    if not 1 <= size <= manifest.cards:
        raise Failed(7, f"a sample of {size} from {manifest.cards} cards", entry=act.seq)
    desk.standing.samplings[act.where] = Sampling(act.seq, manifest, size)
    return {"cards": manifest.cards}


def seed(act: Act, desk: Desk) -> Result:
    """The seed is known."""
    found = desk.standing.samplings[act.where]
    found.seed, found.seed_seq = act.detail["seed"], act.seq
    desk.standing.seeds.setdefault(found.seed, act.seq)
    return {"checkpoint": desk.standing.covering(found.committed), "committed": found.committed}


def draw(act: Act, desk: Desk) -> Result:
    """The sample, drawn anew."""
    found = desk.standing.samplings[act.where]
    exhibits = act.entry.get("exhibits", [])
    last = exhibits[-1] if exhibits and exhibits[-1]["name"] == "sample.json" else {}
    if found.size > LONGEST_SAMPLE_SHOWN and last.get("bytes", 0) < found.size * 6:
        raise Failed(7, f"the sample of {found.size} is not in an exhibit sample.json", entry=act.seq)
    items = sample(found.seed, found.manifest.items(), found.size)
    found.drawn, found.readings, found.left = act.seq, dict.fromkeys(items, ""), len(items)
    array = write(items).encode()
    if len(array) <= LONGEST_SAMPLE_SHOWN:
        return {"count": len(items), "sample": items}
    digest = hashlib.sha256(array).hexdigest()
    if last.get("sha256") != digest:
        raise Failed(7, f"the entry's last exhibit is not the sample {digest}", entry=act.seq)
    return {"count": len(items), "sample_sha256": digest}


def readings(act: Act, desk: Desk) -> Result:
    """What people read on drawn cards."""
    found = desk.standing.samplings[act.where]
    for item, reading in act.detail["readings"]:
        found.left -= not found.readings[item]
        found.readings[item] = reading
    return {"left": found.left, "read": len(found.readings) - found.left}


def sign(act: Act, desk: Desk) -> Result:
    """The readings are complete and signed."""
    found = desk.standing.samplings[act.where]
    found.signed = act.seq
    counts = dict.fromkeys((*(act.contest.choices if act.contest else ()), *READINGS), 0)
    for reading in found.readings.values():
        counts[reading] += 1
    result: dict[str, Any] = {name: counts.pop(name) for name in READINGS}
    return result | {"count": len(found.readings), "votes": counts}


EFFECTS: dict[str, Callable[[Act, Desk], Result]] = {
    "adopt": adopt, "returns": returns, "restate": restate, "correct": correct, "state_total": state_total,
    "audit_result": audit_result, "recount_order": recount_order, "electors": electors,
    "electoral_votes": electoral_votes, "joint_session": joint_session, "chamber": chamber,
    "finding": finding, "close_finding": close_finding, "lot": lot, "checkpoint": checkpoint,
    "commit": commit, "seed": seed, "draw": draw, "readings": readings, "sign": sign,
}  # fmt: skip

# The check that finds each field of a result again (checks specification, section 3), by effect.
STATEMENT = dict.fromkeys(("count", "total", "replaces", "findings"), 6)
FIELDS: dict[str, dict[str, int]] = {
    "returns": STATEMENT,
    "restate": STATEMENT,
    "correct": {"corrects": 15},
    "state_total": {
        **dict.fromkeys(("base", *STATEMENT, "votes", "places", "missing"), 6),
        "outcome": 13, "changed": 13, "margin": 10,
    },
    "audit_result": {
        **dict.fromkeys(("votes", "total", "places", "missing", "returns", "difference"), 6),
        "margin": 10, "returns_margin": 10, "same": 13, "effect": 13,
    },
    "electors": dict.fromkeys(("citation", "electors", "law", "row", "slate", "votes"), 13),
    "electoral_votes": dict.fromkeys(("appointed", "cast", "faithless", "vacant"), 13),
    "joint_session": dict.fromkeys(
        ("totals", "appointed", "majority", "outcome", "vice_totals", "vice_outcome"), 13
    ),
    "chamber": dict.fromkeys(("control", "by"), 13),
    "lot": {"outcome": 13},
    "checkpoint": dict.fromkeys(("root", "size"), 4),
    "commit": {"cards": 6},
    "seed": dict.fromkeys(("committed", "checkpoint"), 7),
    "draw": dict.fromkeys(("count", "sample", "sample_sha256"), 7),
    "readings": dict.fromkeys(("read", "left"), 8),
    "sign": dict.fromkeys(("count", "votes", *READINGS), 8),
    "consequence": dict.fromkeys(("runoff", "choices", "day", "law", "row", "citation"), 13),
}  # fmt: skip
