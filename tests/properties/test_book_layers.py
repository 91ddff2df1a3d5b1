"""A map that never changes behaves as a dict that is copied before every change."""

from hypothesis import given
from hypothesis import strategies as st

from tallybook.book.layers import Map

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


def test_growing_by_one_copies_each_key_a_few_times_only() -> None:
    copied, now = 0, Map[int, int]()
    for n in range(4096):
        before = {id(layer) for layer in now._layers}
        now = now.set(n, n)
        copied += sum(len(layer) for layer in now._layers if id(layer) not in before)
    assert copied <= 4096 * 13  # log2(4096) + 1 times each
    assert len(now._layers) <= 13
