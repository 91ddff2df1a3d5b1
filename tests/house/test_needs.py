"""The rule that no test is lost unseen: a missing need skips here, and fails where all is required."""

from collections.abc import Callable

import pytest
from _pytest.outcomes import Failed, Skipped

from tests import needs


def absent_everywhere(patch: pytest.MonkeyPatch) -> None:
    patch.delenv("TALLYBOOK_TEST_POSTGRES", raising=False)
    patch.setenv("TALLYBOOK_TEST_VOTING", "no-such-program")
    patch.setattr(needs.shutil, "which", lambda _: None)
    patch.setattr(needs, "NODE_MODULES", needs.ROOT / "no-such-folder")


ALL = [
    needs.needs_postgres,
    needs.needs_go,
    needs.needs_chromium,
    needs.needs_voting_libraries,
    lambda: needs.needs_npm_package("@sigstore/verify"),
    lambda: needs.needs_program("psql", "Debian: postgresql"),
]


@pytest.mark.parametrize("need", ALL)
def test_a_missing_need_skips_the_test(need: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    absent_everywhere(monkeypatch)
    monkeypatch.delenv("TALLYBOOK_REQUIRE_ALL", raising=False)
    with pytest.raises(Skipped):
        need()


@pytest.mark.parametrize("need", ALL)
def test_a_missing_need_fails_where_everything_is_required(
    need: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    absent_everywhere(monkeypatch)
    monkeypatch.setenv("TALLYBOOK_REQUIRE_ALL", "1")
    with pytest.raises(Failed):
        need()


def test_real_elections_are_never_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLYBOOK_REQUIRE_ALL", "1")
    with pytest.raises(Skipped):
        needs.needs_shared("data/no-such-election")


def test_a_need_that_is_met_is_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLYBOOK_TEST_POSTGRES", "postgresql://127.0.0.1:5999/postgres")
    assert needs.needs_postgres() == "postgresql://127.0.0.1:5999/postgres"
