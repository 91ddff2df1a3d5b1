"""What the words of a report mean, as data: the page that shows them is `numbers`.

The words follow the project's glossary and are true of any election. Each meaning may carry the reading of
it that is wrong.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    """A term, what it means, and the reading of it that is wrong."""

    term: str
    means: str
    is_not: str = ""


BALLOTS_AND_VOTES = (
    Meaning(
        "Ballots cast",
        "How many voters' ballots were accepted and counted. A ballot may be printed on more than one card"
        " (sheet).",
        "It is not the number of cards: a county with two-card ballots handles twice as many sheets, and a"
        " sheet that does not carry the contest shows up in a hand tally as blank.",
    ),
    Meaning(
        "Votes",
        "Marks that count for one of the choices in a contest.",
        "A contest's votes are fewer than the ballots cast, because some ballots carry no valid mark in it.",
    ),
    Meaning(
        "Write-in",
        "A choice that the voter named instead of marking one on the ballot.",
    ),
    Meaning(
        "Undervote",
        "Fewer marks than the contest allows. The voter used less than the whole vote.",
        "It is no sign of an error: many voters leave a contest blank on purpose.",
    ),
    Meaning(
        "Overvote",
        "More marks than the contest allows. The contest gets no vote from that card.",
    ),
    Meaning(
        "Account of a county",
        "Ballots cast = votes + write-ins + undervotes + overvotes. The sum is made for every county.",
        "That an account adds up does not prove that every ballot is in it; a batch that was never scanned"
        " is missing on both sides.",
    ),
)
COUNTS = (
    Meaning(
        "Unofficial results",
        "What is reported from election night on, before anyone has signed for it.",
        "They are no certified result, and their change during the canvass is no correction of one.",
    ),
    Meaning(
        "Certified results",
        "Results for which the office that the law names has signed: each county first, then the state. "
        "Certification is a duty with a deadline.",
        "To certify is not to vouch that no error will ever be found; the law has its own ways to correct "
        "one.",
    ),
    Meaning(
        "Audit tally, hand tally",
        "What people read from the paper ballots when they checked the machine count. It tests whether the"
        " reported winner really won.",
        "It is not a return and not a recount. Where the law says that the returns stand, a hand tally "
        "confirms or questions the outcome and replaces no figure.",
    ),
    Meaning(
        "Recount",
        "A repeated count that a statute allows or orders, by the method that the law names. Its result, "
        "once certified, is the result.",
        "It is not an audit: it does not compare paper with machine, it counts again.",
    ),
    Meaning(
        "Signature audit",
        "A second look at a sample of the oath envelopes in which absentee ballots came.",
        "It cannot change a vote: envelope and ballot part before counting, and nothing joins them again.",
    ),
    Meaning(
        "Recertified results",
        "Results certified anew after a recount or a correction. The earlier certification stays in the "
        "record.",
    ),
    Meaning(
        "Votes apart",
        "The differences between two counts of the same county, added up over the choices without regard "
        "to sign. 5 more for one choice and 3 fewer for another make 8.",
        "It is not the change in the margin, which is often much smaller, and it does not say which of the "
        "two counts is nearer to the paper.",
    ),
)
OUTCOMES = (
    Meaning(
        "Margin in votes",
        "The votes of the first choice less the votes of the second, in one count. Two counts have two "
        "margins. Where two go to a runoff, what matters is by how much the second is ahead of the third; "
        "it is then named so.",
    ),
    Meaning(
        "Plurality",
        "More votes than any other choice, whether or not more than half.",
    ),
    Meaning(
        "Majority",
        "More than half of the votes for the office. Where the law asks for one and nobody has it, a "
        "runoff follows by law; no officer calls it.",
    ),
    Meaning(
        "Electoral votes",
        "The votes of the presidential electors that the states appoint. A majority of all electors "
        "appointed decides.",
    ),
)
RISK = (
    Meaning(
        "Risk limit",
        "Set before any card is drawn: if the reported outcome is wrong, the chance that the audit stops "
        "short of a full hand count is at most this.",
        "It is not the chance that the outcome is wrong, and a limit of 10% does not mean that the outcome"
        " is right with 90% probability. Nor does it say anything about how many votes are wrong.",
    ),
    Meaning(
        "Risk measured",
        "How strong the evidence of the sample is: the smaller, the stronger. Published rounded up.",
        "When every ballot was counted by hand there is no sample, so no risk is published; the count "
        "itself is.",
    ),
    Meaning(
        "What every audit leans on",
        "The paper must be complete and have been kept safe. An audit of paper that was lost or exchanged "
        "proves nothing; seals and custody are checked by people, and this record holds what they signed.",
    ),
)
RECORD = (
    Meaning(
        "Act",
        "What an officer of an office asks to have done, on a day, under the law of that day.",
    ),
    Meaning(
        "Entry",
        "What the record says happened. Nothing is erased; a correction is a further entry.",
    ),
    Meaning(
        "Refusal",
        "An entry that says an act was not allowed: why, by which law, who may, and what next.",
    ),
    Meaning(
        "No legal effect",
        "Something said or asked to which no law attaches anything. It is noted and changes nothing.",
    ),
    Meaning(
        "Fingerprint (SHA-256)",
        "64 characters computed from a file. Change one byte and they change. Two files with the same "
        "fingerprint are, for every practical purpose, the same file.",
        "It does not say who made the file or whether its contents are true.",
    ),
    Meaning(
        "Checkpoint and witness",
        "A signed statement of how many entries the record had and of the fingerprint of them all. "
        "Witnesses sign it too, so that nobody can be shown another past.",
    ),
)
CHAPTERS = (
    ("Ballots and votes", BALLOTS_AND_VOTES),
    ("Counts", COUNTS),
    ("Outcomes", OUTCOMES),
    ("Risk", RISK),
    ("The record", RECORD),
)
