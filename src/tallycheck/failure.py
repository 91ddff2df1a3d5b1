"""How a check says no: one clear failure with the check's number, and never a traceback.

The numbers are those of ``docs/spec/checks.md``, section 3. Whoever reads something hostile raises
`Failed`; the runner reports the lowest number it met.
"""


class Failed(Exception):  # noqa: N818 - it is the answer of a check, not an error of the program
    """Check `number` fails. `where` names the file or entry; `words` say what was found and expected."""

    def __init__(self, number: int, words: str, *, file: str = "", entry: int | None = None) -> None:
        super().__init__(words)
        self.number, self.words, self.file, self.entry = number, words, file, entry

    def sentence(self) -> str:
        """The failure as one line for people."""
        where = self.file if self.entry is None else f"entry {self.entry}"
        return printable(f"{where}: {self.words}" if where else self.words)


def shown(value: object, most: int = 120) -> str:
    """A found value as it can stand in a report: on one line, printable, not too long."""
    text = value if isinstance(value, str) else repr_of(value)
    text = printable(text)
    return text if len(text) <= most else text[:most] + "…"


def repr_of(value: object) -> str:
    """`repr` that survives numbers of more digits than Python is willing to print."""
    try:
        return repr(value)
    except (ValueError, RecursionError):
        return f"a {type(value).__name__} too large to show"


def printable(text: str) -> str:
    """The text with everything escaped that could move a cursor, end a line or break an encoder."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
