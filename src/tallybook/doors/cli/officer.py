"""`tallybook officer`: an officer's key, and signatures under an act that is written in a file.

For the officer, on a machine that may be offline: the key never leaves it. An act is drafted to a JSON file,
carried to each person who signs, and entered with `tallybook book act FILE.json`. What is signed is
specified in docs/spec/officers.md, sections 2 and 3.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from tallybook.doors.cli.book import app as book_app
from tallybook.doors.cli.options import HOME, AsJson, AtHome, Book
from tallybook.doors.cli.shown import DoorError, console, say, show

if TYPE_CHECKING:
    from tallybook.book import Act
    from tallybook.book.people import Claim

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

ActFile = Annotated[Path, typer.Argument(metavar="ACT.json", help="The act, as `officer draft` wrote it.")]
KeyFile = Annotated[Path, typer.Option("--key", help="The file with the officer's key.")]
PersonId = Annotated[str, typer.Option(help="The person's id in the book, without a name.")]
Origin = Annotated[str, typer.Option(help="The book's origin; as in `tallybook keys`, or on its pages.")]


def add_to(main: typer.Typer) -> None:
    """The command, under the main one."""
    main.add_typer(app, name="officer", help="An officer's key, and signatures under an act in a file.")
    book_app.command("claims")(claims)


@app.command("key")
def key_(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Where the key is, or is to be made.")],
    as_json: AsJson = False,
) -> None:
    """Make an officer's key, or show the public half of one that is there.

    The key is readable by its owner only, and no command replaces it. FILE.pub beside it holds the public
    half, for the others. Example: tallybook officer key ann.key
    """
    from tallybook.doors.home import new_secret, read_secret
    from tallybook.evidence.signing import officer_public

    public = officer_public(read_secret(path) if path.exists() else new_secret(path))
    path.with_name(f"{path.name}.pub").write_text(public + "\n", encoding="ascii")
    if as_json:
        say({"file": str(path), "public_key": public})
    else:
        console().print(f"{path}: the public key is {public}")


@app.command()
def draft(
    name: Annotated[str, typer.Argument(metavar="ACT", help="Such as certify_county_returns.")],
    out: Annotated[Path, typer.Option(help="Where the act is written.")],
    office: Annotated[str, typer.Option(help="The office that asks.")],
    on: Annotated[str, typer.Option(help="The day of the act, YYYY-MM-DD.")],
    contest: Annotated[str, typer.Option(help="The contest it is about.")] = "",
    place: Annotated[str, typer.Option(help="The place it is about.")] = "",
    purpose: Annotated[str, typer.Option(help="What for, where that matters.")] = "",
    returns: Annotated[Path | None, typer.Option(help="Returns: a CSV of choice,votes, or JSON.")] = None,
    put: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A field of the act; repeat.")
    ] = None,
    holder: Annotated[
        list[str] | None,
        typer.Option(metavar="PERSON=KEY.pub", help="In a set of keys: a person and the public key; repeat."),
    ] = None,
) -> None:
    """Write an act to a file, to be signed and then entered with `tallybook book act FILE`.

    Example: tallybook officer draft set_keys --office record_keeper --on 2026-11-03 --set threshold=1
    --holder p1=ann.key.pub --out keys.json
    """
    from tallybook.book import Act
    from tallybook.doors.cli.asking import fields, returns_of

    detail = fields(put or [])
    if returns:
        detail["returns"] = returns_of(returns)
    if holder:
        detail["keys"] = sorted(map(held, holder), key=lambda one: one["person"])
    made = Act(name, office, on, "", f"cli-{uuid4()}", contest, place, purpose, detail)
    write(out, made)
    console().print(f"{out}: {name}, not signed yet.")


@app.command()
def sign(
    act: ActFile,
    person: PersonId,
    key: KeyFile,
    origin: Origin,
    seat: Annotated[str, typer.Option(help="In a board: the seat.")] = "",
    vote: Annotated[str, typer.Option(help="In a board: aye, nay, abstain or recused.")] = "",
    words: Annotated[str, typer.Option(help="In a board: the person's own words, such as a dissent.")] = "",
) -> None:
    """Sign an act as one person. An earlier signature of the same person is replaced.

    Example: tallybook officer sign act.json --person p1 --key p1.key --origin elections.example/lee
    """
    from msgspec import structs

    from tallybook.book.officers import statement
    from tallybook.doors.home import read_secret
    from tallybook.evidence.signing import officer_public, officer_signature

    asked, secret = read(act), read_secret(key)
    who = {"person": person, "seat": seat, "vote": vote, "words": words}
    who = {name: value for name, value in who.items() if value}
    signature = officer_signature(secret, statement(origin, asked, who))
    mine = {**who, "key": officer_public(secret), "signature": signature}
    others = [one for one in asked.by if one.get("person") != person]
    by = tuple(sorted((*others, mine), key=lambda one: str(one["person"])))
    write(act, structs.replace(asked, by=by))
    console().print(f"{act}: signed by {', '.join(str(one['person']) for one in by)}.")


@app.command()
def prove(act: ActFile, person: PersonId, key: KeyFile, origin: Origin) -> None:
    """Prove that a new key in a set of keys is held: the whole set is signed with it.

    Draft the set first, with every person and public key. Example: tallybook officer prove keys.json
    --person p1 --key p1.key --origin elections.example/lee
    """
    from msgspec import structs

    from tallybook.book.officers import possession
    from tallybook.doors.home import read_secret
    from tallybook.evidence.signing import officer_public, officer_signature

    asked, secret = read(act), read_secret(key)
    public = officer_public(secret)
    listed = asked.detail.get("keys")
    ours = {"person": person, "public_key": public}
    if not isinstance(listed, list) or not any(ours.items() <= one.items() for one in listed):
        raise DoorError(f"{act} does not list {person} with the key {public}. Draft the set of keys first.")
    proof = officer_signature(secret, possession(origin, asked))
    keys = [{**one, "possession": proof} if ours.items() <= one.items() else one for one in listed]
    write(act, structs.replace(asked, detail={**asked.detail, "keys": keys}))
    console().print(f"{act}: {person} has proved the new key.")


@app.command()
def posts(
    home: AtHome = HOME,
    book: Book = "",
    as_json: AsJson = False,
) -> None:
    """Who may speak for which post now: keys, how many must sign, and the seats of boards.

    Example: tallybook officer posts
    """
    from tallybook.doors.cli.book import standing_of

    officers = (standing := standing_of(home, book)[1]).officers
    keys = [
        (
            office,
            place,
            f"{one.threshold} of {len(one.keys)}",
            ", ".join(sorted(one.keys)),
            f"entry {one.seq}",
        )
        for (office, place), one in sorted(officers.keys.items())
    ]
    seats = [
        (office, place, seat.seat, seat.person + " (alternate)" * seat.alternate, seat.group, seat.until)
        for (office, place), one in sorted(officers.rosters.items())
        for seat in sorted(one.seats.values(), key=lambda seat: (seat.seat, seat.alternate))
    ]
    if as_json:
        of_keys = ("office", "place", "must_sign", "persons", "set_by")
        of_seats = ("office", "place", "seat", "person", "group", "until")
        listed = [dict(zip(of_keys, row, strict=True)) for row in keys]
        say({"keys": listed, "seats": [dict(zip(of_seats, row, strict=True)) for row in seats]})
        return
    if not keys and not seats:
        console().print("No post of this book has keys, and no board has a roster.")
    if keys:
        show(f"{standing.title}: keys", ("Office", "Place", "Must sign", "Persons", "Set by"), keys)
    if seats:
        show(f"{standing.title}: boards", ("Office", "Place", "Seat", "Person", "Group", "Until"), seats)


def claims(
    home: AtHome = HOME,
    book: Book = "",
    as_json: AsJson = False,
) -> None:
    """Public claims, where they were made, and what the record says to each.

    Example: tallybook book claims
    """
    from tallybook.doors.cli.book import standing_of
    from tallybook.doors.home import book_named, entries

    keep, standing = standing_of(home, book)
    known = standing.officers.claims
    wanted = {*known, *(one.answered for one in known.values() if one.answered is not None)}
    stored = entries(keep, book_named(keep, book))
    told = {one.seq: one.detail for one in stored if one.seq in wanted}
    found = [claim_row(one, told) for _, one in sorted(known.items())]
    if as_json:
        say(found)
        return
    columns = ("entry", "dated", "source", "text", "answer", "rests_on")
    rows = [[str(one[name]) for name in columns] for one in found]
    show(f"{standing.title}: claims", ("Entry", "Day", "Source", "Claim", "The record", "Rests on"), rows)


def claim_row(claim: "Claim", told: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """A claim and its latest answer."""
    said, answer = told[claim.seq], told.get(-1 if claim.answered is None else claim.answered, {})
    rests = [f"entry {one}" for one in answer.get("entries", ())]
    rests += [one[:12] for one in answer.get("named", ())]
    words = claim.answer.replace("_", " ") or "not answered yet"
    return {
        "entry": claim.seq,
        "dated": said["dated"],
        "source": said["source"],
        "text": said["text"],
        "answer": f"{words}: {answer['text']}" if answer else words,
        "rests_on": ", ".join(rests),
    }


def held(text: str) -> dict[str, str]:
    """A person and a public key, from PERSON=FILE.pub."""
    person, equals, name = text.partition("=")
    if not equals:
        raise DoorError(f'--holder "{text}": write it as PERSON=FILE.pub, such as --holder p1=ann.key.pub.')
    return {"person": person, "public_key": Path(name).read_text(encoding="utf-8").strip()}


def read(path: Path) -> "Act":
    """The act in a file."""
    from tallybook.doors.cli.asking import act_from

    return act_from(path)


def write(path: Path, act: "Act") -> None:
    """An act as a JSON file that a person can read."""
    from msgspec import to_builtins

    value: dict[str, Any] = to_builtins(act)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
