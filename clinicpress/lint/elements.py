"""What the papers of a kind have to say or ask, and what they must never say: the rows of its elements.

A row names tests; here is all that a test can ask. What a test cannot tell is a checker by name, or a question to a
person before the text is approved. Words are found, their truth is not judged. In a language whose wording is not
known, the section with the role is believed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from clinicpress.documents import Document, Field, FieldGroup, FieldKind, Kind, KindElement, Weight, walk
from clinicpress.documents.wordings import wording
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.phrases import Passage, passages, said
from clinicpress.lint.rules import Check, Context

_DENIED = r"\b(no|not|never|neither|nor|nobody|without|cannot)\b|n['’]t\b"
"""A sentence that denies a thing does not say it."""
FEWEST_WORDS = 4
"""Of a section that may well say a thing in words that we do not know."""
Test = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ElementText:
    """A document as the tests of an element see it."""

    document: Document
    passages: tuple[Passage, ...]

    def where(self, roles: str) -> tuple[Passage, ...]:
        """The passages that a test looks into: those with a role of it, else the whole text."""
        if roles in ("", "anywhere"):
            return self.passages
        named = [one.strip() for one in roles.split("|")]
        if named == ["opening"]:
            return self.passages[:1]
        return tuple(one for one in self.passages if set(one.roles) & set(named)) or self.passages

    def sentences(self, name: str, where: Sequence[Passage]) -> list[tuple[int, str]] | None:
        """The sentences that hold a class of wording, with their lines; None where the language has no such class."""
        known = wording(name, self.document.language, self.document.kind.phrases)
        if known is None:
            return None
        headed = [(one.line, one.heading) for one in where if one.heading and known.said_in(one.heading)]
        return [(at, words) for one in where for at, words in one.spoken if known.said_in(words)] + headed


def text_of(document: Document) -> ElementText:
    """A document as the tests see it."""
    return ElementText(document, passages(document))


# Tests: each says whether it holds ------------------------------------------------------------------------------------


def _role(text: ElementText, test: Test) -> bool:
    """A section has the role, with so many items, or sentences, or at least with something in it."""
    found = [one for one in text.passages if set(one.roles) & {name.strip() for name in test["role"].split("|")}]
    if "items" in test or "sentences" in test:
        most = max((one.items for one in found), default=0), max((len(one.spoken) for one in found), default=0)
        return bool(most[0] >= test.get("items", 1 << 30) or most[1] >= test.get("sentences", 1 << 30))
    return any(one.text.strip() or _asks(text.document, one) for one in found)


def _asks(document: Document, passage: Passage) -> bool:
    """Whether a section holds places to write."""
    sections = (one for one in document.sections if one.line == passage.line)
    return any(isinstance(block, FieldGroup) for one in sections for block in walk(one.blocks))


def _says(text: ElementText, test: Test) -> bool:
    where = text.where(test.get("in", ""))
    for name in test["says"].split("|"):
        found = text.sentences(name.strip(), where)
        if found is None or found:
            return True
    return False


def _block(text: ElementText, test: Test) -> bool:
    return any(one.name == test["block"] for one in text.document.form_blocks)


def _field(text: ElementText, test: Test) -> bool:
    """A place to write has this name, or is a cell of a table of it; of a kind, or required, where that is asked."""
    name = test["field"]
    return any(
        (one.name == name or one.name.startswith(f"{name}."))
        and test.get("kind", one.kind) == one.kind
        and (one.required or not test.get("required"))
        for one in text.document.fields()
    )


def _option(text: ElementText, test: Test) -> bool:
    """A choice offers something: that of a standard block by its English words, an author's own as it is written."""
    offered = (one for one in _places(text.document) if said(test.get("of", ""), one.name))
    return any(said(test["option"], option) for one in offered for option in one.options)


def _field_like(text: ElementText, test: Test) -> bool:
    """A place to write is labelled so: that of a standard block in English, an author's own as it is written."""
    return any(said(test["field_like"], one.label) for one in _places(text.document))


def _places(document: Document) -> Iterator[Field]:
    """Every place to write as it is written; those of the standard blocks, which are translated, in English too."""
    there = {one.name for one in document.fields()}
    yield from document.fields()
    yield from (one for block in document.kind.known_blocks.values() for one in block.fields if one.name in there)


def _key(text: ElementText, test: Test) -> bool:
    return test["key"] in text.document.own or test["key"] in text.document.lines


def _alone(text: ElementText, _: Test) -> bool:
    """The patient signs once: what the author adds asks for no second signature of the patient."""
    groups = (one for one in walk(tuple(text.document.blocks())) if isinstance(one, FieldGroup))
    staff = r"\b(clinician|doctor|nurse|witness|interpret\w*|therapist|staff|provider|dentist|clinic)\b"
    return not any(
        one.kind is FieldKind.SIGNATURE and not said(staff, f"{one.name} {one.label}")
        for group in groups
        for one in group.fields
    )


def _either(text: ElementText, test: Test) -> bool:
    """One of several tests holds."""
    return any(holds(text, one) for one in test["either"])


def _own_fields(document: Document) -> Iterator[tuple[int, str]]:
    """The lines and labels of what the author asks beside the standard blocks."""
    groups = (one for one in walk(tuple(document.blocks())) if isinstance(one, FieldGroup))
    yield from ((group.line, one.label) for group in groups for one in group.fields)


def _believed(_: ElementText, __: Test) -> bool:
    """A person answers it before the text is approved, so it is believed here."""
    return True


_TESTS: Mapping[str, Callable[[ElementText, Test], bool]] = {
    "role": _role,
    "says": _says,
    "block": _block,
    "field": _field,
    "option": _option,
    "field_like": _field_like,
    "key": _key,
    "alone": _alone,
    "either": _either,
    "person": _believed,
}


def holds(text: ElementText, test: Test) -> bool:
    """Whether one test holds."""
    return all(_TESTS[mark](text, test) for mark in _TESTS if mark in test)


# Elements -------------------------------------------------------------------------------------------------------------


def applies(document: Document, code: str) -> bool:
    """Whether an element is asked of a document: for its use, and for the key that it depends on."""
    element, use = document.kind.elements[code], str(document.own.get("use", ""))
    named = {one for facts in document.kind.uses.values() for one in facts.get("elements", ())}
    if code in named and code not in document.kind.uses.get(use, {}).get("elements", ()):
        return False
    key, _, value = element.when.partition("=")
    given = document.own.get(key.strip()) if key else True
    return str(given) == value.strip() if value else bool(given)


def _forbidden(text: ElementText, tests: Sequence[Test]) -> Iterator[tuple[int, str]]:
    """What must not stand in a text and does: its line and its words. A sentence that denies it is none."""
    for test in tests:
        if "unless" in test and holds(text, test["unless"]):
            continue
        if "says" in test:
            for name in test["says"].split("|"):
                found = text.sentences(name.strip(), text.where(test.get("in", ""))) or ()
                yield from ((at, words) for at, words in found if test.get("denied") or not said(_DENIED, words))
        elif holds(text, test):
            own = [found for found in _own_fields(text.document) if said(test.get("field_like", "$^"), found[1])]
            yield from own or [(text.document.lines.get("blocks", 1), "")]


def lacks(text: ElementText, element: KindElement) -> bool:
    """Whether a document does not say or ask what an element stands for."""
    some, each = element.tests.get("any", ()), element.tests.get("all", ())
    return bool(some and not any(holds(text, one) for one in some)) or not all(holds(text, one) for one in each)


def only_a_reader_can_tell(text: ElementText, element: KindElement) -> bool:
    """Whether what lacks is a matter of words, and a section that is there for it holds some: that stops no print."""
    missing = [one for one in element.tests.get("all", ()) if not holds(text, one)]
    some = element.tests.get("any", ())
    if some and not any(holds(text, one) for one in some):
        missing += [one for one in some if _speaks(text, one)] or [{}]
    return all(_speaks(text, one) for one in missing)


def _speaks(text: ElementText, test: Test) -> bool:
    """Whether a test looks for words, and there are some where it looks: in its sections, or about its topic."""
    roles = {one.strip() for one in test.get("in", "").split("|")}
    there = [one for one in text.passages if roles & set(one.roles)]
    if "says" in test and any(len(one.text.split()) >= FEWEST_WORDS for one in there):
        return True
    return "topic" in test and any(one.says(test["topic"]) for one in text.passages)


def check_of(kind: Kind, code: str) -> Check[Document]:
    """The rule that an element of a kind is. Several kinds may have an element of one code: each is its own rule."""
    element = kind.elements[code]
    severity = Severity.ERROR if element.weight is Weight.REQUIRED and element.read else Severity.WARNING
    manual = f"{_first_upper(element.what)}.\n\n{element.remedy}".strip()
    rule = Rule(code, str(kind), manual, element.source, severity)

    def find(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
        if code in document.not_applicable or not applies(document, code) or _unasked(element, code, context):
            return
        text, file = text_of(document), str(document.file)
        if lacks(text, element):
            line, heading = _place(text, element)
            remedy = element.remedy or "Write it, or add the block that asks for it."
            message = f"The text does not tell: {element.what}."
            if only_a_reader_can_tell(text, element):
                message = f"Read whether this is told here: {element.what}. No words of it were known."
                yield replace(rule.found(file, line, message, remedy, heading), severity=Severity.WARNING)
            else:
                yield rule.found(file, line, message, remedy, heading)
        remedy = element.remedy or "Take it out."
        for line, words in dict.fromkeys(_forbidden(text, element.tests.get("never", ()))):
            if said(
                _DENIED, words
            ):  # what is denied, or the very thing: "We will not see you", "We will not refuse you"
                message = f"Read whether this says what does not belong here: {element.what}."
                yield replace(rule.found(file, line, message, remedy, words), severity=Severity.WARNING)
            else:
                yield rule.found(file, line, f"This does not belong here: {element.what}.", remedy, words)

    return Check(rule, find)


def _place(text: ElementText, element: KindElement) -> tuple[int, str]:
    """Where an element is looked for: the section with its role, else the beginning."""
    tests = (test for name in ("any", "all") for test in element.tests.get(name, ()))
    roles = [one.strip() for test in tests for mark in ("in", "role") for one in str(test.get(mark, "")).split("|")]
    found = next((one for role in roles if role for one in text.passages if role in one.roles), None)
    return (found.line, found.heading) if found else (1, "")


def _unasked(element: KindElement, code: str, context: Context) -> bool:
    """Whether an element that only some places ask for is not asked for here."""
    place = context.clinic.jurisdiction if context.clinic is not None else None
    return element.weight is Weight.LOCAL and (place is None or code not in place.rules)


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


@lru_cache(maxsize=100)
def roles_of_elements(kind: Kind) -> frozenset[str]:
    """The roles that an element with an error looks for by itself: whether the section is there at all is not asked."""
    rows = (one for one in kind.elements.values() if one.weight is Weight.REQUIRED and not one.when)
    tests = (test for one in rows for name in ("any", "all") for test in one.tests.get(name, ()))
    return frozenset(
        role.strip() for test in tests for mark in ("role", "in") for role in str(test.get(mark, "")).split("|")
    )


@lru_cache(maxsize=100)
def checks_of(kind: Kind) -> tuple[Check[Document], ...]:
    """The rules of a kind's elements that are data."""
    return tuple(check_of(kind, code) for code, one in kind.elements.items() if one.tests)
