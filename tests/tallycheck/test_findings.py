"""A county's certification carries the open findings on its contest and place: book page, section 7."""

from pathlib import Path
from typing import Any

import pytest

from tallycheck.checks import Asked, check
from tallycheck.failure import Failed
from tests.tallycheck.town import ruling, story, town
from tests.tallycheck.writer import policy, zipped

Entry = dict[str, Any]


def act(name: str, entry: str, contest: str = "", place: str = "", **more: Any) -> Entry:
    """An act of the county that is granted."""
    where = {"contest": contest} if contest else {}
    where |= {"place": place} if place else {}
    made = {"act": name, "entry": entry, "office": "county", "on": "2026-11-11"}
    return made | {"received": "2026-11-11T17:00:00Z"} | where | ruling(name) | more


def finding(contest: str = "", place: str = "") -> Entry:
    return act("find", "finding_reported", contest, place, detail={"text": "a seal is missing"})


def closed(seq: int) -> Entry:
    return act("unfind", "finding_closed", detail={"finding": seq})


def carrying(findings: tuple[int, ...]) -> Entry:
    return {"findings": [*findings]} if findings else {}


def certified(contest: str, place: str, *findings: int, **votes: int) -> Entry:
    result = {"count": "county_certified", "total": sum(votes.values())} | carrying(findings)
    late = ruling("certify", "duty", due="2026-11-10T22:00:00Z", late=True)
    detail = {"returns": {"votes": votes}}
    return act("certify", "county_returns_certified", contest, place, detail=detail, result=result) | late


def restated(corrects: int, place: str, *findings: int, **votes: int) -> Entry:
    result = {"count": "county_certified", "replaces": corrects, "total": sum(votes.values())}
    detail = {"corrects": corrects, "returns": {"votes": votes}, "wrong": "a ballot"}
    result |= carrying(findings)
    return act("restate", "county_returns_corrected", "mayor", place, detail=detail, result=result)


def book() -> list[Entry]:
    """The town's first seven entries (4 and 6 certify for mayor in the south and north), then these."""
    unofficial = {"detail": {"returns": {"votes": {"ann": 1, "bob": 1}}},
                  "result": {"count": "unofficial", "replaces": 2, "total": 2}}  # fmt: skip
    total = {"base": "county_certified", "count": "state_certified", "findings": [7, 8, 12], "margin": 11,
             "outcome": {"kind": "winner", "winners": ["ann"]}, "places": 2, "total": 151,
             "votes": {"ann": 81, "bob": 70}}  # fmt: skip
    more = [
        finding("mayor", "north"),  # 7
        finding("mayor"),  # 8
        finding("", "north"),  # 9
        finding(),  # 10
        finding("treasurer", "north"),  # 11
        finding("mayor", "south"),  # 12
        restated(6, "north", 7, 8, 9, 10, ann=61, bob=40),  # 13
        restated(4, "south", 8, 10, 12, ann=20, bob=30),  # 14
        certified("treasurer", "north", 9, 10, 11, fay=5, gil=6),  # 15
        certified("council", "south", 10, cat=1, dan=2, eve=3),  # 16
        closed(10),  # 17
        certified("council", "north", 9, cat=1, dan=2, eve=3),  # 18
        certified("president", "south", pat=1, quin=0),  # 19
        act("report", "returns_reported", "mayor", "north") | unofficial,  # 20
        closed(9),  # 21
        certified("president", "north", pat=1, quin=0),  # 22
        act("total", "state_results_certified", "mayor", result=total)
        | {"office": "secretary"} | ruling("total", "duty"),  # 23
    ]  # fmt: skip
    return story()[:7] + [
        entry | {"key": f"act-{seq}", "seq": seq, "v": 1} for seq, entry in enumerate(more, 7)
    ]


def failure(entries: list[Entry], where: Path) -> Failed | None:
    return check(zipped(town(entries), where / "p.zip"), "p.zip", Asked(policy().encode())).failure


def test_a_certification_carries_the_open_findings_of_its_contest_and_place_or_of_none(
    tmp_path: Path,
) -> None:
    found = failure(book(), tmp_path)
    assert found is None, found and found.sentence()


@pytest.mark.parametrize(
    ("seq", "findings"),
    [
        pytest.param(13, [7, 8, 9], id="one left out"),
        pytest.param(13, [7, 8, 9, 10, 11], id="one of another contest"),
        pytest.param(14, [8, 9, 10, 12], id="one of another place"),
        pytest.param(15, [11, 10, 9], id="out of order"),
        pytest.param(15, None, id="none named"),
        pytest.param(18, [9, 10], id="one that is closed"),
        pytest.param(19, [], id="an empty array"),
        pytest.param(19, [9], id="one where there is none"),
        pytest.param(20, [7, 8, 9], id="in unofficial returns"),
        pytest.param(22, [9], id="all closed"),
        pytest.param(23, [7, 8], id="a total without one of a place"),
    ],
)
def test_other_findings_fail_check_6(seq: int, findings: list[int] | None, tmp_path: Path) -> None:
    entries = book()
    result = {name: value for name, value in entries[seq]["result"].items() if name != "findings"}
    entries[seq]["result"] = result if findings is None else result | {"findings": findings}
    found = failure(entries, tmp_path)
    assert found is not None and (found.number, found.entry) == (6, seq)
