"""The bench tells what it measured, with its goals and with what others lack; only equal work is compared."""

import asyncio
import re
import shutil
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from reportlab.pdfgen.canvas import Canvas

from bench.chart import chart, panels, scale
from bench.clicks import Clicked, Measured, within
from bench.commands import jobs
from bench.desk import ANEW, CLICKS, _filled, clicked, signed_in
from bench.form import entered, filled_html, form_of
from bench.goals import in_time, reached
from bench.growth import Grown
from bench.names import CLICK, COLD, FILES, FURTHER_LETTER, MERGED, MORNING, NEVER_RENDERED, RENDERED_BEFORE, WRITTEN
from bench.orders import shipped
from bench.pieces import Asked, Beside, Boxes, Bullets, Form, Heading, Line, Paragraph, Piece, Table, Words
from bench.report import Judged, printed, report
from bench.turns import Batch, Job, Row, Way, take_turns
from bench.words import judge, unfair, words_in
from clinicpress.markup import to_html
from tests.instruments.desk import FrontDesk

SVG = "{http://www.w3.org/2000/svg}"


def row(job: str, way: str, *turns: float, size: float = 50_000, many: bool = False, fair: bool = True) -> Row:
    return Row(job, way, turns, size, b"", many=many, fair=fair)


ROWS = (
    Judged(row(COLD, RENDERED_BEFORE, 0.1, 0.2, 0.3), "pass", "pass"),
    Judged(row(COLD, NEVER_RENDERED, 1.0, 1.0, 1.0), "pass", "pass"),
    Judged(row(COLD, "WeasyPrint alone", 1.1, 1.1, 1.1), "1 broken", "7 broken"),
    Judged(row(COLD, "Typst", 0.2, 0.6, 0.3), "pass", "3 broken"),
    Judged(row(FILES, "clinicpress", 0.0005, many=True), "pass", "pass"),
    Judged(row(FILES, "plain writing of our bytes", 0.0003, many=True, fair=False)),
    Judged(row(FILES, "WeasyPrint, naive", 0.25, many=True), "1 broken", "7 broken"),
    Judged(row(FILES, "A < B & C", 0.02, many=True), "2 broken", "1 broken", ("not fair: holds 12% of our words",)),
    Judged(row(MERGED, "clinicpress", 0.004, size=6300, many=True), "pass", "pass"),
)
GROWN = (
    Grown("files", 100, 0.1, 5_000_000, 100_000_000),
    Grown("files", 100_000, 100.0, 5_000_000_000, 130_000_000),
)


def test_the_table_has_every_way_with_its_figure_its_ratio_and_what_its_file_lacks() -> None:
    page = report(["heading"], list(reached([one.row for one in ROWS], GROWN)), ROWS, GROWN)
    assert f"| **{RENDERED_BEFORE}** | 0.200 | 1.00 | 50,000 | pass | pass |  |" in page
    assert "| Typst | 0.300 | 2.00 | 50,000 | pass | 3 broken |  |" in page, "the median of the ratios of each round"
    assert "| **clinicpress** | 2,000 | 1.00 |" in page, "many patients are told by the second"
    assert "| not fair: holds 12% of our words |" in page
    assert "| a file each | 100,000 | 1,000 | 50,000 | 130 MB |" in page
    widths = {
        table: {line.count("|") for line in table.splitlines()}
        for table in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE)
    }
    assert len(widths) == 5
    assert all(len(counts) == 1 for counts in widths.values()), "each row has all the cells of its table"


def test_a_goal_that_was_missed_is_told_as_such() -> None:
    goals = {goal.says: goal for goal in reached([one.row for one in ROWS], GROWN)}
    assert goals["rendered before, cold: the time of Typst"].figure == "0.50 ×"
    assert goals["rendered before, cold: the time of Typst"].done
    assert goals["patients a second: naive WeasyPrint"].figure == "500 ×"
    assert goals["bytes a patient in a print job"].done
    assert not goals["a file each, peak memory: 100,000 against 100 patients"].done
    slow = [replace(one.row, turns=tuple(10 * turn for turn in one.row.turns)) for one in ROWS[:1]]
    missed, *_ = reached([*slow, *(one.row for one in ROWS[1:])], ())
    assert (missed.done, missed.figure) == (False, "5.00 ×")
    assert "**not reached**" in report([], [missed], (), ())


def test_the_chart_is_well_formed_and_says_every_figure_in_words() -> None:
    drawn = panels(ROWS, GROWN)
    picture = ET.fromstring(chart(drawn, ["where and when"]))  # noqa: S314  our own
    words = [text.text or "" for text in picture.iter(f"{SVG}text")]
    bars = [one for one in picture.iter(f"{SVG}rect") if one.get("height") == "17"]
    assert [panel.title for panel in drawn][-1] == "Growth of clinicpress, a file each"
    assert len(bars) == sum(len(panel.bars) for panel in drawn) == 12
    spoken = picture.findtext(f"{SVG}desc") or ""
    for panel in drawn:
        for bar in panel.bars:
            assert {bar.label, bar.figure} <= set(words)
            assert f"{bar.label} {bar.figure}" in spoken
    assert "A < B & C" in words
    assert "fewer words than ours" in words
    assert "the limit" in words
    assert {"UA-1 and A-3a", "UA-1", "neither"} <= set(words)
    assert {one.get("fill") for one in bars} == {"#0b4a56", "#aebfc2"}


def test_no_bar_of_the_chart_leaves_its_place() -> None:
    picture = ET.fromstring(chart(panels(ROWS, GROWN), []))  # noqa: S314  our own
    width, height = float(picture.get("width", 0)), float(picture.get("height", 0))
    for bar in picture.iter(f"{SVG}rect"):
        assert 0 < float(bar.get("width", 0)) <= width
        assert float(bar.get("y", 0)) + float(bar.get("height", 0)) <= height


@pytest.mark.parametrize(
    ("values", "powers"), [((0.1, 3.6), (-2, 1)), ((1.0,), (-1, 0)), ((5.0, 8549.0), (0, 4)), ((10, 10), (0, 1))]
)
def test_a_scale_reaches_from_below_the_smallest_to_the_largest(
    values: tuple[float, ...], powers: tuple[int, int]
) -> None:
    assert scale(values) == powers


def test_figures_have_three_digits_and_no_exponent() -> None:
    assert [printed(one) for one in (0.00123, 0.123, 1.234, 12.34, 123.4, 12345)] == [
        "0.0012",
        "0.123",
        "1.23",
        "12.3",
        "123",
        "12,345",
    ]


def test_ways_take_turns_and_a_turn_of_many_patients_counts_for_each() -> None:
    done: list[str] = []

    def way(name: str) -> Way:
        def work() -> Batch:
            done.append(name)
            return Batch(b"one", 300)

        return Way(name, work, each=3, clear=lambda: done.append("clear"))

    rows = take_turns(Job("job", (way("A"), way("B")), many=True), 2)
    assert "".join(one[0] for one in done) == "AcBc" * 3
    assert [one.size for one in rows] == [100, 100]
    assert [len(one.turns) for one in rows] == [2, 2]


needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="Poppler is not installed")


def drawn(words: str) -> bytes:
    made = BytesIO()
    page = Canvas(made)
    page.drawString(50, 700, words)
    page.save()
    return made.getvalue()


@needs_poppler
def test_a_peer_that_lacks_words_of_ours_is_named() -> None:
    ours, same, fewer = (
        drawn(words) for words in ("keep the insulin as it is", "it is as the insulin keep", "keep it")
    )
    assert words_in(ours) == words_in(same)
    assert not unfair(words_in(ours), words_in(same))
    said = unfair(words_in(ours), words_in(fewer))
    assert said.startswith("not fair: holds 33% of our words, and lacks ")
    assert "'insulin'" in said
    rows = [Row("job", name, (1.0,), 1, sample) for name, sample in (("clinicpress", ours), ("peer", fewer))]
    own, peer = judge(rows, [("pass", "pass")] * 2)
    assert not own.lacks
    assert peer.lacks == (said,)


def said_in(pieces: tuple[Piece, ...]) -> list[str]:
    """Every word of the pieces."""
    found: list[str] = []
    for piece in pieces:
        match piece:
            case Heading():
                found.append(piece.text)
            case Paragraph():
                found += words_of(piece.line)
            case Bullets():
                found += [word for item in piece.items for word in words_of(item)]
            case Table():
                found += [word for cells in (piece.head, *piece.rows) for cell in cells for word in words_of(cell.line)]
            case Boxes():
                found += [word for box in piece.row for word in (box.label, box.stop, *words_of(box.choices))]
            case Asked():
                found += [words for words, _ in piece.entries]
            case Beside():
                found += [word for column in piece.columns for word in said_in(column)]
    return found


def words_of(line: Line) -> list[str]:
    return [part.text for part in line if isinstance(part, Words)]


@pytest.fixture(scope="module")
def form() -> Form:
    return form_of(shipped("consent"))


def test_an_equal_form_holds_every_word_of_the_page_that_it_stands_for(form: Form) -> None:
    body = ET.fromstring(to_html(shipped("consent")).html).find("body")  # noqa: S314  our own
    assert body is not None
    text = " ".join("".join(one.itertext()) for one in body if "furniture" not in one.get("class", ""))
    told = "".join(said_in(form.pieces))
    assert sorted(re.sub(r"\s", "", told)) == sorted(re.sub(r"\s", "", text))
    margins = " ".join((*form.letterhead, form.label, form.draft, *form.footer, *(box.label for box in form.identity)))
    for words in ("Patient label here", "Do not sign", "Record (MRN)", "Review by", "(503)"):
        assert words in margins


def test_values_of_a_patient_stand_in_their_places_of_the_page() -> None:
    order = shipped("consent")
    entries = entered({"patient.name": "A & <B>", "encounter.side": "Right"}, order.document)
    assert entries == {"patient.name": "A & <B>", "encounter.side": "1"}
    page = ET.fromstring(filled_html(to_html(order).html, entries))  # noqa: S314  our own
    places = {(one.get("href"), one.text) for one in page.iter("a") if one.get("href", "").startswith("field:")}
    assert ("field:patient.name", "A & <B>") in places
    assert ("field:encounter.side?1", "X") in places
    assert {text for href, text in places if href == "field:encounter.side?0"} == {None}


def test_ninety_five_of_a_hundred_clicks_is_a_time_that_was_measured() -> None:
    assert within([number / 100 for number in range(1, 101)], 0.95) == 0.95
    assert within([0.3, 0.1, 0.2], 0.95) == 0.3
    assert within([0.4], 0.5) == 0.4


def test_people_at_the_desk_stand_in_the_table_beside_a_form_that_is_set_anew() -> None:
    quick, slow = Clicked("to its PDF", 1, (0.02, 0.03, 0.04), 0.05), Clicked("to its PDF", 20, (0.3, 0.6, 0.3), 0.4)
    again = Clicked(ANEW, 1, (3.0,))
    goals = list(in_time([quick, slow, again]))
    assert [(one.wanted, one.figure, one.done) for one in goals] == [
        ("≤ 50 ms", "40 ms", True),
        ("≤ 400 ms", "600 ms", False),
    ]
    page = report([], goals, (), (), Measured((quick, slow, again), 1.5, 200_000_000, 210_000_000))
    assert "| to its PDF | 1 | 30.0 | 40.0 | 0.0100 |" in page
    assert f"| {ANEW} | 1 | 3,000 | 3,000 | 1.00 |" in page
    assert "answers 1.50 seconds after its start" in page
    assert "200 MB" in page


def test_a_click_and_a_morning_stand_beside_plain_writing_of_the_same_bytes() -> None:
    clicks = [Clicked(CLICK, 1, (0.02, 0.03, 0.04)), Clicked(WRITTEN, 1, (0.002,)), Clicked(WRITTEN, 20, (0.1,))]
    (click,) = in_time(clicks)
    assert (click.wanted, click.figure, click.done) == ("≤ 10 ×", "15.00 ×", False)
    plain = row(MORNING, f"{WRITTEN}, and hashing", 0.1, many=True, fair=False)
    rows = [row(MORNING, "clinicpress", 0.3, many=True), row(MORNING, FURTHER_LETTER, 0.39, many=True), plain]
    assert [(one.figure, one.done) for one in reached(rows, ())] == [("3.00 ×", True), ("1.30 ×", False)]


@pytest.mark.soak
def test_what_a_person_runs_makes_what_is_judged_and_leaves_nothing_for_the_next_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.commands.only_one_core", lambda: None)  # the tests that follow need all of them
    for job in jobs(tmp_path, quick=True):
        sizes = [one.size for one in take_turns(job, 1)]
        assert max(sizes) < 1.1 * min(sizes), job.name
        assert not [path for path in tmp_path.rglob("*.pdf") if path.name != "ready.pdf"]


@pytest.mark.soak
def test_people_who_click_at_a_real_desk_get_what_they_click_and_each_click_counts_once(desk: FrontDesk) -> None:
    found = asyncio.run(clicked(signed_in(desk, 2), 1, 2, lambda _: None))
    assert {(one.what, one.people, len(one.seconds)) for one in found} == {
        (what, people, 2 * people) for what, *_ in CLICKS for people in (1, 2)
    }
    assert all(0 < second < 60 for one in found for second in one.seconds)


@pytest.mark.soak
def test_workers_of_the_bench_fill_forms(tmp_path: Path) -> None:
    found = asyncio.run(_filled(tmp_path, 2, 2))
    assert [(one.people, len(one.seconds)) for one in found] == [(1, 2), (2, 2)]
