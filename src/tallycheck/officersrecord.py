"""What the record refuses of boards, kept-apart duties, keys, recounts and claims: officers specification.

Each function gives code and words of the first condition that fails, and the rule that says so if one does.
"""

from . import boards
from .form import Act
from .keys import new_keys, post_of
from .law import Rule
from .ruling import Bench
from .standing import Standing

NEXT = {
    "key_taken": "Make a new key.",
    "key_retired": "Make a new key.",
    "no_quorum": "Meet again with a quorum.",
    "too_few_groups": "Meet again with all groups.",
    "not_carried": "Put it to the vote again; a duty stays a duty.",
    "separation": "Let another person do it.",
    "too_many_seats": "Leave the others out.",
    "unbalanced": "Balance the roster.",
    "nothing_to_compare": "Report the recount first.",
    "no_claim": "Name a claim.",
    "nothing_bears": "Name an entry or an exhibit, or answer that the record cannot tell.",
    "no_evidence": "Name what the claim is about.",
}
"""What to do next, by the codes of that page."""

NamedTrouble = tuple[str, str] | tuple[str, str, Rule]
Trouble = NamedTrouble | None

FROM_THE_RECORD = ("record_shows", "record_contradicts")


def people_trouble(act: Act, standing: Standing, bench: Bench) -> Trouble:
    """Sections 4 and 5, tested for every act but the opening."""
    if act.spec.effect == "open":
        return None
    rule = boards.rule_of(act, bench)
    trouble = board_trouble(act, standing, rule) if rule is not None else None
    return trouble or separation_trouble(act, standing, bench)


def board_trouble(act: Act, standing: Standing, rule: Rule) -> Trouble:
    """The board has a quorum, of enough groups, and carries the act."""
    found, quorum, groups = boards.tally(act, rule), rule.keys["quorum"], rule.keys.get("groups_present", 0)
    if found.present < quorum:
        words = f"{found.present} of {found.seats} seats are present; the quorum is {quorum}."
        return "no_quorum", words, rule
    there = boards.groups_present(act, standing)
    if there < groups:
        return "too_few_groups", f"Those present are of {there} groups; {groups} are needed.", rule
    if found.ayes < found.needed:
        return "not_carried", f"{found.ayes} of {found.basis} voted aye; {found.needed} are needed.", rule
    return None


def separation_trouble(act: Act, standing: Standing, bench: Bench) -> Trouble:
    """No person of the act did what the law keeps apart from it."""
    for rule in bench.rules_for("separation", act.office_class, act.case.day):
        acts, same = rule.keys["acts"], rule.keys["same"]
        if act.spec.id not in acts:
            continue
        done = [other for other in acts if other in standing.officers.first_named]
        others = [other for other in done if rule.keys["between"] == "entries" or other != act.spec.id]
        for person in act.by:
            if person.get("vote") == "recused":
                continue
            name = person["person"]
            named = [(standing.officers.first_entry(name, other, act.where, same), other) for other in others]
            earlier = [(seq, other) for seq, other in named if seq is not None]
            if earlier:
                seq, other = min(earlier)
                words = f"Person {name} is named in entry {seq} ({other}), and the law keeps the two apart."
                return "separation", words, rule
    return None


def keys_trouble(act: Act, standing: Standing, _: Bench) -> Trouble:
    officers = standing.officers
    new = [(item["person"], item["public_key"]) for item in new_keys(act, standing)]
    for person, key in new:
        owner, since = officers.owners.get(key, (person, 0))
        if owner != person:
            return "key_taken", f"Key {key} belongs to another person since entry {since}."
    for _person, key in new:
        if key in officers.dropped:
            return "key_retired", f"Key {key} was taken out of use in entry {officers.dropped[key]}."
    return None


def roster_trouble(act: Act, _: Standing, bench: Bench) -> Trouble:
    rules = bench.rules_for("board", act.office_class, act.case.day)
    rule = next((rule for rule in rules if rule.keys["office"] == post_of(act)[0]), None)
    if rule is None:
        return None
    members = boards.members_of(act).values()
    seats, most = len({member.seat for member in members}), rule.keys.get("most_of_a_group")
    if seats > rule.keys["seats"]:
        return "too_many_seats", f"The roster has {seats} seats; the law has {rule.keys['seats']}.", rule
    held = [member.group for member in members if member.group and not member.alternate]
    for group in sorted(set(held)):
        if most is not None and held.count(group) > most:
            words = f"The group {group} holds {held.count(group)} seats; the law allows {most}."
            return "unbalanced", words, rule
    return None


def batches_trouble(act: Act, _: Standing, __: Bench) -> Trouble:
    contest, place = act.contest, act.case.place
    if contest and contest.statement("recount", place) and contest.statement("county_certified", place):
        return None
    return "nothing_to_compare", "This place has no recount, or no certified returns, to compare with."


def result_trouble(act: Act, _: Standing, __: Bench) -> Trouble:
    there = act.contest is not None and act.contest.has_any("recount")
    return None if there else ("no_tally", "There is no tally to sum.")


def answer_trouble(act: Act, standing: Standing, _: Bench) -> Trouble:
    officers, named = standing.officers, act.detail["claim"]
    if officers.claims.get(named) != act.where:
        return "no_claim", f"Entry {named} is not a claim about this contest and place."
    entries = act.detail.get("entries", [])
    if act.detail["answer"] not in FROM_THE_RECORD:
        return None
    if not entries and "named" not in act.detail:
        return "nothing_bears", "This answer must name what in the record bears on the claim."
    words = next((seq for seq in entries if seq in officers.claims or seq in officers.answering), None)
    return None if words is None else ("no_evidence", f"Entry {words} is a claim or an answer, not evidence.")


CONDITIONS = {
    "keys": keys_trouble, "roster": roster_trouble, "recount_batches": batches_trouble,
    "recount_result": result_trouble, "answer": answer_trouble,
}  # fmt: skip
