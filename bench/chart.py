"""The run as a picture: bars on scales of powers of ten, text as text, readable in grey and on a phone."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from xml.sax.saxutils import escape

from bench.growth import Grown
from bench.names import COLD, FILES, MERGED, WARM
from bench.report import Judged, by_job, figure, printed

WIDTH, EDGE = 520, 20
TITLE, HEAD, ROW, AXIS = 94, 66, 44, 34  # heights: of the title, above a panel, of a bar with its label, below a panel
VALUE_ROOM = 92  # for the figure at the end of the longest bar
OURS, OTHERS, INK, QUIET, GRID, PAPER = "#0b4a56", "#aebfc2", "#111111", "#4d5a5c", "#dde4e5", "#fbfcfc"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: whose it is, how long, the figure at its end, and what is said of its file."""

    label: str
    value: float
    figure: str
    note: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars on one scale. `unit` stands behind the numbers of the scale."""

    title: str
    says: str
    unit: str
    bars: tuple[Bar, ...]


def panels(judged: Sequence[Judged], grown: Sequence[Grown]) -> list[Panel]:
    """What is drawn of a run: the jobs that the goals speak of, and growth."""
    jobs = by_job(judged)
    found = []
    for job, title, says, unit in (
        (COLD, "One consent form, from a cold start", "Seconds; shorter is better", " s"),
        (WARM, "One consent form, everything loaded", "Seconds; shorter is better", " s"),
        (FILES, "Many patients, a file each, one core", "Patients a second; longer is better", "/s"),
        (MERGED, "One print job for many patients, one core", "Patients a second; longer is better", "/s"),
    ):
        if job in jobs:
            bars = tuple(
                Bar(one.row.way, figure(one.row), printed(figure(one.row)) + unit, _note(one), one.own)
                for one in jobs[job]
            )
            found.append(Panel(title, says, unit, bars))
    if MERGED in jobs:
        sizes = tuple(
            Bar(one.row.way, one.row.size / 1000, f"{printed(one.row.size / 1000)} kB", _note(one), one.own)
            for one in jobs[MERGED]
        )
        found.append(Panel("The size of that print job", "Kilobytes a patient; shorter is better", " kB", sizes))
    files = tuple(
        Bar(
            f"{one.patients:,} patients",
            one.seconds,
            f"{printed(one.seconds)} s",
            f"{one.peak / 1e6:,.0f} MB of memory",
            own=True,
        )
        for one in grown
        if one.what == "files"
    )
    if files:
        found.append(Panel("Growth of clinicpress, a file each", "Seconds in all", " s", files))
    return found


def _note(one: Judged) -> str:
    """What a reader must know beside the figure."""
    if not one.row.fair:
        return "the limit"
    if any(lack.startswith("not fair") for lack in one.lacks):
        return "fewer words than ours"
    kept = [name for name, verdict in (("UA-1", one.ua1), ("A-3a", one.a3a)) if verdict == "pass"]
    if one.ua1 == "not checked":
        return "not checked"
    return " and ".join(kept) if kept else "neither"


def chart(drawn: Sequence[Panel], foot: Sequence[str]) -> str:
    """The picture, as SVG."""
    body: list[str] = []
    top = TITLE
    for panel in drawn:
        body += _panel(panel, top)
        top += HEAD + ROW * len(panel.bars) + AXIS
    top += 6
    for line in [part for sentence in foot for part in wrap(sentence, 68)]:
        body.append(_words(line, EDGE, top, 13, QUIET))
        top += 18
    height = top + 6
    faces = "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
    start = [
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title says"',
        f' width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" font-family="{faces}">',
        '<title id="title">How fast clinicpress is, side by side</title>',
        f'<desc id="says">{escape(_spoken(drawn))}</desc>',
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
        _words("How fast it is, side by side", EDGE, 38, 24, OURS, bold=True),
        _words("Dark bars: clinicpress. Scales run in powers of ten.", EDGE, 60, 13.5, QUIET),
        _words("Right: which of PDF/UA-1 and PDF/A-3a the file keeps.", EDGE, 78, 13.5, QUIET),
    ]
    return "\n".join([*start, *body, "</svg>", ""])


def _panel(panel: Panel, top: float) -> Iterator[str]:
    """A heading, a scale, and the bars."""
    yield _words(panel.title, EDGE, top + 20, 17, INK, bold=True)
    yield _words(panel.says, EDGE, top + 39, 13.5, QUIET)
    first, last = scale([bar.value for bar in panel.bars])
    room = WIDTH - 2 * EDGE - VALUE_ROOM
    bottom = top + HEAD - 8 + ROW * len(panel.bars)
    for power in range(first, last + 1):
        across = EDGE + room * (power - first) / (last - first)
        yield f'<path d="M{across:.1f} {top + HEAD - 12:.1f}V{bottom + 4:.1f}" stroke="{GRID}"/>'
        yield _words(_power(power) + panel.unit, across, bottom + 18, 12, QUIET, middle=power > first)
    for number, bar in enumerate(panel.bars):
        at = top + HEAD + ROW * number
        length = max(room * (math.log10(bar.value) - first) / (last - first), 2)
        yield _words(bar.label, EDGE, at + 6, 14.5, INK, bold=bar.own)
        yield _words(bar.note, WIDTH - EDGE, at + 6, 13, QUIET, end=True)
        yield (
            f'<rect x="{EDGE}" y="{at + 12}" width="{length:.1f}" height="17" fill="{OURS if bar.own else OTHERS}"/>'
        )
        yield _words(bar.figure, EDGE + length + 7, at + 26, 14.5, INK, bold=bar.own)


def scale(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten below and above all values; the smallest keeps a bar that can be seen."""
    low, high = math.log10(min(values)), math.log10(max(values))
    first = math.floor(low - 0.05)
    return first, max(math.ceil(high), first + 1)


def _power(power: int) -> str:
    return f"{10**power:,}" if power >= 0 else f"{10.0**power:.{-power}f}"


def _spoken(drawn: Sequence[Panel]) -> str:
    """The whole picture in words."""
    return " ".join(
        f"{panel.title} ({panel.says}): " + ", ".join(f"{bar.label} {bar.figure}" for bar in panel.bars) + "."
        for panel in drawn
    )


def _words(
    words: str,
    left: float,
    line: float,
    size: float,
    colour: str,
    *,
    bold: bool = False,
    end: bool = False,
    middle: bool = False,
) -> str:
    anchor = ' text-anchor="end"' if end else ' text-anchor="middle"' if middle else ""
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{left:.1f}" y="{line:.1f}" font-size="{size}" fill="{colour}"{weight}{anchor}>{escape(words)}</text>'
    )
