"""Write the reference of acts and of entries from the law files that come with the program.

For officials who look up what they may ask, and observers who look up what an entry says. The pages are made
from the same data that rules on acts, so neither can be stale (a test compares them).

    python3 tools/acts.py
"""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "src" / "tallybook" / "law" / "data"
PAGES = ROOT / "docs" / "reference"
FILES = ("book", "officers", "audit", "us", "georgia")

EFFECTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "open": ("The book begins: its election, contests, places and law.", ()),
    "adopt": ("From the next entry on, this law file stands in the place of the one with the same id.", ()),
    "record": ("It stands in the record, where rows of the law may look for it.", ()),
    "correct": ("The wording of an entry is corrected; no count changes.", ("corrects",)),
    "returns": (
        "A statement of one count for a place, beside every other count.",
        ("count", "total", "replaces", "findings"),
    ),
    "restate": (
        "The statement named is replaced, and no other count.",
        ("count", "total", "replaces", "findings"),
    ),
    "state_total": (
        "The places are summed; the outcome follows by law, and a runoff where the law asks one.",
        (
            *("base", "count", "votes", "total", "places", "missing", "findings", "outcome", "margin"),
            *("replaces", "changed"),
        ),
    ),
    "audit_result": (
        "The hand count beside the returns of the same places. Whether it replaces them is for the law.",
        (
            *("votes", "total", "places", "missing", "returns", "margin", "returns_margin", "same"),
            *("difference", "effect"),
        ),
    ),
    "recount_order": ("The contest is being recounted until it is certified anew.", ()),
    "electors": (
        "The slate with the most votes is appointed, by the number in the law.",
        ("electors", "slate", "votes", "law", "row", "citation"),
    ),
    "electoral_votes": (
        "The votes of the electors certified last.",
        ("appointed", "cast", "faithless", "vacant"),
    ),
    "joint_session": (
        "The votes of all states, and the majority of those appointed.",
        ("totals", "appointed", "majority", "outcome", "vice_totals", "vice_outcome"),
    ),
    "chamber": ("Which caucus can organise the chamber from this day.", ("control", "by")),
    "finding": ("A finding is open; every certification that it bears on lists it.", ()),
    "close_finding": ("The finding is closed.", ()),
    "lot": ("One of the tied places is given; the outcome follows.", ("outcome",)),
    "checkpoint": ("Witnesses have seen the book at this size.", ("size", "root")),
    "commit": ("The inputs of a draw are fixed, until a seed is recorded.", ("cards",)),
    "seed": ("The seed of the draw.", ("committed", "checkpoint")),
    "draw": ("The sample, drawn by the published rule.", ("count", "sample", "sample_sha256")),
    "readings": ("What people read on drawn cards.", ("read", "left")),
    "sign": (
        "The readings are complete and added up.",
        ("count", "votes", "blank", "overvote", "write_in", "not_found"),
    ),
    "keys": ("The keys of a post, whole, from the next entry on.", ("dropped", "replaces")),
    "roster": ("Who sits in a board, whole, from the next entry on.", ("replaces",)),
    "move_date": ("A deadline is another, for every act that the entry matches.", ("due", "was")),
    "recount_batches": (
        "The first count and the recount of a place, batch by batch.",
        ("batches", "only_first", "only_second", "changed", "difference", "greatest"),
    ),
    "recount_result": (
        "The recount beside the first count of the same places.",
        (
            *("votes", "total", "places", "missing", "first", "margin", "first_margin", "same"),
            *("difference", "changed", "by_place"),
        ),
    ),
    "claim": ("An allegation or question, as it was made, without an answer yet.", ()),
    "answer": ("What the record says to a claim.", ("replaces",)),
    "plan": (
        "What is audited, how, and what must be true: fixed before the seed.",
        ("contests", "contests_sha256"),
    ),
    "plan_seed": ("The seed of the audit's draw.", ("committed", "checkpoint")),
    "round": (
        "One more round of cards or batches, by the published rule.",
        (
            *("round", "count", "sizes", "sizes_sha256", "usable", "usable_sha256"),
            *("sample", "sample_sha256"),
        ),
    ),
    "blind": ("One reader's readings, sealed until both are in.", ("waiting",)),
    "unblind": ("One reader's readings, open; two that are alike are settled.", ("differ",)),
    "adjudicate": ("What two people read differently is settled by the board.", ("unopened",)),
    "records": ("The records of drawn cards stand beside their readings.", ("rows",)),
    "explain": ("Discrepancies have causes.", ()),
    "reread": (
        "A settled reading is another, and with it the risks that rest on it.",
        ("contests", "contests_sha256"),
    ),
    "sitting": ("The board has signed what was done since its last signature.", ("sitting", "acts", "root")),
    "measure": (
        "The risk of every open contest, and what comes next.",
        ("round", "contests", "contests_sha256"),
    ),
    "stop": ("The audit of a contest has ended.", ("audit", "by", "confirmed", "outcome")),
}
"""What each effect does to the record, and the fields of its result (docs/spec/book.md, sections 7 and 8;
docs/spec/officers.md; docs/spec/audit.md). An act of a board has `board` besides."""

OTHERS = (
    (
        "act_refused",
        "The law or the record refused an act. It changes nothing; `refusal` says why and who may.",
    ),
    ("act_without_legal_effect", "A request or an allegation, remembered. It changes nothing."),
    ("runoff_arose", "A runoff, by law: `runoff`, `choices`, `day`, `law`, `row`, `citation`."),
    ("runoff_withdrawn", "The need for a runoff has gone: `runoff`."),
    ("audit_reopened", "A correction took away what an audit had stopped on: `audit`, `risk`."),
)
"""Entries that no act declares: answers, and what follows by law."""


def law_files() -> list[dict[str, Any]]:
    """The law files of a book of Georgia, as they are written."""
    return [tomllib.loads((DATA / f"{name}.toml").read_text("utf-8")) for name in FILES]


def acts_page(files: Iterable[Mapping[str, Any]]) -> str:
    """docs/reference/acts.md."""
    parts = [
        "# Acts\n",
        "Every act that an office may ask of a book of Georgia, with officers and audits: what it is "
        "about, what it must and may state, and the phases of a contest in which the record admits it. "
        "Who may ask, and until when, is for the rows of the law in force: `tallybook law who-may ACT` "
        "tells. Every act may also carry `source` and `note`. This page is made from the law files by "
        "`python3 tools/acts.py`.\n",
    ]
    for file in files:
        parts.append(f"## {file['title']}\n")
        parts += [act_entry(act) for act in file.get("acts", ())]
    return "\n".join(parts)


def act_entry(act: Mapping[str, Any]) -> str:
    """One act: its words, and a list of what it takes."""
    about = " and ".join(scope_in_words(one) for one in act["scope"]) or "the whole election"
    lines = [f"### `{act['id']}`\n", f"To {act['words']}. {EFFECTS[act['effect']][0]}\n", f"* About: {about}"]
    for key, label in (("needs", "Must state"), ("may", "May state"), ("phases", "Admitted in the phases")):
        if act.get(key):
            lines.append(f"* {label}: {', '.join(f'`{one}`' for one in act[key])}")
    return "\n".join([*lines, f"* Makes the entry [`{act['entry']}`](entries.md)\n"])


def scope_in_words(one: str) -> str:
    """contest -> a contest; place? -> a place, if given."""
    return f"a {one.rstrip('?')}, if given" if one.endswith("?") else f"a {one}"


def entries_page(files: Iterable[Mapping[str, Any]]) -> str:
    """docs/reference/entries.md."""
    parts = [
        "# Entries\n",
        "Every kind of entry of a book of Georgia: the act that makes it, what it does to the standing, and "
        "the fields of its `result`; an act of a board has `board` besides. The form of an entry is "
        "specified in [the book](../spec/book.md). This "
        "page is made from the law files by `python3 tools/acts.py`.\n",
        "## Answers and consequences\n",
        *[f"* `{kind}`: {words}" for kind, words in OTHERS],
    ]
    for file in files:
        if file.get("acts"):
            parts += [
                f"\n## {file['title']}\n",
                "| Entry | Act | What it does | Result |",
                "|---|---|---|---|",
            ]
            parts += [entry_row(act) for act in file["acts"]]
    return "\n".join(parts) + "\n"


def entry_row(act: Mapping[str, Any]) -> str:
    """One line of the table of entries."""
    does, result = EFFECTS[act["effect"]]
    count = f" The count is `{act['count']}`." if act.get("count") else ""
    return f"| `{act['entry']}` | `{act['id']}` | {does}{count} | {', '.join(f'`{one}`' for one in result)} |"


def main() -> None:
    """Write both pages."""
    files = law_files()
    (PAGES / "acts.md").write_text(acts_page(files), "utf-8")
    (PAGES / "entries.md").write_text(entries_page(files), "utf-8")


if __name__ == "__main__":
    main()
