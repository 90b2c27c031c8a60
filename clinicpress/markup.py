"""Facts become HTML (the only door to Jinja2).

The templates hold the words and the marks of the page, `parts` decides what follows what, and this module hands over
every file that the page may use. A page can use no other file: see `pdf.render`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from clinicpress.clinics import Branding, ClinicProfile, FontFace, Paper, Phone
from clinicpress.documents import (
    KINDS,
    LANGUAGES,
    Document,
    Field,
    Figure,
    Kind,
    Listing,
    Table,
    figures,
    walk,
)
from clinicpress.documents.bilingual import words_only
from clinicpress.documents.blocks import Asset
from clinicpress.fit import PLACES, USUAL, Fit, Key
from clinicpress.orders import Order
from clinicpress.parts import parts_of, with_second
from clinicpress.reports import SCORES, Report
from clinicpress.words import SOURCE, Words, words_in

LONGEST_KEPT = 24  # letters of a word that does not part at its hyphens
_WORD_STARTS, _WORD_ENDS = r"(?<![^\s(\[“‘\"'/–—])", r"(?![^\s.,;:!?)\]”’\"'/–—])"
_PHONE = r"\(\d{3}\) \d{3}-\d{4}|\+\d{1,3}(?:[ -]\(?\d{1,4}\)?){2,5}"  # of anybody, as people write it
GIVING_WAY = ("by-words", "broken")  # classes of tables: columns are as wide as their words; words break
LOGO_GAP = 10  # points to the name beside it
LOGO_ABOVE = 20  # points: how high a logo above the name is, so that a draft's bar still has room
TEMPLATES = Path(__file__).parent.parent / "templates"


@dataclass(frozen=True, slots=True)
class Page:
    """A page to render: well-formed HTML, and the files that it may use, by their `asset:` addresses."""

    html: str
    assets: Mapping[str, Asset]


def to_html(order: Order, fit: Fit = USUAL, room: Mapping[str, float] = MappingProxyType({})) -> Page:
    """The HTML of one document, and its files, to be set in the way that `fit` says.

    `room` holds heights in points for boxes, by the names of their fields, where a value needs more than the usual.
    """
    document = order.document
    words = words_in(document.language)
    second, say = order.second, words_in(order.second.language if order.second else document.language)
    styles = _styles(order, words, fit)
    pictures = _pictures(document)
    environment = _environment()
    phone = order.clinic.phone
    environment.filters |= {"day": words.day, "short_day": words.short_day, "also_short_day": say.short_day}
    environment.filters["kept"] = lambda text: _kept(text, phone)
    environment.filters["high"] = lambda row: max((room[cell.name] for cell in row if cell.name in room), default=0)
    environment.filters["asset"] = lambda asset: _address("figures", asset)
    parts = parts_of(document, words, fit.apart)
    if second:
        parts = with_second(parts, parts_of(second, say, fit.apart))
        pictures |= _pictures(second)
    html = environment.get_template(f"{document.kind.template}.html.j2").render(
        _=lambda message, **values: _said(words(message), values),
        also_=lambda message, **values: _said(say(message), values),
        document=document,
        clinic=order.clinic,
        page=order.page,
        parts=parts,
        on_page=_said(document.kind.said(document.kind.on_page, words), {}),
        agrees=_agreed(document.kind, words),
        also_agrees=_agreed(document.kind, say),
        second=second,
        second_opening_words=words_only(second.opening) if second else (),
        also={one.name: one for one in second.fields()} if second else {},
        language_name=LANGUAGES[document.language],
        second_name=LANGUAGES[second.language] if second else "",
        revisions=" + ".join(str(one.revision) for one in (second, document) if one),
        stylesheets=[address for address in styles if address.endswith(".css")],
        fit=fit,
        fitted=_Fitted(fit, order.second),
        copy=str(order.copy or ""),
        room=room,
    )
    return Page(html, {**styles, **pictures})


def _agreed(kind: Kind, words: Words) -> dict[str, Markup]:
    """What stands beside "Yes," and "No," where somebody decides."""
    return {answer: _said(kind.said(text, words), {}) for answer, text in kind.agrees.items()}


class _Fitted:
    """How far single tables and pictures of a document give way, as the templates ask for it."""

    def __init__(self, fit: Fit, second: Document | None) -> None:
        self._fit = fit
        self._second = {id(block) for block in walk(tuple(second.blocks()))} if second else set()

    def table(self, block: Table) -> str:
        """The classes of a table."""
        styles = ["row-heads", f"columns-{len(block.head)}"] if block.head and not block.head[0].content else []
        styles += ["grouped"] if block.grouped else []
        return " ".join([*styles, *GIVING_WAY[: self._fit.tables.get(self._key(block), 0)]])

    def to_fill(self, line: int) -> str:
        """The classes of a table to fill, by the line of its fields. It stands in the first language only."""
        return " ".join(GIVING_WAY[: self._fit.tables.get((line, False), 0)])

    def figure(self, block: Figure) -> str:
        """The style of a picture."""
        high = self._fit.figures.get(self._key(block))
        said = [f"width: {block.width}%"] if block.width else []
        said += [f"max-height: {high:.1f}pt"] if high is not None else []
        return "; ".join(said)

    def _key(self, block: Table | Figure) -> Key:
        return block.line, id(block) in self._second


def _called(facts: Mapping[str, object], name: str, words: Words) -> str:
    """How a kind is called in a language: the clinic's kinds where they were read, else those that ship."""
    clinic = facts.get("clinic")
    known = clinic.get("kinds", {}) if isinstance(clinic, dict) else {}
    if name in known:
        return str(known[name].get(words.language, known[name][SOURCE]))
    return KINDS[name].said(KINDS[name].called, words) if name in KINDS else name


def report_html(reports: Sequence[Report], clinic: ClinicProfile, fonts: Sequence[FontFace], today: date) -> Page:
    """The HTML of what the careful editor found, a part a document, and its files."""
    faces, own = _font_faces(fonts), [face for face in fonts if face.family == clinic.branding.typeface]
    family = own[0].family if own else fonts[0].family
    brand = f'{faces}\n:root {{ --font: "{family}"; --brand: {clinic.branding.color} }}\n'
    environment = _environment()
    environment.filters["day"] = words_in(SOURCE).day
    html = environment.get_template("report.html.j2").render(
        reports=reports,
        clinic=clinic,
        today=today,
        labels=SCORES,
        stylesheets=["asset:brand.css", "asset:report.css"],
    )
    assets = {
        "asset:brand.css": Asset("brand.css", brand.encode(), "text/css"),
        "asset:report.css": Asset("report.css", _template("report.css"), "text/css"),
        **{_address("fonts", face.file): face.file for face in fonts},
    }
    return Page(html, assets)


def desk_page(name: str, language: str, facts: Mapping[str, object]) -> str:
    """A page of the front desk in one language. `facts` are what its template in `templates/desk/` asks for."""
    words = words_in(language)
    return (
        _environment()
        .get_template(f"desk/{name}.html.j2")
        .render(
            _=lambda message, **values: _said(words(message), values),
            written_day=words.day,
            language=language,
            languages=LANGUAGES,
            kind_named=lambda kind: _said(_called(facts, kind, words), {}),
            **facts,
        )
    )


# Files and words ------------------------------------------------------------------------------------------------------


def _styles(order: Order, words: Words, fit: Fit) -> dict[str, Asset]:
    """The style sheets of an order in the order in which they apply, with the fonts and the logo that they use."""
    brand, page = order.clinic.branding, order.page
    slug = brand.typeface.lower().replace(" ", "-")
    own = f"{order.document.kind.template}.css"
    names = [
        "page.css",
        *(["fields.css"] if order.document.fields() else []),
        *([own] if (TEMPLATES / own).is_file() else []),
        f"typefaces/{slug}.css",
    ]
    names += ["a4.css"] if page.paper is Paper.A4 else []
    names += ["large.css", *(["large-a4.css"] if page.paper is Paper.A4 else [])] if page.large else []
    names += ["longer.css"] if page.large and words.language != SOURCE else []
    names += ["bilingual.css"] if order.second else []
    names += [f"{name}.css" for name, on in (("split", fit.split), ("tight", fit.tight)) if on]
    families = list(dict.fromkeys([brand.typeface, *(face.family for face in order.fonts)]))
    faces = _font_faces(order.fonts)
    logo = f'url("{_address("brand", brand.logo)}")' if brand.logo else "none"
    fonts = ", ".join(f'"{family}"' for family in families)
    room = _logo_room(brand)
    said = f"--page-of: {_counted(words('Page {page} of {pages}'))}; --draft: {_quoted(words('DRAFT'))}"
    more = "; ".join(f"--more-{place}: {fit.more.get(place, 0):.1f}pt" for place in PLACES)
    own = f"{faces}\n:root {{ --font: {fonts}; --brand: {brand.color}; --logo: {logo}; {said}; {more}{room} }}\n"
    assets = {"asset:brand.css": Asset("brand.css", own.encode(), "text/css")}
    assets |= {f"asset:{name}": Asset(name, _template(name), "text/css") for name in names}
    assets |= {_address("fonts", face.file): face.file for face in order.fonts}
    if brand.logo:
        assets[_address("brand", brand.logo)] = brand.logo
    return assets


def _logo_room(brand: Branding) -> str:
    """The place of a logo that is wider than high, for the style sheets; they know the usual one.

    At the head of a consent form such a logo stands above the name, for beside it the name would have no room.
    """
    width, height = brand.logo_room()
    if width == height:
        return ""
    beside = f"--beside-logo: {width + LOGO_GAP}pt"
    if width > 2 * height:
        beside = f"--beside-logo: 0; --logo-float: none; --logo-above: {LOGO_ABOVE}pt; --logo-below: 2pt"
    return f"; --logo-width: {width}pt; --logo-height: {height}pt; {beside}"


def _font_faces(fonts: Sequence[FontFace]) -> str:
    """The style rules that name the font files."""
    return "\n".join(
        f'@font-face {{ font-family: "{face.family}"; font-weight: {face.weight}; '
        f'src: url("{_address("fonts", face.file)}") }}'
        for face in fonts
    )


def _pictures(document: Document) -> dict[str, Asset]:
    """The drawings of a document's figures."""
    found = figures(tuple(document.blocks()))
    return {_address("figures", one): one for figure in found for one in (figure.drawing, *figure.large)}


def _address(shelf: str, asset: Asset) -> str:
    """The address of a file in the page. A name may hold blanks, quotes or worse: it never becomes markup or style."""
    return f"asset:{shelf}/{quote(asset.name)}"


@lru_cache(maxsize=32)
def _template(name: str) -> bytes:
    return (TEMPLATES / name).read_bytes()


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters["kind"] = lambda block: type(block).__name__
    environment.filters["numbering"] = _numbering
    environment.filters["runs"] = _runs
    environment.filters["is_drawing"] = lambda asset: asset.is_drawing
    return environment


def _numbering(block: Listing) -> str:
    """The style of a numbered list: where it starts (WeasyPrint does not hear `start`), and room for its numbers."""
    start = block.start or 0
    digits = len(str(start + len(block.items) - 1))
    said = [f"counter-reset: list-item {start - 1}"] if start != 1 else []
    said += [f"padding-left: {0.75 + 0.6 * digits:.2f}em"] if digits > 1 else []
    return "; ".join(said)


def _runs(fields: Sequence[Field]) -> list[list[Field]]:
    """Fields in their order: those that stand side by side together, each table and each scale alone."""
    runs: list[list[Field]] = []
    for one in fields:
        if runs and not one.alone and not runs[-1][0].alone:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def _said(message: str, values: Mapping[str, object]) -> Markup:
    """A message of the catalogue with its values. Both are escaped, save values that are markup of ours."""
    return escape(message).format(**values) if values else escape(message)


def _counted(message: str) -> str:
    """The content of the page number in CSS: its words in quotes, and the counters of the page."""
    pieces = re.split(r"\{(pages?)\}", message)
    return " ".join(f"counter({piece})" if place % 2 else _quoted(piece) for place, piece in enumerate(pieces) if piece)


def _quoted(text: str) -> str:
    """A text as CSS writes it."""
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'


def _kept(text: str, phone: Phone) -> Markup:
    """Text in which the clinic's phone number is a link, and what belongs together does not part at a line end.

    Kept together are phone numbers, ranges of numbers (15–25%) and words with a hyphen (off-label); not what is a
    piece of something longer, such as an address, nor what could be longer than a line.
    """
    number = re.escape(phone.printed) or r"\b\B"  # a clinic without a number: a pattern that nothing meets
    pieces: list[Markup] = []
    end = 0
    for found in re.finditer(rf"({number})|{_WORD_STARTS}(?:{_PHONE}|\d+–\d+%?|\w+(?:-\w+)+){_WORD_ENDS}", text):
        pieces.append(_apart(text[end : found.start()]))
        if found[1]:
            pieces.append(Markup('<a class="nb" href="{}">{}</a>').format(phone.uri, found[0]))
        elif len(found[0]) > LONGEST_KEPT:
            pieces.append(escape(found[0]))
        else:
            pieces.append(Markup('<span class="nb">{}</span>').format(found[0]))
        end = found.end()
    return Markup("").join([*pieces, _apart(text[end:])])


def _apart(text: str) -> Markup:
    """Text behind whose last space an invisible one stands (U+200B).

    Where words fit their line to the end and only the last space does not, WeasyPrint 70 breaks after the first word.
    """
    return escape(text) + Markup("&#8203;") if text.endswith(" ") else escape(text)
