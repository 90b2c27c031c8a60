"""What a form explains in words: C02, C07 to C09, C11 to C13, C19 and C20, none of which can be "not applicable".

Each has two rules. `missing-role`: nothing in the form says it. `thin-element`: a section is there for it and does not
say it. Where the section holds sentences that no word of ours fits, only a reader can tell: that is `unclear-element`,
a warning (C08, C09).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from clinicpress.documents import Document, Kind
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint import consent_choices, consent_meaning
from clinicpress.lint.consent_meaning import AHRQ, AMA, CMS, GMC, NHS, TJC, Form, form_of
from clinicpress.lint.phrases import SPOKEN, Passage, passages
from clinicpress.lint.rules import Check, Context, rule

UNCLEAR = "unclear-element"


@dataclass(frozen=True, slots=True)
class ConsentElement:
    """An element that is told in words.

    `lacks` says what is lacking in the sections with the role (empty: nothing), given the whole form. `stands` finds
    the passage that says it without having the role. `understood` is whether each sentence of those sections is
    understood; without it, what lacks is an error in any case.
    """

    code: str
    role: str
    what: str
    source: str
    lacks: Callable[[Form], str]
    stands: Callable[[Form], Passage | None]
    wrong: str
    right: str
    understood: Callable[[Form], bool] | None = None

    def certain(self, form: Form) -> bool:
        """Whether what lacks in a section lacks for certain, or may be said in words that we do not know."""
        return self.understood is None or self.understood(form)


ELEMENTS = (
    ConsentElement(
        "C02",
        "definition",
        "what the procedure is, in plain words",
        f"{CMS}; {NHS}; {AMA}; {TJC}",
        consent_meaning.lacks_definition,
        consent_meaning.defines,
        "an LP under `procedure`, and no word on what that is.",
        "`## What it is {#definition}` and one plain sentence, with short forms written out.",
    ),
    ConsentElement(
        "C07",
        "expect",
        "what will happen, how long it takes, and what to do afterwards",
        f"{AMA}; {TJC}; {GMC}",
        consent_meaning.lacks_course,
        consent_meaning.tells_course,
        "`## What will happen {#expect}` with the one sentence 'It is quick.'",
        "a list, or at least three sentences: what we do, how long, what to do at home.",
    ),
    ConsentElement(
        "C08",
        "benefits",
        "what may help, and how sure that is",
        f"{CMS}; {AMA}; {TJC}; {GMC}",
        consent_meaning.lacks_benefit,
        consent_meaning.tells_benefit,
        "'The injection takes the pain away.'",
        "'The pain may get less. We cannot promise it.'",
        consent_meaning.understood_benefit,
    ),
    ConsentElement(
        "C09",
        "risks",
        "what can go wrong, common and serious",
        f"{CMS}; {NHS}; {GMC}",
        consent_meaning.lacks_risk,
        consent_meaning.tells_risk,
        "'You may be sore for a day', and nothing that is rare and serious.",
        "'Most people are sore for a day. About 1 in 1,000 gets an infection.'",
        consent_meaning.understood_risk,
    ),
    ConsentElement(
        "C11",
        "alternatives",
        "what else can be done, with benefits and risks",
        f"{CMS}; {AMA}; {TJC}; {GMC}",
        consent_choices.lacks_alternative,
        consent_choices.tells_alternative,
        "'There are other choices. Ask us.'",
        "'Drops alone can help. They take a week or more.'",
    ),
    ConsentElement(
        "C12",
        "no-treatment",
        "what may follow from doing nothing",
        f"{AMA}; {GMC}; {TJC}",
        consent_choices.lacks_nothing,
        consent_choices.tells_nothing,
        "other choices, and doing nothing is not one of them.",
        "'If you do nothing, the wax may stay, or come out on its own.'",
    ),
    ConsentElement(
        "C13",
        "statement",
        "that all this was explained to the person who signs",
        CMS,
        consent_choices.lacks_statement,
        consent_choices.states,
        "'I agree to the treatment.'",
        "'I was told what will be done, what may help and what may go wrong.'",
    ),
    ConsentElement(
        "C19",
        "voluntary",
        "that the patient may refuse, and may withdraw after signing",
        f"{AMA}; {TJC}; {NHS}",
        consent_choices.lacks_freedom,
        consent_choices.tells_freedom,
        "'You may refuse', without a word on changing one's mind later.",
        "'You may say no. You may stop at any time, even after you sign.'",
    ),
    ConsentElement(
        "C20",
        "questions",
        "whom to ask and to call, in an emergency too",
        f"{GMC}; {AHRQ}",
        consent_choices.lacks_contact,
        consent_choices.tells_contact,
        "'Ask us', without a word on nights and emergencies.",
        "'Ask us now, or call our office. In an emergency, call 911.'",
    ),
)


def _missing(element: ConsentElement) -> Check[Document]:
    """The rule that a consent form says a thing at all: in a section with its role, or in other words elsewhere."""

    @rule(element.code, "missing-role", source=element.source)
    def missing(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
        if document.section(element.role):
            return
        if form_of(document, context).understood and element.stands(form_of(document, context)):
            return  # said in other words: S31 names the role to set
        message = f"The form does not say {element.what}: no section has the role '{element.role}'."
        remedy = (
            f"Add '## … {{#{element.role}}}', or the role to the section that says it ('{{#risks .{element.role}}}')."
        )
        yield rule.found(str(document.file), 1, message, remedy)

    manual = (
        f"A consent form says {element.what}: in a section with the role '{element.role}', or elsewhere in other words."
        "\n\n"
        f"Wrong: {element.wrong}\nRight: {element.right}"
    )
    return Check(Rule(element.code, "missing-role", manual, element.source), missing.find)


def _thin(element: ConsentElement) -> Check[Document]:
    """The rule that the section for a thing says it."""

    @rule(element.code, "thin-element", source=element.source)
    def thin(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
        section = document.section(element.role)
        if section is None:
            return
        form = form_of(document, context)
        if not form.understood or not (lack := element.lacks(form)) or not element.certain(form):
            return
        message = f"The section '{section.heading}' is there to say {element.what}; {lack}."
        yield rule.found(str(document.file), section.line, message, f"For example: {element.right}", section.heading)

    manual = (
        f"The section with the role '{element.role}' says {element.what}. Words are looked for, not weighed: a person "
        f"reads them.\n\nWrong: {element.wrong}\nRight: {element.right}"
    )
    return Check(Rule(element.code, "thin-element", manual, element.source), thin.find)


def _unclear(element: ConsentElement) -> Check[Document]:
    """The rule that a person looks at a section whose words are not known to us."""

    @rule(element.code, UNCLEAR, source=element.source, severity=Severity.WARNING)
    def unclear(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
        section = document.section(element.role)
        if section is None:
            return
        form = form_of(document, context)
        if form.understood and not element.certain(form) and (lack := element.lacks(form)):
            message = f"The section '{section.heading}' is there to say {element.what}; as far as words tell, {lack}."
            remedy = f"Read it once more. It may say so in words that are not known here; if not: {element.right}"
            yield rule.found(str(document.file), section.line, message, remedy, section.heading)

    manual = (
        f"The section with the role '{element.role}' says {element.what}. Here no words were found that do, but "
        "sentences that could, in words not known to this program. Only a reader can tell, so the print goes on.\n\n"
        f"Wrong: {element.wrong}\nRight: {element.right}"
    )
    return Check(Rule(element.code, UNCLEAR, manual, element.source, Severity.WARNING), unclear.find)


def consent_roles(kind: Kind) -> frozenset[str]:
    """The roles of a kind that the rules of a consent form look for."""
    return frozenset(one.role for one in ELEMENTS if one.code in kind.elements)


def role_not_marked_places(document: Document, context: Context) -> Iterator[tuple[str, Passage]]:
    """The roles that nobody has set although a passage does what they stand for, each with that passage."""
    if document.language not in SPOKEN:
        return
    form = form_of(document, context)
    for element in ELEMENTS:
        if element.code not in document.kind.elements:
            continue
        if document.section(element.role) is None and (passage := element.stands(form)):
            yield element.role, passage


@rule("C14", "regulatory-status", source="Medical ethics; state law where it applies")
def regulatory_status(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A form says so when a treatment is off-label or part of research, and its header says which it is.

    Wrong: `regulatory_status: off-label`, and the text does not tell the patient. Wrong too: `unknown`.
    Right: `## Off-label use {#status}` and what the regulator has, and has not, looked at.
    """
    file, line, status = str(document.file), document.lines.get("regulatory_status", 1), document.regulatory_status
    if "regulatory_status" not in document.lines or status == "unknown":
        message = "It is not known whether this use is approved, off-label or research."
        yield rule.found(file, line, message, "Find out, and write it into the header.", str(status))
    elif status != "approved" and document.section("status") is None:
        told = any(passage.says(consent_meaning.STATUS) for passage in passages(document))
        if not told and document.language in SPOKEN:
            message = f"The use is {status}, and the text does not say so."
            yield rule.found(file, line, message, "Add '## … {#status}' that tells it in plain words.", str(status))


RULES: tuple[Check[Document], ...] = (
    *(make(one) for one in ELEMENTS for make in (_missing, _thin)),
    *(_unclear(one) for one in ELEMENTS if one.understood),
    regulatory_status,
)
