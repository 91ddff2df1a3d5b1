"""A container's record without gaps is quiet; each gap is a finding and an assumption."""

import pytest

from tallybook.canvass import Container, Record, custody, read_containers, read_events, timeline

UNBROKEN = """
box-1 | 2020-11-03T19:30:00-05:00 | sealed   | manager; assistant | precinct 4 | A-100
box-1 | 2020-11-03T19:40:00-05:00 | released | manager; driver    | precinct 4 | A-100
box-1 | 2020-11-03T20:10:00-05:00 | received | driver; clerk      | office     | A-100
box-1 | 2020-11-03T20:15:00-05:00 | stored   | clerk; deputy      | office     | A-100
box-1 | 2020-11-14T09:00:00-05:00 | opened   | clerk; monitor     | office     | A-100
box-1 | 2020-11-14T11:00:00-05:00 | resealed | clerk; monitor     | office     | A-200
box-1 | 2020-11-14T11:05:00-05:00 | stored   | clerk; monitor     | office     | A-200
"""
NAMES = ("container", "time", "action", "persons", "place", "seal")


def rows(text: str) -> list[dict[str, str]]:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return [dict(zip(NAMES, (c.strip() for c in line.split("|")), strict=True)) for line in lines]


def record(text: str, *boxes: Container, margin: int | None = None) -> Record:
    events, problems = read_events(rows(text), "custody.csv")
    assert problems == [], problems
    return custody(events, boxes or (Container("box-1", 500),), margin)


def test_an_unbroken_record_has_no_findings_and_needs_no_assumption() -> None:
    found = record(UNBROKEN)
    assert (found.findings, found.assumptions, found.unbroken) == ((), (), ("box-1",))


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ("manager; driver ", "driver          ", ["one_person"]),
        ("manager; driver ", "driver; driver  ", ["one_person"]),
        (
            "opened   | clerk; monitor     | office     | A-100",
            "opened   | clerk; monitor     | office     | A-101",
            ["other_seal"],
        ),
        ("2020-11-03T20:10", "2020-11-03T22:10", ["long_transfer"]),
        (
            "resealed | clerk; monitor     | office     | A-200",
            "resealed | clerk; monitor     | office     | ",
            ["no_seal"],
        ),
    ],
)
def test_one_thing_wrong_is_one_gap(old: str, new: str, kinds: list[str]) -> None:
    text = UNBROKEN.replace(old, new)
    if "20:10" in old:
        text = text.replace("20:15", "22:15")
    assert [one.kind for one in record(text).findings] == kinds


@pytest.mark.parametrize(
    ("without", "kinds"),
    [
        ("sealed ", {"no_beginning"}),
        ("released", {"no_release"}),
        ("received", {"no_receipt"}),
        ("opened ", {"opened_unseen"}),
        ("resealed", {"open_container"}),
    ],
)
def test_a_missing_event_is_a_gap(without: str, kinds: set[str]) -> None:
    text = "\n".join(line for line in UNBROKEN.splitlines() if f"| {without}" not in line)
    found = {one.kind for one in record(text).findings}
    assert kinds <= found
    assert found - kinds <= {"one_person"}


def test_a_gap_is_an_assumption_that_states_the_cards() -> None:
    found = record(UNBROKEN.replace("manager; driver ", "driver          "), margin=400)
    (one,), (assumed,) = found.findings, found.assumptions
    assert one.severity == "decisive"
    assert "released at 2020-11-03 19:40-05:00 with 1 person on record instead of two" in one.says
    assert "The margin is 400: this alone is as large or larger." in one.says
    assert assumed.says.startswith(
        "That its 500 cards were not changed, added or taken, although: released at"
    )


def test_a_container_of_the_manifest_without_a_record_is_a_gap_and_so_is_one_that_it_does_not_know() -> None:
    found = record(UNBROKEN, Container("box-2", 80))
    assert {(one.place, one.kind) for one in found.findings} == {
        ("container box-1", "not_listed"),
        ("container box-2", "no_record"),
    }


def test_one_seal_number_on_two_containers_is_a_gap() -> None:
    other = UNBROKEN.replace("box-1", "box-2").replace("A-200", "A-300")
    found = record(UNBROKEN + other, Container("box-1"), Container("box-2"))
    assert [one.kind for one in found.findings] == ["seal_twice"]
    assert [one.container for one in found.assumptions] == ["box-2"]
    assert found.unbroken == ("box-1",)


def test_an_open_end_is_a_gap() -> None:
    text = "\n".join(UNBROKEN.strip().splitlines()[:2])
    assert [one.kind for one in record(text).findings] == ["no_end"]


def test_a_move_without_a_transfer_is_a_gap() -> None:
    text = UNBROKEN.replace(
        "stored   | clerk; monitor     | office  ", "stored   | clerk; monitor     | vault   "
    )
    assert [one.kind for one in record(text).findings] == ["moved_unseen"]


def test_the_timeline_is_in_the_order_of_time_not_of_rows() -> None:
    backwards = "\n".join(reversed(UNBROKEN.strip().splitlines()))
    events, _ = read_events(rows(backwards), "custody.csv")
    assert [one.action for one in timeline(events)["box-1"]][:3] == ["sealed", "released", "received"]


def test_a_row_that_cannot_be_read_is_told() -> None:
    events, problems = read_events(rows("| 2020-11-03T19:30:00 | closed | a; b | p | A-1"), "custody.csv")
    assert events == ()
    assert [str(one).split(":")[0] for one in problems] == [
        f'custody.csv, row 2, "{c}"' for c in ("time", "action", "container")
    ]


def test_a_container_listed_twice_and_cards_that_are_no_number_are_told() -> None:
    listed = [{"container": "box-1", "cards": "5O0"}, {"container": "box-1", "cards": "5"}]
    _, problems = read_containers(listed, "containers.csv")
    assert [str(one).split(": found ")[0] for one in problems] == [
        'containers.csv, row 2, "cards"',
        "containers.csv, row 3",
    ]
