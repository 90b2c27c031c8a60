"""What a form explains in words: C02, C07 to C09, C11 to C13, C19 and C20, none of which can be "not applicable".

All words of a passage are weighed (`meaning`); facts that no words can replace are looked for (`consent_meaning`). What
is not told for sure is an error: `missing-role` when no section has the role, `thin-element` when one has it. Where it
may be told or not, only a person can tell: that is `unclear-element`, a warning.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from clinicpress.documents import Document, Kind
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint import consent_meaning, meaning
from clinicpress.lint.consent_meaning import AHRQ, AMA, CMS, GMC, NHS, TJC, Form, form_of
from clinicpress.lint.phrases import Passage, passages, understood
from clinicpress.lint.rules import Check, Context, rule

UNCLEAR = "unclear-element"


@dataclass(frozen=True, slots=True)
class ConsentElement:
    """An element that is told in words.

    `parts` are what it is told in, which may stand far from each other, each with what to say when it lacks. From
    `sure` on (log-odds of `meaning`) its words tell it. `lacks` names a fact that is lacking in the form (empty: none);
    `stands` finds the passage that tells it by facts.
    """

    code: str
    role: str
    what: str
    source: str
    wrong: str
    right: str
    parts: tuple[tuple[str, str], ...] = ()
    sure: float = 2.0
    lacks: Callable[[Form], str] | None = None
    stands: Callable[[Form], Passage | None] | None = None


ELEMENTS = (
    ConsentElement(
        "C02",
        "definition",
        "what the procedure is, in plain words",
        f"{CMS}; {NHS}; {AMA}; {TJC}",
        "an LP under `procedure`, and no word on what that is.",
        "`## What it is {#definition}` and one plain sentence, with short forms written out.",
        sure=2.5,
        lacks=consent_meaning.lacks_name,
    ),
    ConsentElement(
        "C07",
        "expect",
        "what will happen, how long it takes, and what to do afterwards",
        f"{AMA}; {TJC}; {GMC}",
        "`## What will happen {#expect}` with the one sentence 'It is quick.'",
        "a list, or at least three sentences: what we do, how long, what to do at home.",
        (
            ("steps", "it does not say what is done"),
            ("time", "it does not say how long that takes"),
            ("after", "it does not say what to do or to expect afterwards"),
        ),
        sure=1.5,
    ),
    ConsentElement(
        "C08",
        "benefits",
        "what may help, and how sure that is",
        f"{CMS}; {AMA}; {TJC}; {GMC}",
        "'The injection takes the pain away.'",
        "'The pain may get less. We cannot promise it.'",
        sure=1.75,
    ),
    ConsentElement(
        "C09",
        "risks",
        "what can go wrong, common and serious",
        f"{CMS}; {NHS}; {GMC}",
        "'You may be sore for a day', and nothing that is rare and serious.",
        "'Most people are sore for a day. About 1 in 1,000 gets an infection.'",
        (("common", "it names no common one"), ("serious", "it names no serious one")),
        sure=1.5,
    ),
    ConsentElement(
        "C11",
        "alternatives",
        "what else can be done, with benefits and risks",
        f"{CMS}; {AMA}; {TJC}; {GMC}",
        "'There are other choices. Ask us.'",
        "'Drops alone can help. They take a week or more.'",
        sure=2.25,
    ),
    ConsentElement(
        "C12",
        "no-treatment",
        "what may follow from doing nothing",
        f"{AMA}; {GMC}; {TJC}",
        "other choices, and doing nothing is not one of them.",
        "'If you do nothing, the wax may stay, or come out on its own.'",
        sure=0.5,
    ),
    ConsentElement(
        "C13",
        "statement",
        "that all this was explained to the person who signs",
        CMS,
        "'I agree to the treatment.'",
        "'I was told what will be done, what may help and what may go wrong.'",
        sure=2.0,
    ),
    ConsentElement(
        "C19",
        "voluntary",
        "that the patient may refuse, and may withdraw after signing",
        f"{AMA}; {TJC}; {NHS}",
        "'You may refuse', without a word on changing one's mind later.",
        "'You may say no. You may stop at any time, even after you sign.'",
        (
            ("refuse", "it does not say that the patient may refuse"),
            ("withdraw", "it does not say that the patient may change their mind after signing"),
        ),
        sure=2.25,
    ),
    ConsentElement(
        "C20",
        "questions",
        "whom to ask and to call, in an emergency too",
        f"{GMC}; {AHRQ}",
        "'Ask us', without a word on nights and emergencies.",
        "'Ask us now, or call our office. In an emergency, call 911.'",
        lacks=consent_meaning.lacks_line,
        stands=consent_meaning.tells_contact,
    ),
)


DOUBTFUL = 1.0
"""So much below what makes sure of an element, it is not told: log-odds of `meaning`. Between, a person has to read."""
UNKNOWN = "no words were found that say so for sure"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a form says an element: yes, no, or perhaps (None); what lacks; where it is told best, and how well."""

    said: bool | None
    lack: str
    best: meaning.PassageScore


def judged(element: ConsentElement, form: Form) -> Judgement:
    """Whether a form says an element, by its facts and by all its words."""
    names = {f"{element.code}.{one}": lack for one, lack in element.parts} or {element.code: UNKNOWN}
    scored = {name: meaning.best(name, element.role, form.passages, form.document.language) for name in names}
    name = min(scored, key=lambda one: scored[one].score)
    best = scored[name]
    if form.understood and element.stands and (told := element.stands(form)):
        there = meaning.best(name, element.role, (told,), form.document.language)
        best = replace(there, score=max(best.score, element.sure), place=told)
    if form.understood and element.lacks and (lack := element.lacks(form)):
        return Judgement(False, lack, best)
    if best.score >= element.sure:
        return Judgement(True, "", best)
    lacking = best.score <= element.sure - DOUBTFUL and meaning.is_sure(form.document.language)
    return Judgement(False if lacking else None, names[name], best)


def reasons(document: Document, context: Context, code: str) -> Iterator[str]:
    """Why an element counts as told or not, in one sentence; nothing where it is not weighed by words.

    Raises KeyError for a code that no element told in words has.
    """
    element = {one.code: one for one in ELEMENTS}[code]
    form = form_of(document, context)
    if code not in document.kind.elements:
        return
    if not form.weighed:
        yield f"{document.file}: {code} is believed where a section has the role: this language is not weighed."
        return
    judgement = judged(element, form)
    verdict = {True: "is told", False: "is not told", None: "may be told, or may not"}[judgement.said]
    lack = f"; {judgement.lack}" if judgement.lack else ""
    told, best = "Nothing comes near it.", judgement.best
    if best.place:
        decisive = meaning.decisive(best, document.language)
        words = ", ".join(f"'{one}'" for one in decisive) or "no word of its own"
        heading = f" under '{best.place.heading}'" if best.place.heading else ""
        told = f"Best{heading}; for it speak {words} ({best.score:.1f}; enough from {element.sure:.1f} on)."
    yield f"{document.file}:{best.line}: {code}, {element.what}, {verdict}{lack}. {told}"


def _missing(element: ConsentElement) -> Check[Document]:
    """The rule that a consent form says a thing at all: in a section with its role, or in other words elsewhere."""

    @rule(element.code, "missing-role", source=element.source)
    def missing(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
        if document.section(element.role):
            return
        form = form_of(document, context)
        if form.weighed and judged(element, form).said is not False:
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
        if not form.weighed or (judgement := judged(element, form)).said is not False:
            return
        message = f"The section '{section.heading}' is there to say {element.what}; {judgement.lack}."
        yield rule.found(str(document.file), section.line, message, f"For example: {element.right}", section.heading)

    manual = (
        f"The section with the role '{element.role}' says {element.what}. Its words are weighed; whether they are "
        f"true, a person has to say.\n\nWrong: {element.wrong}\nRight: {element.right}"
    )
    return Check(Rule(element.code, "thin-element", manual, element.source), thin.find)


def _unclear(element: ConsentElement) -> Check[Document]:
    """The rule that a person looks where only a reader can tell."""

    @rule(element.code, UNCLEAR, source=element.source, severity=Severity.WARNING)
    def unclear(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
        form = form_of(document, context)
        if not form.weighed or (judgement := judged(element, form)).said is not None:
            return
        section = document.section(element.role)
        place = next(iter(form.marked(element.role)), judgement.best.place)
        heading = place.heading if place else ""
        where = f"The section '{heading}'" if heading else "The form"
        message = f"{where} may say {element.what}, or may not: {judgement.lack}."
        role = "" if section else f" If it is told there, set the role: '{{#{element.role}}}'."
        remedy = f"Read it once more.{role} If not: {element.right}"
        yield rule.found(str(document.file), place.line if place else 1, message, remedy, heading)

    manual = (
        f"The form says {element.what}. Here its words speak for that, and not clearly enough; or too little was "
        "learned of its language. Only a reader can tell, so the print goes on.\n\n"
        f"Wrong: {element.wrong}\nRight: {element.right}"
    )
    return Check(Rule(element.code, UNCLEAR, manual, element.source, Severity.WARNING), unclear.find)


def consent_roles(kind: Kind) -> frozenset[str]:
    """The roles of a kind that the rules of a consent form look for."""
    return frozenset(one.role for one in ELEMENTS if one.code in kind.elements)


def role_not_marked_places(document: Document, context: Context) -> Iterator[tuple[str, meaning.PassageScore]]:
    """The roles that nobody has set although a passage does what they stand for, each with how well that does it."""
    form = form_of(document, context)
    if not form.weighed:
        return
    for element in ELEMENTS:
        if element.code in document.kind.elements and document.section(element.role) is None:
            judgement = judged(element, form)
            if judgement.said is not False and judgement.best.place:
                yield element.role, judgement.best


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
        if not told and understood(document):
            message = f"The use is {status}, and the text does not say so."
            yield rule.found(file, line, message, "Add '## … {#status}' that tells it in plain words.", str(status))


RULES: tuple[Check[Document], ...] = (
    *(make(one) for one in ELEMENTS for make in (_missing, _thin)),
    *map(_unclear, ELEMENTS),
    regulatory_status,
)
