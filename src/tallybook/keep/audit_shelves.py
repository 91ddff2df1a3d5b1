"""What the acts of an audit by plan name, fetched from this keep (docs/spec/audit.md).

For the recorder. A plan names its manifest and what was reported of each contest; a published contest names
its codes and commitments; a round needs the manifest again, and the opening of records the rows again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tallybook.book import Act, Standing
from tallybook.book.audit_basis import RECORDED
from tallybook.book.audit_runs import Run

AUDITING = ("draw_audit_round", "open_records")
"""Acts that name an audit and need its exhibits again."""

ROWS = ("codes_sha256", "commitments_sha256")


def planned(plan: Any) -> list[str]:
    """The fingerprints of the documents that a plan names, as far as it is one."""
    if not isinstance(plan, dict):
        return []
    contests = objects(plan.get("contests"))
    rows = [*contests, *(part for one in contests for part in objects(one.get("strata")))]
    named = [plan.get("manifest"), *(row.get(field) for row in rows for field in ("reported", "pools"))]
    return [one for one in named if isinstance(one, str)]


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects in an array; none where it is none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def named_again(standing: Standing, act: Act) -> list[str]:
    """The documents that a later act of an audit rests on."""
    if act.act not in AUDITING or (run := run_of(standing, act)) is None:
        return []
    if act.act == "draw_audit_round":
        return [run.plan.manifest]
    return [one.reported for one in run.plan.strata.values() if one.evidence in RECORDED]


def run_of(standing: Standing, act: Act) -> Run | None:
    """The audit that an act names, if it is one."""
    number = act.detail.get("audit")
    return standing.runs.get(number) if type(number) is int else None


def rows_of(documents: Iterable[Any]) -> list[str]:
    """The fingerprints of the codes and commitments that published contests name."""
    heads = [one for one in documents if isinstance(one, dict)]
    return [head[key] for head in heads for key in ROWS if isinstance(head.get(key), str)]
