"""Where a stored part of an entry is not the one found again: which check says so (checks page, section 3).

`numbers` give the check of each field; one that is a dictionary itself gives those of the fields of objects
by name, such as contests and strata.
"""

from typing import Any

from .canonical import write
from .failure import Failed, shown


def lowest(numbers: Any) -> int:
    """The lowest number of a field, or of fields within it."""
    return numbers if isinstance(numbers, int) else min(map(lowest, numbers.values()), default=14)


def contest_failures(stored: Any, expected: Any, numbers: dict[str, Any], of: str, seq: int) -> list[Failed]:
    """The failures of a field that holds an object for each contest."""
    found = []
    if not isinstance(stored, dict) or not isinstance(expected, dict):
        return [Failed(lowest(numbers), unlike(of, stored, expected), entry=seq)]
    for name in stored.keys() | expected.keys():
        if name in stored and name in expected:
            found += inner_failures(stored[name], expected[name], numbers, f"{of}/{shown(name)}", seq)
        else:
            words = unlike(f"{of}/{shown(name)}", stored.get(name), expected.get(name))
            found.append(Failed(lowest(numbers), words, entry=seq))
    return found


def inner_failures(
    stored: Any, expected: dict[str, Any], numbers: dict[str, Any], of: str, seq: int
) -> list[Failed]:
    """The failures among the fields of a ruling, a refusal or a result."""
    if not isinstance(stored, dict):
        return [Failed(lowest(numbers), f"`{of}` is {shown(stored)}; expected an object", entry=seq)]
    found = []
    for name in stored.keys() | expected.keys():
        if name in stored and name not in numbers:
            found.append(Failed(14, f"the field `{of}/{shown(name)}` is not permitted there", entry=seq))
        elif isinstance(numbers[name], dict):
            found += contest_failures(
                stored.get(name), expected.get(name), numbers[name], f"{of}/{name}", seq
            )
        elif name not in stored or name not in expected or not alike(stored[name], expected[name]):
            words = unlike(f"{of}/{name}", stored.get(name), expected.get(name))
            found.append(Failed(numbers[name], words, entry=seq))
    return found


def unlike(name: str, stored: Any, expected: Any) -> str:
    """What was found and what was expected."""
    return f"`{name}`: found {absent(stored)}; expected {absent(expected)}"


def absent(value: Any) -> str:
    """A value as shown, or that there is none."""
    return "nothing" if value is None else shown(write(value))


def alike(a: Any, b: Any) -> bool:
    """Whether two values are written the same (true is not 1)."""
    return bool(write(a) == write(b))
