"""The first page: which election, what was decided and counted, where the counts differ, how to check."""

from tallybook.reports.acts import Group, grouped
from tallybook.reports.audits import audit_cards
from tallybook.reports.comparing import base_count, compared, differences, dots, largest, votes_apart
from tallybook.reports.drawings import Dot, difference_map, margin_bars
from tallybook.reports.figures import change, day_short, day_words, percent, plural, plural_words, whole
from tallybook.reports.frame import page, places_file
from tallybook.reports.markup import Html, element, join
from tallybook.reports.parts import (
    ANSWERS,
    Column,
    chip,
    command,
    download,
    initial,
    number_table,
    word_table,
)
from tallybook.reports.values import Choice, Count, CountyRow, Decided, Fingerprints, Report, Section

RANKED = 6


def overview(report: Report) -> str:
    """index.html."""
    return page(
        report,
        "index.html",
        report.title,
        lead(report),
        *([decided(report)] if report.decided else []),
        *([section("audits", "What the audits say", *audit_cards(report.audits))] if report.audits else []),
        *([counts(report)] if report.counts else []),
        *([where(report)] if compared(report) else []),
        *(told(one) for one in report.sections),
        asked(report),
        check(report),
    )


def lead(report: Report) -> Html:
    """How many acts and answers, and that nobody need believe them."""
    acts = report.acts
    asked_for = plural(acts.granted + acts.refused + acts.no_effect, "act was", "acts were")
    refused = f"{whole(acts.refused)} refused"
    words = f"{asked_for} asked for: {whole(acts.granted)} granted, {refused}, "
    return element(
        "p",
        element("a", words, f"{whole(acts.no_effect)} without legal effect", href="timeline.html"),
        ". Every answer is in the record with its law. You need not believe any of it: ",
        element("a", "check it yourself", href="check.html"),
        ".",
        class_="lead",
    )


def told(part: Section) -> Html:
    """A part that the door has worded."""
    columns = [Column(title) for title in part.columns]
    table = [word_table(part.caption, columns, part.rows)] if part.rows else []
    return section(part.id, part.title, *(element("p", text) for text in part.paragraphs), *table)


def decided(report: Report) -> Html:
    """What was decided, by whom and under which law."""
    rows = [(row.contest, row.outcome, votes_of(row), authority_of(row)) for row in report.decided]
    columns = [Column("Contest"), Column("Decided"), Column("Votes"), Column("By whom, when, by which law")]
    caption = "Each outcome as last certified"
    return section("decided", "What was decided", word_table(caption, columns, rows))


def votes_of(row: Decided) -> Html:
    """The votes, most first, and the margin."""
    number, together = row.others
    lines = [(name, whole(votes)) for name, votes in sorted(row.votes, key=lambda pair: -pair[1])]
    lines += [(f"{number} others together", whole(together))] if number else []
    lines.append((row.margin_between, whole(row.margin_votes)))
    return element("ul", *(element("li", f"{name} {votes}") for name, votes in lines), class_="votes")


def authority_of(row: Decided) -> Html:
    entry = f", entry {whole(row.entry)}" if row.entry is not None else ""
    law = element("span", row.citation, class_="law")
    return join([f"{row.office}, {day_words(row.day)}{entry}", Html("<br>"), law])


def counts(report: Report) -> Html:
    """The counts side by side: each is a statement of its own, and none replaces another."""
    columns = [Column("Count"), Column("Margin", number=True)]
    columns += [Column(choice.short, number=True) for choice in report.choices]
    return section(
        "counts",
        f"{plural_words(len(report.counts), 'count', 'counts')} of one contest: {report.contest}",
        element(
            "p", f"{the_margins(report.counts)} ", element("a", "What each means", href="numbers.html"), "."
        ),
        element(
            "div",
            number_table(
                f"Votes in each count. {names_of(report.choices)}".strip(),
                columns,
                [count_row(count) for count in report.counts],
            ),
            element("figure", margin_bars(report.counts, report.lines), bars_caption(report)),
            class_="pair tight",
        ),
        element("h3", "What each count is in law"),
        element("ul", *(effect(count) for count in report.counts)),
        download("counts.csv", "The counts as a list"),
    )


def names_of(choices: tuple[Choice, ...]) -> str:
    """The short names of the columns, each with the name and party on the ballot."""
    longer = [c for c in choices if c.party or c.short != c.name]
    return "; ".join(f"{c.short}: {c.name}{f' ({c.party})' if c.party else ''}" for c in longer)


def bars_caption(report: Report) -> Html:
    lines = [
        f" Dashed line at {whole(x.margin_votes)} votes: {x.words} ({x.citation})." for x in report.lines
    ]
    return element("figcaption", "The margin in votes, on one scale from zero.", *lines)


def effect(count: Count) -> Html:
    when = f" ({count.office}, {day_words(count.day)}): {count.effect} "
    return element("li", element("strong", count.title), when, law_of(count.citation))


def law_of(citation: str) -> Html:
    return element("span", citation, class_="law")


def count_row(count: Count) -> tuple[str, ...]:
    name = join([count.title, element("small", day_short(count.day))])
    share = element("small", percent(count.margin_votes, sum(count.votes), 3))
    margin = join([element("strong", whole(count.margin_votes)), share])
    return (name, margin, *(whole(number) for number in count.votes))


def the_margins(counts: tuple[Count, ...]) -> str:
    """The plain sentence about the counts: do they name one leader, and how far apart are the margins?"""
    if len(counts) == 1:
        return f"The margin is {plural(counts[0].margin_votes, 'vote', 'votes')}."
    leaders = {count.votes.index(max(count.votes)) for count in counts}
    margins = [count.margin_votes for count in counts]
    agree = "have the same choice in the lead" if len(leaders) == 1 else "differ in who leads"
    return (
        f"The counts {agree}. The margin lies between {whole(min(margins))} and {whole(max(margins))} votes. "
        "They were made at different times, by different means, under different rules; a later one does not "
        "make an earlier one false."
    )


def where(report: Report) -> Html:
    """Where the counts differ: a map for each compared count, the largest differences, the table behind."""
    base = base_count(report)
    name = base.title if base else report.base
    one = report.places[0]
    found = [(count, dots(report, count.kind)) for count in compared(report)]
    most = max((dot.votes for _, several in found for dot in several), default=0)
    scale = " Areas are on one scale in all maps." if on_a_map(found) else ""
    figures = [map_of(report, count, several, most, name) for count, several in found]
    return section(
        "where",
        "Where the counts differ",
        element(
            "p",
            f"For each {one}: how many votes lie between a later count and “{name}”, added up over all "
            f"choices whichever they are for.{scale}",
        ),
        element("div", *figures, class_="pair maps"),
        element("details", element("summary", "The table behind the maps"), difference_table(report)),
        element(
            "p",
            element("a", f"Every {one}'s counts and accounts", href=places_file(report)),
            ".",
        ),
    )


def on_a_map(found: list[tuple[Count, tuple[Dot, ...]]]) -> bool:
    """Whether it is known of any place where it is."""
    return any(dot.county.point is not None for _, several in found for dot in several)


def map_of(report: Report, count: Count, found: tuple[Dot, ...], most: int, base: str) -> Html:
    """One map with its sentence and its numbered places; `most` is the largest difference on any map.

    Without a map, where nothing is known of where the places are, the largest differences alone.
    """
    one, many = report.places
    ranked = largest(found, RANKED)
    same = sum(1 for dot in found if not dot.votes)
    total = sum(dot.votes for dot in found)
    title = f"{count.title} against “{base}”, by {one}"
    drawn = (
        [difference_map(f"map-{count.kind}", title, found, ranked, most, report.places)]
        if on_a_map([(count, found)])
        else []
    )
    return element(
        "div",
        element("h3", f"{count.title} against “{base}”"),
        element(
            "p",
            f"{plural(same, f'{one} agrees', f'{many} agree')} to the vote; in all, "
            f"{plural(total, 'vote', 'votes')} apart out of {whole(sum(count.votes))}.",
        ),
        element("figure", *drawn, caption_of(report, ranked, bool(drawn))) if drawn or ranked else Html(""),
    )


def caption_of(report: Report, ranked: tuple[Dot, ...], on_map: bool) -> Html:
    items = [
        element(
            "li",
            element("a", dot.county.name, href=f"{places_file(report)}#{dot.county.id}"),
            f": {whole(dot.votes)}",
        )
        for dot in ranked
    ]
    many = report.places[1]
    words = f"Rings: no difference. The numbered {many}" if on_map else f"The {many} with most"
    return element("figcaption", f"{words}, with the votes apart:", element("ol", *items))


def difference_table(report: Report) -> Html:
    columns = [Column(initial(report.places[0]))]
    for count in compared(report):
        columns += [Column(f"{count.title}: {choice.short}", number=True) for choice in report.choices]
        columns.append(Column(f"{count.title}: votes apart", number=True))
    rows = [
        (
            county.name,
            *(cell for count in compared(report) for cell in difference_cells(report, county, count)),
        )
        for county in report.counties
    ]
    return number_table("Difference from the base count, in votes", columns, rows)


def difference_cells(report: Report, county: CountyRow, count: Count) -> list[str]:
    found = differences(county, count.kind, report.base)
    if found is None:
        return ["–"] * (len(report.choices) + 1)
    return [*(change(n) for n in found), whole(votes_apart(county, count.kind, report.base) or 0)]


def asked(report: Report) -> Html:
    """How many acts got which answer, and each one that was not done, in a line."""
    acts, size = report.acts, report.fingerprints.size
    tiles = [(acts.granted, "granted"), (acts.refused, "refused"), (acts.no_effect, "without legal effect")]
    tiles += [(acts.consequences, "followed by law")] if acts.consequences else []
    made = [
        element("li", element("strong", whole(n)), words) for n, words in [*tiles, (size, "entries in all")]
    ]
    groups = grouped(row for row in report.timeline if row.answer != "accepted")
    return section(
        "asked",
        "What was asked for, and what was not done",
        element("ul", *made, class_="tiles"),
        element("p", "A refusal is part of the record: it says why, by which law, and who may act instead."),
        element("ul", *(refusal_line(group) for group in groups), class_="lines") if groups else Html(""),
        element("p", element("a", "All acts and answers", href="timeline.html"), "."),
    )


def refusal_line(group: Group) -> Html:
    """One act that was not done, or one of many places."""
    row = group[0]
    words, class_ = ANSWERS[row.answer]
    places = f" (in {whole(len(group))} places)" if len(group) > 1 else ""
    act = element("a", f"{row.office} {row.act}{places}", href=f"timeline.html#act-{row.entry}")
    return element("li", chip(words, class_), f" {day_words(row.day)}: ", act, " ", law_of(row.citation))


def check(report: Report) -> Html:
    prints = report.fingerprints
    return section(
        "check",
        "How to check all this",
        element(
            "p",
            f"{take(prints)} and run the independent checker. It uses no network and shares no code with the "
            "program that made the record.",
        ),
        command(prints.checker, prints.package or "PACKAGE", f"--policy {prints.policy_file}"),
        *fingerprint(prints),
        element("p", element("a", "Step by step, and what it proves and does not", href="check.html"), "."),
    )


def take(prints: Fingerprints) -> str:
    """What to take first: the package of these pages, where they were made of one."""
    if prints.package_sha256:
        return f"Take {prints.package}, compare its fingerprint,"
    return f"Take {prints.package or 'the package that was published of this record'}"


def fingerprint(prints: Fingerprints) -> list[Html]:
    """The package's fingerprint, where it is known."""
    if not prints.package_sha256:
        return []
    hash_ = element("span", prints.package_sha256, class_="hash")
    return [element("p", "SHA-256 of ", prints.package, ": ", hash_)]


def section(id_: str, title: str, *inner: Html) -> Html:
    return element("section", element("h2", initial(title), id=id_), *inner, aria_labelledby=id_)
