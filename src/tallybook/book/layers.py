"""A map that never changes: setting a key gives a new map, and the old one stays as it was.

For the standing of a book, which must keep what it was while it grows to a hundred thousand entries. The
map is a stack of dicts, newest and smallest first. A new key makes a layer of one; layers no larger than what
lies on them are poured together, as in a log-structured merge tree. So n keys are copied about n log n times
in all, a lookup asks at most about log n dicts, and a map and its successor share all but the first layers.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar, overload

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")


class Map(Mapping[K, V]):
    """A persistent map. Two maps are equal when they hold the same; the order of keys is not promised."""

    __slots__ = ("_layers",)

    def __init__(self, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        whole = dict(items)
        self._layers: tuple[dict[K, V], ...] = (whole,) if whole else ()

    def set(self, key: K, value: V) -> "Map[K, V]":
        """This map with one more key, or with another value for it."""
        return self._on_top({key: value})

    def update(self, items: Mapping[K, V]) -> "Map[K, V]":
        """This map with all these keys and values."""
        return self._on_top(dict(items)) if items else self

    def delete(self, key: K) -> "Map[K, V]":
        """This map without a key. Copies the map: for small ones. Raises KeyError where it is not there."""
        whole = self._whole()
        del whole[key]
        return Map(whole)

    def _on_top(self, newest: dict[K, V]) -> "Map[K, V]":
        layers, poured = self._layers, 0
        for layer in layers:
            if len(layer) > len(newest):
                break
            newest = {**layer, **newest}
            poured += 1
        made: Map[K, V] = Map.__new__(Map)
        made._layers = (newest, *layers[poured:])
        return made

    def _whole(self) -> dict[K, V]:
        whole: dict[K, V] = {}
        for layer in reversed(self._layers):
            whole |= layer
        return whole

    def __getitem__(self, key: K) -> V:
        for layer in self._layers:
            if key in layer:
                return layer[key]
        raise KeyError(key)

    @overload
    def get(self, key: K) -> V | None: ...

    @overload
    def get(self, key: K, default: V | D) -> V | D: ...

    def get(self, key: K, default: object = None) -> object:
        """The value of a key, or the default. As Mapping.get, but without its detour over KeyError."""
        for layer in self._layers:
            if key in layer:
                return layer[key]
        return default

    def __contains__(self, key: object) -> bool:
        return any(key in layer for layer in self._layers)

    def __iter__(self) -> Iterator[K]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole()) if len(self._layers) > 1 else sum(map(len, self._layers))

    def __repr__(self) -> str:
        return f"Map({self._whole()!r})"
