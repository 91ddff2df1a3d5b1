"""A map that never changes behaves as a dict that is copied before every change."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

from hypothesis import given
from hypothesis import strategies as st

from tallybook.book.versions import Map

KEYS = st.integers(0, 40)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), KEYS, st.integers()),
        st.tuples(st.just("update"), st.dictionaries(KEYS, st.integers(), max_size=5), st.none()),
        st.tuples(st.just("delete"), KEYS, st.none()),
    ),
    max_size=120,
)


@given(STEPS)
def test_every_map_ever_made_stays_what_it_was(steps: list[tuple[str, object, object]]) -> None:
    made: list[tuple[Map[object, object], dict[object, object]]] = [(Map(), {})]
    for what, first, second in steps:
        now, plain = made[-1]
        copy = dict(plain)
        if what == "set":
            now, copy = now.set(first, second), {**copy, first: second}
        elif what == "update":
            now, copy = now.update(first), {**copy, **first}  # type: ignore[arg-type, dict-item]
        elif first in plain:
            now = now.delete(first)
            del copy[first]
        made.append((now, copy))
    for now, plain in made:
        assert now == plain
        assert dict(now.items()) == plain
        assert len(now) == len(plain)
        assert all(now[key] == now.get(key) == value and key in now for key, value in plain.items())
        assert now.get(99, "none") == "none"
        assert 99 not in now


def test_all_versions_share_one_dict_until_an_old_one_is_changed() -> None:
    first = Map({"a": 1})
    second = first.set("b", 2)
    third = second.set("a", 3)
    branch = second.set("a", 4)
    assert first._shared is second._shared is third._shared is not branch._shared
    assert [dict(one) for one in (first, second, third, branch)] == [
        {"a": 1},
        {"a": 1, "b": 2},
        {"a": 3, "b": 2},
        {"a": 4, "b": 2},
    ]


def test_a_reader_of_an_old_version_never_sees_what_a_writer_does_meanwhile() -> None:
    old = now = Map(dict.fromkeys(range(8), 0))
    seen: list[int] = []
    done = Event()

    def read() -> None:
        while not done.is_set():
            seen.extend(old[n] for n in range(8))

    reader = Thread(target=read)
    reader.start()
    for n in range(20_000):
        now = now.set(n % 8, n + 1)
        if n % 200 == 0:
            old = now = Map(dict.fromkeys(range(8), 0))
    done.set()
    reader.join()
    assert set(seen) == {0}


def test_writers_of_one_version_never_see_each_other() -> None:
    for start in (Map(dict.fromkeys(range(8), 0)) for _ in range(50)):
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda n, start=start: start.set(n % 8, n), range(1, 9)))
        assert [dict(one) for one in made] == [{**dict.fromkeys(range(8), 0), n % 8: n} for n in range(1, 9)]
        assert dict(start) == dict.fromkeys(range(8), 0)
