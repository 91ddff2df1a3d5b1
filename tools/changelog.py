"""Fold the fragments of changelog.d/ into CHANGELOG.md under a version, and remove them.

For whoever makes a release. A fragment is one file `changelog.d/SUBJECT.KIND.md`, written with the
change it tells of, for the people who will notice it; KIND is one of added, changed, fixed, removed,
security (the headings of keepachangelog.com). Nothing is written while any fragment is misnamed or empty.

    python3 go.py run changelog VERSION DATE       for example: 0.2.0 2026-12-01
"""

import datetime
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("added", "changed", "fixed", "removed", "security")
MARK = "<!-- versions below, newest first -->\n"


def problems(fragments: dict[str, str]) -> list[str]:
    """What is wrong with the fragments, given by file name: one sentence each."""
    misnamed = [name for name in fragments if kind_of(name) not in KINDS]
    empty = [name for name, text in fragments.items() if not text.strip()]
    return [
        *(
            f"{name}: expected SUBJECT.KIND.md, KIND one of {', '.join(KINDS)}. Rename it."
            for name in misnamed
        ),
        *(f"{name}: is empty. Say what people will notice, or remove it." for name in empty),
    ]


def section(version: str, date: str, fragments: dict[str, str]) -> str:
    """One version's part of the changelog: its fragments by kind, then by name."""
    parts = [f"## {version}, {date}\n"]
    for kind in KINDS:
        told = [as_item(fragments[name]) for name in sorted(fragments) if kind_of(name) == kind]
        if told:
            parts.append(f"### {kind.capitalize()}\n\n" + "".join(told))
    return "\n".join(parts)


def fold(changelog: str, new_section: str) -> str:
    """The changelog with one more section, above the older ones."""
    head, mark, older = changelog.partition(MARK)
    if not mark:
        raise ValueError("CHANGELOG.md has lost the line that marks where the versions begin")
    return f"{head}{mark}\n{new_section}{older}"


def kind_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) == 3 and parts[0] and parts[2] == "md" else ""


def as_item(text: str) -> str:
    first, *rest = text.strip().splitlines()
    return "\n".join([f"* {first}", *(f"  {line}" if line else "" for line in rest)]) + "\n"


def main(words: list[str]) -> int:
    if len(words) != 2 or not is_date(words[1]):
        print("Usage: python3 go.py run changelog VERSION YYYY-MM-DD", file=sys.stderr)
        return 2
    files = {file.name: file for file in (ROOT / "changelog.d").glob("*.md") if file.name != "README.md"}
    fragments = {name: file.read_text(encoding="utf-8") for name, file in files.items()}
    wrong = problems(fragments) or ([] if fragments else ["changelog.d/ holds no fragment."])
    if wrong:
        print("\n".join([*wrong, "Nothing was changed."]), file=sys.stderr)
        return 2
    changelog = ROOT / "CHANGELOG.md"
    changelog.write_text(
        fold(changelog.read_text(encoding="utf-8"), section(words[0], words[1], fragments)), encoding="utf-8"
    )
    for file in files.values():
        file.unlink()
    print(f"Folded {len(files)} fragments into CHANGELOG.md as {words[0]}.")
    return 0


def is_date(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
