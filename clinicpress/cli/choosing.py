"""Which documents are meant: options that `build` and `print` share, and the way from them to finished documents."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clinicpress import library
from clinicpress.cache import Cache
from clinicpress.cli.options import Command, LanguageChoice, known_kinds, naming, one_by_one, passing_files
from clinicpress.clinics import ClinicProfile, FontFace, PageProfile
from clinicpress.documents import LANGUAGES, Document
from clinicpress.documents.bilingual import bilingual
from clinicpress.errors import ContentError, InputError, Severity
from clinicpress.fingerprint import Content
from clinicpress.issued import Issued
from clinicpress.orders import Copy, Order, Rendition, Request
from clinicpress.pdf.render import engine
from clinicpress.press.fixed import taken
from clinicpress.press.kept import NOTHING, Ahead, place_of, stock_of
from clinicpress.press.shelf import Shelf, printable
from clinicpress.visits import NOTHING_KNOWN
from clinicpress.words import SOURCE, nearest_language

if TYPE_CHECKING:
    from clinicpress.press.press import Layout


@dataclass(frozen=True, slots=True)
class Wish:
    """Which documents somebody asks for, and what is to be filled in. The settings may be facts about a person."""

    topics: tuple[str, ...]
    kind: str | None
    lang: str | None
    bilingual: str | None
    patient: Path | None
    settings: tuple[str, ...] = field(repr=False)
    release: bool
    copy: Copy | None

    @property
    def personal(self) -> bool:
        """Whether it is about one patient."""
        return self.patient is not None or bool(self.settings)


def choice_options(command: Command) -> Command:
    """Adds what says which documents are meant to a command, which gets it as one `wish`."""

    @click.argument("topics", nargs=-1, metavar="[TOPIC ...]")
    @click.option("--kind", metavar="KIND", help="One kind only: handout, consent … ('kinds' lists them).")
    @click.option("--lang", type=LanguageChoice(sorted(LANGUAGES)), help="One language only.")
    @click.option(
        "--bilingual", metavar="en+LANGUAGE", help="Both languages in one document; that of the patient is named last."
    )
    @click.option(
        "--patient",
        type=click.Path(path_type=Path),
        metavar="FILE.json",
        help="Facts of one patient, for consent forms.",
    )
    @click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="One value of a field; repeatable.")
    @click.option("--release", is_flag=True, help="Refuse drafts: only texts that somebody stands behind.")
    @click.option("--copy", type=click.Choice([str(one) for one in Copy]), help="Marks every page as this copy.")
    @functools.wraps(command)
    def wrapper(
        *context: object,
        topics: tuple[str, ...],
        kind: str | None,
        lang: str | None,
        bilingual: str | None,
        patient: Path | None,
        settings: tuple[str, ...],
        release: bool,
        copy: str | None,
        **others: Any,
    ) -> Any:
        whose = Copy(copy) if copy else None
        wish = Wish(topics, kind, lang, bilingual, patient, settings, release, whose)
        return command(*context, wish=wish, **others)

    return wrapper  # type: ignore[return-value]


Pair = tuple[Document, Document | None]
"""The patient's text, and the one behind it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The texts that are meant, checked, each with the one behind it; `content` is what their files hold."""

    texts: tuple[Pair, ...]
    clinic: ClinicProfile
    fonts: tuple[FontFace, ...]
    content: Content | None
    today: date


def choose(shelf: Shelf, wish: Wish, cache: Cache, ahead: Ahead = NOTHING) -> Choice:
    """Reads and checks what is asked for, and tells the warnings. `ahead` is for what was not read before.

    Raises `ContentError` while what is to be printed, what it refers to, or the profile has errors, and `InputError`
    for a wish that makes no sense.
    """
    kinds = known_kinds(shelf, wish.kind)
    if wish.settings and set(wish.topics) - {
        path.parent.name for path in library.find_documents(shelf.handouts, kinds)
    }:
        # Perhaps a value without quotes, that is, a fact about a person: so it is not repeated.
        raise InputError('There is no such topic. A value with a blank needs quotes: --set patient.name="Zoë Example".')
    languages = pair_of(wish.bilingual, wish.lang)
    only = languages or ((wish.lang,) if wish.lang else ())
    stock = stock_of(shelf, cache, wish.topics, wish.kind, only, ahead=ahead)
    clinic = printable(stock, all_of_it=True).clinic
    click.echo("".join(f"{problem}\n" for problem in stock.problems), nl=False, err=True)
    if not stock.documents:
        raise InputError(f"{_none_there(shelf, wish)} 'python generate.py list' shows what there is.")
    texts = in_both(stock.documents, languages) if languages else [(document, None) for document in stock.documents]
    if wish.release:
        _refuse_drafts([one for pair in texts for one in pair if one is not None], shelf.today)
    return Choice(tuple(texts), clinic, stock.fonts, stock.content, shelf.today)


def orders_of(
    choice: Choice, wish: Wish, pages: Sequence[PageProfile], renditions: tuple[Rendition, ...]
) -> list[Order]:
    """An order for each text, page and rendition. `renditions` are those of consent forms; handouts have one.

    Raises `ContentError` for facts about a patient that a form cannot take.
    """
    orders = []
    for document, second in choice.texts:
        encounter = NOTHING_KNOWN
        made: tuple[Rendition, ...] = (Rendition.PAPER,)
        own = pages if document.fixed is None else pages[:1]  # the same file on each
        if document.fields() and (document.fixed is None or wish.personal):
            made = renditions
            if wish.personal:
                encounter = library.read_encounter(wish.patient, wish.settings, document, choice.fonts[0], choice.today)
        asked = [Request(choice.clinic, choice.fonts, page, one, wish.copy) for page in own for one in made]
        orders += [request.order(document, encounter, second) for request in asked]
    return orders


def print_all(
    orders: list[Order], cache: Cache, content: Content | None, begin: Callable[[], None] = NOTHING.before
) -> list[Issued]:
    """Prints one document after the other into memory, and says how far it is when a person watches.

    What was printed before is taken from the cache, when it is not about a person; `begin` is called before the first
    one that was not. Nothing is on disk before all of it is printed. Renditions of one text on one page share their
    layout.
    """
    issued = []
    with passing_files():
        made = _Maker(cache, begin)
        for order in one_by_one(orders, "Printing"):
            place = _place(order, content) if content is not None and not order.encounter.values else ""
            if place and (kept := cache.get(place)):
                issued.append(Issued.from_bytes(kept))
                continue
            with naming(order):
                issued.append(made.of(order))
            if place:
                cache.put(place, issued[-1].to_bytes())
    return issued


class _Maker:
    """Documents that are made now, one after the other; the last layout is at hand."""

    def __init__(self, cache: Cache, begin: Callable[[], None]) -> None:
        self._cache, self._begin = cache, begin
        self._layouts: dict[tuple[object, ...], Layout] = {}

    def of(self, order: Order) -> Issued:
        """A document. Raises `RenderError`, and `ContentError` for values that fit in no way."""
        if order.document.fixed is not None:
            return taken(order)
        from clinicpress.press.press import complete, lay_out  # noqa: PLC0415  what was made before needs none of it

        if order.pages_of not in self._layouts:
            self._begin()
            self._layouts = {order.pages_of: lay_out(order, cache=self._cache)}
        return complete(self._layouts[order.pages_of], order)


def _place(order: Order, content: Content) -> str:
    """Where a finished document is kept; empty where the machine cannot tell what it is set with."""
    made_by = engine()
    return place_of(order, content, made_by) if made_by else ""


def _refuse_drafts(documents: list[Document], today: date) -> None:
    """Raises `ContentError` when a text, or the leaflet that a form names, is a draft; it says why."""
    leaflets = [one.leaflet for one in documents if one.leaflet is not None]
    drafts = [one for one in (*documents, *leaflets) if one.review.draft]
    if not drafts:
        return
    from clinicpress import lint  # noqa: PLC0415  what was checked before needs no rules

    remedy = "Have it approved first (python generate.py approve --help), or leave out --release: it says DRAFT then."
    rule = replace(lint.NOT_APPROVED, severity=Severity.ERROR)
    raise ContentError(rule.found(str(one.file), 1, lint.why_draft(one, today), remedy, one.title) for one in drafts)


def _none_there(shelf: Shelf, wish: Wish) -> str:
    """That no document is what somebody wishes, and which languages there are of it."""
    paths = library.find_documents(shelf.handouts, known_kinds(shelf, wish.kind))
    names = [path.name.split(".") for path in paths if not wish.topics or path.parent.name in wish.topics]
    there = sorted({name[1] for name in names if wish.kind in (None, name[0])})
    if not wish.lang or not there:
        return "No document is of that kind and language."
    return f"There is no such document in the language '{wish.lang}'. There are: {', '.join(there)}."


def pair_of(wish: str | None, lang: str | None) -> tuple[str, str] | None:
    """The two languages of --bilingual, that of the patient last. Raises `InputError` when they make no sense."""
    if wish is None:
        return None
    known = ", ".join(f"{SOURCE}+{one}" for one in sorted(LANGUAGES) if one != SOURCE)
    remedy = f"Write English first and the patient's language last: {known}."
    if lang is not None:
        raise InputError("--bilingual and --lang do not go together: --bilingual names the languages. Drop one.")
    first, plus, last = wish.partition("+")
    if not (first and plus and last):
        raise InputError(f"--bilingual needs two languages, not '{wish}'. {remedy}")
    first, last = (nearest_language(one, LANGUAGES) or one for one in (first, last))
    if (taken := f"{first}+{last}") != wish:
        click.echo(f"--bilingual {wish}: {taken} is taken.", err=True)
    unknown = [one for one in (first, last) if one not in LANGUAGES]
    if unknown:
        raise InputError(f"--bilingual: the language '{unknown[0]}' is unknown. {remedy}")
    if first == last:
        raise InputError(f"--bilingual: '{first}' is named twice. {remedy}")
    if first != SOURCE:
        raise InputError(f"--bilingual: '{wish}' does not start with English. {remedy}")
    return first, last


def in_both(documents: Sequence[Document], languages: tuple[str, str]) -> list[Pair]:
    """Each document in both languages, in the order of the patient's. Raises `InputError` when one of them lacks."""
    first, last = languages
    if fixed := next((one for one in documents if one.fixed), None):
        raise InputError(
            f"--bilingual: {fixed.topic}/{fixed.name} is somebody else's form, and is printed as it is. "
            "Name the --kind that you mean."
        )
    found = {(one.topic, one.kind, one.language): one for one in documents}
    pairs: list[Pair] = []
    lacking: list[str] = []
    for topic, kind in dict.fromkeys((one.topic, one.kind) for one in documents):
        patients, second = found.get((topic, kind, last)), found.get((topic, kind, first))
        if patients and second:
            pairs.append(bilingual(patients, second))
        else:
            lacking.append(f"{topic} has no {kind}.{first if patients else last}.md")
    if lacking:
        raise InputError(
            f"--bilingual needs every document in both languages: {'; '.join(lacking)}. "
            "Name topics, and perhaps --kind, that are there in both."
        )
    return pairs
