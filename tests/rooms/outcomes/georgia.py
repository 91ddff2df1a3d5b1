"""Georgia 2020 for the tests: the certified figures on the page, and the rows of the real files.

Source of the figures: Georgia Secretary of State, certified returns of 20 November 2020, hand tally of
19 November 2020, recount certified 7 December 2020, runoffs certified 19 January 2021.
"""

import csv

from tallybook.election import Tally
from tests.needs import needs_shared

CANVASS = Tally("president", (("biden", 2474507), ("trump", 2461837), ("jorgensen", 62138)))
HAND_TALLY = Tally("president", (("biden", 2475141), ("trump", 2462857), ("jorgensen", 62587)))
RECOUNT = Tally("president", (("biden", 2473633), ("trump", 2461854), ("jorgensen", 62229)))
SENATE = Tally("us_senate", (("perdue", 2462617), ("ossoff", 2374519), ("hazel", 115039)))
SENATE_RUNOFF = Tally("us_senate", (("ossoff", 2269923), ("perdue", 2214979)))
SPECIAL_RUNOFF = Tally("us_senate_special", (("warnock", 2289113), ("loeffler", 2195841)))


def rows(name: str, folder: str = "georgia2020") -> list[dict[str, str]]:
    """The rows of a real file beside the checkout; the test is skipped where it is absent."""
    with needs_shared(f"data/{folder}/{name}").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
