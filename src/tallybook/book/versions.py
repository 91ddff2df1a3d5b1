"""A map that never changes: setting a key gives a new map, and the old one stays as it was.

For the standing of a book, which must keep what it was while it grows to a hundred thousand entries. All
versions share one dict, which is that of the newest; an older version knows the next one and the one key that
the next changed, and finds what it held itself on the way there. So setting a key, and asking the newest
version, take the same time however large the map is (Baker 1978, "Shallow binding in Lisp 1.5").
"""

from collections.abc import ItemsView, Iterable, Iterator, Mapping, ValuesView
from typing import Any, TypeVar, overload

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")

ABSENT: Any = object()


class Map(Mapping[K, V]):
    """A persistent map. Two maps are equal when they hold the same; the order of keys is not promised.

    _shared: the dict of the newest version; _next: the version after this one, None for the newest; _key,
    _was: the key that the next one changed, and what this one holds there. Many threads may read: a version
    is told of the next before the dict changes, so what a reader found is this version's own if there is
    still no next version afterwards. Many may set: _turn holds one thing, and who takes it makes the next.
    """

    __slots__ = ("_key", "_next", "_shared", "_turn", "_was")
    _key: K
    _next: "Map[K, V] | None"
    _shared: dict[K, V]
    _turn: list[None]
    _was: V

    def __init__(self, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        self._shared = dict(items)
        self._next = None
        self._turn = [None]

    def set(self, key: K, value: V) -> "Map[K, V]":
        """This map with one more key, or with another value for it. An older version is copied first."""
        try:
            self._turn.pop()
        except IndexError:
            return Map({**self._copy(), key: value})
        made: Map[K, V] = Map.__new__(Map)
        made._next, made._shared, made._turn = None, self._shared, [None]
        self._key, self._was = key, self._shared.get(key, ABSENT)
        self._next = made
        self._shared[key] = value
        return made

    def update(self, items: Mapping[K, V]) -> "Map[K, V]":
        """This map with all these keys and values."""
        now = self
        for key, value in items.items():
            now = now.set(key, value)
        return now

    def delete(self, key: K) -> "Map[K, V]":
        """This map without a key. Copies the map: for small ones. Raises KeyError where it is not there."""
        whole = self._copy()
        del whole[key]
        return Map(whole)

    def _copy(self) -> dict[K, V]:
        """What this version holds, as a dict of its own."""
        steps, version, whole = [], self, dict(self._shared)
        while (later := version._next) is not None:
            steps.append((version._key, version._was))
            version, whole = later, {} if later._next is not None else dict(later._shared)
        for key, was in reversed(steps):
            if was is ABSENT:
                del whole[key]
            else:
                whole[key] = was
        return whole

    def _earlier(self, key: Any, default: object) -> object:
        """What a version that is no longer the newest holds, found on the way to the newest."""
        version = self
        while (later := version._next) is not None:
            if version._key == key:
                return default if version._was is ABSENT else version._was
            version = later
        return version.get(key, default)

    def __getitem__(self, key: K) -> V:
        if (found := self.get(key, ABSENT)) is ABSENT:
            raise KeyError(key)
        return found

    @overload
    def get(self, key: K) -> V | None: ...

    @overload
    def get(self, key: K, default: V | D) -> V | D: ...

    def get(self, key: K, default: object = None) -> object:
        """The value of a key, or the default."""
        found = self._shared.get(key, default)
        return found if self._next is None else self._earlier(key, default)

    def __contains__(self, key: object) -> bool:
        found = key in self._shared
        return found if self._next is None else self._earlier(key, ABSENT) is not ABSENT

    def __iter__(self) -> Iterator[K]:
        return iter(self._copy())

    def items(self) -> ItemsView[K, V]:
        """Keys and values."""
        return self._copy().items()

    def values(self) -> ValuesView[V]:
        """Values."""
        return self._copy().values()

    def __len__(self) -> int:
        return len(self._shared) if self._next is None else len(self._copy())

    def __repr__(self) -> str:
        return f"Map({self._copy()!r})"
