"""What is asked of the press: one document, for one clinic, on one kind of page; and the marks that it gets there."""

from dataclasses import dataclass, field
from enum import StrEnum

from clinicpress.clinics import ClinicProfile, FontFace, PageProfile
from clinicpress.documents import Document
from clinicpress.visits import NOTHING_KNOWN, Encounter


class Rendition(StrEnum):
    """What a consent form is for: a pen on paper, or a keyboard. Text, page breaks and codes are the same."""

    PAPER = "paper-form"
    FILLABLE = "fillable"


class Copy(StrEnum):
    """Whose copy it is; every page says so."""

    CHART = "chart"
    PATIENT = "patient"


@dataclass(frozen=True, slots=True)
class Order:
    """One document to print: its text, the clinic that hands it out, the page, and the fonts that may be used.

    `rendition` and `encounter` matter for consent forms: fields or paper, and what is filled in already. `second` is
    the same text in another language, which is printed section by section behind it (`documents.bilingual`).
    """

    document: Document
    clinic: ClinicProfile
    page: PageProfile
    fonts: tuple[FontFace, ...]
    rendition: Rendition = Rendition.PAPER
    encounter: Encounter = NOTHING_KNOWN
    copy: Copy | None = None
    second: Document | None = None

    @property
    def language(self) -> str:
        """The language of the print; of both: en+es, that of the patient last."""
        return f"{self.second.language}+{self.document.language}" if self.second else self.document.language

    @property
    def pages_of(self) -> tuple[object, ...]:
        """What decides how its pages look, as far as orders of one clinic differ: orders that agree share a layout."""
        document, second = self.document, self.second
        return (
            document.topic,
            document.kind,
            document.language,
            document.revision.digest,
            str(document.review.state),
            second.revision.digest if second else "",
            self.page,
            self.copy,
        )


@dataclass(frozen=True, slots=True)
class Request:
    """What all that somebody asks for at once has in common: the clinic, the fonts, the page, and what it is for."""

    clinic: ClinicProfile = field(repr=False)
    fonts: tuple[FontFace, ...] = field(repr=False)
    page: PageProfile
    rendition: Rendition = Rendition.PAPER
    copy: Copy | None = None

    def order(self, document: Document, encounter: Encounter = NOTHING_KNOWN, second: Document | None = None) -> Order:
        """The order of a text, with facts about a patient and with the text behind it. Only a form has a rendition."""
        rendition = self.rendition if document.fields() else Rendition.PAPER
        return Order(document, self.clinic, self.page, self.fonts, rendition, encounter, self.copy, second)


@dataclass(frozen=True, slots=True)
class Mark:
    """A code that a scanner reads, ready to be drawn: what it says, and its dark bars.

    A bar is (left, bottom, width, height) on a square of 1 x 1, origin at the bottom left corner, quiet zone included.
    """

    text: str
    bars: tuple[tuple[float, float, float, float], ...]
