"""P: whether names of the profile's values stand where they are replaced, and among words that fit any value."""

import re
from collections.abc import Iterator, Sequence

from clinicpress.clinics import Phone
from clinicpress.documents import Document, FieldGroup, Inline, Variable, figures, plain_text, walk
from clinicpress.documents.variables import VARIABLES, variables_in, words_with_variables
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.rules import Context, rule
from clinicpress.words import LANGUAGE_ROWS, language, words_in

HOW = "How passages and variables are written (docs/passages.md)"
_NAMED = re.compile(r"\{\s*(" + "|".join(map(re.escape, VARIABLES)) + r")\s*\}")
_PHONE = re.compile(r"\+?\(?\d[\d\s().-]{5,}\d")


@rule("N10", "variable-place", source=HOW)
def variable_place(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A value of the profile is named in running text only: paragraphs, lists, cells.

    In a title, a caption, a label or the name of the procedure its name would print as it is.

    Wrong: `title: Welcome to {clinic.name}`. Right: "Welcome", and the name in the text; it is printed on every page.
    """
    blocks = tuple(document.blocks())
    places = [(document.lines.get(key, 1), getattr(document, key)) for key in ("title", "procedure")]
    for figure in figures(blocks):
        places += [(figure.line, figure.caption), (figure.line, figure.alternative)]
    for block in walk(blocks):
        if isinstance(block, FieldGroup):
            places += [(block.line, words) for one in block.fields for words in (one.label, *one.options)]
    for line, words in places:
        if found := _NAMED.search(words):
            message = f"'{found[0]}' stands where no value is put in, and would print as it is."
            remedy = "Write it in a paragraph, a list or a table, or leave it out."
            yield rule.found(str(document.file), line, message, remedy, words)


@rule("N11", "variable-words", source=HOW, severity=Severity.WARNING)
def variable_words(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A value is a whole phrase, so that each language and each clinic can say it in its own words.

    An article before it has to fit a word that nobody knows yet ("an {portal.name}"), and a value with a unit brings
    its unit ("24 hours").

    Wrong: "Call {policy.no_show_hours} hours before." Right: "Call {policy.no_show_hours} before."
    """
    articles = language(document.language).articles.split()
    before = re.compile(rf"(?:^|\W)({'|'.join(articles)})\s+$", re.IGNORECASE) if articles else None
    for line, content in words_with_variables(tuple(document.blocks())):
        for ahead, variable, behind in _with_neighbours(content):
            number = re.match(r"[\d(+]", variable.text)  # "al 911", "the 24 hours": nothing there has to agree
            if before and not number and (found := before.search(ahead)):
                message = f"The article '{found[1]}' stands before '{{{variable.name}}}', which may ask for another."
                remedy = "Write the sentence so that it needs none."
                yield rule.found(str(document.file), line, message, remedy, variable.name)
            unit = VARIABLES[variable.name].unit if variable.name in VARIABLES else ""
            if unit and document.language in LANGUAGE_ROWS:
                words = words_in(document.language)
                units = {words.amount(count, unit).split()[-1].lower() for count in (1, 2)}
                if (next_word := re.match(r"\s*(\w+)", behind)) and next_word[1].lower() in units:
                    message = f"'{{{variable.name}}}' is '{variable.text}', and '{next_word[1]}' follows it."
                    remedy = f"Take '{next_word[1]}' out: the value brings its unit."
                    yield rule.found(str(document.file), line, message, remedy, variable.name)


@rule("N12", "typed-phone", source=HOW, severity=Severity.WARNING)
def typed_phone(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """In a text that names values of the profile, its phone numbers are named as well, and not typed.

    A number that was typed stays when the clinic gets another one, and prints for a clinic that shares the text.

    Wrong: "Call {clinic.name} at (503) 555-0171." Right: "Call {clinic.name} at {clinic.phone}."
    """
    clinic = context.clinic
    if clinic is None or not (document.passages or variables_in(document)):
        return
    numbers = {"clinic.phone": clinic.phone, **clinic.facts}
    known = {_digits(one.printed): name for name, one in reversed(numbers.items()) if isinstance(one, Phone)}
    known.pop("", None)
    for line, content in words_with_variables(tuple(document.blocks())):
        words = "".join(plain_text((one,)) if not isinstance(one, Variable) else " … " for one in content)
        for found in _PHONE.finditer(words):
            name = next((name for digits, name in known.items() if _digits(found[0]).endswith(digits)), "")
            if name:
                message = f"'{found[0]}' was typed, and is a value of the profile."
                yield rule.found(str(document.file), line, message, f"Write {{{name}}}.", found[0])


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _with_neighbours(content: Sequence[Inline]) -> Iterator[tuple[str, Variable, str]]:
    """Each variable of a run of words, with the words before and behind it, as far as they stand beside it."""
    for number, part in enumerate(content):
        if isinstance(part, Variable):
            yield plain_text(content[:number]), part, plain_text(content[number + 1 :])


RULES = (variable_place, variable_words, typed_phone)
