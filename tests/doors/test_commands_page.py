"""The reference of commands says what the commands say of themselves."""

import pytest

from tools import commands

pytestmark = pytest.mark.slow


def test_every_command_is_in_the_reference_with_its_own_help() -> None:
    assert commands.PAGE.read_text(encoding="utf-8") == commands.page(), "run: python tools/commands.py"
