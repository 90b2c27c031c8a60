"""What a form asks, in places to write, or tells in a sentence: C04 to C06, C10, C15, C16, C18, C21, C29, C31 to C33.

A standard block asks it at its usual place. An author's own field asks it as well, when its label says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from clinicpress.documents import Document, FieldGroup, walk
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.consent_meaning import AHRQ, AMA, CMS, CMS_GUIDANCE, GMC, MONTGOMERY, NHS, announced, form_of
from clinicpress.lint.phrases import HEADINGS, phrases_by_role, said, understood
from clinicpress.lint.rules import Check, Context, rule


@dataclass(frozen=True, slots=True)
class Asked:
    """An element that a block, a section with a role, an own field (by its label) or a sentence can answer.

    What labels and sentences say so is data of each language; without any, they answer nothing.
    """

    code: str
    name: str
    what: str
    source: str
    remedy: str
    blocks: tuple[str, ...] = ()
    role: str = ""
    severity: Severity = Severity.WARNING
    example: str = ""


LABELS, SENTENCES = phrases_by_role("asked/label"), phrases_by_role("asked/sentence")
"""Labels of places to write, and sentences, that answer an element: turns of phrase, by its code."""

ASKED = (
    Asked(
        "C04",
        "reason",
        "why this patient wants or needs it",
        f"{AMA}; {GMC}",
        "Add the block 'reason', or '## … {#reason}'.",
        blocks=("reason",),
        role="reason",
        severity=Severity.ERROR,
        example="a block for the patient's own words, or 'You have a wart that did not go away with drops.'",
    ),
    Asked(
        "C05",
        "practitioner",
        "who will do it",
        CMS,
        "Add the block 'discussion'.",
        blocks=("discussion",),
        severity=Severity.ERROR,
        example="the field 'Who will treat you (name, title)'.",
    ),
    Asked(
        "C06",
        "discussion",
        "who talked with the patient about it",
        CMS_GUIDANCE,
        "Add the block 'discussion'.",
        blocks=("discussion",),
        example="the field 'Who talked with you about it (name, title)'.",
    ),
    Asked(
        "C10",
        "own-risks",
        "the risks that matter to this very patient",
        f"{MONTGOMERY}; {NHS}",
        "Add the block 'own-risks'.",
        blocks=("own-risks",),
        example="the field 'Your own risks (health problems, medicines, allergies, work)'.",
    ),
    Asked(
        "C15",
        "cost",
        "what it costs, who pays, and who earns from it",
        f"{GMC}; payers' rules",
        "Add '## … {#cost}', or 'not_applicable: {C15: \"…\"}' with the reason.",
        role="cost",
        example="'Your health plan may not pay. Ask us for the price.'",
    ),
    Asked(
        "C16",
        "others",
        "who else takes part, and whether trainees may",
        f"{CMS_GUIDANCE} (QSO-24-10)",
        "Add '## … {#others}' and the block 'others'.",
        blocks=("others",),
        role="others",
        example="'A nurse helps. Students take part only if you say yes.'",
    ),
    Asked(
        "C18",
        "further-procedures",
        "what else may become necessary, and what the patient does not want",
        NHS,
        "Add the block 'refused', or '## … {#further-procedures}'.",
        blocks=("refused",),
        role="further-procedures",
        example="the field 'What you do not want us to do'.",
    ),
    Asked(
        "C21",
        "teach-back",
        "whether the patient has understood, in the patient's own words",
        AHRQ,
        "Add the block 'teach-back'.",
        blocks=("teach-back",),
        example="the prompts 'What will we do, and where?' with initials.",
    ),
    Asked(
        "C29",
        "special-needs",
        "what help the patient needs to see, hear or read",
        NHS,
        "Add the block 'needs'.",
        blocks=("needs",),
        example="the field 'Help you need to see, hear or read'.",
    ),
    Asked(
        "C31",
        "refusal",
        "a no, or a consent that is taken back",
        NHS,
        "Add the blocks 'attestation' and 'withdrawal'.",
        blocks=("attestation", "withdrawal"),
        example="'No, I do not want it' as a choice of the same size, and a place to sign a withdrawal.",
    ),
    Asked(
        "C32",
        "copy",
        "whether the patient got a copy",
        NHS,
        "Add the block 'copy'.",
        blocks=("copy",),
        example="the choice 'My copy of this form: given, not wanted'.",
    ),
    Asked(
        "C33",
        "time-to-decide",
        "that there was time to decide",
        GMC,
        "Add the block 'first-given'.",
        blocks=("first-given",),
        example="the field 'First given to you on', or 'You need not decide today.'",
    ),
)


def own_labels(form: Document) -> Iterator[str]:
    """The labels of the author's own fields."""
    for block in walk(tuple(form.blocks())):
        if isinstance(block, FieldGroup):
            yield from (one.label for one in block.fields)


def _answered(element: Asked, form: Document, context: Context) -> bool:
    """Whether a block, a section, an own field or a sentence answers an element."""
    if {block.name for block in form.form_blocks} & set(element.blocks):
        return True
    marked = form.section(element.role) if element.role else None
    if marked is not None and marked.blocks:
        return True
    if not understood(form):  # what its own fields and sentences say is not understood
        return True
    labelled, told = LABELS.get(element.code), SENTENCES.get(element.code)
    if labelled and any(said(labelled, label, form.language) for label in own_labels(form)):
        return True
    for passage in form_of(form, context).passages:
        if "alternatives" in (*passage.roles, *announced(passage.heading, form.language)):
            continue  # what another treatment costs is not what this one costs
        if element.role and passage.spoken and said(HEADINGS[element.role], passage.heading or "-", form.language):
            return True
        if told and passage.says(told) and "statement" not in passage.roles:
            return True
    return False


def _asked(element: Asked) -> Check[Document]:
    """The rule that a form answers an element."""

    @rule(element.code, element.name, source=element.source, severity=element.severity)
    def asked(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
        if element.code in document.not_applicable:
            return
        if not _answered(element, document, context):
            message = f"The form has no place that says or asks {element.what}."
            yield rule.found(str(document.file), document.lines.get("blocks", 1), message, element.remedy)

    manual = (
        f"A consent form says or asks {element.what}.\n\n"
        f"Wrong: a form without it. {element.remedy}\nRight: {element.example}"
    )
    return Check(Rule(element.code, element.name, manual, element.source, element.severity), asked.find)


RULES: tuple[Check[Document], ...] = tuple(map(_asked, ASKED))
