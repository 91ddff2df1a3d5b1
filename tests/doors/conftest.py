"""The command line as a person types it: words in, exit code and words out, in a folder of its own."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tallybook.doors.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Type words; get exit code, output and errors. Everything happens in one temporary folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TALLYBOOK_HOME", raising=False)
    monkeypatch.delenv("TALLYBOOK_DATABASE", raising=False)

    def typed(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tallybook", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return int(ended.value.code or 0), told.out, told.err

    return typed
