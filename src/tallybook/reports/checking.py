"""The page that tells a stranger how to check everything, and what the check proves and does not prove.

The fifteen checks and their numbers are those of docs/spec/checks.md.
"""

from tallybook.reports.figures import whole
from tallybook.reports.frame import page
from tallybook.reports.markup import Html, element, join
from tallybook.reports.parts import Column, command, paragraphs, word_table
from tallybook.reports.values import Fingerprints, Report

CHECKS = (
    ("1 files", "The package holds exactly the files that it says, byte for byte."),
    ("2 tree and checkpoint", "All entries together have the fingerprint that the checkpoint states."),
    (
        "3 signatures and quorum",
        "The keepers of the record and enough witnesses have signed that checkpoint.",
    ),
    ("4 order", "The entries follow each other as the rules of the record demand."),
    ("5 law and authority", "Every answer, granted or refused, follows from the rows of law in the package."),
    ("6 accounts", "Every sum of votes and ballots is right."),
    ("7 draw", "A sample was drawn from the seed as announced. None where nothing was drawn."),
    ("8 readings complete", "Every card drawn was read."),
    ("9 assertions", "The statements that an audit tests imply the outcome."),
    ("10 margins", "Every margin is computed from the votes in the record."),
    ("11 risk", "A published risk is computed anew."),
    ("12 stopping rule", "An audit stopped only when its rule allowed."),
    ("13 outcomes", "Winners, runoffs, electors and every other outcome follow from the votes and the law."),
    ("14 privacy", "Nothing is published beyond what is permitted."),
    ("15 nothing unexplained", "Every byte of every entry can be made again from the act it answers."),
)
PROVES = (
    "The record is the one that its keepers and witnesses signed, whole and unchanged.",
    "Every act was answered as the law in the package says, on the day it was received.",
    "Every sum, margin and outcome follows from the figures in the record.",
    "A sample, where one was drawn, was drawn after its inputs were fixed, and by the published rule.",
)
PROVES_NOT = (
    "That the figures entered are those on the paper. Audits, recounts and observers test that.",
    "That the paper was complete and kept safe. Seals and custody are matters for people on the spot.",
    "That every voter was entitled to vote, or that none was turned away.",
    "That the rows of law are read as a court would read them. They are there to be disputed.",
    "That a signature was made by the person in office. It proves the key, not the hand.",
)


def check(report: Report) -> str:
    """check.html."""
    prints = report.fingerprints
    return page(
        report,
        "check.html",
        "Check it yourself",
        element(
            "p",
            "You need the package, the checker and a few minutes. The checker works without a network, needs "
            "nothing but Python, and shares no code with the program that made the record.",
            class_="lead",
        ),
        fingerprints(prints),
        steps(prints),
        what_is_checked(),
        listed("proves", "What it proves", PROVES),
        listed("proves-not", "What it does not prove", PROVES_NOT),
        policy(prints),
    )


def fingerprints(prints: Fingerprints) -> Html:
    """What to compare, character by character, with a copy that you got from somewhere else."""
    size = f", {whole(prints.package_bytes)} bytes" if prints.package_bytes else ""
    every = [
        ("Package", f"{prints.package}{size}" if prints.package else "", ""),
        ("SHA-256 of the package", prints.package_sha256, "hash"),
        ("Record", prints.origin, "hash"),
        ("Size of the checkpoint", f"{whole(prints.size)} entries", ""),
        ("Root of the checkpoint", prints.root, "hash"),
        ("Witnesses", ", ".join(prints.witnesses), ""),
    ]
    pairs = [one for one in every if one[1]]
    made = join(
        join([element("dt", name), element("dd", words, class_=class_ or None)])
        for name, words, class_ in pairs
    )
    return element(
        "section",
        element("h2", "The fingerprints", id="fingerprints"),
        element("p", "Compare them with a copy from another place: a witness, a newspaper, a friend."),
        element("dl", made),
        aria_labelledby="fingerprints",
    )


def steps(prints: Fingerprints) -> Html:
    package = prints.package or "PACKAGE"
    return element(
        "section",
        element("h2", "Step by step", id="steps"),
        element(
            "ol",
            *([compute(prints)] if prints.package_sha256 else []),
            element(
                "li",
                element("strong", "Get the policy from someone you trust"),
                f" (it names the keys), save it as {prints.policy_file}, and run the checker:",
                command(prints.checker, package, f"--policy {prints.policy_file}"),
            ),
            element(
                "li",
                element("strong", "Read the last line."),
                " “This package proves what it claims.” and the exit code 0, or the first check that fails, "
                "with the entry, what was found and what was expected.",
            ),
            element(
                "li",
                element("strong", "Keep the checkpoint"),
                " (the file of that name in the package). Next time, let the checker show that nothing you "
                "saw was changed:",
                command(prints.checker, package, "--checkpoint OLD"),
            ),
            class_="steps",
        ),
        aria_labelledby="steps",
    )


def compute(prints: Fingerprints) -> Html:
    """The first step, where there is a fingerprint to compare with."""
    return element(
        "li",
        element("strong", "Compute the fingerprint of the package"),
        " and compare it with the one above. On Linux, on a Mac, on Windows:",
        *hash_commands(prints.package),
    )


def hash_commands(package: str) -> tuple[Html, ...]:
    return (
        command("sha256sum", package),
        command("shasum -a 256", package),
        command("certutil -hashfile", package, "SHA256"),
    )


def what_is_checked() -> Html:
    columns = [Column("Check"), Column("What it means")]
    return element(
        "section",
        element("h2", "What is checked", id="checks"),
        paragraphs(
            "Fifteen checks, in order; the numbers are the same in the specification and in the report."
        ),
        word_table("The fifteen checks", columns, CHECKS),
        aria_labelledby="checks",
    )


def listed(id_: str, title: str, items: tuple[str, ...]) -> Html:
    made = (element("li", item) for item in items)
    return element("section", element("h2", title, id=id_), element("ul", *made), aria_labelledby=id_)


def policy(prints: Fingerprints) -> Html:
    return element(
        "section",
        element("h2", "The policy in the package", id="policy"),
        paragraphs(
            "It names the keys that must have signed. Whoever can write a whole package can write this too, "
            "so use a copy that reached you another way."
        ),
        element("pre", prints.policy),
        aria_labelledby="policy",
    )
