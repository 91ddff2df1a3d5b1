"""Arlo's reports of single ballots, replayed: tickets, draws and risks of each method.

Expected tickets are those that the tool itself printed for the seed 1234567890 in its own published test
reports (with tabulators since 2021, without before); risks are worked out here from the papers' formulas.
"""

import csv
import io
import json
from fractions import Fraction

import pytest
import xlsxwriter
from typer.testing import CliRunner

from tallybook.doors.cli import app
from tallybook.doors.replay_ballots import choices_in
from tallybook.stats.arlo_draws import first_ticket, next_ticket, trim

SEED = "1234567890"
PRINTED = {
    ("TABULATOR1", "BATCH1", 1): ["0.243550726331576894"],
    ("TABULATOR1", "BATCH2", 2): ["0.125871889047705889"],
    ("TABULATOR2", "BATCH2", 4): ["0.064984443990590400", "0.069414660569975443"],
}
OLDER = {
    ("1 - 2", 1): ["0.372324681332676827"],
    ("1 - 2", 3): ["0.159718557209511424", "0.357700029068711883"],
}


def report(kind, math, rounds, header, ballots, votes="Ann: 600; Bob: 400", cast=1000):
    lines = [
        "######## ELECTION INFO ########",
        "Organization,Election Name,State",
        "County,Election,RI",
        "######## CONTESTS ########",
        "Contest Name,Targeted?,Number of Winners,Votes Allowed,Total Ballots Cast,Tabulated Votes",
        f"Mayor,Targeted,1,1,{cast},{votes}",
        "######## AUDIT SETTINGS ########",
        "Audit Name,Audit Type,Audit Math Type,Risk Limit,Random Seed,Online Data Entry?",
        f"Audit,{kind},{math},10%,{SEED},Yes",
        "######## ROUNDS ########",
        "Round Number,Contest Name,Targeted?,Sample Size,Risk Limit Met?,P-Value,Start Time,End Time,"
        "Audited Votes",
        *rounds,
        "######## SAMPLED BALLOTS ########",
        header,
        *ballots,
    ]
    return "\n".join(lines)


TABULATORS = (
    "Jurisdiction Name,Tabulator,Batch Name,Ballot Position,Ticket Numbers: Mayor,Audited?,"
    "Audit Result: Mayor,CVR Result: Mayor"
)


def rows(read="Ann", recorded="Ann", printed=PRINTED):
    return [
        f'J1,{t},{b},{p},"Round 1: {", ".join(tickets)}",AUDITED,"{read}","{recorded}"'
        for (t, b, p), tickets in printed.items()
    ]


def replayed(tmp_path, text, *more):
    (tmp_path / "report.csv").write_text(text)
    result = CliRunner().invoke(app, ["replay", str(tmp_path / "report.csv"), *more, "--json"])
    return result.exit_code, {
        (line["check"], line["verdict"]): line["says"] for line in json.loads(result.output)["lines"]
    }


def polled(method, rounds):
    return report("BALLOT_POLLING", method, rounds, TABULATORS, rows())


def test_the_tickets_are_those_that_the_tool_printed(tmp_path):
    code, said = replayed(tmp_path, polled("BRAVO", ["1,Mayor,Targeted,4,No,0.482253086,,,Ann: 4; Bob: 0"]))
    assert code == 0
    assert said["tickets", "agrees"].startswith("Mayor: the seed 1234567890 gives all 4 printed tickets of 3")
    assert "No ballot manifests" in said["draw", "not_published"]


def test_reports_from_before_tabulators_keep_their_own_tickets(tmp_path):
    ballots = [f'J1,{b},{p},"Round 1: {", ".join(t)}",AUDITED,Ann' for (b, p), t in OLDER.items()]
    header = "Jurisdiction Name,Batch Name,Ballot Position,Ticket Numbers: Mayor,Audited?,Audit Result: Mayor"
    _, said = replayed(tmp_path, report("BALLOT_POLLING", "BRAVO", [], header, ballots))
    assert "all 3 printed tickets of 2 ballots" in said["tickets", "agrees"]


def test_a_ticket_of_another_ballot_is_told(tmp_path):
    wrong = polled("BRAVO", []).replace("0.125871889047705889", "0.125871889047705880")
    code, said = replayed(tmp_path, wrong)
    assert code == 1
    assert said["tickets", "differs"] == "J1, TABULATOR1, BATCH2, 2: the seed gives 0.125871889047705889."


def test_with_the_manifests_the_whole_draw_is_made_again(tmp_path):
    """A county of six ballots: its four smallest tickets are found here by listing them all."""
    printed = printed_tickets([("T1", "B1", p) for p in range(1, 7)], 4)
    text = report("BALLOT_POLLING", "BRAVO", [], TABULATORS, rows(printed=printed))
    folder = tmp_path / "J1"
    folder.mkdir()
    (folder / "manifest.csv").write_text("Tabulator,Batch Name,Number of Ballots\nT1,B1,6\n")
    _, said = replayed(tmp_path, text, str(folder))
    assert said["draw", "agrees"] == "Mayor: the published sample is the 4 smallest tickets of 6 ballots."
    (folder / "manifest.csv").write_text("Tabulator,Batch Name,Number of Ballots\nT1,B1,900\n")
    code, said = replayed(tmp_path, text, str(folder))
    assert (code, "is NOT" in said["draw", "differs"]) == (1, True)


def test_bravo_is_the_product_of_the_paper_over_all_rounds(tmp_path):
    p = 1 / (Fraction(6, 5) ** 50 * Fraction(4, 5) ** 30)
    second = 1 / (Fraction(6, 5) ** 110 * Fraction(4, 5) ** 70)
    rounds = [
        f"1,Mayor,Targeted,80,No,{min(1.0, float(p)):.10f},,,Ann: 50; Bob: 30",
        f"2,Mayor,Targeted,100,Yes,{float(second):.10f},,,Ann: 60; Bob: 40",
    ]
    code, said = replayed(tmp_path, polled("BRAVO", rounds))
    assert code == 0
    assert "Round 2" in said["risk", "agrees"]


def test_minerva_is_the_ratio_of_tails_of_the_paper(tmp_path):
    """First round, 100 decisive votes: P(K >= 60 | 1/2) / P(K >= 60 | 0.6), summed here term by term."""
    from math import comb

    half = sum(comb(100, k) for k in range(60, 101)) / 2**100
    true = sum(comb(100, k) * 0.6**k * 0.4 ** (100 - k) for k in range(60, 101))
    rounds = [f"1,Mayor,Targeted,100,Yes,{half / true:.10f},,,Ann: 60; Bob: 40"]
    for method in ("MINERVA", "PROVIDENCE"):
        code, said = replayed(tmp_path, polled(method, rounds))
        assert code == 0, said
        assert method.capitalize() in said["risk", "agrees"]


@pytest.mark.parametrize(("read", "error"), [("Ann", 0), ("BLANK", 1), ("Bob", 2)])
def test_super_simple_is_the_product_of_the_paper(tmp_path, read, error):
    """Margin 200 of 1,000: each of four draws is off by the same error."""
    g, V = Fraction(1.03905), Fraction(200, 1000)
    p = ((1 - V / (2 * g)) / (1 - error / (2 * g))) ** 4
    printed = f"{min(1.0, float(p)):.10f}"
    rounds = [f"1,Mayor,Targeted,4,No,{printed},,,Ann: 4; Bob: 0"]
    code, said = replayed(
        tmp_path, report("BALLOT_COMPARISON", "SUPERSIMPLE", rounds, TABULATORS, rows(read=read))
    )
    assert code == 0, said
    assert "super-simple" in said["risk", "agrees"]
    assert f"{0 if error == 0 else 3} sampled ballots differ" in said["readings", "note"]


def test_a_risk_printed_otherwise_differs(tmp_path):
    rounds = ["1,Mayor,Targeted,4,No,0.05,,,Ann: 4; Bob: 0"]
    code, said = replayed(tmp_path, report("BALLOT_COMPARISON", "SUPERSIMPLE", rounds, TABULATORS, rows()))
    assert code == 1
    assert ("risk", "differs") in said


def test_a_method_that_nobody_knows_is_told_as_not_published(tmp_path):
    _, said = replayed(tmp_path, report("BALLOT_POLLING", "TAROT", [], TABULATORS, rows()))
    assert "by TAROT cannot be recomputed" in said["risk", "not_published"]


def printed_tickets(places, n):
    """The n smallest tickets of these ballots, by ballot."""
    tickets = []
    for t, b, p in places:
        ticket = first_ticket(SEED, str((("J1", t, b), p)))
        for _ in range(6):
            tickets.append((ticket, (t, b, p)))
            ticket = next_ticket(ticket)
    found = {}
    for ticket, place in sorted(tickets)[:n]:
        found.setdefault(place, []).append(trim(ticket))
    return found


SPLIT = "Total Ballots Cast: CVR,Total Ballots Cast: Non-CVR,Tabulated Votes: CVR,Tabulated Votes: Non-CVR"


def hybrid(printed="0.4278843891", split=True, missing=1):
    """Thirty cards with records, twenty without: the numbers of a test report that the tool published.

    Fourteen draws of the compared stratum, one ballot of it not found; nine of the polled one, 8 to 1.
    """
    compared = printed_tickets([("T1", "B1", p) for p in range(1, 31)], 14)
    polled_ = printed_tickets([("T2", "B1", p) for p in range(1, 21)], 9)
    once = [place for place, tickets in compared.items() if len(tickets) == 1][:missing]
    kinds = {place: "NOT_FOUND,,Ann" if place in once else "AUDITED,Ann,Ann" for place in compared}
    lines = [
        f'J1,{t},{b},{p},"Round 1: {", ".join(k)}",{kinds[t, b, p]}' for (t, b, p), k in compared.items()
    ] + [f'J1,{t},{b},{p},"Round 1: {", ".join(k)}",AUDITED,Ann,' for (t, b, p), k in polled_.items()]
    rounds = [f"1,Mayor,Targeted,23,No,{printed},,,Ann: 14; Bob: 6,Ann: 6; Bob: 5,Ann: 8; Bob: 1"]
    text = report("HYBRID", "SUITE", rounds, TABULATORS, lines, "Ann: 30; Bob: 10", 50)
    text = text.replace("Audited Votes\n", "Audited Votes,Audited Votes: CVR,Audited Votes: Non CVR\n", 1)
    if not split:
        return text
    text = text.replace("Cast,Tabulated Votes\n", f"Cast,Tabulated Votes,{SPLIT}\n", 1)
    return text.replace("Bob: 10\n", "Bob: 10,30,20,Ann: 14; Bob: 6,Ann: 16; Bob: 4\n", 1)


def test_a_hybrid_audit_has_suites_risk_as_the_tool_printed_it(tmp_path):
    code, said = replayed(tmp_path, hybrid())
    assert code == 0, said
    assert "recomputed by SUITE 0.4278843891, printed 0.4278843891" in said["risk", "agrees"]
    assert "14 draws were compared, 9 polled" in said["strata", "note"]
    assert "the tool's grid does not bound the risk" in said["search", "note"]


def test_a_hybrid_risk_printed_otherwise_differs(tmp_path):
    code, said = replayed(tmp_path, hybrid("0.05"))
    assert (code, ("risk", "differs") in said) == (1, True)


def test_a_hybrid_report_without_its_strata_says_what_was_not_published(tmp_path):
    _, said = replayed(tmp_path, hybrid(split=False))
    assert "SUITE's risk needs cards and votes of each stratum" in said["risk", "not_published"]


def test_the_two_draws_of_a_hybrid_audit_are_made_again_apart(tmp_path):
    folder = tmp_path / "J1"
    folder.mkdir()
    (folder / "manifest.csv").write_text(
        "Tabulator,Batch Name,Number of Ballots,CVR\nT1,B1,30,Y\nT2,B1,20,N\n"
    )
    code, said = replayed(tmp_path, hybrid(), str(folder))
    assert code == 0, said
    assert "smallest tickets of 20 ballots" in said["draw", "agrees"]
    (folder / "manifest.csv").write_text(
        "Tabulator,Batch Name,Number of Ballots,CVR\nT1,B1,300,Y\nT2,B1,20,N\n"
    )
    assert replayed(tmp_path, hybrid(), str(folder))[0] == 1


def test_a_ranked_audit_is_told_to_lack_the_rankings(tmp_path):
    """The tool prints choices, never the order in which they were ranked."""
    rounds = ["1,Mayor,Targeted,4,No,1.0,,,Ann: 4; Bob: 0"]
    code, said = replayed(tmp_path, report("BALLOT_COMPARISON", "RAIRE", rounds, TABULATORS, rows()))
    assert code == 0
    assert "all 4 printed tickets" in said["tickets", "agrees"]
    assert "RAIRE's risk needs the assertions" in said["risk", "not_published"]
    assert "not the order in which they were ranked" in said["rankings", "not_published"]


def test_names_with_commas_in_a_cell_are_kept_whole():
    assert choices_in("OVERVOTE; Bo, Jr., Ann; COMMENT: torn", ("Ann", "Bo", "Bo, Jr.")) == {"Ann", "Bo, Jr."}
    assert choices_in("CONTEST_NOT_ON_BALLOT", ("Ann",)) is None


def test_a_report_saved_as_a_spreadsheet_is_read_too(tmp_path):
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held)
    sheet = book.add_worksheet()
    for r, cells in enumerate(csv.reader(polled("BRAVO", []).splitlines())):
        for c, cell in enumerate(cells):
            sheet.write_string(r, c, cell)
    book.close()
    (tmp_path / "report.xlsx").write_bytes(held.getvalue())
    result = CliRunner().invoke(app, ["replay", str(tmp_path / "report.xlsx"), "--json"])
    assert result.exit_code == 0, result.exception
    assert "all 4 printed tickets" in result.output
