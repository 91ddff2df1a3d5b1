"""Reports: what a book says, as pages and lists that people read.

The room takes values and gives text: HTML pages without a script, SVG drawings inside them, and CSV files
that open in a spreadsheet. It decides nothing about an election and adds up only what it is given; it
knows no book, no law and no file. A door fills a `Report` from a book's standing and writes what comes
back. Every page stands alone, loads nothing from anywhere, and can be read on a phone, on paper and by a
screen reader. No colour and no word on them stands for a party.
"""

from tallybook.reports.site import pages, tables
from tallybook.reports.values import (
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
    Section,
    TimelineRow,
)

__all__ = [
    "Accounts",
    "ActTotals",
    "AuthorityRow",
    "Choice",
    "Count",
    "CountyRow",
    "Decided",
    "Fingerprints",
    "Line",
    "Report",
    "Section",
    "TimelineRow",
    "pages",
    "tables",
]
