"""The form in Typst, as its manual says: tagged for PDF/UA-1, values as inputs of one compiled document."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import typst

from bench.pieces import Asked, Beside, Boxes, Bullets, Form, Heading, Line, NewPage, Paragraph, Piece, Table, Tick

START = """#set document(title: {title}, author: {author})
#set text(font: "Clinic Sans", size: 12pt, lang: {language}, fill: rgb("#111111"))
#set par(leading: 4pt, spacing: 8pt)
#set list(spacing: 4pt)
#show heading: set text(fill: rgb("#0b4a56"))
#show heading.where(level: 1): set text(size: 26pt)
#show heading.where(level: 2): set text(size: 12.5pt)
#let value(name) = sys.inputs.at(name, default: "")
#let tick(name, choice) = box(width: 12pt, height: 12pt, stroke: 1pt, baseline: 2pt,
  align(center + horizon, if value(name) == choice [X]))
#let place(label, name, height, stop: "") = block(breakable: false, spacing: 0pt, {{
  text(size: 11pt, weight: 600, label)
  v(-6pt)
  block(width: 100%, height: height, stroke: 0.75pt, inset: 3pt, if value(name) != "" {{ value(name) }} else {{
    text(size: 10.5pt, weight: 600, stop) }})
}})
#let choices(label, line) = block({{ text(size: 11pt, weight: 600, label); linebreak(); line }})
#let state(words) = if words != "" {{ box(fill: black, inset: 3pt, text(size: 11pt, weight: 700, fill: white, words)) }}
#set page(paper: "us-letter", margin: (x: 42.5pt, top: 110pt, bottom: 107pt), header-ascent: 8pt, footer-descent: 10pt,
  header: context if counter(page).get().first() == 1 {{ grid(columns: (1fr, 198pt), {letterhead},
    block(width: 198pt, height: 70pt, stroke: 0.75pt, inset: 3pt, {label})) }} else {{ state({draft}); {identity} }},
  footer: context grid(columns: (69pt, 1fr, auto), [], text(size: 9.5pt, {footer}),
    text(size: 9.5pt, weight: 700, {before} + [Page #counter(page).display() of #counter(page).final().first()])))
"""

STYLES = {
    "deck": "par(text(size: 15.5pt, weight: 600, {}))",
    "choice": "block(width: 100%, stroke: 1.5pt, inset: 6pt, text(size: 13pt, {}))",
}


def markup(form: Form) -> str:
    """The form in Typst's language."""
    start = START.format(
        title=_text(form.title),
        author=_text(form.author),
        language=_text(form.language),
        letterhead="{ "
        + "; linebreak(); ".join(_text(one) for one in form.letterhead)
        + f"; linebreak(); state({_text(form.draft)}) }}",
        label=_text(form.label),
        draft=_text(form.draft),
        identity=_boxes(Boxes(form.identity, 12)),
        footer="{ " + "; linebreak(); ".join(_text(line) for line in form.footer) + " }",
        before=_text("DRAFT · " if form.draft else ""),
    )
    return start + "".join(f"#{_piece(piece)}\n" for piece in form.pieces)


class Press:
    """Typst with our fonts and no others, and the form loaded."""

    def __init__(self, source: Path, fonts: Path) -> None:
        self._compiler = typst.Compiler(
            str(source),  # as bytes, it would be forgotten after the first patient
            font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts)]),
        )

    def make(self, entries: Mapping[str, str]) -> bytes:
        """The form with these values. Raises `typst.TypstError` where PDF/UA-1 is not kept."""
        return bytes(self._compiler.compile(format="pdf", pdf_standards="ua-1", sys_inputs=dict(entries)))


def _piece(piece: Piece) -> str:
    """A piece as an expression of code."""
    match piece:
        case Heading():
            return f"heading(level: {piece.level}, {_text(piece.text)})"
        case Paragraph():
            return STYLES.get(piece.style, "par({})").format(_line(piece.line))
        case Bullets():
            return f"list({', '.join(map(_line, piece.items))})"
        case Boxes():
            return _boxes(piece)
        case Asked():
            asked = [
                f"grid(columns: (1fr, 66pt), {_text(words)}, {_place('', name, 24)})" for words, name in piece.entries
            ]
            return f"grid(columns: (1fr, 1fr), gutter: 12pt, {', '.join(asked)})"
        case Table():
            return _table(piece)
        case Beside():
            widths = ", ".join(f"{share}fr" for share in piece.shares)
            columns = ", ".join(
                "{ " + "; ".join(_piece(one) for one in column) + " }" if column else "[]" for column in piece.columns
            )
            return f"grid(columns: ({widths}), column-gutter: 14pt, {columns})"
        case NewPage():
            return "pagebreak()"


def _boxes(boxes: Boxes) -> str:
    widths = [f"{box.share}fr" for box in boxes.row]
    left = boxes.whole - sum(box.share for box in boxes.row)
    rest = f", {left}fr" if left else ""
    cells = [
        f"choices({_text(box.label)}, {_line(box.choices)})"
        if box.choices
        else _place(box.label, box.name, box.height, box.stop)
        for box in boxes.row
    ]
    return f"grid(columns: ({', '.join(widths)}{rest},), column-gutter: 11pt, row-gutter: 7pt, {', '.join(cells)})"


def _place(label: str, name: str, height: float, stop: str = "") -> str:
    return f"place({_text(label)}, {_text(name)}, {height}pt, stop: {_text(stop)})"


def _table(table: Table) -> str:
    widths = ", ".join(f"{share}fr" for share in table.shares)
    head = ", ".join(_line(cell.line) for cell in table.head)
    cells = ", ".join(f"table.cell(rowspan: {cell.rows}, {_line(cell.line)})" for row in table.rows for cell in row)
    return f"table(columns: ({widths}), stroke: (bottom: 0.75pt), inset: 4pt, table.header({head}), {cells})"


def _line(line: Line) -> str:
    return "{ " + "; ".join(_words(line)) + " }" if line else "[]"


def _words(line: Line) -> Iterator[str]:
    for part in line:
        if isinstance(part, Tick):
            yield f"tick({_text(part.name)}, {_text(part.choice)})"
            yield "[ ]"
        else:
            yield f"strong({_text(part.text)})" if part.bold else _text(part.text)


def _text(words: str) -> str:
    """Words as a string of Typst's language."""
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'
