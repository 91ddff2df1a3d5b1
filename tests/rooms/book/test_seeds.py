"""A seed is rolled after the inputs of its draw are witnessed: one that was known before is refused.

One roll in public may serve several counties, where the inputs of each were witnessed before it.
"""

from typing import Any

from tallybook.book import next_acts
from tests.rooms.book.audits import ASH_WINS, Desk, cards_of, encode, manifest_of, plan_of
from tests.rooms.book.books import COUNTY, KEEPER, MANIFEST, SEED, STATE, Book, contest, opened

COUNTIES = ("appling", "bacon", "cobb")
OTHER = "27182818284590452353"
BIRCH_BEHIND = {"kind": "ahead", "loser": "birch", "winner": "ash"}


def by_sample() -> Book:
    """A book in which an audit of the mayor's contest is ordered, and three counties have reported."""
    book = opened("model", contest("mayor", "ash", "birch"), places=COUNTIES)
    book.ask("order_risk_limiting_audit", STATE, contest="mayor", risk_limit="1/20")
    for place in COUNTIES:
        where = {"contest": "mayor", "place": place}
        book.ask("report_unofficial_returns", COUNTY, returns=book.votes("mayor", (3, 2)), **where)
    return book


def commit(book: Book, place: str) -> int:
    """A county's inputs; the number of the entry."""
    manifest = book.file("manifest.json", MANIFEST)
    said = {"manifest": manifest["sha256"], "sample": 2, "exhibits": (manifest,)}
    return book.ask("commit_audit_inputs", COUNTY, contest="mayor", place=place, **said).seq


def witness(book: Book) -> int:
    """A witnessed checkpoint over all that is in the book; the number of its entry."""
    book.witness()
    return book.ask("record_checkpoint", KEEPER, checkpoint="signed text").seq


def seed(place: str, digits: str = SEED) -> dict[str, Any]:
    """The act by which a county records its seed."""
    return {"act": "record_seed", "office": COUNTY, "contest": "mayor", "place": place, "seed": digits}


def test_one_seed_serves_all_counties_whose_inputs_were_witnessed_before_it():
    book = by_sample()
    for place in COUNTIES:
        commit(book, place)
    seen = witness(book)
    assert [book.ask(**seed(place)).result["checkpoint"] for place in COUNTIES] == [seen] * 3


def test_a_seed_that_was_known_before_the_inputs_were_witnessed_is_refused():
    book = by_sample()
    commit(book, "appling")
    witness(book)
    first = book.ask(**seed("appling")).seq
    commit(book, "bacon")
    witness(book)
    refusal = book.refused(**seed("bacon"))
    assert (refusal["code"], refusal["failed"]) == ("seed_known", "record")
    words = f"This seed was recorded in entry {first}, before the inputs of this draw were witnessed."
    assert refusal["words"] == words
    assert refusal["next"] == "Roll another seed."
    assert refusal["citation"] == "Tallybook book specification, section 6"
    book.ask(**seed("bacon", OTHER))


def test_inputs_committed_before_a_seed_and_witnessed_after_it_do_not_take_it():
    book = by_sample()
    commit(book, "appling")
    witness(book)
    late = commit(book, "bacon")  # before the seed is rolled, but nobody has seen it
    first = book.ask(**seed("appling")).seq
    assert late < first < witness(book)
    assert book.refused(**seed("bacon"))["code"] == "seed_known"


def test_a_later_checkpoint_does_not_make_an_early_witness_late():
    book = by_sample()
    commit(book, "appling")
    commit(book, "bacon")
    seen = witness(book)
    book.ask(**seed("appling"))
    witness(book)
    assert book.ask(**seed("bacon")).result["checkpoint"] == seen


def test_the_first_entry_with_the_seed_is_named():
    book = by_sample()
    commit(book, "appling")
    commit(book, "bacon")
    witness(book)
    first, second = (book.ask(**seed(place)).seq for place in ("appling", "bacon"))
    commit(book, "cobb")
    witness(book)
    assert first < second
    assert f"entry {first}," in book.refused(**seed("cobb"))["words"]


def test_a_seed_recorded_counts_before_one_that_is_known():
    book = by_sample()
    commit(book, "appling")
    witness(book)
    book.ask(**seed("appling"))
    assert book.refused(**seed("appling"))["code"] == "seed_exists"


def test_what_may_be_done_next_asks_for_a_seed_without_knowing_it():
    book = by_sample()
    commit(book, "appling")
    witness(book)
    book.ask(**seed("appling"))
    commit(book, "bacon")
    witness(book)
    asked = next(one for one in next_acts(book.standing, book.moment(book.now)) if one.act == "record_seed")
    assert asked.open


# Audits by plan -------------------------------------------------------------------------------------


def planned() -> Desk:
    """A book in which each county elects its own mayor, and an audit of each is ordered."""
    mayors = [contest(f"mayor_of_{one}", "ash", "birch", places=[one]) for one in COUNTIES]
    return Desk({}, *mayors, places=COUNTIES)


def commit_plan(at: Desk, place: str) -> None:
    """A county's plan, a poll of 60 cards; acts of the desk are then of this audit."""
    name = f"mayor_of_{place}"
    paper = {name: cards_of((70, ["ash"]), (10, ["birch"]))}
    reported = {"cards": 80, "votes": {"ash": 70, "birch": 10}, "write_ins": 0}
    row = {"evidence": "polling", "outcome": ASH_WINS, "reported": reported}
    plan = plan_of(paper, {name: row}, {name: [BIRCH_BEHIND]}, {name: 60})
    at.commit(plan, [at.file("manifest.json", encode(manifest_of(paper)))], place=place)


def roll(at: Desk, place: str, digits: str = SEED) -> dict[str, Any]:
    """The act by which a county records the seed of its plan."""
    run = next(run for run in at.book.standing.runs.values() if run.place == place)
    office = {"act": "record_audit_seed", "office": COUNTY}
    return {**office, "audit": run.seq, "place": place, "seed": digits}


def test_one_roll_seeds_the_plans_of_all_counties_that_were_witnessed_before_it():
    at = planned()
    for place in COUNTIES:
        commit_plan(at, place)
    at.witness()
    seen = at.book.entries[-1].seq
    for place in COUNTIES:
        assert at.book.ask(**roll(at, place)).result["checkpoint"] == seen
        draw = at.book.ask("draw_audit_round", COUNTY, audit=roll(at, place)["audit"], place=place)
        assert draw.result["count"] == 60


def test_a_plan_made_after_the_roll_takes_another_seed():
    at = planned()
    commit_plan(at, "appling")
    at.witness()
    first = at.book.ask(**roll(at, "appling")).seq
    commit_plan(at, "bacon")
    assert at.book.refused(**roll(at, "bacon"))["code"] == "not_witnessed"
    at.witness()
    refusal = at.book.refused(**roll(at, "bacon"))
    assert (refusal["code"], refusal["next"]) == ("seed_known", "Roll another seed.")
    assert f"entry {first}," in refusal["words"]
    at.book.ask(**roll(at, "bacon", OTHER))


def test_a_seed_of_a_plan_is_known_to_a_draw_without_a_plan_and_the_other_way_round():
    at = planned()
    commit_plan(at, "appling")
    at.witness()
    at.book.ask(**roll(at, "appling"))
    manifest = at.book.file("manifest.json", MANIFEST)
    said = {"manifest": manifest["sha256"], "sample": 2, "exhibits": (manifest,)}
    where = {"contest": "mayor_of_bacon", "place": "bacon"}
    votes = at.book.votes("mayor_of_bacon", (3, 2))
    at.book.ask("report_unofficial_returns", COUNTY, returns=votes, **where)
    at.book.ask("commit_audit_inputs", COUNTY, **where, **said)
    at.witness()
    assert at.book.refused("record_seed", COUNTY, seed=SEED, **where)["code"] == "seed_known"
    at.book.ask("record_seed", COUNTY, seed=OTHER, **where)
    commit_plan(at, "cobb")
    at.witness()
    assert at.book.refused(**roll(at, "cobb", OTHER))["code"] == "seed_known"
