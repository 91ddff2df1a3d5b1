"""The recorder: what a receipt promises, and what one act can do to its neighbours."""

from threading import Thread

from tallybook.book import Malformed
from tallybook.keep import tables
from tallybook.keep.opening import Keep
from tallybook.keep.recorder import Behind, Receipt, Recorder
from tests.fakes.small_keep import (
    BOOK,
    NIGHT,
    certification,
    returns,
    shelve,
    stopped_clock,
    stopped_steady,
)


def test_a_granted_act_gets_a_receipt_with_its_number(recorder: Recorder) -> None:
    found = recorder.submit(returns("a"))
    assert isinstance(found, Receipt)
    assert (found.seq, found.entry, found.repeated) == (1, "unofficial_returns_reported", False)


def test_a_refusal_is_recorded_and_gets_a_receipt(recorder: Recorder) -> None:
    found = recorder.submit(certification("a"))
    assert isinstance(found, Receipt)
    assert found.entry == "act_refused"


def test_a_repeated_act_gets_the_same_receipt(recorder: Recorder) -> None:
    first, again = recorder.submit(returns("a")), recorder.submit(returns("a"))
    assert isinstance(first, Receipt) and isinstance(again, Receipt)
    assert (again.seq, again.leaf, again.entry) == (first.seq, first.leaf, first.entry)
    assert again.repeated and not first.repeated


def test_an_act_repeated_within_one_group_is_entered_once(keep: Keep, recorder: Recorder) -> None:
    tickets = [recorder.ask(returns("same")) for _ in range(50)]
    found = [ticket.wait(20) for ticket in tickets]
    assert {one.seq for one in found if isinstance(one, Receipt)} == {1}
    assert [one.repeated for one in found if isinstance(one, Receipt)] == [False] + [True] * 49
    assert tables.size_of(keep.alias, BOOK) == 2


def test_another_act_under_a_used_key_is_a_problem(recorder: Recorder) -> None:
    recorder.submit(returns("a"))
    found = recorder.submit(returns("a", ada=11))
    assert isinstance(found, Malformed)
    assert found.problems[0].field == "key"


def test_a_problem_enters_nothing(keep: Keep, recorder: Recorder) -> None:
    found = recorder.submit(returns("a", place=77))
    assert isinstance(found, Malformed)
    assert tables.size_of(keep.alias, BOOK) == 1


def test_a_stale_act_is_answered_with_the_newer_entries_on_its_subject(recorder: Recorder) -> None:
    recorder.submit(returns("a", place=1))
    recorder.submit(returns("b", place=2))
    recorder.submit(returns("c", place=1))
    late = returns("d", place=1)
    found = recorder.submit(
        type(late)(**{**{f: getattr(late, f) for f in late.__struct_fields__}, "seen": 0})
    )
    assert isinstance(found, Behind)
    assert found.newest == 3
    assert [entry.key for entry in found.entries] == ["a", "c"]


def test_two_recorders_on_one_book_see_each_other(keep: Keep, recorder: Recorder) -> None:
    other = Recorder(keep, BOOK, shelve=shelve, clock=stopped_clock(), steady=stopped_steady())
    found = [one.submit(returns(f"{n}")) for n, one in enumerate([recorder, other, other, recorder, other])]
    assert [one.seq for one in found if isinstance(one, Receipt)] == [1, 2, 3, 4, 5]
    assert other.submit(returns("0")) == Receipt(BOOK, 1, found[0].leaf, found[0].entry, True)  # type: ignore[union-attr]
    other.close()


def test_a_restarted_recorder_knows_the_keys(keep: Keep, recorder: Recorder) -> None:
    first = recorder.submit(returns("a"))
    recorder.close()
    again = Recorder(keep, BOOK, shelve=shelve, clock=stopped_clock(), steady=stopped_steady())
    found = again.submit(returns("a"))
    again.close()
    assert isinstance(first, Receipt) and isinstance(found, Receipt)
    assert found.repeated and found.leaf == first.leaf


def test_many_threads_make_one_gapless_book(keep: Keep, recorder: Recorder) -> None:
    def work(n: int) -> None:
        for i in range(5):
            recorder.submit(returns(f"{n}-{i}", place=n % 3))

    threads = [Thread(target=work, args=(n,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row[0] for row in tables.rows(keep.alias, BOOK, 0)] == list(range(201))
    assert recorder.standing().size == 201


def test_received_is_the_recorders_clock_not_the_senders(recorder: Recorder) -> None:
    act = returns("a")
    recorder.submit(type(act)(**{**{f: getattr(act, f) for f in act.__struct_fields__}, "received": "1999"}))
    assert recorder.standing().received == NIGHT
