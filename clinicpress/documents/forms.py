"""What a consent form asks people to fill in, tick and sign: fields, in standard blocks.

The words are the template's own, the same in every form, so that staff find each box at its place. Here they stand in
English; `wording.worded` gives a block in another language. An author chooses blocks by their names in the front matter
(`blocks: [identification, attestation]`).

Source of the elements: 42 CFR 482.24(c)(4)(v) and its interpretive guidelines, Joint Commission RI.01.03.01, NHS model
consent forms 1 to 4, AHRQ Making Informed Consent an Informed Choice; each block names the elements that it holds.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType


class FieldKind(StrEnum):
    """What is written into a field."""

    TEXT = "text"
    LINES = "lines"
    TICK = "tick"
    DATE = "date"
    TIME = "time"
    INITIALS = "initials"
    CHOICE = "choice"
    LIST = "list"
    SIGNATURE = "signature"


class BlockPlace(StrEnum):
    """Where a block stands in the form."""

    OPENING = "opening"
    AFTER_RISKS = "after-risks"
    AFTER_OTHERS = "after-others"
    BEFORE_SIGNING = "before-signing"
    STATEMENT = "statement"
    SIGNING = "signing"
    LATER = "later"  # side by side at the end of the signing page


@dataclass(frozen=True, slots=True)
class Field:
    """A named place that is filled by data, by keyboard or by pen.

    `span` is its width in twelfths of the line, `large_span` the same in large print; `large_label` is a shorter label
    where large letters need one. `options` are the choices of a one-of-several field.
    """

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    span: int = 12
    large_span: int = 12
    options: tuple[str, ...] = ()
    large_label: str = ""
    help: str = ""
    required: bool = False
    max_length: int = 0
    lateral: bool = False  # asked for only where the side of the body matters

    @property
    def role(self) -> str:
        """Whose field it is: patient, clinician, witness, interpreter … (the first part of its name)."""
        return self.name.partition(".")[0]

    @property
    def spoken(self) -> str:
        """What a screen reader says at the field: its label, and its help where the label is not enough."""
        return self.help or self.label.rstrip(":")


@dataclass(frozen=True, slots=True)
class FormBlock:
    """Fields that belong together. `title` names the person who signs, `lead` is what that person states.

    `beside` is the same block in English, where a reader of English has to find it as well.
    """

    name: str
    place: BlockPlace
    fields: tuple[Field, ...]
    title: str = ""
    lead: str = ""
    beside: "FormBlock | None" = None


def _signing(person: str, signature: str = "Signature", name: str = "Printed name") -> tuple[Field, ...]:
    """The row that every signing person fills: signature, printed name, date, time (elements C24 to C27)."""
    who = "patient or representative" if person == "patient" else person
    return (
        Field(
            f"{person}.signature",
            signature,
            FieldKind.SIGNATURE,
            help=f"{signature} of the {who}",
            required=person in ("patient", "clinician"),
        ),
        Field(
            f"{person}.printed_name",
            name,
            large_label=name.removeprefix("Printed ").capitalize(),
            help=f"{name} of the {who}",
        ),
        Field(
            f"{person}.signed_date",
            "Date (m / d / y)",
            FieldKind.DATE,
            large_label="Date",
            help=f"Date of the signature of the {who}",
        ),
        Field(f"{person}.signed_time", "Time", FieldKind.TIME, help=f"Time of the signature of the {who}"),
    )


_ALL = (
    FormBlock(  # C34
        "identification",
        BlockPlace.OPENING,
        (
            Field(
                "patient.name",
                "Patient name (leave empty if there is a label)",
                span=6,
                help="Patient name",
                required=True,
            ),
            Field("patient.birth_date", "Date of birth", FieldKind.DATE, span=3, large_span=6, required=True),
            Field("patient.mrn", "Record number (MRN)", span=3, large_span=6, required=True),
        ),
    ),
    FormBlock(  # C04
        "reason",
        BlockPlace.OPENING,
        (Field("encounter.reason", "Why you want this treatment, in your words", FieldKind.LINES, span=7),),
    ),
    FormBlock(  # C03
        "procedure",
        BlockPlace.OPENING,
        (
            Field(
                "encounter.side",
                "Side of the body",
                FieldKind.CHOICE,
                span=4,
                options=("Left", "Right", "Both"),
                lateral=True,
            ),
            Field("encounter.site", "Body part or parts", span=5, lateral=True),
        ),
    ),
    FormBlock(  # C05, C06
        "discussion",
        BlockPlace.OPENING,
        (
            Field("clinician.name", "Who will treat you (name, title)", span=6),
            Field("discussion.by", "Who talked with you about it (name, title)", span=6),
        ),
    ),
    FormBlock(
        "first-given",
        BlockPlace.OPENING,
        (Field("discussion.first_given", "First given to you on", FieldKind.DATE, span=3),),
    ),  # C33
    FormBlock(  # C29
        "needs",
        BlockPlace.OPENING,
        (Field("patient.needs", "Help you need to see, hear or read", FieldKind.LINES, span=5),),
    ),
    FormBlock(  # C10
        "own-risks",
        BlockPlace.AFTER_RISKS,
        (
            Field(
                "patient.own_risks",
                "Your own risks (health problems, medicines, allergies, work)",
                FieldKind.LINES,
                span=8,
            ),
        ),
    ),
    FormBlock(  # C18
        "refused",
        BlockPlace.AFTER_RISKS,
        (Field("procedure.refused", "What you do not want us to do", FieldKind.LINES, span=4),),
    ),
    FormBlock(  # C16
        "others",
        BlockPlace.AFTER_OTHERS,
        (
            Field(
                "others.trainees",
                "May students or trainees take part?",
                FieldKind.CHOICE,
                options=("Yes", "No", "None will"),
            ),
        ),
    ),
    FormBlock(  # C21
        "teach-back",
        BlockPlace.BEFORE_SIGNING,
        (
            Field("teach_back.procedure", "What will we do, and where?", FieldKind.INITIALS),
            Field(
                "teach_back.benefit_and_risk",
                "What may get better, and what may go wrong?",
                FieldKind.INITIALS,
            ),
            Field("teach_back.alternatives", "What else could you do? What if you do nothing?", FieldKind.INITIALS),
            Field("teach_back.when_to_call", "When would you call us? When would you call 911?", FieldKind.INITIALS),
        ),
    ),
    FormBlock(  # C32
        "copy",
        BlockPlace.STATEMENT,
        (Field("copy.given", "My copy of this form:", FieldKind.CHOICE, options=("given", "not wanted")),),
    ),
    FormBlock(  # C13, C23, C24, C25, C31: to say no is a choice of the same size
        "attestation",
        BlockPlace.SIGNING,
        (
            Field(
                "attestation.decision", "Your decision", FieldKind.CHOICE, options=("agree", "refuse"), required=True
            ),
            Field(
                "patient.signs_as",
                "Patient or representative",
                FieldKind.CHOICE,
                options=("I am the patient", "I sign for the patient"),
            ),
            *_signing("patient"),
            Field(
                "representative.authority",
                "If you sign for the patient: how you are related, and what gives you the right to sign",
                large_label="If you sign for the patient: your right to sign",
            ),
        ),
        title="Patient or representative",
    ),
    FormBlock(  # C26
        "clinician",
        BlockPlace.SIGNING,
        _signing("clinician", name="Printed name and title"),
        title="Clinician.",
        lead="I explained all of this, and I believe that the patient understands it.",
    ),
    FormBlock(  # C28
        "interpreter",
        BlockPlace.SIGNING,
        (
            Field(
                "interpreter.mode",
                "Interpreter",
                FieldKind.CHOICE,
                options=("In person", "Phone", "Video", "Patient declined one"),
            ),
            *_signing("interpreter", "Signature, or ID if remote", "Printed name, language"),
        ),
        title="Interpreter.",
        lead="I interpreted it all.",
    ),
    FormBlock(  # C27
        "witness",
        BlockPlace.SIGNING,
        _signing("witness"),
        title="Witness.",
        lead="I saw the patient or representative sign or make a mark.",
    ),
    FormBlock(  # C30
        "reconfirmation",
        BlockPlace.LATER,
        (
            Field(
                "reconfirmation.initials",
                "Initials",
                FieldKind.INITIALS,
                help="Initials of the patient on the day of treatment",
            ),
            Field(
                "reconfirmation.date",
                "Date",
                FieldKind.DATE,
                help="Date of the re-confirmation on the day of treatment",
            ),
        ),
        title="On the day:",
        lead="I still agree.",
    ),
    FormBlock(  # C31
        "withdrawal",
        BlockPlace.LATER,
        (
            Field(
                "withdrawal.signature", "Signature", FieldKind.SIGNATURE, help="Signature of who takes the consent back"
            ),
            Field(
                "withdrawal.signed_date",
                "Date (m / d / y)",
                FieldKind.DATE,
                large_label="Date",
                help="Date of taking the consent back",
            ),
            Field("withdrawal.signed_time", "Time", FieldKind.TIME, help="Time of taking the consent back"),
        ),
        title="Only if you change your mind later:",
        lead="I take back my consent.",
    ),
)

BLOCKS: Mapping[str, FormBlock] = MappingProxyType({block.name: block for block in _ALL})
"""The standard blocks by the names that authors use."""


IN_ENGLISH_AS_WELL = ("interpreter",)
"""Blocks that somebody fills who may read English only: they stand in the document's language and in English.

Source: 45 CFR 92.201 (language assistance); house rule on language access.
"""


def worded(block: FormBlock, words: Callable[[str], str]) -> FormBlock:
    """A standard block in another language. `words` gives an English message in that language."""
    fields = tuple(
        replace(
            one,
            label=words(one.label),
            large_label=words(one.large_label),
            help=words(one.help),
            options=tuple(map(words, one.options)),
        )
        for one in block.fields
    )
    beside = block if block.name in IN_ENGLISH_AS_WELL else None
    return replace(block, title=words(block.title), lead=words(block.lead), fields=fields, beside=beside)


def messages_of(block: FormBlock) -> Iterator[str]:
    """Every message of a block that a catalogue has to hold, in the order of the block."""
    texts = [block.title, block.lead]
    for one in block.fields:
        texts += [one.label, one.large_label, one.help, *one.options]
    yield from (text for text in texts if text)
