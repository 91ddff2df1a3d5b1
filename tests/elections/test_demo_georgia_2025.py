"""`tallybook demo georgia-2025`: the figures of the published audit, in words; else the county.

Expected: the p-value as the state printed it (0.034476286) and as a run of the tool's own functions gives it.
"""

import pytest
from typer.testing import CliRunner

from tallybook.doors import georgia_2025
from tallybook.doors.cli import app
from tallybook.doors.cli.shown import DoorError
from tests.needs import needs_shared

FILES = "data/audits/georgia2025_psc_macro/published"


def test_the_demonstration_tells_bound_draws_tickets_and_risk():
    place = needs_shared(FILES)
    result = CliRunner().invoke(app, ["demo", "georgia-2025", "--published", str(place)])
    said = " ".join(result.output.split())
    assert result.exit_code == 0
    assert "U = 4.973057299399347" in said
    assert "p = 0.034476286380833616" in said
    assert "gives 15 draws of 15 different batches" in said
    assert "0.467287781922492959" in said
    assert "Recomputed 0.0344763; printed 0.034476286." in said
    assert "What was not published" in said
    assert "DIFFERS" not in said


def test_the_published_files_are_found_beside_the_project():
    assert georgia_2025.published_files(None) == needs_shared(FILES)


def test_without_the_published_files_the_made_up_county_is_audited(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(georgia_2025, "PROJECT", tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tallybook.doors.county.running.run", lambda out, _: asked.append(str(out)) or 0)
    result = CliRunner().invoke(app, ["demo", "georgia-2025"])
    assert (result.exit_code, asked) == (0, ["demo-county"])
    assert "made-up county" in result.output


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DoorError, match="There is no file or folder"):
        georgia_2025.published_files(tmp_path / "nothing")


def test_files_of_no_audit_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("one,two\n1,2\n")
    result = CliRunner().invoke(app, ["demo", "georgia-2025", "--published", str(tmp_path)])
    assert isinstance(result.exception, DoorError)
    assert "holds no published batch comparison" in str(result.exception)
