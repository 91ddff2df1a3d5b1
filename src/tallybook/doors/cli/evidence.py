"""`tallybook keys`, `package`, `publish`, `receipt`, `witness`: what a stranger needs to check a book."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tallybook.doors.cli.options import HOME, AsJson, AtHome, Book
from tallybook.doors.cli.shown import DoorError, console, say

if TYPE_CHECKING:
    from tallybook.keep.opening import Keep

keys = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
witness = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)


Under = Annotated[
    str, typer.Option(metavar="ROW", help="The row of the book's law that requires what is in small cells.")
]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.add_typer(keys, name="keys", help="The keys of books: make the log's key, show the public ones.")
    app.add_typer(
        witness, name="witness", help="Be a witness, or ask one: over HTTP, or as two files by e-mail."
    )
    app.command()(package)
    app.command()(publish)
    app.command()(receipt)


# Keys ----------------------------------------------------------------------------------------


@keys.command("new")
def new_key(
    origin: Annotated[
        str, typer.Argument(help="The book's name for the world, such as elections.example/lee-2026.")
    ],
    home: AtHome = HOME,
    as_json: AsJson = False,
) -> None:
    """Make the log key of a book. The secret stays in HOME/keys; the public key is shown.

    Back the secret up apart from the database. Whoever has it can sign in the book's name.
    """
    from tallybook.doors.home import home_at, key_file, new_secret
    from tallybook.evidence.signing import log_key
    from tallybook.merkle.errors import EvidenceError
    from tallybook.merkle.notes import format_vkey
    from tallybook.merkle.text import check_origin

    try:
        check_origin(origin)
    except EvidenceError as error:
        raise DoorError(str(error)) from None
    path = home_at(home).keys / key_file(origin)
    public = format_vkey(log_key(origin, new_secret(path)).verifier)
    if as_json:
        say({"origin": origin, "key": public, "secret": str(path)})
        return
    console().print(f"Secret: {path} (only you can read it; back it up apart)")
    console().print(f"Public: {public}", soft_wrap=True)


@keys.command("show")
def show_keys(
    log: Annotated[bool, typer.Option("--log", help="Only the book's own public key.")] = False,
    home: AtHome = HOME,
    book: Book = "",
    as_json: AsJson = False,
) -> None:
    """The policy of a book: its log key, its witnesses, how many must sign. Hand it to whoever checks."""
    from tallybook.doors.cli.book import standing_of

    _, standing = standing_of(home, book)
    if as_json:
        say({"origin": standing.origin, "policy": standing.policy})
    elif log:
        typer.echo(standing.policy.split("\n")[0].split(" ")[1])
    else:
        typer.echo(standing.policy, nl=False)


# Package and publication -----------------------------------------------------------------------


def latest_checkpoint(keep: "Keep", book: str, home: Any, standing: Any) -> bytes:
    """The checkpoint of the book as it stands: the one kept for this size, or a new one signed by the log."""
    from tallybook.doors.home import log_of, root_at
    from tallybook.evidence.signing import sign_checkpoint
    from tallybook.keep import tables
    from tallybook.merkle.checkpoints import Checkpoint

    kept = tables.checkpoints(keep.alias, book).filter(size=standing.size).last()
    if kept is not None:
        return bytes(kept.note)
    head = Checkpoint(standing.origin, standing.size, root_at(keep, book, standing.size))
    note = sign_checkpoint(head, log_of(home, standing.origin))
    tables.insert_checkpoint(keep.alias, book, standing.size, note)
    return note


def of_book(home: Path, book: str) -> "tuple[Keep, str, Any, bytes]":
    """A book, and the checkpoint of it as it stands."""
    from tallybook.doors import home as homes
    from tallybook.doors.cli.book import standing_of

    keep, standing = standing_of(home, book)
    which = homes.book_named(keep, book)
    return keep, which, standing, latest_checkpoint(keep, which, homes.home_at(home), standing)


def published(keep: "Keep", which: str, note: bytes, out: Path) -> None:
    """Bring a folder to the checkpoint's size."""
    from tallybook.doors import home as homes
    from tallybook.evidence.disk import DiskError
    from tallybook.evidence.publishing import publish as bring
    from tallybook.merkle.errors import EvidenceError

    try:
        bring(
            out,
            note,
            lambda start, stop: homes.stored_entries(keep, which, start, stop),
            lambda fingerprint: homes.exhibit(keep, fingerprint),
        )
    except (EvidenceError, DiskError) as error:
        raise DoorError(str(error)) from None


def guard_privacy(keep: "Keep", which: str, standing: Any, under: str) -> None:
    """Refuse to publish a book whose tables give a voter away, and say what passes under which law."""
    from tallybook.canvass import Limits
    from tallybook.doors import home as homes
    from tallybook.doors import privacy, privacy_books

    found = privacy_books.of_book(
        standing.law,
        homes.entries(keep, which),
        lambda fingerprint: homes.exhibit(keep, fingerprint),
        Limits(),
        under,
    )
    privacy.refuse(found, "Nothing was published.")
    for line in privacy.passed(found):
        console().print(line, markup=False)


def quorum_words(standing: Any, note: bytes) -> str:
    """Whether the witnesses that the policy asks for have signed."""
    from tallybook.merkle.checkpoints import parse_checkpoint
    from tallybook.merkle.policy import parse_policy, quorum_met

    policy = parse_policy(standing.policy)
    names = {line.name for line in parse_checkpoint(note)[1].signatures}
    signers = [name for name, key in policy.witnesses.items() if key.name in names]
    if quorum_met(policy, signers):
        return "The quorum of witnesses has signed." if policy.quorum else "The policy asks for no witness."
    return (
        "The quorum of witnesses has not signed this size yet: `tallybook witness ask` or `witness request`."
    )


def publish(
    out: Annotated[Path, typer.Argument(help="The folder that a web server serves.")],
    home: AtHome = HOME,
    book: Book = "",
    under: Under = "",
) -> None:
    """Bring a public folder up to date: only what is new is written, the checkpoint last.

    A power cut at any moment leaves what was published before; the next call goes on from there.
    Refused where a table that no law requires gives a voter away: `tallybook privacy` says more.
    """
    keep, which, standing, note = of_book(home, book)
    guard_privacy(keep, which, standing, under)
    published(keep, which, note, out)
    console().print(f"{out}: {standing.size} entries. {quorum_words(standing, note)}")


def package(
    out: Annotated[Path, typer.Argument(help="A folder, or a file that ends in .zip.")],
    home: AtHome = HOME,
    book: Book = "",
    under: Under = "",
) -> None:
    """Write the evidence package of a book as it stands: a folder, or one ZIP. Check it: tallycheck OUT

    Refused where a table that no law requires gives a voter away: `tallybook privacy` says more.
    """
    from tempfile import TemporaryDirectory

    from tallybook.evidence.sources import open_folder, write_zip
    from tallybook.merkle.errors import EvidenceError

    keep, which, standing, note = of_book(home, book)
    guard_privacy(keep, which, standing, under)
    if out.suffix != ".zip":
        published(keep, which, note, out)
    else:
        with TemporaryDirectory(dir=out.parent) as folder:
            published(keep, which, note, Path(folder) / "package")
            staged = Path(folder) / "package.zip"
            try:
                with staged.open("wb") as file:
                    write_zip(open_folder(Path(folder) / "package"), file)
            except EvidenceError as error:
                raise DoorError(str(error)) from None
            staged.replace(out)
    console().print(f"{out}: {standing.size} entries. {quorum_words(standing, note)}")


def receipt(
    entry: Annotated[int, typer.Argument(help="The entry's number.")],
    out: Annotated[Path, typer.Argument(help="The file to write, such as board.tlog-proof.")],
    home: AtHome = HOME,
    book: Book = "",
) -> None:
    """Write a receipt: proof that an entry stands in the book. No later package may contradict it."""
    from tallybook.doors import home as homes
    from tallybook.merkle.receipts import format_receipt, make_receipt

    keep, which, standing, note = of_book(home, book)
    if not 0 <= entry < standing.size:
        raise DoorError(
            f"There is no entry {entry}: the book has {standing.size} entries, 0 to {standing.size - 1}."
        )
    data = next(homes.stored_entries(keep, which, entry, entry + 1))
    made = make_receipt(homes.node_at(keep, which, standing.size), entry, data, note)
    out.write_bytes(format_receipt(made))
    console().print(f"{out}: entry {entry} of {standing.size}. Check it: tallycheck PACKAGE --receipt {out}")


# Witnesses -------------------------------------------------------------------------------------


@witness.command("new")
def new_witness(
    name: Annotated[str, typer.Argument(help="The witness's name for the world, such as witness.example.")],
    out: Annotated[Path, typer.Option(help="The file for its secret key.")] = Path("witness.key"),
) -> None:
    """Make a witness's key. The public key goes to whoever opens the book."""
    from tallybook.doors.home import new_secret
    from tallybook.evidence.signing import witness_key
    from tallybook.merkle.errors import EvidenceError
    from tallybook.merkle.notes import format_vkey

    try:
        witness_key(name, bytes(32))
    except EvidenceError as error:
        raise DoorError(str(error)) from None
    secret = new_secret(out)
    out.write_text(f"{name}\n{secret.hex()}\n", encoding="utf-8")
    console().print(f"Secret: {out} (only you can read it)")
    console().print(f"Public: {format_vkey(witness_key(name, secret).verifier)}", soft_wrap=True)


@witness.command("show")
def show_witness(file: Annotated[Path, typer.Argument(help="The witness's key file.")]) -> None:
    """The public key of a witness."""
    from tallybook.doors.home import witness_from
    from tallybook.merkle.notes import format_vkey

    typer.echo(format_vkey(witness_from(file).verifier))


KeyFile = Annotated[Path, typer.Option("--key", help="The witness's key file.")]
Memory = Annotated[Path, typer.Option(help="The folder in which the witness remembers what it has seen.")]
LogKey = Annotated[list[str], typer.Option("--log", help="The public log key of a book to witness; repeat.")]


def logs_of(vkeys: list[str]) -> dict[str, list[Any]]:
    """The log keys that a witness follows, by origin."""
    from tallybook.merkle.errors import EvidenceError
    from tallybook.merkle.notes import parse_vkey

    found: dict[str, list[Any]] = {}
    for text in vkeys:
        try:
            key = parse_vkey(text)
        except EvidenceError as error:
            raise DoorError(f"--log: {error}") from None
        found.setdefault(key.name, []).append(key)
    return found


@witness.command("serve")
def serve(
    log: LogKey,
    key: KeyFile = Path("witness.key"),
    memory: Memory = Path("witness-memory"),
    port: Annotated[int, typer.Option(help="The port to listen at.")] = 7480,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
) -> None:
    """Be a witness over HTTP: sign every checkpoint that continues what was seen, and nothing else."""
    from tallybook.doors.home import witness_from
    from tallybook.doors.serving import serve_witness

    console().print(f"Witness at http://{host}:{port}/add-checkpoint. Stop with Ctrl-C.")
    serve_witness(host, port, memory, logs_of(log), witness_from(key))


@witness.command("ask")
def ask(
    url: Annotated[str, typer.Argument(help="The witness's address, up to /add-checkpoint.")],
    home: AtHome = HOME,
    book: Book = "",
) -> None:
    """Ask a witness over HTTP to sign the book as it stands, and keep its signature."""
    from tallybook.doors.home import node_at
    from tallybook.doors.serving import ask_witness

    keep, which, standing, note = of_book(home, book)
    reply = ask_witness(url, note, node_at(keep, which, standing.size))
    merged(keep, which, standing, note, [reply])


@witness.command("request")
def request(
    out: Annotated[Path, typer.Argument(help="The file to send to the witness.")],
    old: Annotated[
        int, typer.Option(help="The size that the witness saw last; 0 if none, or if unknown.")
    ] = 0,
    home: AtHome = HOME,
    book: Book = "",
) -> None:
    """Write the request to a witness as a file, to send by e-mail."""
    from tallybook.doors.home import node_at
    from tallybook.evidence.witness import request_for

    keep, which, standing, note = of_book(home, book)
    if not 0 <= old <= standing.size:
        raise DoorError(f"--old {old}: the book has {standing.size} entries.")
    out.write_bytes(request_for(note, old, node_at(keep, which, standing.size)))
    console().print(
        f"{out}: send it to the witness, who answers with `tallybook witness sign {out.name} REPLY`."
    )


@witness.command("sign")
def sign(
    file: Annotated[Path, typer.Argument(help="The request that came by e-mail.")],
    out: Annotated[Path, typer.Argument(help="The reply to send back.")],
    log: LogKey,
    key: KeyFile = Path("witness.key"),
    memory: Memory = Path("witness-memory"),
) -> None:
    """Answer a request that came as a file: sign if it continues what was seen."""
    from time import time

    from tallybook.doors.home import witness_from
    from tallybook.evidence.disk import DiskError
    from tallybook.evidence.witness import add_checkpoint
    from tallybook.merkle.errors import EvidenceError

    try:
        reply = add_checkpoint(file.read_bytes(), memory, logs_of(log), witness_from(key), int(time()))
    except (EvidenceError, DiskError) as error:
        raise DoorError(str(error)) from None
    if reply.status == 409:
        size = reply.body.decode().strip()
        raise DoorError(
            f"Not signed: this witness has seen size {size}. Ask for a request made with --old {size}.",
            code=1,
        )
    if reply.status != 200:
        raise DoorError(f"Not signed: {reply.body.decode(errors='replace').strip()}", code=1)
    out.write_bytes(reply.body)
    console().print(f"{out}: signed. Send it back; they add it with `tallybook witness add {out.name}`.")


@witness.command("add")
def add(
    file: Annotated[list[Path], typer.Argument(help="Replies of witnesses.")],
    home: AtHome = HOME,
    book: Book = "",
) -> None:
    """Add the signatures of witnesses, that came as files, to the book's checkpoint."""
    keep, which, standing, note = of_book(home, book)
    merged(keep, which, standing, note, [one.read_bytes() for one in file])


@witness.command("record")
def record(home: AtHome = HOME, book: Book = "", as_json: AsJson = False) -> None:
    """Enter the latest quorate checkpoint in the book, as an audit asks before the seed is rolled."""
    from tallybook.book import Act
    from tallybook.doors import home as homes
    from tallybook.doors.cli.asking import answered, recorded
    from tallybook.doors.cli.book import standing_of
    from tallybook.keep import tables
    from tallybook.merkle.checkpoints import parse_checkpoint

    keep, standing = standing_of(home, book)
    which = homes.book_named(keep, book)
    for kept in tables.checkpoints(keep.alias, which).order_by("-size", "-id"):
        text = bytes(kept.note).decode()
        seen = homes.look(keep, which, standing, text)
        if seen is not None and seen.quorate:
            size = parse_checkpoint(text.encode())[0].size
            act = Act(
                "record_checkpoint",
                "record_keeper",
                "",
                "",
                f"checkpoint-{size}",
                detail={"checkpoint": text},
            )
            answered(keep, which, recorded(keep, which, act), as_json)
    raise DoorError(
        "No checkpoint with a quorum of witnesses is here yet: `tallybook witness ask URL`, or "
        "`tallybook witness request FILE`."
    )


def merged(keep: "Keep", which: str, standing: Any, note: bytes, replies: list[bytes]) -> None:
    """Keep a checkpoint with more signatures."""
    from tallybook.evidence.signing import merge_cosignatures
    from tallybook.keep import tables
    from tallybook.merkle.errors import EvidenceError
    from tallybook.merkle.policy import parse_policy

    try:
        more = merge_cosignatures(note, replies, parse_policy(standing.policy))
    except EvidenceError as error:
        raise DoorError(f"The reply was not added: {error}") from None
    if more == note:
        raise DoorError(
            "The reply was not added: it holds no new signature of a witness of this book's policy."
        )
    tables.insert_checkpoint(keep.alias, which, standing.size, more)
    console().print(f"Size {standing.size}: {quorum_words(standing, more)}")
