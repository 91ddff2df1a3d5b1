"""The audits of a report: a line and a drawing for each contest on the first page, and a page that tells all.

For whoever asks whether the reported outcomes are right and why anyone should believe it. Everything shown
is in the record; how to find it again stands at the end of the page.
"""

from collections.abc import Iterable

from tallybook.reports.audit_drawings import reach, risk_scale
from tallybook.reports.audit_values import (
    AssertionRow,
    Audit,
    AuditedContest,
    AuditStep,
    Difference,
    StratumRow,
)
from tallybook.reports.audit_words import STATES, line, meaning, outcomes, share, summary, used_words
from tallybook.reports.figures import day_words, plural, runs_of, whole
from tallybook.reports.frame import page
from tallybook.reports.markup import Html, element, join
from tallybook.reports.parts import (
    Column,
    chip,
    command,
    download,
    initial,
    number_table,
    paragraphs,
    slug,
    word_table,
)
from tallybook.reports.values import Fingerprints, Report

MOST_SHOWN = 200
"""Differences in a table of the page; all are in the list."""
PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./ ")
"""What the name of a card may have in a command that a reader copies."""


def audit_cards(audits: tuple[Audit, ...]) -> tuple[Html, ...]:
    """The part of the first page: every contest whose audit a later plan has not taken over."""
    decades = reach(audits)
    cards = [card(audit, one, decades) for audit in audits for one in audit.standing]
    return (
        element(
            "p", f"{initial(summary(audits))} ", element("a", "The audits in full", href="audits.html"), "."
        ),
        element("div", *cards, class_="cards"),
    )


def card(audit: Audit, one: AuditedContest, decades: int) -> Html:
    """One contest: outcome, limit, the risk after each round, how it stands."""
    words, class_ = STATES[one.state]
    return element(
        "article",
        element("h3", element("a", one.contest, href=f"audits.html#{anchor(audit, one)}")),
        element("p", chip(words, class_)),
        outcome(one),
        element("p", line(one)),
        figure(audit, one, decades),
        class_="card",
    )


def outcome(one: AuditedContest) -> Html:
    """The outcome, and how it is known."""
    words, known = outcomes(one)
    return element("p", element("strong", words), f" {known}")


def figure(audit: Audit, one: AuditedContest, decades: int) -> Html:
    """The drawing of the risks; nothing before the first measurement, and after a count without one."""
    if not any(found.risk for found in one.measured):
        return Html("")
    id_ = f"risk-{anchor(audit, one)}"
    return element("figure", risk_scale(id_, one, audit.unit, decades))


def anchor(audit: Audit, one: AuditedContest) -> str:
    """The place of a contest on the page of the audits."""
    return f"audit-{audit.entry}-{slug(one.id)}"


def audits(report: Report) -> str:
    """audits.html."""
    return page(
        report,
        "audits.html",
        "Audits",
        element(
            "p",
            "A risk-limiting audit draws paper cards by lot and has people read them. If the reported "
            "outcome is wrong, it goes on to a full count by hand, except with a chance of at most its risk "
            "limit. Every step of it is an entry of the record.",
            class_="lead",
        ),
        download("audits.csv", "Every contest and assertion as a list"),
        download("discrepancies.csv", "Every discrepancy as a list"),
        *(contents(report.audits),),
        *(part for one in report.audits for part in parts_of(one, reach(report.audits))),
        how_to_check(report.fingerprints, report.audits),
    )


def contents(found: tuple[Audit, ...]) -> Html:
    """Where on the page each contest stands."""
    links = [
        element("li", element("a", one.contest, href=f"#{anchor(audit, one)}"))
        for audit in found
        for one in audit.contests
    ]
    return element("nav", element("ul", *links, class_="toc"), aria_label="Contests on this page")


def parts_of(audit: Audit, decades: int) -> Iterable[Html]:
    """One audit: what was done, then its contests, then the discrepancies."""
    yield chain(audit)
    for one in audit.contests:
        yield contest(audit, one, decades)
    yield discrepancies(audit)


def chain(audit: Audit) -> Html:
    """What was done, in order, each step with its entries."""
    id_ = f"audit-{audit.entry}"
    replaced = (
        f"A later plan, entry {whole(audit.replaced)}, took over what is not listed on the first page."
        if audit.replaced is not None
        else ""
    )
    return element(
        "section",
        element("h2", audit.title, id=id_),
        *([element("p", replaced)] if replaced else []),
        element("h3", "What was done, in order"),
        element("ol", *(step(one) for one in audit.chain), class_="acts"),
        aria_labelledby=id_,
    )


def step(one: AuditStep) -> Html:
    """A step: when and in which entries, what, and the details."""
    entries = f"{'entry' if len(one.entries) == 1 else 'entries'} {runs_of(one.entries)}"
    by = [element("small", one.office)] if one.office else []
    when = element("div", element("time", day_words(one.day), datetime=one.day), entries, *by, class_="when")
    return element("li", when, element("div", element("h4", one.title), paragraphs(*one.words)))


def contest(audit: Audit, one: AuditedContest, decades: int) -> Html:
    """One contest: how it stands, what that means, the statements tested, the parts of its cards."""
    id_ = anchor(audit, one)
    words, class_ = STATES[one.state]
    return element(
        "section",
        element("h2", one.contest, id=id_),
        element("p", chip(words, class_)),
        outcome(one),
        paragraphs(*meaning(one)),
        facts(audit, one),
        figure_with_table(audit, one, decades),
        assertions(one),
        strata(one.strata) if one.strata else Html(""),
        aria_labelledby=id_,
    )


def facts(audit: Audit, one: AuditedContest) -> Html:
    """The figures of a contest; what does not apply is left out."""
    mine = sum(1 for found in audit.differences if found.contest == one.contest)
    said = [
        f"Risk limit: {one.limit}, that is {share(one.limit)}.",
        f"Evidence: {one.evidence}.",
        f"{'Used' if one.used is not None else 'Population'}: {used_words(one, audit.unit)}.",
        f"{initial(plural(mine, 'discrepancy', 'discrepancies'))} between the record and the paper so far.",
    ]
    if one.phantoms:
        said.append(
            f"{plural(one.phantoms, 'card', 'cards')} nobody can produce: they count against the outcome."
        )
    if one.outside:
        said.append(f"{plural(one.outside, 'card', 'cards')} in no batch: they count against the outcome.")
    if one.ending:
        end = one.ending
        said.append(
            f"Ended by {end.office}, {day_words(end.day)}, entry {whole(end.entry)} ({end.citation})."
        )
    return element("ul", *(element("li", text) for text in said))


def figure_with_table(audit: Audit, one: AuditedContest, decades: int) -> Html:
    """The drawing with its sentence, and the same as a table."""
    if not one.measured:
        return Html("")
    many = "Draws" if audit.unit == "batch" else "Cards"
    columns = [Column("After"), Column(many, number=True), Column("Risk", number=True)]
    columns.append(Column("Limit met", number=True))
    rows = [
        (found.title, whole(found.cards), found.risk or "none", met_words(found.risk, found.met))
        for found in one.measured
    ]
    caption = element(
        "p",
        "Each step of the scale is a tenth of the one before; further right is stronger evidence. A filled "
        "point is at or below the limit, a ring above it. All contests are on one scale.",
        class_="soft small",
    )
    drawn = figure(audit, one, decades)
    table = number_table(f"{one.contest}: the risk after each round, as published", columns, rows)
    return element("div", element("div", drawn, caption) if drawn else drawn, table, class_="pair")


def met_words(risk: str, met: bool) -> str:
    """Whether a limit is met, in a word."""
    if not risk:
        return "counted in full"
    return "yes" if met else "no"


def assertions(one: AuditedContest) -> Html:
    """What must be true of all cards for the reported outcome to be right."""
    if not one.assertions:
        said = (
            "Nothing was recorded card by card, so no statements were fixed beforehand: the sample must show "
            "every other order of elimination to be wrong."
        )
        return join([element("h3", "What is tested"), element("p", said)])
    columns = [Column("Statement"), Column("Reported margin"), Column("Risk"), Column("Limit met")]
    rows = [assertion(found) for found in one.assertions]
    many = "One statement. If it is" if len(rows) == 1 else f"{len(rows)} statements. If all are"
    caption = (
        f"{one.contest}: {many} true, the reported outcome is right. The margin is in points: each "
        "card adds points to a statement, which is true if all cards together have more than 0"
    )
    if any(" more votes than " in found.words for found in one.assertions):
        caption += "; for “more votes than” a point is a vote"
    if any("e-" in found.risk for found in one.assertions):
        caption += ". e-7 after a risk means: divided by ten seven times"
    return join([element("h3", "What must be true of the cards"), word_table(caption, columns, rows)])


def assertion(found: AssertionRow) -> tuple[str, ...]:
    margin = "" if found.margin is None else whole(found.margin)
    met = "" if found.met is None else ("yes" if found.met else "no")
    return (found.words, margin, found.risk, met)


def strata(found: tuple[StratumRow, ...]) -> Html:
    """The parts of the cards that have evidence of their own."""
    columns = [
        Column("Part"),
        Column("Evidence"),
        Column("Cards"),
        Column("Used"),
        Column("Nobody can produce"),
    ]
    rows = [
        (
            one.name,
            one.evidence,
            whole(one.cards),
            "" if one.used is None else whole(one.used),
            whole(one.phantoms),
        )
        for one in found
    ]
    caption = "The cards are in parts (strata) with evidence of their own; one risk is computed over all"
    return join([element("h3", "The parts of the cards"), word_table(caption, columns, rows)])


def discrepancies(audit: Audit) -> Html:
    """Every card on which record and people differ, with its cause."""
    id_ = f"discrepancies-{audit.entry}"
    many = len(audit.differences)
    head = element("h2", "Where record and paper differ", id=id_)
    if not many:
        none = f"On no {audit.unit} that was read so far does the record differ from what people read."
        return element("section", head, element("p", none), aria_labelledby=id_)
    said = f"{plural(many, 'discrepancy', 'discrepancies')}. Each is part of the risk, whatever its cause."
    shown = audit.differences[:MOST_SHOWN]
    rest = many - len(shown)
    more = [element("p", f"The list has {whole(rest)} more.")] if rest else []
    titles = (initial(audit.unit), "Contest", "The record says", "People read", "Cause")
    columns = [Column(title) for title in titles]
    table = word_table("Discrepancies, in the order of the draw", columns, [difference(one) for one in shown])
    return element("section", head, element("p", said), table, *more, aria_labelledby=id_)


def difference(one: Difference) -> tuple[str, ...]:
    return (one.item, one.contest, one.record, one.read, one.cause or "not explained yet")


def by_hand(audit: Audit) -> Html:
    """The ticket of the first card drawn, to be computed by anyone."""
    text = rf"tallybook/draw/v1\nticket\n{audit.seed}\n{audit.first}"
    said = (
        "The draw can be checked by hand. Every card has a ticket, the SHA-256 of the seed and its name, and "
        f"the smallest tickets are drawn. That of {audit.first}, the first card of the plan in entry "
        f"{whole(audit.entry)}:"
    )
    return join([element("p", said), command("printf", f"'{text}'", "| sha256sum")])


def how_to_check(prints: Fingerprints, found: tuple[Audit, ...]) -> Html:
    """What the checker finds again of an audit, and what only people on the spot can see."""
    plans = [
        element(
            "li", f"Entry {whole(one.entry)}, SHA-256 of the plan: ", element("span", one.plan, class_="hash")
        )
        for one in found
    ]
    return element(
        "section",
        element("h2", "How to check an audit", id="check-audits"),
        element(
            "p",
            "The independent checker finds each step again from the package: the population and the reported "
            "margins (checks 6 and 10), the draw from the seed (7), that every card drawn was read twice, "
            "sealed before it was opened, and signed for (8), that the statements are enough for the outcome "
            "(9), every risk (11), and that nothing ended before its limit (12 and 13).",
        ),
        command(prints.checker, prints.package or "PACKAGE", f"--policy {prints.policy_file}"),
        *(by_hand(one) for one in found if one.first and set(one.first) <= PLAIN),
        element(
            "p",
            "What no program sees is whether the paper was complete, and whether people read what stood on "
            "it: that is for observers in the room.",
        ),
        element("ul", *plans),
        element("p", element("a", "What the check proves and does not", href="check.html"), "."),
        aria_labelledby="check-audits",
    )
