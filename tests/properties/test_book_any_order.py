"""Books of any order of acts, good and bad: what must hold whatever is asked."""

from copy import deepcopy
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tallybook.book import (
    Act,
    Entered,
    Malformed,
    Problem,
    Standing,
    decode_entry,
    encode_entry,
    fold,
    read_act,
)
from tallybook.merkle.errors import EvidenceError
from tests.rooms.book.books import BOARD, COUNTY, KEEPER, MANIFEST, SEED, STATE, Book, contest, model

MAYOR, SEAT = "mayor", "seat"
PLACES = ("appling", "bacon")
CHOICES = ("ash", "birch", "cedar")
OFFICES = (COUNTY, STATE, KEEPER, BOARD, "candidate")

few = settings(max_examples=40, stateful_step_count=30, deadline=None)


def small_book() -> Book:
    """Two contests in two places: one by plurality with a lot, one by majority with a runoff."""
    return model(contest(MAYOR, *CHOICES), contest(SEAT, *CHOICES, of="council"), places=PLACES)


def without_what_asking_leaves(standing: Standing) -> object:
    """The standing without keys, size, the last moment, exhibits and the numbers of the latest entries."""
    contests = [
        (one.id, one.phase, one.outcome, one.votes, one.runoff, one.withdrawn, one.record.kinds, held(one))
        for one in standing.contests.values()
    ]
    rest = (standing.audits, standing.findings, standing.electors, standing.checkpoints, standing.closed)
    return sorted(contests, key=lambda one: one[0]), standing.record.kinds, rest, standing.order


def held(contest: Any) -> list[Any]:
    """What each place of a contest holds, and the kinds said of it."""
    spots = [contest.record.spot(place) for place in ("", *contest.places)]
    return [(spot.held, spot.said) for spot in spots]


class AnyBook(RuleBasedStateMachine):
    """Acts in any order; after each, the promises of the book."""

    @initialize()
    def opened(self) -> None:
        self.book = small_book()
        self.book.now = "2020-11-05 12:00"

    def ask(self, act: str, office: str, **said: Any) -> None:
        """Ask, enter if it enters, and hold the book to its promises."""
        asked = self.book.act(act, office, **said)
        before, written = self.book.standing, deepcopy(msgspec.to_builtins(asked))
        first, second = self.book.decide(asked), self.book.decide(asked)
        assert first == second, "the same standing and act give the same answer"
        assert self.book.standing is before
        assert msgspec.to_builtins(asked) == written, "decide changed the act it was given"
        if not isinstance(first, Entered):
            assert isinstance(first, Malformed) and first.problems
            return
        self.book.enter(asked)
        for entry in first.entries:
            data = encode_entry(entry)
            assert len(data) <= 65_535
            assert decode_entry(data) == entry
        if first.entries[0].refusal:
            assert without_what_asking_leaves(self.book.standing) == without_what_asking_leaves(before)

    where = st.fixed_dictionaries(
        {"contest": st.sampled_from((MAYOR, SEAT)), "place": st.sampled_from(PLACES)}
    )
    name = st.sampled_from((MAYOR, SEAT))
    choice = st.sampled_from(CHOICES)
    votes = st.tuples(*[st.integers(0, 4)] * 3)
    county = st.sampled_from((COUNTY, COUNTY, COUNTY, COUNTY, "candidate"))
    state = st.sampled_from((STATE, STATE, STATE, STATE, COUNTY))

    def returns(self, votes: tuple[int, ...]) -> dict[str, Any]:
        """Returns with these votes."""
        return {"votes": dict(zip(CHOICES, votes, strict=True))}

    @rule(where=where, votes=votes, office=county)
    def a_county_reports(self, where: Any, votes: Any, office: str) -> None:
        self.ask("report_unofficial_returns", office, returns=self.returns(votes), **where)

    @rule(contest=name, first=votes, second=votes, office=county)
    def the_counties_certify(self, contest: str, first: Any, second: Any, office: str) -> None:
        for place, votes in zip(PLACES, (first, second), strict=True):
            self.ask(
                "certify_county_returns", office, contest=contest, place=place, returns=self.returns(votes)
            )

    @rule(contest=name, office=state)
    def the_state_certifies(self, contest: str, office: str) -> None:
        self.ask("certify_state_results", office, contest=contest)

    @rule(contest=name, choice=choice, office=state)
    def a_lot_is_drawn(self, contest: str, choice: str, office: str) -> None:
        self.ask("draw_lot", office, contest=contest, choice=choice)

    @rule(where=where, votes=votes, named=st.integers(0, 30))
    def a_county_corrects(self, where: Any, votes: Any, named: int) -> None:
        spot = self.book.standing.contests[where["contest"]].record.spot(where["place"])
        current = spot.held.get("county_certified")
        corrects = current.seq if current and named < 24 else named
        said = {"corrects": corrects, "wrong": "mistyped", "returns": self.returns(votes), **where}
        self.ask("correct_county_returns", COUNTY, **said)
        self.ask("recertify_state_results", STATE, contest=where["contest"], purpose="correction")

    @rule(contest=name, first=votes, second=votes, again=st.booleans())
    def all_is_counted_by_hand(self, contest: str, first: Any, second: Any, again: bool) -> None:
        self.ask("order_full_hand_count", STATE, contest=contest, basis="a close race")
        for place, votes in zip(PLACES if again else PLACES[:1], (first, second), strict=False):
            self.ask("conduct_audit", COUNTY, contest=contest, place=place, returns=self.returns(votes))
        self.ask("publish_audit_result", STATE, contest=contest)

    @rule(contest=name, choice=choice, first=votes, second=votes)
    def all_is_recounted(self, contest: str, choice: str, first: Any, second: Any) -> None:
        self.ask("request_recount", "candidate", contest=contest, choice=choice)
        self.ask("order_recount", STATE, contest=contest)
        for place, votes in zip(PLACES, (first, second), strict=True):
            self.ask("conduct_recount", COUNTY, contest=contest, place=place, returns=self.returns(votes))
        self.ask("recertify_state_results", STATE, contest=contest, purpose="recount")

    @rule(where=where, votes=st.tuples(*[st.integers(0, 4)] * 2))
    def the_runoff_is_held(self, where: Any, votes: Any) -> None:
        contest = self.book.standing.contests[where["contest"]]
        for runoff in (one for one in self.book.standing.contests.values() if one.of == contest.id):
            said = {
                "votes": dict.fromkeys(runoff.choices, 0) | dict(zip(runoff.choices, votes, strict=False))
            }
            for place in PLACES:
                self.ask("certify_county_returns", COUNTY, contest=runoff.id, place=place, returns=said)
            self.ask("certify_state_results", STATE, contest=runoff.id)

    @rule(where=where)
    def a_sample_is_audited(self, where: Any) -> None:
        manifest = self.book.file("manifest.json", MANIFEST)
        self.ask("order_risk_limiting_audit", STATE, contest=where["contest"])
        self.ask(
            "commit_audit_inputs",
            COUNTY,
            manifest=manifest["sha256"],
            sample=2,
            exhibits=(manifest,),
            **where,
        )
        self.book.witness()
        self.ask("record_checkpoint", KEEPER, checkpoint="signed text")
        self.ask("record_seed", COUNTY, seed=SEED, **where)
        self.ask("draw_sample", COUNTY, **where)

    @rule(
        where=where,
        item=st.sampled_from(("Early 1/1", "Precinct 2/2", "x/1")),
        office=st.sampled_from((BOARD, STATE)),
    )
    def a_card_is_read(self, where: Any, item: str, office: str) -> None:
        self.ask("enter_readings", office, readings=[[item, "ash"]], **where)
        self.ask("sign_readings", office, **where)

    @rule(finding=st.integers(0, 40), where=where)
    def findings_come_and_go(self, finding: int, where: Any) -> None:
        if finding % 2:
            self.ask("report_finding", COUNTY, text="Two too many.", **where)
        self.ask("close_finding", COUNTY, finding=finding, text="Explained.", **where)

    @rule(last=st.integers(0, 60))
    def the_book_may_be_closed(self, last: int) -> None:
        if last == 60:
            self.ask("close_book", KEEPER)

    @invariant()
    def folding_the_entries_gives_the_standing(self) -> None:
        again = fold(Standing(), self.book.entries, self.book.shelf)
        assert msgspec.structs.replace(again, law=self.book.standing.law) == self.book.standing


AnyBook.TestCase.settings = few
TestAnyBook = AnyBook.TestCase


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.builds(lambda: 10**5000)
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(("ash", "appling", "mayor", "ab" * 32, "1/20", "\ud800", "x" * 5000, SEED)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                (
                    "votes",
                    "ash",
                    "birch",
                    "cedar",
                    "modes",
                    "A/b",
                    "\udfff",
                    "id",
                    "kind",
                    "name",
                    "sha256",
                    "cards",
                )
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
BOOK = small_book()
FIELDS = sorted(
    {one for act in BOOK.standing.law.acts.values() for one in (*act.needs, *act.may)}
    | {"source", "Bad Key", "\ud800"}
)
text = st.text(st.characters(), max_size=12)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
@given(
    act=st.sampled_from((*BOOK.standing.law.acts, "dance")),
    office=st.sampled_from((*OFFICES, "", "\ud800")),
    contest=st.sampled_from(("", MAYOR, SEAT, "judge")) | text,
    place=st.sampled_from(("", "appling", "bacon")) | text,
    on=st.sampled_from(("2020-11-03", "2020-11-03T20:00", "0000-00-00", "2020-02-30")) | text,
    received=st.sampled_from(("2020-11-04T12:00:00Z", "9999-12-31T23:59:59Z", "2020-11-04T24:00:00Z")) | text,
    key=st.sampled_from(("k", "", "\ud800")),
    purpose=st.sampled_from(("", "recount")) | text,
    detail=st.dictionaries(st.sampled_from(FIELDS), anything, max_size=4),
    needed=anything,
    exhibits=st.lists(anything, max_size=3),
    paper=st.sampled_from(("", "ab" * 32)) | text,
    seen=st.none() | st.integers(),
)
def test_no_act_however_malformed_is_answered_with_an_exception(act, detail, needed, exhibits, **fields):
    declared = BOOK.standing.law.acts.get(act)
    if declared is not None:
        detail = {**dict.fromkeys(declared.needs, needed), **detail}
    answer = BOOK.decide(Act(act=act, detail=detail, exhibits=tuple(exhibits), **fields))
    if isinstance(answer, Entered):
        for entry in answer.entries:
            assert decode_entry(encode_entry(entry)) == entry
    elif isinstance(answer, Malformed):
        assert answer.problems and all(str(one) for one in answer.problems)


@settings(max_examples=60, deadline=None)
@given(
    detail=st.dictionaries(
        st.sampled_from(("election", "contests", "places", "law", "note")), anything, max_size=5
    ),
    changed=st.sampled_from(("election", "contests", "places", "law")),
    value=anything,
)
def test_no_opening_however_malformed_is_answered_with_an_exception(detail, changed, value):
    first = BOOK.entries[0]
    book = Book()
    book.shelf = BOOK.shelf
    for said in (detail, {**first.detail, changed: value}):
        answer = book.decide(book.act("open_book", KEEPER, detail=said, exhibits=first.exhibits))
        assert isinstance(answer, Malformed | Entered)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | st.just(b"[" * 100_000))
def test_bytes_that_are_no_act_are_a_problem(data):
    answer = read_act(data)
    assert isinstance(answer, Act) or all(isinstance(one, Problem) for one in answer)


def test_an_act_is_read_as_it_was_written():
    act = BOOK.act("report_finding", COUNTY, contest=MAYOR, place="appling", text="Two too many.", size=2)
    assert read_act(msgspec.json.encode(act)) == act


@pytest.mark.parametrize(
    "wrong",
    [
        b'{"entry":"x","received":"y","seq":1,"v":2}',
        b'{"act":"","entry":"x","received":"y","seq":1,"v":1}',
        b'{"entry":"x","received":"y","seq":1,"v":1,"who":"me"}',
        b'{"entry":"x","seq":1,"v":1}',
        b'{"v":1,"entry":"x","received":"y","seq":1}',
        b'{"entry":"x","received":"y","seq":"1","v":1}',
        b"[]",
    ],
)
def test_bytes_that_are_not_the_one_form_of_an_entry_are_refused(wrong):
    with pytest.raises(EvidenceError):
        decode_entry(wrong)
