"""Asking the independent counting libraries, which live in an environment of their own.

They need hundreds of megabytes and other versions of numpy and numba than the program, so nothing of ours is
imported beside them: questions and answers go through a pipe (``voting_libraries``).
"""

import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.needs import needs_voting_libraries

SCRIPT = Path(__file__).with_name("voting_libraries.py")


def asked(questions: Iterable[Mapping[str, Any]], python: Path | None = None) -> list[Any]:
    """The answer to each question, in order; the calling test is skipped where the libraries are absent."""
    lines = "\n".join(map(json.dumps, questions))
    words = [str(python or needs_voting_libraries()), str(SCRIPT)]
    done = subprocess.run(words, input=lines, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line[:1] in "[{"]
