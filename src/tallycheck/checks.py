"""The fifteen checks in their order: checks specification, section 3.

Two passes over the bundles: the first makes the tree, the second reads what the entries say. The
signatures stand between the two by number; a fault of check 2 that only the second pass sees is
reported before one of check 3.
"""

from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .bookform import Exhibits, read_entry, read_first, require_spelling
from .failure import Failed
from .files import Contents, check_files
from .fold import NO_EFFECT, REFUSED, Fold
from .policy import parse_policy
from .signatures import (
    check_old_root,
    check_old_signature,
    check_receipt,
    check_signatures,
    read_receipt,
    read_signed,
)
from .sources import open_source
from .tree import Tree, check_tree

NAMES = (
    "files", "tree and checkpoint", "signatures and quorum", "order", "law and authority", "accounts", "draw",
    "readings complete", "assertions", "margins", "risk", "stopping rule", "outcomes", "privacy",
    "nothing unexplained",
)  # fmt: skip


OF_PEOPLE = (("signatures", "signatures of officers hold"), ("board", "acts of boards"))


@dataclass(frozen=True)
class Asked:
    """What the reader brings besides the package: bytes of a policy, an old checkpoint, a receipt."""

    policy: bytes | None = None
    checkpoint: bytes | None = None
    receipt: bytes | None = None


@dataclass(frozen=True)
class Line:
    """One line of the report; `state` is ``ok``, ``none``, ``failed`` or ``not run``."""

    number: int
    state: str
    words: str
    file: str = ""
    entry: int | None = None

    @property
    def name(self) -> str:
        """The check's name."""
        return NAMES[self.number - 1]


@dataclass
class Report:
    """What was found."""

    package: str
    authorship: bool
    origin: str = ""
    size: int = 0
    root: str = ""
    words: dict[int, str] = field(default_factory=dict)
    failure: Failed | None = None
    decided: list[dict[str, Any]] = field(default_factory=list)

    @property
    def proves(self) -> bool:
        """Whether every check holds."""
        return self.failure is None

    def lines(self) -> list[Line]:
        """The fifteen lines."""
        return [self.line(number) for number in range(1, len(NAMES) + 1)]

    def line(self, number: int) -> Line:
        """One of them."""
        failed = self.failure
        if failed is not None and number == failed.number:
            return Line(number, "failed", failed.sentence(), failed.file, failed.entry)
        if failed is not None and number > failed.number:
            return Line(number, "not run", "")
        words = self.words.get(number, "")
        return Line(number, "none", words[5:]) if words.startswith("none ") else Line(number, "ok", words)


def check(package: Path, shown_name: str, asked: Asked) -> Report:
    """Check a package. Raises `OSError` where there is nothing to read at `package`."""
    report = Report(shown_name, authorship=asked.policy is not None)
    try:
        run(package, report, asked)
    except Failed as failure:
        report.failure = failure
    return report


def run(package: Path, report: Report, asked: Asked) -> None:
    """The checks in order; the first that fails ends them by `Failed`."""
    source = open_source(package)
    contents = check_files(source)  # 1
    report.size = contents.size
    report.words[1] = f"{contents.size} entries, {len(contents.exhibits)} exhibits"
    tree = check_tree(source, contents.size)  # 2
    report.origin, report.root = tree.checkpoint.origin, b64encode(tree.checkpoint.root).decode()
    own = read_first(next(tree.entries()), tree.checkpoint.origin)
    report.words[2] = f"root {report.root}, size {tree.size}" + beside(tree, own, asked)
    try:
        report.words[3] = signatures(tree, own, asked)  # 3
    except Failed:
        read_all(tree, contents)
        raise
    fold = Fold(tree, parse_policy(own), Exhibits(contents))
    for seq, raw in enumerate(tree.entries()):  # the rest of 2, and 4 to 15
        fold.step(raw, seq)
    fold.finish()
    report.words |= words_of(fold)
    if fold.failures:
        raise fold.failures[0]
    report.decided = decided(fold)


def beside(tree: Tree, own: bytes, asked: Asked) -> str:
    """What ``--checkpoint`` and ``--receipt`` add to check 2. Gives words for its line."""
    words = ""
    if asked.checkpoint is not None:
        old = read_signed(asked.checkpoint, "--checkpoint")
        check_old_root(old, tree, own, asked.policy, "--checkpoint")
        words += f"; grown from your checkpoint of size {old.checkpoint.size}"
    if asked.receipt is not None:
        receipt = read_receipt(asked.receipt, "--receipt")
        check_receipt(receipt, tree, own, asked.policy, "--receipt")
        words += f"; your receipt is entry {receipt.index}"
    return words


def signatures(tree: Tree, own: bytes, asked: Asked) -> str:
    """Check 3, for the package and for what stands beside it."""
    words = check_signatures(tree, own, asked.policy)
    if asked.checkpoint is not None:
        check_old_signature(read_signed(asked.checkpoint, "--checkpoint"), own, asked.policy, "--checkpoint")
    if asked.receipt is not None:
        signed = read_receipt(asked.receipt, "--receipt").signed
        check_old_signature(signed, own, asked.policy, "--receipt")
    return words


def read_all(tree: Tree, contents: Contents) -> None:
    """Steps 6 to 9 of check 2 alone."""
    exhibits = Exhibits(contents)
    for seq, raw in enumerate(tree.entries()):
        entry, text = read_entry(raw, seq)
        require_spelling(entry, text, seq)
        exhibits.look(entry, seq)
    exhibits.finish()


# The report's words ------------------------------------------------------------


def words_of(fold: Fold) -> dict[int, str]:
    """The words of lines 4 to 15."""

    def n(*names: str) -> int:
        return sum(fold.counts.get(name, 0) for name in names)

    def or_none(found: int, words: str, absent: str) -> str:
        return words if found else f"none {absent}"

    no_risk, no_sample = "no risk is claimed in this book", "no sample was drawn"
    drawn, plans = n("draw", "round"), n("plan")
    ruled = f"{n('granted')} acts granted, {n(REFUSED)} refused, {n(NO_EFFECT)} without legal effect"
    return {
        4: f"{fold.tree.size} entries in order, {n('checkpoint')} checkpoints recorded" + people_words(fold),
        5: ruled,
        6: or_none(n("total", "audited"), accounts_words(fold), "no statement was made"),
        7: or_none(n("commit", "seed", "draw", "plan"), f"{drawn} samples drawn again", no_sample),
        8: or_none(drawn, readings_words(fold), no_sample),
        9: or_none(plans, f"{n('assertions')} assertions imply {n('audited')} outcomes", no_risk),
        10: or_none(n("margin", "assertions"), f"{n('margin', 'assertions')} margins", "no margin was found"),
        11: or_none(plans, f"{n('risks')} risks found again", no_risk),
        12: or_none(plans, f"{n('met')} risks at most their limit; {n('stop')} audits stopped", no_risk),
        13: or_none(n("outcome"), f"{n('outcome')} outcomes", "no outcome was found"),
        14: "nothing beyond the permitted fields" + small_words(n("small"), n("small_required")),
        15: "every byte of every entry was found again",
    }


def people_words(fold: Fold) -> str:
    """How many signatures of officers hold, and how many acts boards carried."""
    found = [(fold.counts.get(name, 0), words) for name, words in OF_PEOPLE]
    told = ", ".join(f"{count} {words}" for count, words in found if count)
    return f"; {told}" if told else ""


def accounts_words(fold: Fold) -> str:
    """What adds up."""
    populations = fold.counts.get("audited", 0)
    words = f"{fold.counts.get('total', 0)} statements add up"
    return words + (f", {populations} populations of an audit" if populations else "")


def readings_words(fold: Fold) -> str:
    """What was read, and who signed it."""
    count = fold.counts.get
    words = f"{count('readings', 0) + count('unblind', 0)} sets of readings"
    return f"{words}, {count('sign', 0) + count('sitting', 0)} signed"


def small_words(found: int, required: int) -> str:
    """How many small groups statements tell of, and how many of them are in acts that the law requires."""
    return f"; {found} small groups, {required} of them in duties or corrections" if found else ""


def decided(fold: Fold) -> list[dict[str, Any]]:
    """Section 4: for each contest the latest certified count, with the entry's number."""
    found = []
    for contest in fold.desk.standing.contests.values() if fold.desk else ():
        statement = contest.latest_statement()
        if statement is not None and contest.latest_certified is not None:
            found.append(
                {
                    "contest": contest.id, "name": contest.name, "entry": statement.seq,
                    "count": contest.latest_certified[0], "votes": statement.votes,
                    "margin": statement.margin, "outcome": statement.outcome,
                }
            )  # fmt: skip
    return found
