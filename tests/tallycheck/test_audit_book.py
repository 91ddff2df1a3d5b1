"""Audits by plan in whole packages: the page's example, every way to bend it, and the published vectors."""

# ruff: noqa: E501 - tables stand on one line each

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tallycheck.checks import Asked, Report, check
from tests.tallycheck.audited import (
    CARDS,
    LAW,
    MANIFEST,
    MEASURED,
    PATTERNS,
    Entry,
    audited,
    files_of,
    finished,
    items,
    plan,
    readings_of,
    salt,
    sample,
    sealed,
    sealed_by,
    story,
    votes_by_item,
)
from tests.tallycheck.writer import Files, canonical, folder, package, public, sha

pytestmark = pytest.mark.slow

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "audits"
INDEX = json.loads((VECTORS / "index.json").read_text(encoding="utf-8"))


def report_of(files: Files, where: Path) -> Report:
    return check(folder(files, where), "package", Asked())


def failure(files: Files, where: Path) -> tuple[int, str]:
    found = report_of(files, where).failure
    return (found.number, found.sentence()) if found else (0, "")


@pytest.mark.parametrize("row", INDEX, ids=lambda row: row["package"])
def test_every_published_audit_is_judged_as_its_index_says(row: dict[str, Any]) -> None:
    asked = Asked((VECTORS / "policy.txt").read_bytes())
    found = check(VECTORS / row["package"], row["package"], asked).failure
    assert (found.number if found else 0) == row["rejected_by"], found and found.sentence()


def test_the_pages_example_proves_what_it_claims(tmp_path: Path) -> None:
    found = report_of(audited(), tmp_path)
    assert found.failure is None, found.failure and found.failure.sentence()
    assert found.words[11] == "1 risks found again" and found.words[9] == "1 assertions imply 1 outcomes"


# Results ------------------------------------------------------------


def at(book: list[Entry], act: str, nth: int = 0) -> Entry:
    return [entry for entry in book if entry.get("act") == act][nth]


def measured(**changes: Any) -> Callable[[list[Entry]], None]:
    def change(book: list[Entry]) -> None:
        at(book, "measure_risk")["result"] = {"contests": {"mayor": MEASURED | changes}, "round": 1}

    return change


def result(act: str, nth: int = 0, **changes: Any) -> Callable[[list[Entry]], None]:
    def change(book: list[Entry]) -> None:
        entry = at(book, act, nth)
        entry["result"] = entry.get("result", {}) | changes

    return change


def plan_result(**changes: Any) -> Callable[[list[Entry]], None]:
    def change(book: list[Entry]) -> None:
        at(book, "commit_audit_plan")["result"]["contests"]["mayor"] |= changes

    return change


RESULTS: list[tuple[str, int, Callable[[list[Entry]], None]]] = [
    ("cards", 6, plan_result(cards=999)),
    ("phantoms", 6, plan_result(phantoms=1)),
    ("margins", 10, plan_result(margins=[221])),
    ("a field more", 14, plan_result(more=1)),
    ("another contest", 6, result("commit_audit_plan", contests={})),
    ("committed", 7, result("record_audit_seed", committed=0)),
    ("usable", 7, result("draw_audit_round", usable={"mayor": 31})),
    ("count", 7, result("draw_audit_round", count=29)),
    ("round", 7, result("draw_audit_round", round=2)),
    ("waiting", 8, result("commit_readings", waiting=29)),
    ("differ", 8, result("open_readings", 1, differ=sample(1))),
    ("rows", 8, result("open_records", rows=[0] * 30)),
    ("risk a little low", 11, measured(risk="0.0302409", risks=["0.0302409"])),
    ("risk a little high", 11, measured(risk="0.0302414", risks=["0.0302414"])),
    ("risk that is none of the risks", 11, measured(risk="0.0302412")),
    ("risk in another form", 11, measured(risk="3.02410e-2", risks=["3.02410e-2"])),
    ("cards measured", 11, measured(cards=29)),
    ("two risks", 11, measured(risks=["0.0302410", "0.0302410"])),
    ("not met", 12, measured(met=[False])),
    ("another round", 12, measured(step="another_round")),
    ("more although it is met", 12, measured(more=1)),
    ("a stop by count", 12, result("stop_audit", by="count")),
    ("not confirmed", 12, result("stop_audit", confirmed=False)),
    ("another winner", 13, result("stop_audit", outcome={"kind": "winner", "winners": ["birch"]})),
    ("a field of a stop", 14, result("stop_audit", comment="all is well")),
]


@pytest.mark.parametrize(("number", "change"), [row[1:] for row in RESULTS], ids=[row[0] for row in RESULTS])
def test_a_wrong_result_fails_its_check(
    number: int, change: Callable[[list[Entry]], None], tmp_path: Path
) -> None:
    assert failure(audited(change), tmp_path)[0] == number


def test_a_published_risk_within_the_tolerance_is_found_again(tmp_path: Path) -> None:
    assert failure(audited(measured(risk="0.0302412", risks=["0.0302412"])), tmp_path) == (0, "")


# Plans ------------------------------------------------------------


def contest(**changes: Any) -> dict[str, Any]:
    return plan(contests=[plan()["contests"][0] | changes])


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in plan().items() if key != name}


WEAK = "01" + "00" * 31
MEMBER = plan()["board"]["members"][0]
AHEAD = plan()["assertions"]["mayor"][0]
PLANS: list[tuple[str, int, dict[str, Any]]] = [
    ("no board", 4, without("board")),
    ("another format", 4, plan(format="x")),
    ("a field more", 4, plan(more=1)),
    ("a limit of 1", 4, plan(risk_limit="1/1")),
    ("a limit not in lowest terms", 4, plan(risk_limit="2/40")),
    ("a size of 0", 4, plan(sizes={"mayor": 0})),
    ("a size above the cards", 4, plan(sizes={"mayor": 1001})),
    ("a size of another contest", 4, plan(sizes={"mayor": 30, "sheriff": 1})),
    ("a weak key", 4, plan(board={"members": [{"key": WEAK, "name": "A"}], "quorum": 1})),
    ("a key twice", 4, plan(board={"members": [MEMBER, MEMBER | {"name": "B"}], "quorum": 1})),
    ("a quorum of 0", 4, plan(board={"members": [MEMBER], "quorum": 0})),
    ("no rounds", 4, plan(most_rounds=0)),
    ("a contest twice", 4, plan(contests=plan()["contests"] * 2)),
    ("a contest of no book", 4, contest(contest="sheriff")),
    ("winners out of order", 4, contest(outcome={"kind": "winner", "winners": ["birch", "ash"]})),
    ("a kind of outcome that is none", 4, contest(outcome={"kind": "tie", "winners": ["ash"]})),
    ("a poll with a hash", 4, contest(evidence="polling")),
    ("batches where cards are drawn", 4, contest(evidence="batches")),
    ("a rate of a tenth", 4, contest(rates={"half": "1/10"})),
    ("a rate that is unknown", 4, contest(rates={"quarter": "1/100"})),
    ("nobody outside", 4, contest(outside=0)),
    ("an assertion of no kind", 4, plan(assertions={"mayor": [AHEAD | {"kind": "behind"}]})),
    ("5,001 assertions", 4, plan(assertions={"mayor": [AHEAD] * 5001})),
    ("no assertion", 4, plan(assertions={"mayor": []})),
    ("fewer cards", 6, contest(cards=999)),
    ("only some batches", 6, contest(batches=["B01", "B02"])),
    ("a batch that is none", 6, contest(batches=["B99"], cards=25) | {"sizes": {"mayor": 20}}),
    ("another manifest", 6, plan(manifest="0" * 64)),
    ("no published cards", 6, contest(reported="0" * 64)),
    ("cards that are no contest.json", 6, contest(reported=sha(MANIFEST))),
    ("the loser ahead", 9, plan(assertions={"mayor": [AHEAD | {"loser": "ash", "winner": "birch"}]})),
    ("an assertion twice", 9, plan(assertions={"mayor": [AHEAD, AHEAD]})),
    ("a share", 9, plan(assertions={"mayor": [
        {"choice": "ash", "kind": "above_share", "share": "1/2", "write_ins": False}]})),
    ("both win", 9, contest(outcome={"kind": "winner", "winners": ["ash", "birch"]})),
    ("a runoff of a plurality", 9, contest(outcome={"kind": "runoff", "choices": ["ash", "birch"]})),
    ("birch wins", 10, contest(outcome={"kind": "winner", "winners": ["birch"]})
        | {"assertions": {"mayor": [AHEAD | {"loser": "ash", "winner": "birch"}]}}),
    ("220 cards outside", 10, contest(outside=220)),
]  # fmt: skip


@pytest.mark.parametrize(("number", "wrong"), [row[1:] for row in PLANS], ids=[row[0] for row in PLANS])
def test_a_plan_that_must_not_be_fails_its_check(number: int, wrong: dict[str, Any], tmp_path: Path) -> None:
    assert failure(audited(the_plan=wrong), tmp_path)[0] == number


def test_219_cards_outside_could_not_undo_it(tmp_path: Path) -> None:
    """220 - 219 = 1 point is left; the risk is then another one, and the first number that is wrong."""
    assert failure(audited(the_plan=contest(outside=219)), tmp_path)[0] == 11


# Acts ------------------------------------------------------------


def again(act: str, before: str | None = None, nth: int = 0, **changes: Any) -> Callable[[list[Entry]], None]:
    """The act once more, at the end or before another act."""

    def change(book: list[Entry]) -> None:
        entry = copy.deepcopy(at(book, act, nth)) | changes
        where = book.index(at(book, before)) if before else len(book)
        book.insert(where, entry)
        for seq, one in enumerate(book):
            one["seq"], one["key"] = seq, f"k{seq}"

    return change


def swapped(first: str, second: str) -> Callable[[list[Entry]], None]:
    def change(book: list[Entry]) -> None:
        i, j = (book.index(at(book, act)) for act in (first, second))
        book[i], book[j] = book[j], book[i]
        for seq, one in enumerate(book):
            one["seq"], one["key"] = seq, f"k{seq}"

    return change


ACTS: list[tuple[str, str, Callable[[list[Entry]], None]]] = [
    ("a second seed", "seed_exists", again("record_audit_seed")),
    ("another plan after the seed", "seed_exists", again("commit_audit_plan")),
    ("a second round before the first is measured", "round_open", again("draw_audit_round", "measure_risk")),
    ("a third reading", "already_read", again("commit_readings", "sign_sitting", detail_reader="three")),
    ("records opened twice", "already_open", again("open_records", "sign_sitting")),
    ("a reading opened twice", "already_open", again("open_readings", "sign_sitting")),
    ("readings opened before both are in", "not_both_in", again("open_readings", "commit_readings")),
    ("records before readings", "not_settled", again("open_records", "open_readings")),
    ("a signature under nothing", "nothing_to_sign", again("sign_sitting", "measure_risk")),
    ("a measurement of what is measured", "already_measured", again("measure_risk", "stop_audit")),
    ("a second stop", "already_stopped", again("stop_audit")),
    ("a round when all has ended", "audit_over", again("draw_audit_round")),
    ("a measurement before the signature", "not_signed", again("measure_risk", "sign_sitting")),
    ("a measurement before anything is read", "unfinished", again("measure_risk", "commit_readings")),
    ("a stop before the measurement", "not_measured", again("stop_audit", "commit_readings")),
    ("a seed before the witness", "not_witnessed", again("record_audit_seed", "record_checkpoint")),
    ("a round before the seed", "no_seed", again("draw_audit_round", "record_audit_seed")),
    ("a reading before the draw", "not_drawn", again("commit_readings", "draw_audit_round")),
    ("an act of no audit", "no_audit", again("measure_risk", detail_audit=2)),
    ("an act of another place", "no_audit", again("measure_risk", place="town")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "change"), [row[1:] for row in ACTS], ids=[row[0] for row in ACTS])
def test_an_act_out_of_order_fails_check_4(
    code: str, change: Callable[[list[Entry]], None], tmp_path: Path
) -> None:
    def patched(book: list[Entry]) -> None:
        change(book)
        for entry in book:
            for field in [name for name in entry if name.startswith("detail_")]:
                entry["detail"][field.removeprefix("detail_")] = entry.pop(field)

    number, words = failure(audited(patched), tmp_path)
    assert number == 4 and f"refuses it: {code}:" in words


def detail(act: str, nth: int = 0, **changes: Any) -> Callable[[list[Entry]], None]:
    def change(book: list[Entry]) -> None:
        at(book, act, nth)["detail"] |= changes

    return change


ONE = sample(1)[0]
OPENING = [ONE, salt("one", ONE).hex()]
FORMS: list[tuple[str, Callable[[list[Entry]], None]]] = [
    ("audit is a word", detail("measure_risk", audit="1")),
    ("no reader", detail("commit_readings", reader="")),
    ("a reader of 101 characters", detail("commit_readings", reader="r" * 101)),
    ("no commitments", detail("commit_readings", commitments=[])),
    ("an item twice", detail("commit_readings", commitments=[[ONE, "0" * 64]] * 2)),
    ("a commitment that is none", detail("commit_readings", commitments=[[ONE, "0" * 63]])),
    ("an item of 401 characters", detail("commit_readings", commitments=[["x" * 401, "0" * 64]])),
    ("readings of another contest", detail("open_readings", openings=[[*OPENING, {"sheriff": []}]])),
    ("readings that are a number", detail("open_readings", openings=[[*OPENING, 7]])),
    ("choices out of order", detail("open_readings", openings=[[*OPENING, {"mayor": ["birch", "ash"]}]])),
    ("a choice twice", detail("open_readings", openings=[[*OPENING, {"mayor": ["ash", "ash"]}]])),
    ("a choice that is none", detail("open_readings", openings=[[*OPENING, {"mayor": ["oak"]}]])),
    ("a reading by rank", detail("open_readings", openings=[[*OPENING, {"mayor": [["ash"]]}]])),
    ("a word that is no reading", detail("open_readings", openings=[[*OPENING, {"mayor": "lost"}]])),
    ("a salt of other digits", detail("open_records", records=[[ONE, "mayor", "None"]])),
    ("a signature that is short", detail("sign_sitting", signatures=[["A. Able", "0" * 127]])),
    ("a contest that is none of the plan", lambda book: at(book, "stop_audit").update(contest="sheriff")),
    ("a seed of letters", detail("record_audit_seed", seed="x" * 20)),
]  # fmt: skip


@pytest.mark.parametrize("change", [row[1] for row in FORMS], ids=[row[0] for row in FORMS])
def test_a_field_of_another_form_fails_check_4(change: Callable[[list[Entry]], None], tmp_path: Path) -> None:
    assert failure(audited(change), tmp_path)[0] == 4


SIGNATURES: list[tuple[str, list[list[str]]]] = [
    ("a stranger", [["B. Best", "0" * 128]]),
    ("zeros", [["A. Able", "0" * 128]]),
]


@pytest.mark.parametrize("wrong", [row[1] for row in SIGNATURES], ids=[row[0] for row in SIGNATURES])
def test_a_sitting_that_the_board_has_not_signed_fails_check_8(wrong: Any, tmp_path: Path) -> None:
    assert failure(audited(detail("sign_sitting", signatures=wrong)), tmp_path)[0] == 8


def test_sizes_are_not_stated_in_the_first_round(tmp_path: Path) -> None:
    assert failure(audited(detail("draw_audit_round", sizes={"mayor": 30})), tmp_path)[0] == 7


def test_a_sample_in_another_order_fails_check_7(tmp_path: Path) -> None:
    assert failure(audited(result("draw_audit_round", sample=sample(30)[::-1])), tmp_path)[0] == 7


# Errors found, and what follows ------------------------------------------------------------


def misread(item: str, reading: list[str]) -> Callable[[list[Entry]], None]:
    """Both readers find something else on that card than its record says; nothing else is changed."""

    def change(book: list[Entry]) -> None:
        for nth, reader in enumerate(("one", "two")):
            for row in at(book, "commit_readings", nth)["detail"]["commitments"]:
                if row[0] == item:
                    row[1] = sealed_by(reader, item, {"mayor": reading})
            for row in at(book, "open_readings", nth)["detail"]["openings"]:
                if row[0] == item:
                    row[2] = {"mayor": reading}

    return change


def inserted(book: list[Entry], before: str, entry: Entry) -> None:
    book.insert(book.index(at(book, before)), finished(entry, 0))
    for seq, one in enumerate(book):
        one["seq"], one["key"] = seq, f"k{seq}"


def for_ash() -> str:
    return next(item for item in sample(30) if votes_by_item()[item] == "ash")


def test_a_discrepancy_needs_a_cause_before_the_board_signs(tmp_path: Path) -> None:
    number, words = failure(audited(misread(for_ash(), ["birch"])), tmp_path)
    assert number == 4 and "1 items of the sitting are not finished" in words


def test_a_card_that_was_for_the_other_raises_the_risk(tmp_path: Path) -> None:
    """With the cause given the board may sign; the risk of the 30 cards is then no longer the published one."""

    def change(book: list[Entry]) -> None:
        misread(for_ash(), ["birch"])(book)
        entry = {
            "act": "explain_discrepancies",
            "detail": {"audit": 1, "causes": [[for_ash(), "mayor", "scanner"]]},
        }
        inserted(book, "sign_sitting", entry)

    number, words = failure(audited(change), tmp_path)
    assert number == 11 and 'found "0.0302410"' in words


def test_no_cause_is_taken_where_the_readings_agree(tmp_path: Path) -> None:
    def change(book: list[Entry]) -> None:
        entry = {
            "act": "explain_discrepancies",
            "detail": {"audit": 1, "causes": [[ONE, "mayor", "scanner"]]},
        }
        inserted(book, "sign_sitting", entry)

    assert "no_discrepancy" in failure(audited(change), tmp_path)[1]


def test_readings_that_differ_are_named_and_settled_by_people(tmp_path: Path) -> None:
    item = for_ash()

    def change(book: list[Entry]) -> None:
        for row in at(book, "commit_readings", 1)["detail"]["commitments"]:
            if row[0] == item:
                row[1] = sealed_by("two", item, {"mayor": []})
        for row in at(book, "open_readings", 1)["detail"]["openings"]:
            if row[0] == item:
                row[2] = {"mayor": []}
        at(book, "open_readings", 1)["result"] = {"differ": [item]}
        settled = [[item, readings_of(item), "reader_error"]]
        entry = {"act": "adjudicate_readings", "detail": {"audit": 1, "settled": settled}}
        inserted(book, "open_records", entry)

    assert failure(audited(change), tmp_path) == (0, "")


def test_a_correction_that_changes_nothing_is_measured_anew_and_reopens_nothing(tmp_path: Path) -> None:
    detail = {"audit": 1, "cause_code": "reader_error", "item": ONE, "readings_now": readings_of(ONE),
              "wrong": "a note was unclear"}  # fmt: skip

    def change(book: list[Entry]) -> None:
        entry = {"act": "correct_reading", "detail": detail, "result": {"contests": {"mayor": MEASURED}}}
        book.append(finished(entry, len(book)))

    assert failure(audited(change), tmp_path) == (0, "")


def test_a_correction_that_raises_the_risk_above_the_limit_reopens_the_audit(tmp_path: Path) -> None:
    """All thirty were for ash or birch as recorded; one now is lost: a full error. The book says nothing of it."""
    detail = {"audit": 1, "cause_code": "missing_card", "item": for_ash(), "readings_now": {"mayor": "not_found"},
              "wrong": "the card is gone"}  # fmt: skip

    def change(book: list[Entry]) -> None:
        entry = {"act": "correct_reading", "detail": detail, "result": {"contests": {"mayor": MEASURED}}}
        book.append(finished(entry, len(book)))

    assert failure(audited(change), tmp_path)[0] == 11


def tallied(ash: int, birch: int, **claimed: Any) -> Callable[[list[Entry]], None]:
    """Nothing is drawn: the only place is counted by hand in full, and the audit stops by that count."""

    def change(book: list[Entry]) -> None:
        del book[2:]
        votes = {"ash": ash, "birch": birch}
        tally = {"act": "conduct_audit", "contest": "mayor", "place": "town", "detail": {"returns": {"votes": votes}},
                 "result": {"count": "audit_tally", "total": ash + birch}}  # fmt: skip
        stop = {"act": "stop_audit", "contest": "mayor", "detail": {"audit": 1},
                "result": {"audit": 1, "by": "count"} | claimed}  # fmt: skip
        book += [finished(tally, 2), finished(stop, 3)]

    return change


@pytest.mark.parametrize(("ash", "birch", "winner"), [(501, 499, "ash"), (400, 600, "birch")])
def test_a_count_of_all_places_ends_an_audit_whoever_won(
    ash: int, birch: int, winner: str, tmp_path: Path
) -> None:
    outcome = {"kind": "winner", "winners": [winner]}
    right = tallied(ash, birch, confirmed=winner == "ash", outcome=outcome)
    assert failure(audited(right), tmp_path / "right") == (0, "")
    wrong = tallied(ash, birch, confirmed=winner != "ash", outcome=outcome)
    assert failure(audited(wrong), tmp_path / "wrong")[0] == 12
    other = {"kind": "winner", "winners": ["ash" if winner == "birch" else "birch"]}
    assert (
        failure(audited(tallied(ash, birch, confirmed=winner == "ash", outcome=other)), tmp_path / "o")[0]
        == 13
    )


def test_a_tie_of_the_count_confirms_nothing(tmp_path: Path) -> None:
    tie = {"by": "lot", "choices": ["ash", "birch"], "for": "seats", "kind": "tie", "seats": 1, "sure": []}
    assert failure(audited(tallied(500, 500, confirmed=False, outcome=tie)), tmp_path) == (0, "")


# Hostile exhibits ------------------------------------------------------------

JUNK: list[Any] = [
    None, True, False, 0, 1, -1, 2**53 - 1, "", "x", "ash", "mayor", "1/2", "0" * 64, [], [[]], [1], ["ash"], {},
    {"x": 1}, {"mayor": 1}, {"mayor": []}, {"kind": "winner"}, "é" * 500, "not_found", [["ash"]], {"ash": 1},
]  # fmt: skip


def leaves(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, member in pairs for place in [(*at, key), *leaves(member, (*at, key))]]


def spoiled(value: Any, dice: random.Random) -> Any:
    """The value with one to three members replaced, dropped or added."""
    value = copy.deepcopy(value)
    for _ in range(dice.randrange(1, 4)):
        place = dice.choice(leaves(value))
        holder = value
        for key in place[:-1]:
            holder = holder[key]
        what = dice.randrange(4)
        if what == 0:
            del holder[place[-1]]
        elif what == 1 and isinstance(holder, dict):
            holder[dice.choice(["x", "audit", "items"])] = dice.choice(JUNK)
        else:
            holder[place[-1]] = copy.deepcopy(dice.choice(JUNK))
        if not leaves(value):
            return value
    return value


def judged(files: Files, where: Path) -> int:
    """The number of the failure, which any input must have; 0 where nothing is wrong."""
    report = report_of(files, where)
    assert all(line.words.isprintable() for line in report.lines())
    return report.failure.number if report.failure else 0


def with_cards(value: Any) -> Files:
    """The book over another contest.json, whose name its plan has."""
    raw = canonical(value)
    the_plan = contest(reported=sha(raw))
    book = story(the_plan)
    at(book, "commit_audit_plan")["exhibits"][2] = public(raw, "contest")
    return files_of(book, [LAW, MANIFEST, raw, *CARDS[1:], canonical(the_plan)])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_no_plan_published_head_or_act_makes_a_traceback(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    head = json.loads(CARDS[0])
    for n in range(25):
        assert judged(audited(the_plan=spoiled(plan(), dice)), tmp_path / f"plan{n}") >= 0
        assert judged(with_cards(spoiled(head, dice)), tmp_path / f"head{n}") >= 0
        entries = sealed(story())
        i = dice.randrange(1, len(entries))
        entries[i] = canonical(spoiled(json.loads(entries[i]), dice))
        named = [canonical(plan()), LAW, MANIFEST, *CARDS]
        assert judged(package(entries, named), tmp_path / f"act{n}") >= 0


def test_the_patterns_of_the_example_are_in_order() -> None:
    assert [canonical(one) for one in PATTERNS] == sorted(canonical(one) for one in PATTERNS)
    assert len(items()) == 1000 and sorted(votes_by_item().values()).count("ash") == 600
