"""The audit of signatures on oath envelopes: how many to read, which, by whom, and what the reading can say.

This room plans a sample (single envelopes, by county, or whole boxes), draws it with the project's sampler,
takes the blind votes of two reviewers and a referee, and bounds how many envelopes of the population could
have been accepted wrongly, by a bound that fits the design. It says plainly what such an audit cannot do:
envelopes and ballots have parted, and no vote can be found again and taken out.

It refuses to know names, signatures and the numbers of envelopes: there is no field for them, and a file
that seems to hold them is refused. Who may order such an audit on a day is for the law to say.
"""

from tallybook.envelopes.boxes import OUTCOMES, Box, Reading, read_boxes, read_readings
from tallybook.envelopes.designs import (
    DESIGNS,
    Plan,
    plan_boxes,
    plan_boxes_by_size,
    plan_boxes_in_part,
    plan_boxes_to_detect,
    plan_by_county,
    plan_simple,
    plan_to_detect,
)
from tallybook.envelopes.drawing import Drawn, draw_boxes, draw_boxes_by_size, draw_by_county, draw_simple
from tallybook.envelopes.measuring import PARTED, Measured, against_margin, measure
from tallybook.envelopes.published import Claim, published, textbook_size
from tallybook.envelopes.reviewing import Settled, Vote, seal, settle

__all__ = [
    "DESIGNS",
    "OUTCOMES",
    "PARTED",
    "Box",
    "Claim",
    "Drawn",
    "Measured",
    "Plan",
    "Reading",
    "Settled",
    "Vote",
    "against_margin",
    "draw_boxes",
    "draw_boxes_by_size",
    "draw_by_county",
    "draw_simple",
    "measure",
    "plan_boxes",
    "plan_boxes_by_size",
    "plan_boxes_in_part",
    "plan_boxes_to_detect",
    "plan_by_county",
    "plan_simple",
    "plan_to_detect",
    "published",
    "read_boxes",
    "read_readings",
    "seal",
    "settle",
    "textbook_size",
]
