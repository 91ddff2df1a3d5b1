"""What the demonstration tells: the report for its pages, and a line for each contest at its end."""

from dataclasses import replace
from hashlib import sha256

from tallybook.doors.county.playing import ORIGIN, POLICY, WITNESS, Played
from tallybook.doors.telling import book_report
from tallybook.merkle.checkpoints import parse_checkpoint
from tallybook.reports import Fingerprints, Report
from tallybook.reports.audit_values import AuditedContest
from tallybook.reports.audit_words import STATES, latest_risk, outcomes

NOTICE = (
    "A demonstration. The county, its voters, its officers and its law are made up; its keys are made from "
    "published words. The audit and every number in it are computed as for a real one."
)


def report(book: Played, checkpoint: bytes, zipped: bytes) -> Report:
    """Everything the pages show. checkpoint, zipped: the package's checkpoint and the package itself."""
    prints = Fingerprints(
        package="package.zip",
        package_sha256=sha256(zipped).hexdigest(),
        package_bytes=len(zipped),
        origin=ORIGIN,
        size=parse_checkpoint(checkpoint)[0].size,
        root=checkpoint.decode().split("\n")[2],
        policy=POLICY,
        witnesses=(WITNESS.verifier.name,),
    )
    told = book_report(book.standing, book.entries, book.documents.__getitem__, prints)
    return replace(told, notice=NOTICE)


def decisions(told: Report) -> list[str]:
    """A line for each contest: the outcome, how its audit ended, at which risk, and who certified it."""
    certified = {one.contest: one.entry for one in told.decided}
    return [line(one, certified.get(one.contest)) for audit in told.audits for one in audit.contests]


def line(one: AuditedContest, certified: int | None) -> str:
    """What was decided in a contest."""
    risk = f", risk {found}" if (found := latest_risk(one)) else ""
    entry = "" if certified is None else f" Certified in entry {certified}."
    return f"{one.contest}: {outcomes(one)[0]} {STATES[one.state][0]}{risk}, limit {one.limit}.{entry}"
