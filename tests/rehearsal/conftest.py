"""The databases of the keep's tests, for its rehearsals."""

from tests.rooms.keep.conftest import keep, made_postgresql, made_sqlite, recorder, url

__all__ = ["keep", "made_postgresql", "made_sqlite", "recorder", "url"]
