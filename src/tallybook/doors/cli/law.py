"""`tallybook law`: ask the law that comes with the program, or any law files, before anyone acts."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tallybook.doors.cli.shown import DoorError, console, say, show

if TYPE_CHECKING:
    from tallybook.law import LawSet
    from tallybook.law.survey import Answer

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

On = Annotated[str, typer.Option("--on", metavar="DATE", help="The day of the act, YYYY-MM-DD.")]
State = Annotated[
    str, typer.Option(help="The state whose law is asked: georgia, or model for the teaching law.")
]
Files = Annotated[
    list[Path] | None, typer.Option("--file", help="A law file of your own; repeat for several.")
]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]


@app.command("who-may")
def who_may(
    act: Annotated[
        str, typer.Argument(help="An act, such as order_signature_audit; `tallybook law acts` lists them.")
    ],
    on: On,
    election: Annotated[
        str, typer.Option(help="The election's day or name; the latest general one by default.")
    ] = "",
    purpose: Annotated[str, typer.Option(help="What for, where that matters.")] = "",
    office: Annotated[str, typer.Option(help="Only this office.")] = "",
    state: State = "georgia",
    file: Files = None,
    as_json: AsJson = False,
) -> None:
    """Who may do an act on a day, under which conditions, by which law; and who may not, and why.

    Example: tallybook law who-may order_signature_audit --on 2020-12-05
    """
    from tallybook import law as room

    laws = chosen(state, file)
    declared(laws, act, purpose, office)
    held = election_day(laws, election, day(on))
    answers = [
        one for one in room.who_may(laws, act, on, held, purpose) if not office or one.office == office
    ]
    if as_json:
        say(
            {
                "act": act,
                "on": on,
                "election_day": held,
                "purpose": purpose,
                "answers": [plain(a) for a in answers],
            }
        )
        return
    told_who(laws, act, on, held, purpose, answers)


def told_who(laws: "LawSet", act: str, on: str, held: str, purpose: str, answers: list["Answer"]) -> None:
    """The answers, those that grant first; offices under the default row are named together."""
    why = f" {laws.purposes[purpose].words}" if purpose else ""
    console().print(f"To {laws.acts[act].words}{why}, on {on}, for the election of {held}:\n")
    named = [one for one in answers if any(row.office == one.office for row in one.rows)]
    shown = sorted(named, key=lambda one: not one.grants)
    show("", ("Office", "Answer", "In plain words", "Law"), [row for one in shown for row in table_rows(one)])
    others = [one for one in answers if one not in named]
    default = next((row for one in others for row in one.rows), None)
    if default is not None:
        console().print(
            f"\nEvery other office: {status(default.status)}. {default.words or default.plain} "
            f"({default.citation})"
        )
    elif others:
        console().print(f"\nEvery other office: no law in force on {on} grants this act.")


def table_rows(answer: "Answer") -> list[tuple[str, ...]]:
    """One office's rows for the screen."""
    from tallybook.law import in_words

    return [(answer.name, status(row.status), in_words(row), row.citation) for row in answer.rows]


def plain(answer: "Answer") -> dict[str, Any]:
    """One office's answer for machines."""
    rows = [
        {
            "row": r.id,
            "law": r.law,
            "status": r.status,
            "plain": r.plain,
            "words": r.words,
            "citation": r.citation,
            **({"classes": list(r.classes)} if r.classes else {}),
        }
        for r in answer.rows
    ]
    return {
        "office": answer.office,
        "name": answer.name,
        "status": answer.status,
        "may": answer.grants,
        "rows": rows,
    }


def status(word: str) -> str:
    """A status in words."""
    return {
        "not_permitted": "may not",
        "no_legal_effect": "no legal effect",
        "duty": "must",
        "permitted": "may",
    }.get(word, "may, if")


@app.command()
def acts(state: State = "georgia", file: Files = None, as_json: AsJson = False) -> None:
    """The acts that the law set declares."""
    laws = chosen(state, file)
    if as_json:
        say(
            [
                {"act": a.id, "words": a.words, "entry": a.entry, "needs": list(a.needs)}
                for a in laws.acts.values()
            ]
        )
        return
    show("", ("Act", "To …", "Must state"), [(a.id, a.words, ", ".join(a.needs)) for a in laws.acts.values()])


@app.command()
def matrix(
    on: On,
    election: Annotated[str, typer.Option(help="The election's day or name.")] = "",
    act: Annotated[str, typer.Option(help="Only acts whose id holds this word.")] = "",
    state: State = "georgia",
    file: Files = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet.")] = False,
) -> None:
    """The whole matrix: which office may do which act on a day.

    Example: tallybook law matrix --on 2020-12-05 --act audit
    """
    from tallybook.doors.telling import authority
    from tallybook.reports.sheets import sheet

    laws = chosen(state, file)
    rows = [
        r
        for r in authority(laws, day(on), election_day(laws, election, on))
        if act in words_to_ids(laws, r.act)
    ]
    cells = [(r.act, r.office, status(r.status), r.plain, r.citation) for r in rows]
    columns = ("Act", "Office", "Answer", "In plain words", "Law")
    if as_json:
        say([dict(zip(("act", "office", "answer", "words", "citation"), row, strict=True)) for row in cells])
    elif as_csv:
        typer.echo(sheet(list(columns), cells), nl=False)
    else:
        show(f"Who may do what on {on}", columns, cells)


def words_to_ids(laws: "LawSet", words: str) -> str:
    """The ids of the acts with these words."""
    return " ".join(one.id for one in laws.acts.values() if one.words == words)


@app.command()
def diff(
    state: Annotated[str, typer.Argument(metavar="STATE", help="Such as GEORGIA.")],
    first: Annotated[str, typer.Argument(metavar="DATE", help="The day of one election.")],
    second: Annotated[str, typer.Argument(metavar="DATE", help="The day of a later one.")],
    as_json: AsJson = False,
) -> None:
    """What the law changed between two election days.

    Example: tallybook law diff GEORGIA 2020-11-03 2022-11-08
    """
    from tallybook import law as room

    laws = chosen(state.lower(), None)
    changes = room.diff(laws, day(first), day(second))
    if as_json:
        say(
            [
                {
                    "table": c.table,
                    "key": c.key,
                    "kind": c.kind,
                    "before": cited(c.before),
                    "after": cited(c.after),
                }
                for c in changes
            ]
        )
        return
    rows = [(c.key.replace("_", " "), c.kind, said(c.before), said(c.after)) for c in changes]
    show(f"{state.title()}: the law for {first} and for {second}", ("What", "", "Before", "After"), rows)
    console().print(f"\n{len(changes)} differences.")


def cited(laws: Any) -> list[dict[str, str]]:
    """Rows, rules or dates for machines."""
    return [
        {
            "id": one.id,
            "words": getattr(one, "plain", "") or getattr(one, "words", ""),
            "citation": one.citation,
        }
        for one in laws
    ]


def said(laws: Any) -> str:
    """Rows, rules or dates in words."""
    return "; ".join(f"{one['words']} ({one['citation']})" for one in cited(laws)) or "–"


@app.command()
def calendar(
    election: Annotated[
        str, typer.Argument(metavar="[ELECTION]", help="A day YYYY-MM-DD, or a name such as ga-2020-general.")
    ] = "",
    state: State = "georgia",
    file: Files = None,
    home: Annotated[
        Path | None, typer.Option(help="The home of a book: what is due in it, with the days left.")
    ] = None,
    book: Annotated[str, typer.Option(help="The book, where the home has several.")] = "",
    at: Annotated[str, typer.Option(help="As if it were this moment, YYYY-MM-DDTHH:MM:SSZ.")] = "",
    as_json: AsJson = False,
) -> None:
    """Every duty, window and date of an election, with citations; with --home, what is due in a book.

    Example: tallybook law calendar 2020-11-03
    Example: tallybook law calendar --home home
    """
    from dataclasses import asdict

    from tallybook import law as room

    if home is not None:
        due_in(home, book, at, as_json)
        return
    if not election:
        raise DoorError("Name an election, such as 2020-11-03, or a book: --home DIR.")
    laws = chosen(state, file)
    held = election_day(laws, election, "")
    items = room.calendar(laws, held)
    if as_json:
        say([asdict(one) for one in items])
        return
    rows = [
        (
            one.day or f"after {one.waits_for.replace('_', ' ')}",
            one.time,
            one.kind.replace("_", " "),
            one.words,
            one.citation,
        )
        for one in items
    ]
    show(f"Calendar of the election of {held}", ("Day", "Hour", "", "What", "Law"), rows)


def due_in(home: Path, book: str, at: str, as_json: bool) -> None:
    """What is due in a book, with the days left and what follows from a missed date."""
    from msgspec import to_builtins

    from tallybook.book.obligations import obligations
    from tallybook.doors.cli.book import moment, standing_of
    from tallybook.keep.clocks import utc_now

    now = moment(at) if at else utc_now()
    _, standing = standing_of(home, book)
    found = obligations(standing, now)
    if as_json:
        say([to_builtins(one) for one in found])
        return
    rows = [
        (
            one.state,
            deadline_shown(standing, one),
            f"{one.words} ({one.contest})" if one.contest else one.words,
            office_shown(standing, one),
            f"{one.follows} {one.follows_by}." if one.state in ("late", "due", "open") else "",
            one.citation,
        )
        for one in found
    ]
    show(f"{standing.title}: what is due", ("", "Until", "What", "Office", "If missed", "Law"), rows)


def deadline_shown(standing: Any, one: Any) -> str:
    """The deadline in local time, the days left, and the order that moved it."""
    from tallybook.law import local_time

    if not one.due:
        return ""
    days = "1 day" if abs(one.days_left) == 1 else f"{abs(one.days_left)} days"
    left = f"{days} {'left' if one.days_left >= 0 else 'ago'}"
    moved = f", moved by entry {one.moved}" if one.moved is not None else ""
    return f"{local_time(standing.law.clock, one.due):%Y-%m-%d %H:%M} ({left}{moved})"


def office_shown(standing: Any, one: Any) -> str:
    """The office, and how many places are left."""
    name = standing.law.offices[one.office].name if one.office in standing.law.offices else "Every office"
    return f"{name}, {one.left} places left" if one.left else name


@app.command("state")
def state_(
    name: Annotated[str, typer.Argument(metavar="XX", help="Two letters, such as CO, or a name.")],
    votes: Annotated[
        str, typer.Option(help="The votes of a contest, such as 5010,4990: is a recount due or open?")
    ] = "",
    cast: Annotated[int | None, typer.Option(help="Votes cast for the office, if more.")] = None,
    as_json: AsJson = False,
) -> None:
    """What is known of a state's law, fact by fact; what is not verified is said so, never guessed.

    Example: tallybook law state CO --votes 20000,19900
    """
    from msgspec import to_builtins

    from tallybook.doors.lawfiles import states
    from tallybook.law.states import facts, recount_answers, state_named

    known = states().states
    found = state_named(known, name)
    if found is None:
        raise DoorError(f'There is no state "{name}". There is: {", ".join(one.id for one in known)}.')
    counted = dict(enumerate(numbers(votes))) if votes else {}
    answers = recount_answers(found, {str(n): count for n, count in counted.items()}, cast) if votes else ()
    if as_json:
        said = dict(facts(found))
        rest = {"name": found.name, "as_of": found.as_of, "confidence": found.confidence}
        say({**rest, "facts": said, "recounts": [to_builtins(one) for one in answers]})
        return
    show(f"{found.name}, as of {found.as_of}; confidence {found.confidence}", ("", ""), facts(found))
    if votes:
        rows = [(one.kind, one.offices, one.answer, " ".join(one.why)) for one in answers]
        if not rows:
            console().print("Whether this margin makes or opens a recount is not verified here.")
            return
        show("A recount at this margin", ("", "For", "Answer", "Why"), rows)


def numbers(text: str) -> list[int]:
    """Whole numbers, separated by commas."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise DoorError(f'--votes "{text}": write whole numbers separated by commas, such as 5010,4990.')
    return [int(part) for part in parts]


@app.command()
def routes(
    state: State = "georgia_officers",
    home: Annotated[Path | None, typer.Option(help="The home of a book: how far it has gone.")] = None,
    book: Annotated[str, typer.Option(help="The book, where the home has several.")] = "",
    on: On = "",
    as_json: AsJson = False,
) -> None:
    """The ways that a recount, a contest or a petition goes, step by step, and who may take each step.

    Example: tallybook law routes
    """
    from msgspec import to_builtins

    from tallybook.book import Standing
    from tallybook.book.obligations import routes as ways
    from tallybook.doors.cli.book import standing_of
    from tallybook.keep.clocks import utc_now

    if home is not None:
        standing = standing_of(home, book)[1]
    else:
        laws = chosen(state, None)
        standing = Standing(law=laws, day=election_day(laws, "", day(on) if on else utc_now()[:10]))
    found = ways(standing, f"{day(on)}T12:00:00Z" if on else utc_now())
    if as_json:
        say([to_builtins(one) for one in found])
        return
    if not found:
        console().print("The law of this book lists no routes. Its rules of the kind `route` would.")
    for one in found:
        rows = [
            (str(n), step.words, ", ".join(step.offices), step.done) for n, step in enumerate(one.steps, 1)
        ]
        show(f"{one.words}. {one.citation}", ("", "Step", "Who", "Done"), rows)


def chosen(state: str, paths: list[Path] | None) -> "LawSet":
    """The law set that a command asks: of a state that comes with the program, or of a person's files."""
    from tallybook.doors.lawfiles import SETS, from_disk, state_set
    from tallybook.law import LawError, law_set

    if not paths:
        if state not in SETS:
            raise DoorError(
                f'There is no law for "{state}" here. There is: {", ".join(SETS)}. Or name files: --file.'
            )
        return state_set(state)
    try:
        return law_set(from_disk(path).file for path in paths)
    except LawError as error:
        raise DoorError("The law files cannot be read:", *(str(one) for one in error.problems)) from error


def declared(laws: "LawSet", act: str, purpose: str, office: str) -> None:
    """Refuse a name that the law set does not declare, with those that come near."""
    from difflib import get_close_matches

    for what, name, known in (
        ("act", act, laws.acts),
        ("purpose", purpose, laws.purposes),
        ("office", office, laws.offices),
    ):
        if name and name not in known:
            near = get_close_matches(name, known, 3) or sorted(known)[:5]
            raise DoorError(f'There is no {what} "{name}" in this law. Perhaps: {", ".join(near)}.')


def day(text: str) -> str:
    """A day, or a plain refusal."""
    try:
        return date.fromisoformat(text if len(text) == 10 else "-").isoformat()
    except ValueError:
        raise DoorError(f'"{text}" is no day. Write it as YYYY-MM-DD, such as 2020-12-05.') from None


def election_day(laws: "LawSet", election: str, on: str) -> str:
    """The day of an election: as given, by its name, or the latest one known that is not after `on`."""
    known = {one.id: one.day for one in laws.elections}
    if election in known:
        return known[election]
    if election:
        if not election[:1].isdigit():
            raise DoorError(
                f'There is no election "{election}" in this law. There is: {", ".join(known) or "none"}. '
                "Or give its day."
            )
        return day(election)
    past = [one for one in sorted(known.values()) if one <= on]
    return past[-1] if past else on
