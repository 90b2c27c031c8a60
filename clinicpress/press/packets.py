"""Which documents a visit needs: the procedure names them, the patient's language chooses among their texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from clinicpress import library
from clinicpress.clinics import PageProfile, Paper, Print, packet_for
from clinicpress.documents import LANGUAGES, Document
from clinicpress.documents.cover import cover_of
from clinicpress.errors import ContentError, Problem
from clinicpress.library.rules import NO_TEXT, UNKNOWN_PROCEDURE
from clinicpress.orders import Copy, Order, Rendition, Request
from clinicpress.press.shelf import Stock, printable
from clinicpress.visits import Visit
from clinicpress.words import SOURCE, nearest_language

MOST_TOLD = 3  # errors of a text beside a row; whoever mends the text asks for all


@dataclass(frozen=True, slots=True)
class Packet:
    """The documents of one visit in print order, with what the desk should know (`notes`)."""

    visit: Visit = field(repr=False)
    orders: tuple[Order, ...] = field(repr=False)
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Terms:
    """What all packets of a batch have in common.

    `documents` may be printed; `faults` are what stands in the way of the other texts (`shelf.Printable`). `release`
    refuses drafts. `source` is the roster as it is named in findings.
    """

    request: Request
    documents: tuple[Document, ...] = field(repr=False)
    faults: Mapping[tuple[str, str, str], tuple[Problem, ...]] = field(repr=False)
    release: bool = False
    source: str = ""

    def packet(self, visit: Visit, wanted: Sequence[tuple[str, str]] = ()) -> Packet:
        """The packet of a visit: the documents that are `wanted`, else those that its procedure names.

        Raises `ContentError` with everything that keeps it from being made.
        """
        problems: list[Problem] = []
        orders: list[Order] = []
        notes: dict[str, None] = {}
        for topic, kind in wanted or self.wanted(visit):
            try:
                document = self._text(topic, kind, visit)
                if document.language != (visit.language or SOURCE):
                    instead = _named(document.language) if document.language != SOURCE else "English"
                    notes[f"no {kind} of {topic} in {_named(visit.language)}; {instead} instead"] = None
                if self.release and document.review.draft:
                    problems.append(self._draft(document, visit))
                if document.fixed and (document.fixed.cover or document.review.draft):
                    orders.append(self._order(self._cover(document), visit))
                orders.append(self._order(document, visit))
            except ContentError as error:
                problems += error.problems
        if problems:
            raise ContentError(problems)
        return Packet(visit, tuple(orders), tuple(notes))

    def _order(self, document: Document, visit: Visit) -> Order:
        if not document.fields():
            return self.request.order(document)
        own = self.request.fonts[0]
        return self.request.order(document, library.encounter_of(visit.facts, self.source, document, own, visit.row))

    def _cover(self, document: Document) -> Document:
        """The slip before a fixed form, made once. A draft has one always: no page of its own can say DRAFT."""
        key = (document.topic, document.kind, document.language)
        if key not in self._covers:
            self._covers[key] = cover_of(document)
        return self._covers[key]

    @cached_property
    def _covers(self) -> dict[tuple[str, str, str], Document]:
        return {}

    def _draft(self, document: Document, visit: Visit) -> Problem:
        from clinicpress import lint  # noqa: PLC0415  what was checked before needs no rules

        message = f"procedure: the {document.kind} of {document.topic} in {_named(document.language)} is a draft."
        remedy = "Have it approved ('approve'), or print without --release: it says DRAFT then."
        return lint.NOT_APPROVED.found(self.source, visit.row, message, remedy)

    def wanted(self, visit: Visit) -> tuple[tuple[str, str], ...]:
        """The documents that a visit's procedure names, by topic and kind, in print order. Raises `ContentError`."""
        known = self._packets.get(visit.procedure)
        if known is None:
            known = self._packets[visit.procedure] = self._looked_up(visit)
        return known

    def _looked_up(self, visit: Visit) -> tuple[tuple[str, str], ...]:
        entries = packet_for(self.request.clinic, visit.procedure, self._topics)
        if not entries:
            message = "procedure: no packet is named so."
            remedy = "Write it under [procedures] in the clinic's profile, or correct the roster."
            raise ContentError([UNKNOWN_PROCEDURE.found(self.source, visit.row, message, remedy)])
        wanted: list[tuple[str, str]] = []
        for topic, kind in entries:
            kinds = [kind] if kind else [one for one in self.request.clinic.kinds if (topic, one) in self._kinds]
            if not kinds:
                message = f"procedure: the library has no topic '{topic}'."
                remedy = "Correct [procedures] in the clinic's profile, or add the topic."
                raise ContentError([NO_TEXT.found(self.source, visit.row, message, remedy)])
            wanted += ((topic, one) for one in kinds)
        return tuple(wanted)

    def _text(self, topic: str, kind: str, visit: Visit) -> Document:
        """A text in the nearest of the patient's language, or in English where there is none. Raises `ContentError`.

        A text with errors is told, and another language does not stand in for it: somebody counts on that text.
        """
        nearest = nearest_language(visit.language or SOURCE, self._languages.get((topic, kind), ()))
        for language in (nearest or SOURCE, SOURCE):
            if document := self._texts.get((topic, kind, language)):
                return document
            if faults := self.faults.get((topic, kind, language)):
                told = " ".join(map(str, faults[:MOST_TOLD]))
                more = f" There are {len(faults) - MOST_TOLD} more." if len(faults) > MOST_TOLD else ""
                message = f"procedure: the {kind} of {topic} in {_named(language)} has errors. {told}{more}"
                remedy = f"'python generate.py check {topic}' shows all of them."
                raise ContentError([NO_TEXT.found(self.source, visit.row, message, remedy)])
        message = f"procedure: the library has no {kind} of {topic} in English."
        raise ContentError([NO_TEXT.found(self.source, visit.row, message, "Write it, or take it out of the packet.")])

    @cached_property
    def _texts(self) -> Mapping[tuple[str, str, str], Document]:
        return {(one.topic, one.kind, one.language): one for one in self.documents}

    @cached_property
    def _languages(self) -> Mapping[tuple[str, str], set[str]]:
        """In which languages there is a text, be it one with errors, by topic and kind."""
        found: dict[tuple[str, str], set[str]] = {}
        for topic, kind, language in (*self._texts, *self.faults):
            found.setdefault((topic, kind), set()).add(language)
        return found

    @cached_property
    def _packets(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """What procedures stand for, as far as they were asked for."""
        return {}

    @cached_property
    def _kinds(self) -> frozenset[tuple[str, str]]:
        """Topics and kinds of which there is a text, be it one with errors: it must not be missing unseen."""
        return frozenset(key[:2] for key in (*self._texts, *self.faults))

    @cached_property
    def _topics(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(topic for topic, _ in sorted(self._kinds)))


def terms_of(
    stock: Stock,
    *,
    size: str,
    paper: str = "",
    rendition: Rendition = Rendition.FILLABLE,
    copy: str = "",
    release: bool = False,
    source: str = "",
) -> Terms:
    """How packets are made of what was read; without a `paper` on the clinic's. Raises as `printable`."""
    sound = printable(stock)
    page = PageProfile(Paper(paper) if paper else sound.clinic.paper, Print(size))
    request = Request(sound.clinic, stock.fonts, page, rendition, Copy(copy) if copy else None)
    return Terms(request, sound.documents, sound.faults, release, source)


def _named(language: str) -> str:
    return LANGUAGES.get(language, f"the language '{language}'")
