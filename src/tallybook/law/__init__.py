"""Law: what each office may do, on which days, by which citation.

This room reads law files, joins them to a law set and rules on every act that an office asks for.  It also
lays the law out before anyone acts: who may, the matrix of offices and acts, the calendar, the difference
between two elections.  Specification: docs/spec/law.md.

It refuses to know: which files exist, what the book holds (facts arrive through `Facts`), what time it is,
and what any state's law says; that is data, in `data/`, read by the doors.  Code names no state.
"""

from tallybook.law.agenda import Item, calendar
from tallybook.law.clock import Clock, local_day, local_time, moment_of
from tallybook.law.guards import Facts, Question
from tallybook.law.nouns import (
    LawAct,
    LawDate,
    LawElection,
    LawFile,
    LawSet,
    Office,
    Purpose,
    Row,
    Rule,
    Span,
)
from tallybook.law.problems import LawError, Problem
from tallybook.law.read import parse_law
from tallybook.law.ruling import GRANTED, NO_LEGAL_EFFECT, REFUSED, Ruling, offices_that_may, ruling
from tallybook.law.sets import CONSEQUENCES, law_set, rule_for, rules_for
from tallybook.law.steps import Starts, Steps, deadline, value_day
from tallybook.law.survey import Answer, Change, diff, in_words, matrix, who_may

__all__ = [
    "CONSEQUENCES",
    "GRANTED",
    "NO_LEGAL_EFFECT",
    "REFUSED",
    "Answer",
    "Change",
    "Clock",
    "Facts",
    "Item",
    "LawAct",
    "LawDate",
    "LawElection",
    "LawError",
    "LawFile",
    "LawSet",
    "Office",
    "Problem",
    "Purpose",
    "Question",
    "Row",
    "Rule",
    "Ruling",
    "Span",
    "Starts",
    "Steps",
    "calendar",
    "deadline",
    "diff",
    "in_words",
    "law_set",
    "local_day",
    "local_time",
    "matrix",
    "moment_of",
    "offices_that_may",
    "parse_law",
    "rule_for",
    "rules_for",
    "ruling",
    "value_day",
    "who_may",
]
