"""The accounts of Georgia 2020: what the numbers of the time would have shown, county by county.

For the demonstration. Voters credited are those of the EAC's survey, published in 2021; they stand for the
lists of check-ins that every county had. Ballots tabulated at first are those of the final canvass less what
was then missing. The reported margin was about 14,000 votes when the audit was ordered (Associated Press,
11 November 2020).
"""

from collections.abc import Mapping

from tallybook.canvass import Account, Canvass, Finding, Place, reconcile
from tallybook.doors.georgia_2020.tables import Table
from tallybook.envelopes import Claim, published

MARGIN = 14_000
COBB = (150_431, 15_118, 2)
"""Envelopes accepted, read, and not verified: report SEB2020-257 of 29 December 2020. No boxes were given."""
MAIL = ("mail_returned", "mail_accepted", "mail_rejected")


def found_at_the_time(table: Table, county: str, missing: int) -> str:
    """What the county's voters and ballots showed before the missing ones were counted, in a sentence."""
    return f"By the accounts of the time: {finding_of(table, county, missing).says}"


def finding_of(table: Table, county: str, missing: int) -> Finding:
    """The one finding of a county whose first count lacked so many ballots."""
    one = table.voters[county]
    counts = {
        "voters_credited": one["voters_credited"],
        "cards_tabulated": one["cards_tabulated"] - missing,
    }
    (finding,) = reconcile([Account(Place(county), counts)], MARGIN).findings
    return finding


def cobb() -> Claim:
    """What the published figures of the signature audit in Cobb County can mean at 99%, and what not."""
    return published(*COBB, "0.01")


def whole_state(table: Table, missing: Mapping[str, int]) -> Canvass:
    """All counties' accounts, with so many ballots still missing in some of them."""
    rows = [
        Account(
            Place(county),
            {
                "voters_credited": one["voters_credited"],
                "cards_tabulated": one["cards_tabulated"] - missing.get(county, 0),
                **{name: one[name] for name in MAIL},
            },
        )
        for county, one in table.voters.items()
    ]
    return reconcile(rows, MARGIN)
