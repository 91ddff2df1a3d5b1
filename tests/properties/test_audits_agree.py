"""Two programs that share no code agree on audits by plan: what the book writes is believed, nothing else is.

Random audits must be believed by `tallycheck`. Then one value in one of their entries is changed and all is
signed anew with all keys: the checker must believe it if, and only if, the book would have written it so.
"""

import random
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tallybook.merkle.errors import EvidenceError
from tallycheck.checks import Asked, Report, check
from tests.doors.test_audit_vectors import written_again
from tests.properties.audit_worlds import grown
from tests.properties.book_worlds import one_value
from tools.make_audit_vectors import forged, nothing
from tools.make_vectors import POLICY, zipped

UNDER = Asked(policy=POLICY.encode())
STEADY = ("book_opened", "risk_limiting_audit_ordered", "checkpoint_recorded")


def verdict(folder: Path, files: dict[str, bytes]) -> Report:
    """The checker's report on a package, as a ZIP."""
    place = folder / "package.zip"
    place.write_bytes(zipped(files))
    return check(place, "package", UNDER)


def changed(dice: random.Random, said: list[str]) -> Any:
    """A change of one value in one entry of the audit."""

    def change(entries: list[dict[str, Any]]) -> None:
        mine = [one for one in entries if one["entry"] not in STEADY]
        said.append(one_value([dice.choice(mine)], dice))

    return change


def agreed(folder: Path, seed: int, forgeries: int, found: Counter[str]) -> None:
    """One audit, and some forgeries of it."""
    book = grown(seed)
    files = forged(book, nothing)
    assert written_again(files) == "", seed
    report = verdict(folder, files)
    assert report.failure is None, (seed, report.failure and report.failure.sentence())
    found.update(one.entry for one in book.entries)
    found.update(one.refusal["code"] for one in book.entries if one.refusal)
    dice = random.Random(seed)
    for _ in range(forgeries):
        said: list[str] = []
        try:
            bent = forged(deepcopy(book), changed(dice, said))
        except (EvidenceError, KeyError, TypeError, AttributeError, ValueError):
            found["forgeries that no package holds"] += 1
            continue
        why_not = written_again(bent)
        failure = verdict(folder, bent).failure
        if failure is None and "risk" in said[0]:
            found["risks within the tolerance"] += 1
            continue
        assert (failure is None) == (not why_not), (seed, said, why_not, failure and failure.sentence())
        found["another lawful audit" if not why_not else f"check {failure.number}"] += 1


@pytest.mark.slow
def test_the_checker_believes_the_audits_that_the_book_writes_and_no_others(tmp_path: Path) -> None:
    found: Counter[str] = Counter()
    for seed in range(18):
        agreed(tmp_path, seed, 4, found)
    assert min(found[kind] for kind in ("audit_stopped", "reading_corrected", "readings_adjudicated")) > 0


@pytest.mark.rehearsal
def test_five_hundred_audits_and_five_thousand_forgeries(tmp_path: Path) -> None:
    found: Counter[str] = Counter()
    for seed in range(1000, 1500):
        agreed(tmp_path, seed, 10, found)
    print(sorted(found.items()))
    assert found["audit_reopened"] > 0
