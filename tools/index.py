"""Write the lists of pages in the documents' folders: each page's title and first sentence.

For whoever adds a page. A folder's README.md keeps its own words; the list below the mark is made from
the pages beside it, so no page is lost and no list is stale (a test compares them).

    python3 go.py run index
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("tutorial", "how-to", "reference", "explanation", "spec", "decisions")
MARK = "<!-- the list below is made by `python3 go.py run index` -->\n"


def with_list(readme: str, pages: dict[str, str]) -> str:
    """The folder's README with its list made anew from the pages, given as text by file name."""
    head, mark, _ = readme.partition(MARK)
    if not mark:
        raise ValueError("the README has lost the line that marks where its list begins")
    items = [item(name, pages[name]) for name in sorted(pages)] or ["No page yet.\n"]
    return f"{head}{mark}\n{''.join(items)}"


def item(name: str, page: str) -> str:
    """One line of a list: the page's title, linked, and the first sentence that says something."""
    title = re.search(r"^# +(.+?) *$", page, re.MULTILINE)
    prose = " ".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", page) if is_prose(part))
    sentences = re.split(r"(?<=[.:?!])\s", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", prose))
    first = next((sentence for sentence in sentences if len(sentence.split()) > 4), "").replace(":", ".")
    return f"* [{title[1] if title else name}]({name}). {first}".rstrip() + "\n"


def is_prose(part: str) -> bool:
    return bool(part.strip()) and not re.match(r"[#>|<]|```|~~~|!\[|[*+-] |\d+\.", part.lstrip())


def pages_of(folder: Path) -> dict[str, str]:
    files = [file for file in folder.glob("*.md") if file.name != "README.md"]
    files += folder.glob("*/README.md")
    return {file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8") for file in sorted(files)}


def main() -> int:
    for name in FOLDERS:
        readme = ROOT / "docs" / name / "README.md"
        made = with_list(readme.read_text(encoding="utf-8"), pages_of(readme.parent))
        readme.write_text(made, encoding="utf-8")
    print(f"Wrote the lists of {len(FOLDERS)} folders.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
