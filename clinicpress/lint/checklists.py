"""Known checklists, question by question: what the rules can answer, and what they leave to a person.

The questions are told in our words. Sources: AHRQ, Patient Education Materials Assessment Tool for printable materials
(PEMAT-P), version 1.0, 2013; CDC Clear Communication Index, 2014; the consent elements of
docs/decisions/consent-elements.md.
"""

from collections.abc import Iterable, Sequence

from clinicpress.documents import Document, Listing, Table, figures, walk
from clinicpress.errors import Problem
from clinicpress.lint.consent_explanations import UNCLEAR
from clinicpress.lint.elements import applies
from clinicpress.reports import Answer, Outcome

# The question, and the rules that answer it; none where only a person can.
_PEMAT: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (1, "The purpose is plain at once", ("no-summary",)),
    (2, "Nothing leads away from the purpose", ()),
    (3, "The words are common, everyday words", ("reading-grade", "sentence-length", "mean-sentence")),
    (4, "Medical terms are explained", ("jargon",)),
    (5, "It speaks in the active voice", ("passive-voice",)),
    (6, "Numbers are clear", ("numbers",)),
    (7, "The reader need not calculate", ("numbers",)),
    (8, "Sections are short", ("long-section",)),
    (9, "Headings say what follows", ()),
    (10, "The order is logical", ()),
    (11, "There is a summary", ("no-summary",)),
    (12, "Key points stand out", ()),
    (15, "A picture is there where it helps", ()),
    (16, "Pictures support the text", ()),
    (17, "Pictures have a caption", ("missing-caption", "missing-alt")),
    (18, "Pictures are uncluttered", ()),
    (19, "Tables are simple, with short heads", ()),
    (20, "At least one thing to do is named", ()),
    (21, "It says 'you' where somebody is to act", ("address",)),
    (22, "What to do comes in steps", ()),
    (23, "There is something to take along (a list, a plan) where it helps", ()),
    (24, "Calculations are shown", ()),
    (25, "Charts and tables are explained where they are to be used", ()),
    (26, "Pictures show what to do where it helps", ()),
)
_CDC: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (1, "There is one main message", ()),
    (6, "It speaks in the active voice", ("passive-voice",)),
    (7, "The words are those of the readers", ("reading-grade", "jargon")),
    (8, "Lists are used", ()),
    (9, "Sections are short and have headings", ("long-section",)),
    (10, "The most important comes first, in brief", ("no-summary",)),
    (11, "It says what is known and what is not", ("balance",)),
    (15, "Numbers are those that readers use", ("numbers",)),
    (18, "It says what the risk is", ()),
    (19, "Risks and benefits both stand there", ("balance", "claims")),
)
_PICTURES, _TABLES = frozenset({15, 16, 17, 18, 26}), frozenset({19, 25})


def elements(document: Document, problems: Sequence[Problem]) -> tuple[Answer, ...]:
    """Each element of a document's kind: found, missing, or not applicable with its reason. A handout has none."""
    answers = []
    wanted = ((code, one.what) for code, one in document.kind.elements.items() if applies(document, code))
    for code, what in wanted:
        told = [one for one in problems if one.code == code]
        if code in document.not_applicable:
            answers.append(Answer(code, what, Outcome.NOT_APPLICABLE, document.not_applicable[code]))
        elif told and all(one.rule == UNCLEAR for one in told):
            answers.append(Answer(code, what, Outcome.PERSON, told[0].message))
        elif told:
            answers.append(Answer(code, what, Outcome.MISSING, told[0].message))
        else:
            answers.append(Answer(code, what, Outcome.FOUND))
    return tuple(answers)


def checklists(document: Document, problems: Sequence[Problem]) -> tuple[Answer, ...]:
    """The questions of PEMAT-P and of the CDC index, with what the rules found."""
    blocks = tuple(walk(tuple(document.blocks())))
    absent: set[int] = set()
    absent |= set() if list(figures(blocks)) else _PICTURES
    absent |= set() if any(isinstance(one, Table) for one in blocks) else _TABLES
    lists = any(isinstance(one, Listing) for one in blocks)
    answers = [
        _answered(f"PEMAT-P {number}", question, rules, problems)
        if number not in absent
        else Answer(f"PEMAT-P {number}", question, Outcome.NOT_APPLICABLE, _no(number))
        for number, question, rules in _PEMAT
    ]
    for number, question, rules in _CDC:
        answer = _answered(f"CDC {number}", question, rules, problems)
        if number == 8:  # the one question of the index that looking answers
            answer = Answer(answer.code, question, Outcome.YES if lists else Outcome.NO)
        answers.append(answer)
    return tuple(answers)


def _no(number: int) -> str:
    return "there is no picture" if number in _PICTURES else "there is no table"


def _answered(code: str, question: str, rules: Sequence[str], problems: Iterable[Problem]) -> Answer:
    if not rules:
        return Answer(code, question, Outcome.PERSON)
    found = [one for one in problems if one.rule in rules]
    if not found:
        return Answer(code, question, Outcome.YES)
    places = ", ".join(f"line {one.line}" for one in found[:4]) + (" …" if len(found) > 4 else "")
    return Answer(code, question, Outcome.NO, f"{found[0].rule}: {places}")
