"""Options that many commands share: which installation, which book, for people or for machines."""

from pathlib import Path
from typing import Annotated

import typer

AtHome = Annotated[
    Path, typer.Option("--home", envvar="TALLYBOOK_HOME", help="The folder of this installation.")
]
Book = Annotated[str, typer.Option("--book", help="Which book; needed only where there are several.")]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]
HOME = Path("tallybook-home")
