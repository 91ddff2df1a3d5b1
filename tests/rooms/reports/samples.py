"""Reports to test with: one filled from the table of Georgia 2020, one filled with hostile text.

The figures of `georgia()` are the committed table's; its acts, rows of law and fingerprints are a few
written by hand, since the pages must show them and decide nothing.
"""

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from tallybook.reports import (
    Accounts,
    ActTotals,
    AuthorityRow,
    Choice,
    Count,
    CountyRow,
    Decided,
    Fingerprints,
    Line,
    Report,
    TimelineRow,
)
from tallybook.reports.audit_values import (
    AssertionRow,
    Audit,
    AuditedContest,
    AuditStep,
    Difference,
    Ending,
    Measured,
    StratumRow,
)

TABLE = Path(__file__).resolve().parents[3] / "src" / "tallybook" / "doors" / "georgia_2020"
CHOICES = (
    Choice("trump", "Donald J. Trump", "Trump", "Republican"),
    Choice("biden", "Joseph R. Biden", "Biden", "Democratic"),
    Choice("jorgensen", "Jo Jorgensen", "Jorgensen", "Libertarian"),
)
IDS = tuple(choice.id for choice in CHOICES)
PRINTS = Fingerprints(
    package="package.zip",
    package_sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    package_bytes=1_834_221,
    origin="tallybook.example/ga-2020",
    size=1_295,
    root="CsYFWVFGusroaBsUDnko3iHEFBaWJKqsGNOuSn+sExY=",
    policy="log tallybook.example/ga-2020+ef5dfb17+AUoRYh3GP11j/nvRWRAOQDlmoeKkQJR4GdReZpKPZciN\n"
    "witness a witness-a.example+f31cb433+BKz0K6DpRu1YlBSzgYMPG3ds6pTluw0lfx7hDwNNs/7s\nquorum a\n",
    witnesses=("witness-a.example", "witness-b.example"),
)


def table(name: str) -> list[dict[str, str]]:
    with (TABLE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def county_votes() -> dict[str, dict[str, Counter[str]]]:
    """Votes by county and kind of count."""
    found: dict[str, dict[str, Counter[str]]] = {row["id"]: {} for row in table("counties.csv")}
    for row in table("returns.csv"):
        if row["contest"] == "president":
            found[row["county"]].setdefault("state_certified", Counter())[row["choice"]] += int(row["total"])
    for row in table("hand_tally.csv"):
        found[row["county"]].setdefault("audit_tally", Counter()).update({id_: int(row[id_]) for id_ in IDS})
    for row in table("recount.csv"):
        found[row["county"]]["recount"] = Counter({id_: int(row[id_]) for id_ in IDS})
    return found


def georgia_counties() -> tuple[CountyRow, ...]:
    votes = county_votes()
    accounts = {row["county"]: row for row in table("president_accounts.csv")}
    return tuple(
        CountyRow(
            id=row["id"],
            name=row["name"],
            votes={kind: tuple(found[id_] for id_ in IDS) for kind, found in votes[row["id"]].items()},
            accounts=georgia_account(accounts[row["id"]]),
            point=(thousandths(row["latitude"]), thousandths(row["longitude"])),
            notes=NOTES.get(row["id"], ()),
            entries=(number + 10, number + 200),
        )
        for number, row in enumerate(table("counties.csv"))
    )


NOTES = {
    "gwinnett": (
        "The hand tally handled about 119,461 second cards of two-card ballots, which do not carry this "
        "contest; they appear there as blank.",
    )
}


def georgia_account(row: dict[str, str]) -> Accounts:
    votes = sum(int(row[id_]) for id_ in IDS)
    rest = (int(row[key]) for key in ("write_ins", "undervotes", "overvotes"))
    return Accounts(int(row["ballots_cast"]), votes, *rest)


def thousandths(degrees: str) -> int:
    return int(degrees.replace(".", ""))


def georgia_counts() -> tuple[Count, ...]:
    found: dict[str, dict[str, int]] = {}
    for row in table("totals.csv"):
        if row["contest"] == "president":
            found.setdefault(row["count"], {})[row["choice"]] = int(row["votes"])
    return tuple(
        Count(
            kind, title, day, office, tuple(found[kind][id_] for id_ in IDS), lead(found[kind]), effect, law
        )
        for kind, title, day, office, effect, law in KINDS
    )


def lead(votes: dict[str, int]) -> int:
    first, second = sorted(votes.values(), reverse=True)[:2]
    return first - second


KINDS = (
    (
        "unofficial", "Machine count before the audit", "2020-11-13", "County superintendents",
        "Unofficial. Nobody had certified it.", "O.C.G.A. 21-2-493 (2020)",
    ),
    (
        "state_certified", "First certified", "2020-11-20", "Secretary of State",
        "The certified result until the recount.", "O.C.G.A. 21-2-499(b) (2020)",
    ),
    (
        "audit_tally", "Hand tally", "2020-11-19", "Secretary of State",
        "An audit. It confirmed the outcome and left the returns standing.", "O.C.G.A. 21-2-498 (2020)",
    ),
    (
        "recount", "Recount by scanner", "2020-12-07", "Secretary of State",
        "Recertified. Since then the certified result.", "O.C.G.A. 21-2-495(c), 21-2-499(a) (2020)",
    ),
)  # fmt: skip

ACTS = (
    TimelineRow(
        8, "2020-11-11", "", "Secretary of State", "ordered a full hand count as the audit", "accepted",
        "The contest for President is audited by counting every ballot by hand.",
        "O.C.G.A. 21-2-498; SEB Rule 183-1-15-.04(1)3", contest="President",
    ),
    *(
        TimelineRow(
            10 + n, "2020-11-13", "", "County superintendent", "certified the county's returns", "accepted",
            "", "O.C.G.A. 21-2-493(k)", place=name, contest="President",
        )
        for n, name in enumerate(("Appling", "Atkinson", "Bacon"))
    ),
    TimelineRow(
        180, "2020-11-20", "", "Governor", "called publicly for an audit of envelope signatures", "no_effect",
        "A public call is not an order.", "O.C.G.A. 21-2-31(5)",
        who_may=("Secretary of State", "State Election Board"),
        next="File the allegation with the State Election Board.",
    ),
    TimelineRow(
        181, "2020-12-05", "", "Governor", "asked to order an audit of envelope signatures", "refused",
        "The Governor has no power to order an audit of envelope signatures.", "O.C.G.A. 21-2-31, 21-2-50",
        who_may=("Secretary of State", "State Election Board", "Superior court"),
        next="Ask: Secretary of State, State Election Board, Superior court.",
    ),
    TimelineRow(
        190, "2020-12-07", "", "Secretary of State", "certified the state's results anew", "accepted",
        "Recertified after the recount: Biden 2,473,633, Trump 2,461,854, Jorgensen 62,229.",
        "O.C.G.A. 21-2-495(c), 21-2-499(a)", contest="President",
    ),
)  # fmt: skip

LAW = (
    AuthorityRow(
        "Counting and certifying", "certify the county's returns", "County superintendent", "duty",
        "Must certify.", "O.C.G.A. 21-2-493(k)", until="17:00 on 13 November 2020",
    ),
    AuthorityRow(
        "Counting and certifying", "certify the county's returns", "Every other office", "not_permitted",
        "Only the county superintendent certifies county returns.", "O.C.G.A. 21-2-493",
    ),
    AuthorityRow(
        "Envelopes", "order an audit of envelope signatures", "Secretary of State", "conditional",
        "As an investigation, when its basis is stated.", "O.C.G.A. 21-2-31(5)",
    ),
    AuthorityRow(
        "Envelopes", "order an audit of envelope signatures", "Governor", "not_permitted",
        "The Governor has no power to order one.", "O.C.G.A. 21-2-31, 21-2-50",
    ),
)  # fmt: skip


LIMIT = "the largest margin, half of one percent, at which a losing candidate may ask for a recount"


def georgia() -> Report:
    """Georgia 2020, with the real figures."""
    counts = georgia_counts()
    last = counts[-1]
    return Report(
        title="Georgia, general election of 3 November 2020",
        day="2020-11-03",
        contest="President of the United States",
        base="state_certified",
        choices=CHOICES,
        counts=counts,
        acts=ActTotals(granted=1_260, refused=21, no_effect=12, consequences=2),
        fingerprints=PRINTS,
        decided=(
            Decided(
                "President of the United States",
                "Joseph R. Biden received the most votes; the 16 electors of his slate were appointed.",
                tuple((choice.short, votes) for choice, votes in zip(CHOICES, last.votes, strict=True)),
                last.margin_votes, "Secretary of State", "2020-12-07", "O.C.G.A. 21-2-499(a)", 190,
            ),
        ),
        counties=georgia_counties(),
        timeline=ACTS,
        authority=LAW,
        lines=(Line(LIMIT, 24_992, "O.C.G.A. 21-2-495(c)(1)"),),
        notice="A demonstration: it replays published figures. Its keys are made for it; no officer signed.",
        law_day="2020-11-03",
    )  # fmt: skip


LIMIT_20 = "1/20"
CLOSE = AuditedContest(
    id="sheriff", contest="Sheriff", state="risk", reported="Elected: Fern.", audited="Elected: Fern.",
    limit=LIMIT_20, evidence="cards drawn and compared with their records", cards=100_000, phantoms=3,
    outside=12, used=1_194,
    measured=(
        Measured("Round 1", 125, "0.0729722", False, 17), Measured("Round 2", 1_194, "0.0214256", True, 29),
    ),
    assertions=(AssertionRow("Fern has more votes than Gorse.", 3_569, "0.0214256", True),),
    strata=(
        StratumRow("scanned", "cards drawn and compared with their records", 90_000, 0, 1_000),
        StratumRow("by mail", "cards drawn and read, without records", 10_000, 3, 194),
    ),
    ending=Ending("County superintendent", "2026-11-05", "Audit specification, section 8", 30),
)  # fmt: skip
WAITING = AuditedContest(
    id="judge", contest="Judge", state="waiting", reported="Elected: Larch.", audited="", limit="1/30",
    evidence="batches drawn", cards=500, phantoms=0, outside=0, used=None, measured=(),
    assertions=(AssertionRow("Larch has more than 1/2 of the votes.", 8_126),),
)  # fmt: skip
STEPS = (
    AuditStep("The plan is committed", "County superintendent", "2026-11-05", ("Board: A. Able.",), (5,)),
    AuditStep(
        "The readings are opened", "Audit board", "2026-11-06", ("R. One 125.", "R. Two 125."), (9, 10)
    ),
)
AUDIT = Audit(
    entry=5, title="The audit", place="", limit=LIMIT_20, unit="card", plan="ab" * 32, seed="86420975",
    chain=STEPS, contests=(CLOSE, WAITING),
    differences=(Difference("4-75/149", "Sheriff", "Fern", "Gorse, write-in", "scanner"),),
    first="3-7/225", latest=frozenset({"sheriff", "judge"}),
)  # fmt: skip


def audited(*contests: AuditedContest, **other: Any) -> Report:
    """A county of one place with an audit, made from no package; other contests than the usual, if named."""
    audit = replace(
        AUDIT,
        contests=contests or AUDIT.contests,
        latest=frozenset(one.id for one in contests or AUDIT.contests),
    )
    prints = Fingerprints("", "", 0, "tallybook.example/county", 45, "", "log example\nquorum none\n")
    return Report(
        title="Made-up County, 3 November 2026",
        day="2026-11-03",
        contest="Sheriff",
        base="county_certified",
        choices=(Choice("fern", "Fern", "Fern"), Choice("gorse", "Gorse", "Gorse")),
        counts=(),
        acts=ActTotals(45, 0, 0, 0),
        fingerprints=prints,
        audits=(replace(audit, **other),),
        counties=(CountyRow("made_up", "North", {}, entries=(42,)),),
        places=("precinct", "precincts"),
    )


HOSTILE = "<script>alert(1)</script>\" onload='x' &amp; \u202egnp.exe\x00 =cmd"
H = HOSTILE


def hostile_audit() -> Audit:
    """The same in every text of an audit."""
    one = AuditedContest(
        H, H, "risk", H, H, H, H, 9, 1, 1, 2, (Measured(H, 2, H, False, 1), Measured(H, 2, "0.5", True, 1)),
        (AssertionRow(H, 3, H, True),), (StratumRow(H, H, 9, 0, 1),), 4, Ending(H, H, H, 1),
    )  # fmt: skip
    step, row = AuditStep(H, H, H, (H,), (1,)), Difference(H, H, H, H, H)
    return Audit(1, H, H, H, "card", H, H, (step,), (one,), (row,), H, 7, frozenset({H}))


def hostile() -> Report:
    """The same word, meant to break out of a page or a spreadsheet, in every place that takes text."""
    first, second = (7, 5), (6, 5)
    account = Accounts(13, 12, 0, 0, 0)
    return Report(
        title=H,
        day=H,
        contest=H,
        base="first",
        choices=(Choice("a", H, H, H), Choice("b", H, H, H)),
        counts=tuple(Count(kind, H, H, H, first, 2, H, H, 1) for kind in ("first", "second")),
        acts=ActTotals(1, 1, 1, 0),
        fingerprints=Fingerprints(H, H, 1, H, 3, H, H, H, (H,), H),
        decided=(Decided(H, H, ((H, 7),), 2, H, H, H, 1, H),),
        counties=(
            CountyRow("one", H, {"first": first, "second": second}, account, (32_000, -83_000), (H,), (1,)),
            CountyRow("two", H, {"first": first}),
        ),
        timeline=tuple(TimelineRow(n, H, H, H, H, "refused", H, H, H, H, (H,), H) for n in (1, 2)),
        authority=(AuthorityRow(H, H, H, "conditional", H, H, H),),
        lines=(Line(H, 3, H),),
        audits=(hostile_audit(),),
        notice=H,
        law_day=H,
    )
