"""What an audit means, in words that do not say too much: its state, its risk, its limit.

A risk is the chance of evidence this strong if the outcome were wrong. It is never the chance that the
outcome is wrong; no audit measures that. Percentages are exact, ratios are rounded to the safe side.
"""

from decimal import Decimal
from fractions import Fraction

from tallybook.reports.audit_values import Audit, AuditedContest, State
from tallybook.reports.figures import percent, plural, whole

STATES: dict[State, tuple[str, str]] = {
    "waiting": ("Not measured yet", "chip none"),
    "another_round": ("Another round", "chip if"),
    "full_hand_count": ("To be counted in full", "chip if"),
    "ready": ("May end", "chip if"),
    "risk": ("Ended: outcome confirmed", "chip yes"),
    "count": ("Counted in full: outcome confirmed", "chip yes"),
    "overturned": ("Counted in full: outcome not confirmed", "chip no"),
    "reopened": ("Reopened", "chip if"),
}
ENDED: tuple[State, ...] = ("risk", "count", "overturned")

NOT_THAT = (
    "None of this is the chance that the outcome is wrong: no audit can measure that. And all of it takes "
    "for granted that the cards were complete and kept safe until they were read."
)


def share(limit: str) -> str:
    """A risk limit for people: `1/20` as `0.05 (5%)`, `1/30` as `1/30 (3.33%)`; other text as it is."""
    value = value_of(limit)
    if value is None or "/" not in limit:
        return limit
    shown = percent(value.numerator, value.denominator, 2).removesuffix("%").rstrip("0").rstrip(".")
    return f"{decimal(limit)} ({shown}%)"


def decimal(limit: str) -> str:
    """A fraction as a decimal number where that has few digits, else as it is: `0.05`, `1/30`."""
    value = value_of(limit)
    if value is None or 10**6 % value.denominator:
        return limit
    places = next(n for n in range(7) if 10**n % value.denominator == 0)
    digits = f"{value.numerator * 10**places // value.denominator:0{places + 1}d}"
    return f"{digits[: len(digits) - places]}{'.' if places else ''}{digits[len(digits) - places :]}"


def value_of(text: str) -> Fraction | None:
    """A published risk or a limit as a number, exactly; None where the text is neither."""
    try:
        return Fraction(Decimal(text)) if "/" not in text else Fraction(text)
    except (ArithmeticError, ValueError):
        return None


def one_in(risk: str) -> str:
    """A risk with its ratio: `0.0214256` as `0.0214256 (less than 1 in 46)`; the ratio never says too little.

    1 in 46 is more than 0.0214256, so the chance is less than that.
    """
    value = value_of(risk)
    if value is None or value <= 0 or value > Fraction(1, 2):
        return risk
    ratio = value.denominator // value.numerator
    exact = value.denominator % value.numerator == 0
    return f"{risk} ({'' if exact else 'less than '}1 in {whole(ratio)})"


def meaning(one: AuditedContest) -> tuple[str, ...]:
    """What the audit of a contest says, and what it does not."""
    if one.state in ("count", "overturned"):
        end = "bears out" if one.state == "count" else "does not bear out"
        return (
            f"Every card was counted by people, and their count {end} the reported outcome. Nothing is left "
            "to chance, so no risk is stated. The count takes for granted that the cards were complete and "
            "kept safe.",
        )
    found = latest_risk(one)
    if one.state == "risk":
        return (
            "If the reported outcome were wrong, the chance that this audit would have ended as it did is at "
            f"most {share(one.limit)}, the risk limit, set before any card was drawn.{stronger(found)}",
            NOT_THAT,
        )
    return (*(open_words(one, found)), *((NOT_THAT,) if found else ()))


def latest_risk(one: AuditedContest) -> str:
    """The risk of the latest measurement; empty where there is none."""
    return one.measured[-1].risk if one.measured else ""


def stronger(risk: str) -> str:
    """What the sample says beyond the limit."""
    if not risk:
        return ""
    then = "Evidence as strong as the sample's would then have come up with a chance of at most"
    return f" {then} {one_in(risk)}."


def open_words(one: AuditedContest, risk: str) -> tuple[str, ...]:
    """An audit that has not ended: where it stands, and what would come next."""
    why = {
        "waiting": "No round of this contest is measured yet, so the audit says nothing about it.",
        "another_round": "The audit goes on: the risk is above the limit, and another round is drawn.",
        "full_hand_count": "The risk is above the limit after the last round of the plan: every card is to "
        "be counted by hand.",
        "ready": "The limit is reached. The audit of this contest has not been ended by its office yet.",
        "reopened": "The audit had ended. A reading was then corrected, the risk is now above the limit, and "
        "the audit goes on.",
    }[one.state]
    more = f" Without an error, {plural(one.more, 'more', 'more')} would be enough." if one.more else ""
    if not risk:
        return (why + more,)
    said = (
        f"So far: if the reported outcome were wrong, evidence as strong as the sample's would have come up "
        f"with a chance of at most {one_in(risk)}."
    )
    return (why + more, said)


def used_words(one: AuditedContest, unit: str) -> str:
    """How much of the contest speaks in its latest measurement."""
    many = {"card": "cards", "batch": "batches drawn"}[unit] if unit in ("card", "batch") else unit
    if one.used is None:
        return f"{whole(one.cards)} cards"
    if unit == "batch":
        return f"{whole(one.used)} {many}, of {whole(one.cards)} cards"
    return f"{whole(one.used)} of {whole(one.cards)} {many}"


def line(one: AuditedContest) -> str:
    """An audited contest in one line: the limit, the latest risk, how it stands."""
    risk = latest_risk(one)
    last = f"Risk {risk} after {one.measured[-1].title.lower()}; limit" if risk else "Risk limit"
    return f"{last} {share(one.limit)}."


def summary(audits: tuple[Audit, ...]) -> str:
    """How many contests were audited, and how many of these audits have ended."""
    every = [one for audit in audits for one in audit.standing]
    ended = [one for one in every if one.state in ENDED]
    wrong = sum(1 for one in every if one.state == "overturned")
    said = f"{plural(len(every), 'contest is', 'contests are')} audited; the audit "
    if len(ended) == len(every):
        said += "of each has ended" if len(every) > 1 else "has ended"
    else:
        said += f"of {whole(len(ended))} has ended" if len(every) > 1 else "has not ended"
    if wrong:
        return f"{said}, and the full count did not confirm {plural(wrong, 'outcome', 'outcomes')}."
    return f"{said}."


def outcomes(one: AuditedContest) -> tuple[str, str]:
    """The outcome of a contest, and how it is known: as reported, as audited, or both."""
    if not one.audited:
        ended = one.state in ENDED
        return (
            one.reported,
            "As reported; not confirmed." if ended else "As reported; the audit has not ended.",
        )
    if one.audited == one.reported:
        return one.audited, "As reported, and as audited."
    return one.audited, f"As counted by hand. As reported: {one.reported}"
