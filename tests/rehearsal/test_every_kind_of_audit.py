"""Thousands of audits of every kind: the checker believes all of them, and no forged result of any.

What a world is, and which check must reject which field: ``tests/properties/test_every_kind_of_audit.py``.
"""

from collections import Counter
from pathlib import Path

import pytest

from tests.properties.audit_forgeries import TABLE
from tests.properties.audit_kinds_worlds import KINDS
from tests.properties.test_every_kind_of_audit import believed, caught


@pytest.mark.rehearsal
def test_four_thousand_audits_are_believed_and_twenty_thousand_forgeries_are_not(tmp_path: Path) -> None:
    seen, fields = Counter[str](), Counter[str]()
    for seed in range(10_000, 14_000):
        book = believed(tmp_path, seed, KINDS[seed % len(KINDS)])
        seen.update(one.entry for one in book.entries)
        fields.update(caught(tmp_path, book, seed, 5))
    print(sorted(seen.items()), sorted(fields.items()))
    assert seen.keys() >= TABLE.keys()
