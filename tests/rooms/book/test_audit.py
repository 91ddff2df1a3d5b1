"""An audit by sample: commit, witness, seed, draw, read, sign. The order is kept by the record."""

from hashlib import sha256
from itertools import permutations

import pytest

from tallybook.book import Repeated
from tests.rooms.book.books import BOARD, COUNTY, KEEPER, MANIFEST, SEED, STATE, Book, contest, opened, rules

WHERE = {"contest": "mayor", "place": "appling"}
ITEMS = ["Early 1/1", "Early 1/2", "Early 1/3", "Precinct 2/1", "Precinct 2/2"]


def ordered(*places: str) -> Book:
    """A book under the model law in which an audit is ordered and the county has reported."""
    book = opened("model", contest("mayor", "ash", "birch"), places=places or ("appling",))
    book.ask("order_risk_limiting_audit", STATE, contest="mayor", risk_limit="1/20")
    book.ask("report_unofficial_returns", COUNTY, returns=book.votes("mayor", (3, 2)), **WHERE)
    return book


def commit(book: Book, sample: int = 2, **more: object) -> dict:
    manifest = book.file("manifest.json", MANIFEST)
    return {"manifest": manifest["sha256"], "sample": sample, "exhibits": (manifest,), **more}


def drawn(book: Book, sample: int = 2) -> list[str]:
    """The sample, after every step before it."""
    book.ask("commit_audit_inputs", COUNTY, **WHERE, **commit(book, sample))
    book.witness()
    book.ask("record_checkpoint", KEEPER, checkpoint="signed text")
    book.ask("record_seed", COUNTY, seed=SEED, **WHERE)
    return book.ask("draw_sample", COUNTY, **WHERE).result["sample"]


def test_an_audit_by_sample_runs_from_the_commitment_to_the_signature():
    book = ordered()
    committed = book.ask("commit_audit_inputs", COUNTY, **WHERE, **commit(book, 5))
    assert committed.result == {"cards": 5}
    book.witness()
    witnessed = book.ask("record_checkpoint", KEEPER, checkpoint="signed text")
    assert witnessed.result == {"size": 4, "root": "root"}
    seed = book.ask("record_seed", COUNTY, seed=SEED, **WHERE)
    assert seed.result == {"committed": committed.seq, "checkpoint": witnessed.seq}
    draw = book.ask("draw_sample", COUNTY, **WHERE)
    assert draw.result["count"] == 5
    assert sorted(draw.result["sample"]) == ITEMS, "a sample of all five cards holds each once"
    first = [[ITEMS[0], "ash"], [ITEMS[1], "ash"], [ITEMS[2], "overvote"]]
    assert book.ask("enter_readings", BOARD, readings=first, **WHERE).result == {"read": 3, "left": 2}
    rest = [[ITEMS[3], "birch"], [ITEMS[4], "not_found"]]
    assert book.ask("enter_readings", BOARD, readings=rest, **WHERE).result == {"read": 5, "left": 0}
    signed = book.ask("sign_readings", BOARD, **WHERE)
    assert signed.result == {
        "count": 5,
        "votes": {"ash": 2, "birch": 1},
        "blank": 0,
        "overvote": 1,
        "write_in": 0,
        "not_found": 1,
    }


def ticket(item: str) -> str:
    """The ticket of an item, as the draw specification computes it in a shell."""
    return sha256(f"tallybook/draw/v1\nticket\n{SEED}\n{item}".encode()).hexdigest()


def test_the_sample_is_the_one_that_the_tickets_of_the_draw_specification_give():
    assert drawn(ordered(), 2) == sorted(ITEMS, key=ticket)[:2]


def test_a_later_commitment_replaces_the_earlier_one_until_the_seed():
    book = ordered()
    book.ask("commit_audit_inputs", COUNTY, **WHERE, **commit(book, 2))
    book.witness()
    book.ask("record_checkpoint", KEEPER, checkpoint="signed text")
    second = book.ask("commit_audit_inputs", COUNTY, **WHERE, **commit(book, 3))
    refusal = book.refused("record_seed", COUNTY, seed=SEED, **WHERE)
    assert refusal["code"] == "not_witnessed"
    assert refusal["words"] == (f"No witnessed checkpoint covers entry {second.seq}, the inputs of the draw.")
    book.witness()
    book.ask("record_checkpoint", KEEPER, checkpoint="signed text")
    assert book.ask("record_seed", COUNTY, seed=SEED, **WHERE).result["committed"] == second.seq
    assert book.refused("commit_audit_inputs", COUNTY, **WHERE, **commit(book))["code"] == "seed_exists"
    assert book.ask("draw_sample", COUNTY, **WHERE).result["count"] == 3


def test_a_checkpoint_of_the_book_before_the_commitment_does_not_cover_it():
    book = ordered()
    committed = book.ask("commit_audit_inputs", COUNTY, **WHERE, **commit(book))
    book.witness(size=committed.seq)
    book.ask("record_checkpoint", KEEPER, checkpoint="signed text")
    assert book.refused("record_seed", COUNTY, seed=SEED, **WHERE)["code"] == "not_witnessed"
    book.witness(size=committed.seq + 1)
    book.ask("record_checkpoint", KEEPER, checkpoint="signed text")
    book.ask("record_seed", COUNTY, seed=SEED, **WHERE)


def test_each_step_is_refused_before_the_one_it_follows():
    book = ordered()
    refusal = book.refused("record_seed", COUNTY, seed=SEED, **WHERE)
    assert refusal["code"] == "not_committed"
    assert refusal["words"] == "The inputs of the draw are not committed."
    assert book.refused("draw_sample", COUNTY, **WHERE)["words"] == "No seed is recorded."
    assert book.refused("enter_readings", BOARD, readings=[["x/1", "ash"]], **WHERE)["code"] == "no_sample"
    assert book.refused("sign_readings", BOARD, **WHERE)["code"] == "no_sample"


def test_the_record_of_one_place_opens_nothing_in_another():
    """The law sees that a sample is drawn for the whole contest; the record that it is not this place's."""
    book = ordered("appling", "bacon")
    book.ask("commit_audit_inputs", COUNTY, contest="mayor", **commit(book))
    book.witness()
    book.ask("record_checkpoint", KEEPER, checkpoint="signed text")
    book.ask("record_seed", COUNTY, seed=SEED, contest="mayor")
    book.ask("draw_sample", COUNTY, contest="mayor")
    assert book.refused("enter_readings", BOARD, readings=[["x/1", "ash"]], **WHERE)["words"] == (
        "No sample is drawn."
    )
    assert book.refused("sign_readings", BOARD, **WHERE)["code"] == "not_drawn"
    assert book.refused("draw_sample", COUNTY, **WHERE)["code"] == "no_seed"


def test_a_seed_and_a_draw_are_made_once():
    book = ordered()
    drawn(book)
    assert (
        book.refused("record_seed", COUNTY, seed=SEED, **WHERE)["words"] == "The seed is recorded in entry 5."
    )
    refusal = book.refused("draw_sample", COUNTY, **WHERE)
    assert (refusal["code"], refusal["words"]) == ("already_drawn", "The sample is drawn in entry 6.")


def test_only_drawn_cards_are_read_and_each_once():
    book = ordered()
    one, two = drawn(book)
    others = sorted({*ITEMS} - {one, two})
    refusal = book.refused(
        "enter_readings", BOARD, readings=[[item, "ash"] for item in others[::-1]], **WHERE
    )
    assert refusal["code"] == "not_in_sample"
    assert refusal["words"] == f"These items are not in the sample: {', '.join(others)}."
    book.ask("enter_readings", BOARD, readings=[[one, "ash"]], **WHERE)
    refusal = book.refused("enter_readings", BOARD, readings=[[two, "ash"], [one, "birch"]], **WHERE)
    assert (refusal["code"], refusal["words"]) == ("already_read", f"These items are read already: {one}.")
    refusal = book.refused("sign_readings", BOARD, **WHERE)
    assert (refusal["code"], refusal["words"]) == ("not_all_read", "1 items of the sample are not read.")
    book.ask("enter_readings", BOARD, readings=[[two, "blank"]], **WHERE)
    signed = book.ask("sign_readings", BOARD, **WHERE)
    for act, said in (("sign_readings", {}), ("enter_readings", {"readings": [[one, "ash"]]})):
        refusal = book.refused(act, BOARD, **WHERE, **said)
        assert (refusal["code"], refusal["words"]) == (
            "signed",
            f"The readings are signed in entry {signed.seq}.",
        )


def test_at_most_ten_items_are_named_in_a_refusal():
    book = ordered()
    drawn(book)
    foreign = [f"x/{n:02}" for n in range(12)]
    words = book.refused("enter_readings", BOARD, readings=[[one, "ash"] for one in foreign], **WHERE)[
        "words"
    ]
    assert words == f"These items are not in the sample: {', '.join(foreign[:10])}."


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": "tallybook/manifest/v2", "batches": [{"id": "b", "cards": 1}]},
        {"format": "tallybook/manifest/v1", "batches": []},
        {"format": "tallybook/manifest/v1", "batches": [{"id": "b", "cards": 0}]},
        {"format": "tallybook/manifest/v1", "batches": [{"id": "a/b", "cards": 1}]},
        {"format": "tallybook/manifest/v1", "batches": [{"id": "b", "cards": 1}, {"id": "b", "cards": 2}]},
        {"format": "tallybook/manifest/v1", "batches": [{"id": "", "cards": 1}]},
        {"format": "tallybook/manifest/v1", "batches": [{"id": "b", "cards": 10**7 + 1}]},
        {"format": "tallybook/manifest/v1", "batches": [{"id": f"b{n}", "cards": 10**7} for n in range(6)]},
        {"format": "tallybook/manifest/v1", "batches": [{"id": "b", "cards": 1, "color": "red"}]},
        {"format": "tallybook/manifest/v1", "batches": [{"id": "b", "cards": 1, "place": ""}]},
        {"format": "tallybook/manifest/v1", "batches": [{"id": "b", "cards": 1, "place": "p" * 201}]},
        {"format": "tallybook/manifest/v1", "batches": [{"id": "b", "cards": 1, "container": "a/b"}]},
        {"format": "tallybook/manifest/v1", "batches": [{"id": "b", "cards": 1, "container": "a\nb"}]},
        {"format": "tallybook/manifest/v1", "batches": [{"id": "b", "cards": 1, "container": 7}]},
        {"format": "tallybook/manifest/v1", "batches": [{"id": "b", "cards": 1, "container": None}]},
        {"format": "tallybook/manifest/v1", "batches": [{"cards": 1, "container": "c", "place": "p"}]},
        {"format": "tallybook/manifest/v1"},
        [1],
    ],
)
def test_an_exhibit_that_is_no_manifest_cannot_be_committed(wrong):
    book = ordered()
    manifest = book.file("manifest.json", wrong)
    found = book.problems(
        "commit_audit_inputs", COUNTY, manifest=manifest["sha256"], sample=1, exhibits=(manifest,), **WHERE
    )
    assert rules(found) == [("detail.manifest", "an exhibit of another form", "a manifest (section 8)")]


def test_a_manifest_may_say_where_the_paper_of_a_batch_is_kept():
    book = ordered()
    here = {"id": "b", "cards": 3, "container": "Box 1", "place": "Warehouse, shelf 4"}
    manifest = {
        "format": "tallybook/manifest/v1",
        "batches": [here, {"id": "c", "cards": 2, "container": "Box 1"}],
    }
    filed = book.file("manifest.json", manifest)
    said = {"manifest": filed["sha256"], "sample": 5, "exhibits": (filed,)}
    assert book.ask("commit_audit_inputs", COUNTY, **WHERE, **said).result == {"cards": 5}
    book.witness()
    book.ask("record_checkpoint", KEEPER, checkpoint="signed text")
    book.ask("record_seed", COUNTY, seed=SEED, **WHERE)
    sample = book.ask("draw_sample", COUNTY, **WHERE).result["sample"]
    assert sorted(sample) == ["b/1", "b/2", "b/3", "c/1", "c/2"], "items are named by their batch alone"


@pytest.mark.parametrize("sample", [0, 6])
def test_a_sample_has_at_least_one_card_and_no_more_than_there_are(sample):
    book = ordered()
    found = book.problems("commit_audit_inputs", COUNTY, **WHERE, **commit(book, sample))
    assert rules(found) == [("detail.sample", str(sample), "from 1 to 5, the cards of the manifest")]


@pytest.mark.parametrize(
    ("wrong", "told", "expected"),
    [
        ({"origin_known": False}, "another origin", "a checkpoint of this book's origin"),
        (
            {"signed": False},
            "no valid signature of the log",
            "the log's signature and valid cosignatures",
        ),
        (
            {"quorate": False},
            "too few cosignatures",
            "a quorum of witnesses under the policy of entry 0",
        ),
        ({"own_root": "other"}, "the root of another history", "this book's own root at that size"),
        ({"own_root": ""}, "the root of another history", "this book's own root at that size"),
    ],
)
def test_a_checkpoint_that_is_not_this_books_is_a_problem(wrong, told, expected):
    book = ordered()
    book.witness(**wrong)
    found = book.problems("record_checkpoint", KEEPER, checkpoint="text")
    assert rules(found) == [("detail.checkpoint", told, expected)]


def test_a_long_sample_is_an_exhibit_that_the_book_makes_and_a_repeated_draw_is_known():
    book = ordered()
    batches = [{"id": f"{'A long name of a batch ' * 4}{n}", "cards": 100} for n in range(10)]
    manifest = book.file("manifest.json", {"format": "tallybook/manifest/v1", "batches": batches})
    inputs = {"manifest": manifest["sha256"], "sample": 400, "exhibits": (manifest,)}
    book.ask("commit_audit_inputs", COUNTY, **WHERE, **inputs)
    book.witness()
    book.ask("record_checkpoint", KEEPER, checkpoint="signed text")
    book.ask("record_seed", COUNTY, seed=SEED, **WHERE)
    asked = book.act("draw_sample", COUNTY, **WHERE)
    (entry,) = book.enter(asked)
    assert set(entry.result) == {"count", "sample_sha256"}
    assert entry.exhibits[-1]["name"] == "sample.json"
    assert entry.exhibits[-1]["sha256"] == entry.result["sample_sha256"]
    assert len(book.standing.audits[("mayor", "appling")].sample) == 400
    assert book.decide(asked) == Repeated(entry.seq)


STEPS = ("commit", "witness", "seed", "draw", "read", "sign", "certify")


def passes(book: Book, order: tuple[str, ...]) -> bool:
    """Whether every step of an audit is granted in this order."""
    audit = {
        "commit": lambda: book.act("commit_audit_inputs", COUNTY, **WHERE, **commit(book, 5)),
        "witness": lambda: book.act("record_checkpoint", KEEPER, checkpoint="signed text"),
        "seed": lambda: book.act("record_seed", COUNTY, seed=SEED, **WHERE),
        "draw": lambda: book.act("draw_sample", COUNTY, **WHERE),
        "read": lambda: book.act("enter_readings", BOARD, readings=[[one, "ash"] for one in ITEMS], **WHERE),
        "sign": lambda: book.act("sign_readings", BOARD, **WHERE),
        "certify": lambda: book.act(
            "certify_county_returns", COUNTY, returns=book.votes("mayor", (3, 2)), **WHERE
        ),
    }
    for step in order:
        book.witness()
        if book.enter(audit[step]())[0].refusal:
            return False
    return True


def test_of_all_5040_orders_of_an_audit_before_certification_exactly_one_passes():
    start = ordered()
    whole = []
    for order in permutations(STEPS):
        book = Book()
        book.standing, book.shelf, book.now = start.standing, start.shelf, start.now
        book.entries.extend(start.entries)
        if passes(book, order):
            whole.append(order)
    assert whole == [STEPS]


def test_a_georgia_county_certifies_while_its_board_is_reading_and_the_ruling_says_it_is_a_duty():
    book = opened("georgia", contest("mayor", "ash", "birch", of="president"), places=("appling",))
    book.ask("select_audit_contest", STATE, "2020-11-11 10:00", contest="mayor")
    book.ask("order_risk_limiting_audit", STATE, "2020-11-11 10:00", contest="mayor")
    book.ask("report_unofficial_returns", COUNTY, returns=book.votes("mayor", (3, 2)), **WHERE)
    sample = drawn(book, 5)
    book.ask("enter_readings", BOARD, "2020-11-13 16:00", readings=[[sample[0], "ash"]], **WHERE)
    entry = book.ask("certify_county_returns", COUNTY, returns=book.votes("mayor", (3, 2)), **WHERE)
    assert entry.ruling == {
        "row": "ga-493k-2020",
        "law": "us-ga",
        "citation": "O.C.G.A. 21-2-493(k)",
        "status": "duty",
        "due": "2020-11-13T22:00:00Z",
    }
    assert (
        book.ask("enter_readings", BOARD, readings=[[one, "ash"] for one in sample[1:]], **WHERE).result[
            "left"
        ]
        == 0
    )
    book.ask("sign_readings", BOARD, **WHERE)
