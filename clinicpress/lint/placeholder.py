"""C37, in every document: what was left open in a text."""

import re
from collections.abc import Iterator

from clinicpress.documents import Document, split_sentences
from clinicpress.errors import Problem, Rule
from clinicpress.lint.consent.sources import AUDITS
from clinicpress.lint.rules import Check, Context, rule

_OPEN = re.compile(
    r"\{\{[^{}]*+\}\}|\{%|\$\{|<<[^<>]++>>"  # marks of a template
    r"|\b(TBD|TBC|TODO|FIXME|XXX+|TK|T\.B\.D\.)(?!\w)"
    r"|(?i:\blorem\b|\bipsum\b|\bdolor sit\b)"
    r"|_{3,}|\.{5,}|…{2,}|-{5,}|\bX{2,}/X{2,}|\bx{4,}\b"
    r"|\[\s*(?i:(please )?(insert|enter|add|fill|your|clinic|name|date|phone|number|describe|write|list|specify"
    r"|type|tbd"
    r"|to be|state|choose|select|xx+)\b)[^\[\]]*+\]|\[\s*+((?:…|\.{2,}|_+|\?+)\s*+)?\]|<(?i:insert|name|date|your|phone"
    r"|clinic)\b[^<>]*+>"
    r"|(?i:\byour clinic( name| here)|\bclinic name here\b|\b(insert|add|fill in) (name|date|number|phone|text"
    r"|clinic|risk\w*)"
    r" here\b|\bto be (completed|confirmed|added|written|determined|announced|filled in)\b)|\?{3,}"
)
_LEFT_OVER = re.compile(r"\bYour Clinic\b")  # the name in the shipped profile


def left_open(sentence: str) -> re.Match[str] | None:
    """What was left open in a sentence."""
    return _OPEN.search(sentence) or _LEFT_OVER.search(sentence)


@rule("C37", "placeholder", source=AUDITS)
def placeholder(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """Nothing in a text is left open: no {{ }}, no TBD or XXX, no blanks to fill, no [insert …].

    A place to write is a field (`::: fields`), never a row of strokes in the text. It is an error: nobody prints it
    on purpose, and a patient who signs above a blank signs what may be written there later.

    Wrong: 'The fee is $____.' Right: the fee, or a field for it.
    """
    for line, text in document.texts():
        for sentence in split_sentences(text):
            if found := left_open(sentence):
                message = f"'{found[0].strip()}' stands for something that was never written."
                yield rule.found(str(document.file), line, message, "Write it, or make it a field.", sentence)


RULES: tuple[Check[Document], ...] = (placeholder,)
