"""A small sheet written as an official would, for the tests of this room."""

from tallybook.canvass import Account, Canvass, read_accounts, reconcile


def rows(text: str) -> list[dict[str, str]]:
    """Cells separated by blanks; "-" is an empty cell."""
    lines = [line.split() for line in text.strip().splitlines()]
    return [dict(zip(lines[0], ("" if c == "-" else c for c in line), strict=True)) for line in lines[1:]]


def sheet(text: str) -> tuple[Account, ...]:
    accounts, problems = read_accounts(rows(text), "accounts.csv")
    assert problems == [], problems
    return accounts


def canvass(text: str, margin: int | None = None, **known: list[int]) -> Canvass:
    return reconcile(sheet(text), margin, known.get("test_decks", []))
