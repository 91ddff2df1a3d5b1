"""A good book passes all fifteen checks, and every change of a field fails the check that owns the field."""

# ruff: noqa: E501, SIM905 - tables stand on one line each

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tallycheck.checks import Asked, Report, check
from tests.tallycheck.town import MANIFEST, TOWN_LAW, drawn, story, town
from tests.tallycheck.writer import LOG, WITNESSES, Signer, canonical, policy, public, sha, signed, zipped

pytestmark = pytest.mark.slow

Entry = dict[str, Any]
Book = list[Entry]
Judge = Callable[..., Report]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Checks the package of a changed book, signed anew by all who sign."""

    def check_book(book: Book, exhibits: list[bytes] | None = None) -> Report:
        return check(zipped(town(book, exhibits), tmp_path / "p.zip"), "p.zip", Asked(policy().encode()))

    return check_book


def test_the_good_book_passes_every_check(judge: Judge) -> None:
    report = judge(story())
    assert report.failure is None, report.failure and report.failure.sentence()
    assert [line.state for line in report.lines()] == ["ok"] * 8 + [
        "none",
        "ok",
        "none",
        "none",
        "ok",
        "ok",
        "ok",
    ]
    assert [(d["contest"], d["entry"], d["margin"]) for d in report.decided] == [
        ("mayor", 21, 8), ("council", 28, 6), ("treasurer", 34, 0), ("president", 47, 2),
    ]  # fmt: skip


# Every computed field, changed, dropped and added ------------------------------------------------------------

ACCOUNTS = "count total replaces base votes places missing findings returns difference cards".split()
OUTCOMES = "outcome changed same effect".split()


def owner(entry: Entry, section: str, field: str) -> int:
    """The check that owns a field, by the list in the checks specification, section 3."""
    if section == "ruling":
        return 5
    if section == "refusal":
        return 4 if entry["refusal"]["failed"] == "record" else 5
    act = entry.get("act")
    if act in ("seed", "draw"):
        return 7
    if act in ("read", "sign"):
        return 8
    if act in ("appoint", "cast", "count", "swear_in", "draw_lot") or "cause" in entry:
        return 13
    if act == "record_checkpoint":
        return 4
    if act == "correct_entry":
        return 15
    return 6 if field in ACCOUNTS else 10 if field in ("margin", "returns_margin") else 13


def fields() -> list[tuple[int, str, str]]:
    return [
        (entry["seq"], section, field)
        for entry in story()
        for section in ("ruling", "refusal", "result")
        for field in entry.get(section, {})
    ]


def other(value: Any) -> Any:
    """A different value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, list):
        return [*value, value[0] if value else "x"]
    return value | {"x": 1}


CASES = fields()
assert len(CASES) > 300


@pytest.mark.parametrize("part", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 8))])
def test_a_changed_ruling_refusal_or_result_fails_the_check_that_owns_the_field(
    part: int, judge: Judge
) -> None:
    for seq, section, field in CASES[part::8]:
        book = story()
        book[seq][section][field] = other(book[seq][section][field])
        failure = judge(book).failure
        expected = owner(story()[seq], section, field)
        if section == "refusal" and field == "failed":
            expected = 4 if failure and failure.number == 4 else 5  # the record or the law did not say it
        assert failure is not None, (seq, section, field)
        assert (failure.number, failure.entry) == (expected, seq), (seq, section, field, failure.sentence())


@pytest.mark.slow
def test_a_missing_field_fails_its_check_and_an_unknown_one_check_14(judge: Judge) -> None:
    for seq, section, field in CASES:
        book = story()
        del book[seq][section][field]
        failure = judge(book).failure
        assert failure is not None and failure.entry == seq, (seq, section, field)
        if (section, field) != ("refusal", "failed"):
            assert failure.number == owner(story()[seq], section, field), (
                seq,
                section,
                field,
                failure.sentence(),
            )
    for seq, section in {(seq, section) for seq, section, _ in CASES}:
        book = story()
        book[seq][section]["extra"] = 1
        failure = judge(book).failure
        assert failure is not None and (failure.number, failure.entry) == (14, seq), (seq, section)


# Each check, in several ways ------------------------------------------------------------


def changed(seq: int, /, **fields: Any) -> Callable[[Book], None]:
    return lambda book: book[seq].update(fields)


def dropped(seq: int, *names: str) -> Callable[[Book], None]:
    def change(book: Book) -> None:
        for name in names:
            del book[seq][name]

    return change


def detail(seq: int, /, **fields: Any) -> Callable[[Book], None]:
    return lambda book: book[seq].setdefault("detail", {}).update(fields)


def ended(length: int, *more: Entry) -> Callable[[Book], None]:
    """The book's first entries, then others in their place."""

    def change(book: Book) -> None:
        book[length:] = copy.deepcopy(list(more))
        for seq, entry in enumerate(book):
            entry["seq"] = seq

    return change


def granted_instead(
    seq: int, kind: str, row: str, status: str = "permitted", **more: Any
) -> Callable[[Book], None]:
    """A refused act shown as granted."""

    def change(book: Book) -> None:
        del book[seq]["refusal"]
        book[seq] |= {
            "entry": kind,
            "ruling": {"citation": f"Town law, {row}", "law": "town", "row": row, "status": status},
        } | more

    return change


LAST_REFUSAL = story()[55]["refusal"]

WRONG: list[tuple[int, str, Callable[[Book], None]]] = [
    (2, "a wrong seq", changed(5, seq=6)),
    (2, "seq is true", changed(1, seq=True)),
    (2, "an unknown kind of exhibit", changed(0, exhibits=[{"kind": "secret", "name": "x"}])),
    (2, "an exhibit that is not in contents", changed(3, exhibits=[public(b"else", "x.csv")])),
    (2, "another origin", changed(0, origin="elections.example/other")),
    (2, "no policy", dropped(0, "policy")),
    (3, "a policy that does not parse", changed(0, policy="log\n")),
    (3, "a policy of other witnesses", changed(0, policy=policy(witnesses=(Signer("x"), Signer("y"))))),
    (3, "a policy of another log", changed(0, policy=policy(Signer(LOG.name, 1, "other")))),
    (4, "v is 2", changed(3, v=2)),
    (4, "v is true", changed(3, v=True)),
    (4, "an act that no law declares", changed(3, act="conjure")),
    (4, "an office that no law declares", changed(3, office="queen")),
    (4, "a purpose that no law declares", changed(3, purpose="fun")),
    (4, "no act", dropped(3, "act")),
    (4, "no key", dropped(3, "key")),
    (4, "no day", dropped(3, "on")),
    (4, "no moment", dropped(3, "received")),
    (4, "the key of an earlier entry", changed(7, key="act-3")),
    (4, "a key with a space", changed(7, key="act 7")),
    (4, "a day that does not exist", changed(3, on="2026-11-31")),
    (4, "a day after the moment", changed(3, on="2026-11-10")),
    (4, "a day as the checker's language reads it", changed(3, on="20261109")),
    (4, "a moment before the entry before", changed(4, received="2026-11-01T15:00:00Z")),
    (4, "a moment that does not exist", changed(3, received="2026-11-09T25:00:00Z")),
    (4, "a moment beyond the calendar", changed(0, received="0001-01-01T00:00:00Z", on="0001-01-01")),
    (4, "a contest that is not in the book", changed(3, contest="sheriff")),
    (4, "no contest", dropped(3, "contest")),
    (4, "a place that is not in the book", changed(3, place="east")),
    (4, "a place that is not the contest's", changed(33, place="south")),
    (4, "a place for an act without places", changed(14, place="north")),
    (4, "a stale seen", changed(4, seen=2, place="north")),
    (4, "a seen of the future", changed(3, seen=3)),
    (4, "returns of other choices", detail(3, returns={"votes": {"ann": 60, "bobby": 40}})),
    (4, "negative votes", detail(3, returns={"votes": {"ann": -60, "bob": 160}})),
    (4, "votes as words", detail(3, returns={"votes": {"ann": "60", "bob": 40}})),
    (4, "no returns", lambda book: book[3]["detail"].clear()),
    (4, "a choice of another contest", detail(16, choice="cat")),
    (4, "a corrected entry of the future", detail(6, corrects=6)),
    (4, "a correction of another's entry", detail(22, corrects=14)),
    (4, "a restated entry that is not current", detail(27, corrects=23)),
    (4, "an empty text", detail(7, text="")),
    (4, "an empty detail", changed(8, detail={})),
    (4, "a seed with a letter", detail(39, seed="3141592653589793238x")),
    (4, "readings without their form", detail(41, readings={"a": "fay"})),
    (4, "a reading of no choice", detail(41, readings=[[drawn(2)[1], "cat"]])),
    (4, "an item twice", detail(41, readings=[[drawn(2)[1], "fay"], [drawn(2)[1], "gil"]])),
    (4, "an item outside the sample", detail(41, readings=[["Box 9/1", "fay"]])),
    (4, "an item read before", detail(43, readings=[[drawn(2)[1], "blank"]])),
    (4, "an exhibit with a path for a name", changed(36, exhibits=[public(MANIFEST, "../x")])),
    (4, "a manifest that is no exhibit", detail(36, manifest="0" * 64)),
    (4, "paper that is no exhibit", changed(36, paper="0" * 64)),
    (4, "a second opening", ended(54, story()[0] | {"key": "again", "received": "2027-01-08T00:00:00Z"})),
    (4, "the opening not first", lambda book: book[0].update(entry="returns_reported")),
    (4, "the kind of another act", changed(7, entry="finding_closed")),
    (4, "a refusal by the record shown as granted",
     granted_instead(5, "county_returns_certified", "certify", "duty", result={"count": "county_certified", "total": 100})),
    (4, "an act of the wrong phase shown as granted", granted_instead(18, "state_results_certified", "total", "duty")),
    (4, "an act after the end shown as granted", granted_instead(55, "finding_reported", "find")),
    (4, "a sample signed before it is read", granted_instead(42, "readings_signed", "sign")),
    (4, "a seed without a checkpoint", granted_instead(37, "seed_recorded", "seed")),
    (4, "a refusal of the record without reason",
     lambda book: (book[54].update(entry="act_refused", refusal=LAST_REFUSAL), book[54].pop("ruling"))),
    (4, "a checkpoint of another size", lambda book: book[38].update(
        detail={"checkpoint": signed([b"{}"] * 37).decode()}, result={"root": "x", "size": 37})),
    (4, "a checkpoint without witnesses", lambda book: book[38].update(
        detail={"checkpoint": signed([b"{}"] * 37, (LOG,)).decode()}, result={"root": "x", "size": 37})),
    (4, "a checkpoint of another log", lambda book: book[38].update(
        detail={"checkpoint": signed([b"{}"] * 37, (Signer("evil.example", 1), *WITNESSES)).decode()},
        result={"root": "x", "size": 37})),
    (4, "a checkpoint that is none", lambda book: book[38].update(
        detail={"checkpoint": "yes"}, result={"root": "x", "size": 37})),
    (4, "another cause", changed(26, cause=24)),
    (4, "a consequence received later", changed(26, received="2026-11-19T19:00:01Z")),
    (5, "a law file that does not parse", lambda book: opened_with(book, b"x = 1.5")),
    (5, "a law with an unknown key", lambda book: opened_with(book, TOWN_LAW.encode() + b"colour = 'red'\n")),
    (5, "a law without a winner rule", lambda book: opened_with(book, TOWN_LAW.split("[[rules]]")[0].encode())),
    (5, "a law that adopts a file of another id", detail(52, law_file=sha(MANIFEST))),
    (5, "a refusal by law shown as granted",
     granted_instead(8, "hand_count_ordered", "governor")),
    (5, "an act without effect shown as granted", granted_instead(9, "hand_count_ordered", "change")),
    (5, "an act without effect shown as refused", changed(9, entry="act_refused")),
    (5, "an act granted too early", granted_instead(1, "returns_reported", "report",
                                                    result={"count": "unofficial", "total": 1})),
    (5, "a granted act shown as refused by law",
     lambda book: (book[11].update(entry="act_refused", refusal=story()[10]["refusal"]), book[11].pop("ruling"))),
    (5, "a recount asked for too late", lambda book: book[16].update(received="2026-11-19T05:00:00Z")
     or [entry.update(received="2026-11-19T15:00:00Z") for entry in book[17:19]]),
    (5, "a recount asked for by the winner", detail(16, choice="ann")),
    (5, "no ruling", dropped(7, "ruling")),
    (6, "ballots that do not add up", detail(2, returns={"votes": {"ann": 60, "bob": 39}, "ballots": 98})),
    (6, "modes that do not add up", detail(2, returns={"votes": {"ann": 60, "bob": 39},
                                                      "modes": {"mail": {"ann": 60, "bob": 40}}})),
    (6, "undervotes that do not add up", detail(2, returns={"votes": {"ann": 60, "bob": 39}, "ballots": 100,
                                                           "undervotes": 1, "overvotes": 1})),
    (6, "a total that forgets a place's votes", detail(4, returns={"votes": {"ann": 20, "bob": 31}})),
    (6, "no result", dropped(14, "result")),
    (4, "readings of another seed's sample", lambda book: [book[i]["detail"].update(seed="2" * 20) for i in (37, 39)]),
    (7, "the sample of another seed", lambda book: [ended(41)(book)]
     + [book[i]["detail"].update(seed="2" * 20) for i in (37, 39)]),
    (7, "a larger sample than there are cards", detail(36, sample=7)),
    (7, "a manifest that is none", lambda book: book[36].update(
        detail={"manifest": sha(TOWN_LAW.encode()), "sample": 2}, exhibits=[public(TOWN_LAW.encode(), "m.json")])),
    (8, "another count of what is read", lambda book: book[44]["result"].update(votes={"fay": 2, "gil": 0}, blank=0)),
    (8, "another reading than the result tells", detail(43, readings=[[drawn(2)[0], "gil"]])),
    (8, "no result of the readings", dropped(43, "result")),
    (13, "a runoff that does not follow", ended(15, story()[26] | {"cause": 14})),
    (13, "a runoff that is missing", ended(26)),
    (13, "a runoff that is missing before an act", ended(26, story()[11] | {"received": "2026-11-30T15:00:00Z", "key": "new"})),
    (13, "a withdrawal that is missing", ended(29, story()[30])),
    (13, "consequences exchanged", ended(29, story()[30], story()[29])),
    (13, "another outcome", lambda book: book[14]["result"].update(outcome={"kind": "winner", "winners": ["bob"]})),
    (13, "more electoral votes than electors", detail(49, president={"pat": 3, "quin": 1})),
    (13, "more members than seats", detail(51, members={"east": 51, "west": 50})),
    (14, "an unknown field", changed(7, colour="red")),
    (14, "an unknown field of the detail", detail(7, colour="red")),
    (14, "an unknown field of an exhibit",
     lambda book: book[36].update(exhibits=[public(MANIFEST, "m") | {"colour": "red"}])),
    (14, "a result where there is none", changed(7, result={"total": 1})),
    (14, "a cause in an act", changed(7, cause=6)),
    (14, "a ruling in a refusal", changed(8, ruling={"row": "x"})),
    (14, "an unknown field of a contest", lambda book: book[0]["detail"]["contests"][0].update(colour="red")),
]  # fmt: skip


def opened_with(book: Book, law: bytes) -> None:
    """Entry 0 with another second law file."""
    EXTRA.append(law)
    book[0]["exhibits"][1] = public(law, "town.toml")
    book[0]["detail"]["law"][1] = sha(law)


EXTRA: list[bytes] = []


@pytest.mark.parametrize(
    ("expected", "change"), [pytest.param(n, f, id=f"{n} {what}") for n, what, f in WRONG]
)
def test_a_wrong_book_fails_the_check_that_owns_the_wrong(
    expected: int, change: Callable[[Book], None], judge: Judge
) -> None:
    EXTRA.clear()
    book = story()
    change(book)
    failure = judge(book, EXTRA).failure
    assert failure is not None
    assert failure.number == expected, failure.sentence()


def test_the_lowest_number_over_all_entries_is_reported(judge: Judge) -> None:
    book = story()
    book[14]["result"]["margin"] = 12
    book[16]["ruling"]["status"] = "duty"
    failure = judge(book).failure
    assert failure is not None and (failure.number, failure.entry) == (5, 16)
    assert [line.state for line in judge(book).lines()] == ["ok"] * 4 + ["failed"] + ["not run"] * 10


def test_a_manifest_with_too_many_cards_is_refused_at_once(judge: Judge) -> None:
    large = canonical(
        {"batches": [{"cards": 10**7, "id": str(i)} for i in range(6)], "format": "tallybook/manifest/v1"}
    )
    book = story()
    book[36]["detail"]["manifest"] = sha(large)
    book[36]["exhibits"] = [public(large, "m.json")]
    failure = judge(book, [large]).failure
    assert failure is not None and (failure.number, failure.entry) == (7, 36)


def test_the_law_of_the_acts_is_needed(judge: Judge) -> None:
    book = story()
    book[0]["detail"]["law"] = [sha(TOWN_LAW.encode())]
    book[0]["exhibits"] = book[0]["exhibits"][1:]
    failure = judge(book).failure
    assert failure is not None and failure.number == 5
