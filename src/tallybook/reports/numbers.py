"""The page that says what each number means, in plain words, and what it does not mean.

The words are in `meanings`; the leads of this report come first, each with its kind.
"""

from tallybook.reports.figures import day_words, plural_words, whole
from tallybook.reports.frame import page
from tallybook.reports.markup import Html, element, join
from tallybook.reports.meanings import CHAPTERS, Meaning
from tallybook.reports.values import Report


def numbers(report: Report) -> str:
    """numbers.html."""
    return page(
        report,
        "numbers.html",
        "What the numbers mean",
        element(
            "p",
            "Words that sound alike mean different things in law. Under each meaning stands, where it helps, "
            "what the word does not mean.",
            class_="lead",
        ),
        here(report),
        *(chapter(number, name, meanings) for number, (name, meanings) in enumerate(CHAPTERS)),
    )


def here(report: Report) -> Html:
    """The numbers of this report, with their kind."""
    if not report.counts:
        return Html("")
    items = [
        element(
            "li",
            element("strong", whole(count.margin_votes)),
            f" is the margin in: {count.title}, {day_words(count.day)}. {count.effect}",
        )
        for count in report.counts
    ]
    return element(
        "section",
        element("h2", f"{plural_words(len(report.counts), 'margin', 'margins')} in one contest", id="here"),
        element("p", f"In this report, for {report.contest}:"),
        element("ul", *items),
        aria_labelledby="here",
    )


def chapter(number: int, name: str, meanings: tuple[Meaning, ...]) -> Html:
    id_ = f"chapter-{number}"
    terms = join(join([element("dt", item.term), definition(item)]) for item in meanings)
    return element("section", element("h2", name, id=id_), element("dl", terms), aria_labelledby=id_)


def definition(item: Meaning) -> Html:
    wrong = (
        element("span", element("strong", "Take care: "), item.is_not, class_="not")
        if item.is_not
        else Html("")
    )
    return element("dd", item.means, wrong)
