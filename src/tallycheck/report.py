"""The report, for people and for machines: checks specification, sections 1, 2 and 4."""

import json
from typing import Any

from .checks import Report
from .failure import shown

PROVES = "This package proves what it claims."
FAILS = "This package does not prove what it claims."


def as_text(report: Report) -> str:
    """The fifteen lines, what was decided, and the closing line."""
    lines = [f"{report.package}: {subject(report)}"]
    for line in report.lines():
        lines.append(f"{line.number:2} {line.name:<26} {line.state:<5} {line.words}".rstrip())
    if report.proves and report.decided:
        lines += ["What was decided:", *map(decided_line, report.decided)]
    return "\n".join([*lines, closing(report)]) + "\n"


def subject(report: Report) -> str:
    """What the package is."""
    return f"book of {shown(report.origin)}, {report.size} entries" if report.origin else "not read as a book"


def closing(report: Report) -> str:
    """The last line."""
    if not report.proves:
        return FAILS
    if report.authorship:
        return PROVES
    return f"{PROVES} It is internally consistent; authorship not checked; origin {shown(report.origin)}."


def decided_line(found: dict[str, Any]) -> str:
    """One contest: its votes, margin and outcome, and where they stand."""
    votes = ", ".join(f"{choice} {n}" for choice, n in found["votes"].items())
    return (
        f"  {shown(found['name'])} ({found['contest']}), {found['count']}, entry {found['entry']}: {votes}; "
        f"{margin_words(found['outcome'])} {found['margin']}; {outcome_words(found['outcome'])}"
    )


def margin_words(outcome: dict[str, Any]) -> str:
    """Between whom the margin lies (book specification, section 7)."""
    for_runoff = outcome.get("for") == "runoff" or (outcome["kind"] == "runoff" and "sure" not in outcome)
    return "second ahead of third by" if for_runoff else "margin"


def outcome_words(outcome: dict[str, Any]) -> str:
    """An outcome in words."""
    kind, choices = outcome["kind"], ", ".join(outcome.get("choices", []))
    if kind == "winner":
        return f"winner: {', '.join(outcome['winners']) or 'nobody'}"
    sure = f" (elected: {', '.join(outcome['sure'])})" if outcome.get("sure") else ""
    return {
        "runoff": f"runoff on {outcome.get('day')} between {choices}{sure}",
        "tie": f"tie, to be decided by lot, between {choices}{sure}",
    }.get(kind, f"new election, for the places of {choices}{sure}")


def as_json(report: Report) -> str:
    """The report as one JSON object."""
    checks = []
    for line in report.lines():
        found: dict[str, Any] = {
            "number": line.number,
            "name": line.name,
            "state": line.state,
            "words": line.words,
        }
        if line.file:
            found["file"] = line.file
        if line.entry is not None:
            found["entry"] = line.entry
        checks.append(found)
    return json.dumps(
        {
            "package": report.package, "origin": report.origin, "size": report.size, "root": report.root,
            "authorship": "checked" if report.authorship else "not checked", "checks": checks,
            "decided": report.decided, "proves": report.proves,
        },
        indent=1,
    ) + "\n"  # fmt: skip
