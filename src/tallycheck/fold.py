"""Checks 4 to 8, 10 and 13 to 15 over the entries: each is built anew from its act and compared.

After a failure the reading goes on, because a later entry may break a check of a lower number. It then
follows what the entry says was decided (granted or not) and takes its own results.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from . import auditeffects, auditrecord, effects, officerseffects
from .auditstart import read_plan
from .boards import board_of
from .bookform import Exhibits, read_entry, require_spelling
from .canonical import write
from .differing import alike, inner_failures, unlike
from .effects import Desk, read_law, require_accounts, require_winners
from .failure import Failed, shown
from .form import OWN, Act, Entry, read_act, require
from .law import LawFile
from .lawfile import join
from .lawforms import BadLaw, fraction
from .merkle import leaf_hash
from .officersrecord import NamedTrouble
from .opening import Shelf, array_of, read_opening
from .people import note_people, require_named, require_people
from .plain import is_hash
from .policy import Policy
from .record import record_refusal, record_trouble
from .ruling import Bench
from .small import is_required, small_groups
from .standing import Standing
from .tree import Tree

REFUSED, NO_EFFECT = "act_refused", "act_without_legal_effect"
CONSEQUENCES = ("runoff_arose", "runoff_withdrawn", "audit_reopened")
EFFECTS = effects.EFFECTS | auditeffects.EFFECTS | officerseffects.EFFECTS
FIELDS: dict[str, dict[str, Any]] = {**effects.FIELDS, **auditeffects.FIELDS, **officerseffects.FIELDS}
LOSES_THE_THREAD = {  # no standing to go on from
    "adopt", "commit", "draw", "electors", "lot", "state_total", *auditeffects.LOSES_THE_THREAD,
}  # fmt: skip
DONE = {"refused": REFUSED, "no_legal_effect": NO_EFFECT}


@dataclass
class Fold:
    """The reading of a whole book: the failures found (at most one an entry) and what was counted."""

    tree: Tree
    policy: Policy
    exhibits: Exhibits
    failures: list[Failed] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    desk: Desk | None = None
    done: bool = False

    def step(self, raw: bytes, seq: int) -> None:
        """Read the next entry. Fails check 2 by an exception; other failures are put on the list."""
        entry, text = read_entry(raw, seq)
        self.exhibits.look(entry, seq)
        if self.done:
            require_spelling(entry, text, seq)
            return
        if self.desk is not None:
            self.desk.leaf = leaf_hash(raw)
        try:
            rebuilt, effect, beyond = self.rebuild(entry, seq)
            if beyond or write(rebuilt) != text:
                require_spelling(entry, text, seq)
                raise difference(entry, rebuilt, effect, beyond, seq)
            self.count_small(entry, effect)
        except Failed as failure:
            require_spelling(entry, text, seq)
            self.note(failure)
        except OverflowError:
            self.note(Failed(5, "a date is beyond the calendar", entry=seq))
        if self.desk is not None:
            self.desk.standing.fill_authors(seq)

    def note(self, failure: Failed) -> None:
        """Keep the lowest failure; nothing lower than check 4 can be found here, so that ends the reading."""
        if not self.failures or failure.number < self.failures[0].number:
            self.failures = [failure]
        if failure.number <= 4 or self.desk is None:
            self.done = True

    def count_small(self, entry: Entry, effect: str) -> None:
        """Count the small groups that an entry's returns tell of, and how many of them the law requires."""
        returns = entry.get("detail", {}).get("returns")
        if returns is None or self.desk is None:
            return
        found = small_groups(returns, self.desk.standing.contests[entry["contest"]].votes_allowed)
        self.count("small", found)
        if is_required(entry.get("ruling"), effect):
            self.count("small_required", found)

    def count(self, what: str, n: int = 1) -> None:
        """Count something for the report."""
        self.counts[what] = self.counts.get(what, 0) + n

    def rebuild(self, entry: Entry, seq: int) -> tuple[Entry, str, list[str]]:
        """The entry built anew, its effect, and the fields that are not permitted."""
        kind = entry.get("entry")
        require(
            type(entry.get("v")) is int and entry["v"] == 1, "found v {}; expected 1", seq, entry.get("v")
        )
        require(isinstance(kind, str), "the entry has no kind", seq)
        require((kind == "book_opened") == (seq == 0), "entry 0, and no other, is `book_opened`", seq)
        if seq == 0:
            return self.rebuild_first(entry)
        assert self.desk is not None
        if kind in CONSEQUENCES:
            return self.rebuild_consequence(entry, seq), "consequence", []
        if self.desk.pending:
            waiting = self.desk.pending[0]["entry"]
            words = f"found {shown(kind)}; {waiting} must follow here"
            self.note(Failed(13, words, entry=seq))
            self.desk.pending.clear()
        beyond: list[str] = []
        standing, bench = self.desk.standing, self.desk.bench
        act = read_act(entry, seq, bench.law, standing, self.exhibits.named, beyond)
        self.count("signatures", require_people(act, self.desk))
        standing.received = entry["received"]
        standing.keys.append(hash(entry["key"]))
        try:
            rebuilt = self.rebuild_act(act, self.desk)
        finally:
            standing.note_author(act.case.office, *act.where, seq)
        return rebuilt, act.spec.effect, beyond

    def rebuild_first(self, entry: Entry) -> tuple[Entry, str, list[str]]:
        """Entry 0: the law set it names, the standing it makes, its own ruling."""
        detail = entry.get("detail")
        if not isinstance(detail, dict):
            raise Failed(4, "entry 0 has no detail", entry=0)
        law = array_of(detail.get("law"), "law")
        require(all(is_hash(name) for name in law), "`law` is not an array of SHA-256", 0)
        require(set(law) <= self.exhibits.named, "`law` names what is no public exhibit of entry 0", 0)
        beyond: list[str] = []
        desk = Desk(Standing(), Bench.__new__(Bench), self.tree, self.policy, self.exhibits.lengths)
        desk.named = self.exhibits.named
        own = {name: desk.lengths[name] for name in desk.named}
        standing = read_opening(detail, Shelf(own, lambda name, most: desk.exhibit(name, most, 4, 0)), beyond)
        desk.standing = standing
        desk.bench = opened(standing, [read_law(desk, name, 0) for name in law])
        act = read_act(entry, 0, desk.bench.law, standing, self.exhibits.named, beyond)
        require(act.spec.effect == "open", "entry 0 is not the act that opens the book", 0)
        require_named(entry)
        self.desk = desk
        standing.received = entry["received"]
        standing.keys.append(hash(entry["key"]))
        rebuilt = self.rebuild_act(act, desk)
        standing.note_author(act.case.office, *act.where, 0)
        return rebuilt | {name: entry[name] for name in ("origin", "policy") if name in entry}, "open", beyond

    def rebuild_consequence(self, entry: Entry, seq: int) -> Entry:
        """An entry that must follow an act's own."""
        assert self.desk is not None
        kind, standing = entry["entry"], self.desk.standing
        if not self.desk.pending:
            raise Failed(13, f"{kind} does not follow from an act", entry=seq)
        expected = self.desk.pending.pop(0)
        if kind != expected["entry"]:
            self.desk.pending.clear()
            raise Failed(13, f"found {shown(kind)}; {expected['entry']} must follow here", entry=seq)
        standing.note_entry(kind, expected["contest"], None, seq, expected["received"])
        standing.note_author(None, expected["contest"], None, seq)
        self.count("consequences")
        return expected

    def rebuild_act(self, act: Act, desk: Desk) -> Entry:
        """The act's own entry as the law and the record make it."""
        entry, kind = act.entry, act.entry["entry"]
        rebuilt = {name: entry[name] for name in OWN if name in entry} | {"v": 1, "seq": act.seq}
        if act.spec.effect == "plan":
            desk.plan = read_plan(act, desk)
            desk.standing.planned = [] if isinstance(desk.plan, Failed) else list(desk.plan.contests)
        decided, fields = desk.bench.rule(act.case, desk.standing)
        trouble = record_trouble(act, desk.standing, desk.bench)
        if kind in (REFUSED, NO_EFFECT):
            require_accounts(act)
            self.count(kind)
            rebuilt["entry"], rebuilt["refusal"] = refusal_of(act, desk, decided, fields, trouble)
            return rebuilt
        require(kind == act.spec.entry, "found the kind {}; the act makes {}", act.seq, kind, act.spec.entry)
        failure = None
        if trouble is not None:
            words = f"granted, but the record refuses it: {trouble[0]}: {trouble[1]}"
            failure = Failed(auditrecord.number_of("", trouble[0]), words, entry=act.seq)
            if failure.number <= 4:
                raise failure
        self.count("granted")
        result, board = None, {} if act.spec.effect == "open" else board_of(act, desk.bench)
        try:
            if act.spec.effect in EFFECTS:
                result = EFFECTS[act.spec.effect](act, desk)
        except Failed as found:
            failure = failure or found
            self.done = act.spec.effect in LOSES_THE_THREAD or desk.standing.work.is_over
        if act.spec.effect == "record" and act.spec.entry == "book_closed":
            desk.standing.closed = True
        note_people(act, desk)
        desk.standing.note_entry(kind, *act.where, act.seq, entry["received"])
        note_for_audits(act, desk.standing)
        if decided != "granted":
            words = f"granted, but the law refuses it: row {fields['row'] or 'none'}, code {fields['code']}"
            raise Failed(5, words, entry=act.seq)
        if failure is not None:
            raise failure
        result = (result or {}) | board if board else result
        self.count_result(result, act.spec.effect)
        return rebuilt | {"entry": kind, "ruling": fields} | ({} if result is None else {"result": result})

    def count_result(self, result: dict[str, Any] | None, effect: str) -> None:
        """Count what the report tells of."""
        self.count(effect)
        for name in ("outcome", "margin", "total", "board"):
            if result and name in result:
                self.count(name)
        for name, n in auditeffects.told(effect, self.desk).items():
            self.count(name, n)

    def finish(self) -> None:
        """After the last entry: every exhibit was named, nothing is pending, no key stands twice."""
        self.exhibits.finish()
        if self.done or self.desk is None:
            return
        if self.desk.pending:
            waiting = self.desk.pending[0]["entry"]
            words = f"the book ends where {waiting} must follow"
            self.note(Failed(13, words, entry=self.tree.size - 1))
        twice = repeated_key(self.desk.standing, self.tree)
        if twice is not None:
            self.note(Failed(4, "its key stands in an earlier entry", entry=twice))


def opened(standing: Standing, files: list[LawFile]) -> Bench:
    """The law set of entry 0; every contest has a winner rule on the election's day."""
    try:
        bench = Bench(join(files), standing.election_day)
    except BadLaw as problem:
        raise Failed(5, f"the law set: {problem}", entry=0) from None
    require_winners(bench, standing, standing.election_day, 0)
    return bench


def note_for_audits(act: Act, standing: Standing) -> None:
    """What guards and plans ask later: a stop, which may be taken back; a risk limit that was ordered."""
    if act.spec.effect == "stop":
        standing.note_stop(act.spec.entry, *act.where, act.seq, act.entry["received"])
    ordered = fraction(act.detail.get("risk_limit")) if act.spec.effect == "record" else None
    if ordered is not None and act.case.contest is not None:
        standing.limits[act.case.contest] = ordered


def refusal_of(
    act: Act, desk: Desk, decided: str, fields: dict[str, Any], trouble: NamedTrouble | None
) -> tuple[str, dict[str, Any]]:
    """Kind and refusal of an entry that says it was not granted."""
    stored = act.entry.get("refusal")
    kind = act.entry["entry"]
    if kind == REFUSED and isinstance(stored, dict) and stored.get("failed") == "record":
        code = stored.get("code")
        if trouble is None:
            number = auditrecord.number_of(str(code), "")
            raise Failed(number, "the record had no reason to refuse this act", entry=act.seq)
        refusal = record_refusal(trouble, act, desk.bench)
        if decided != "granted" and stored == refusal:
            raise Failed(
                5, f"refused by the record, but the law refuses it: row {fields['row']}", entry=act.seq
            )
        return REFUSED, refusal
    if decided == "granted":
        words = f"refused, but the law grants it by row {fields['row']}"
        if trouble is not None:
            words += f" and the record refuses it: {trouble[0]}"
        raise Failed(5, words, entry=act.seq)
    if kind != DONE[decided]:
        raise Failed(5, f"found {kind}; the law makes it {DONE[decided]}", entry=act.seq)
    return kind, fields


def repeated_key(standing: Standing, tree: Tree) -> int | None:
    """The first entry whose key an earlier one has. Only hashes are kept: a match is looked up."""
    hashes = sorted(standing.keys)
    twice = {a for a, b in pairwise(hashes) if a == b}
    if not twice:
        return None
    seen: set[str] = set()
    for seq, raw in enumerate(tree.entries()):
        key = read_entry(raw, seq)[0].get("key")
        if hash(key) in twice and isinstance(key, str):
            if key in seen:
                return seq
            seen.add(key)
    return None


# Differences ------------------------------------------------------------


def difference(entry: Entry, rebuilt: Entry, effect: str, beyond: list[str], seq: int) -> Failed:
    """The failure of the lowest number among the fields that differ; check 15 if no field tells."""
    found = [Failed(14, f"the field `{shown(name)}` is not permitted there", entry=seq) for name in beyond]
    for name in entry.keys() | rebuilt.keys():
        if name in entry and name in rebuilt and alike(entry[name], rebuilt[name]):
            continue
        found.extend(field_failures(name, entry, rebuilt, effect, seq))
    found.append(Failed(15, "the entry, built anew, has other bytes", entry=seq))
    return min(found, key=lambda failure: (failure.number, failure.words))


def field_failures(name: str, entry: Entry, rebuilt: Entry, effect: str, seq: int) -> list[Failed]:
    """The failures that one field of the entry makes."""
    if name == "result" and name not in rebuilt and "ruling" in rebuilt and entry[name]:
        return inner_failures(entry[name], {}, numbers_of(effect), name, seq)
    if name not in rebuilt:
        return [Failed(14, f"the field `{shown(name)}` is not permitted there", entry=seq)]
    if name == "result":
        numbers = numbers_of(effect)
        if rebuilt["entry"] == "audit_reopened":
            numbers = dict.fromkeys(("audit", "risk"), 13)
        return inner_failures(entry.get(name, {}), rebuilt[name], numbers, name, seq)
    if name == "ruling":
        numbers = dict.fromkeys(("row", "law", "citation", "status", "due", "late", "moved"), 5)
        return inner_failures(entry.get(name, {}), rebuilt[name], numbers, name, seq)
    if name == "refusal":
        number = number_of_refusal(entry.get(name), rebuilt[name])
        return inner_failures(
            entry.get(name, {}), rebuilt[name], dict.fromkeys(rebuilt[name], number), name, seq
        )
    number = 4
    if effect == "consequence" and name not in ("v", "seq", "entry", "cause", "received"):
        number = 13
    return [Failed(number, unlike(name, entry.get(name), rebuilt[name]), entry=seq)]


def numbers_of(effect: str) -> dict[str, Any]:
    """The checks that find the fields of a result again."""
    return FIELDS.get(effect, {}) | ({} if effect == "consequence" else officerseffects.BOARD)


def number_of_refusal(stored: Any, expected: dict[str, Any]) -> int:
    """The check that finds a refusal again."""
    if expected["failed"] != "record":
        return 5
    code = stored.get("code") if isinstance(stored, dict) else ""
    return auditrecord.number_of(code if isinstance(code, str) else "", expected["code"])
