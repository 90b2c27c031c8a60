"""L: whether a patient can read it. A screen: it counts and compares, and a person judges."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator

from clinicpress.documents import Document, Subheading, plain_text
from clinicpress.documents.glossary import glossary_reader
from clinicpress.documents.variables import with_stand_ins
from clinicpress.errors import Problem, Rule, Severity
from clinicpress.lint.phrases import phrase, said
from clinicpress.lint.readability import COUNTED, reading, reading_without_name, reading_without_terms
from clinicpress.lint.rules import Context, rule
from clinicpress.lint.sentences import TextBlock, passages, word_count, words
from clinicpress.lint.terms import explained, medical_words

GRADE_SOURCE = "AMA, NIH and AHRQ (handouts: aim for grade 6); NCI and NIH (consent forms); SMOG and Flesch-Kincaid"
PLAIN = "Federal Plain Language Guidelines"
SMOG_SENTENCES = 30  # what SMOG was made for (McLaughlin 1969); on less it is too rough for a close call
LONGEST_SENTENCE, LONGEST_MEAN, LONGEST_PASSIVE = 25, 20, 20  # words
LONGEST_SECTION = 150  # words


def _sentences(document: Document) -> Iterator[tuple[TextBlock, int, str]]:
    for passage in passages(with_stand_ins(document)):  # a score does not hang on the clinic's name
        for number, sentence in enumerate(passage.sentences):
            yield passage, number, sentence


def _too_hard(document: Document, context: Context, limit: float) -> bool:
    """Whether a text reads above a grade, and not by its own name or the terms that it explains."""
    whole = reading(document).grade
    if whole is None or whole <= limit:
        return False
    grade = reading_without_name(document, context.glossary).grade
    return grade is not None and grade > limit


def _graded(rule: Rule, document: Document, context: Context, above: float) -> Problem:
    whole = reading(document)
    smog, kincaid = whole.grades["smog"], whole.grades["flesch_kincaid"]
    plain = reading_without_terms(document, context.glossary).grades
    message = (
        f"The text reads at grade {whole.grade or 0:.1f}; above {above:.0f} is too hard for many "
        f"(SMOG {smog:.1f}, Flesch-Kincaid {kincaid:.1f}; without defined terms {plain['smog']:.1f} and "
        f"{plain['flesch_kincaid']:.1f})."
    )
    remedy = f"Take shorter words and sentences; start with the longest. {COUNTED}"
    return rule.found(str(document.file), 1, message, remedy)


@rule("L01", "reading-grade", source=GRADE_SOURCE)
def reading_grade_error(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A handout reads at grade 8 or below, a consent form at grade 10 or below, by both formulas.

    Half of all adults read at grade 8 or below. The formulas count syllables and sentences, nothing else: a screen.
    List items and table cells count as sentences. A plain word stands in for the words of the document's own name and
    for terms that it explains: nobody can avoid these. Texts of less than 100 words are not judged, and English only.

    Wrong: "Administration of subcutaneous injections may precipitate transient localized discomfort."
    Right: "The shot may hurt for a short time."
    """
    if (grades := document.kind.grades) and _too_hard(document, context, grades[1]):
        yield _graded(rule, document, context, grades[1])


@rule("L02", "reading-grade", source=GRADE_SOURCE, severity=Severity.WARNING)
def reading_grade_warning(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A handout aims at grade 6 or below; a consent form should not be above grade 8, by both formulas.

    Here a plain word stands in for the terms of the glossary and those that the text explains (in bold, with what they
    mean): explaining a hard word is right, and is not held against a text. Texts under 30 sentences are not warned.

    Wrong: "Please discontinue anticoagulant medication prior to your procedure."
    Right: "Ask us if you should stop your blood thinner before the shot."
    """
    grades, whole = document.kind.grades, reading(document)
    if not grades or whole.grade is None or whole.grade <= grades[0] or _too_hard(document, context, grades[1]):
        return
    without = reading_without_terms(document, context.glossary)
    if without.grade is not None and without.grade > grades[0] and whole.sentences >= SMOG_SENTENCES:
        yield _graded(rule, document, context, grades[0])


@rule("L03", "sentence-length", source=PLAIN, severity=Severity.WARNING)
def sentence_length(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A sentence has at most 25 words: a reader keeps no more in mind at once.

    Wrong: one sentence with "and", "which" and "because" in it. Right: two or three sentences, or a list.
    """
    for passage, _, sentence in _sentences(document):
        if (count := round(word_count(sentence, document.language))) > LONGEST_SENTENCE:
            message = f"The sentence has {count} words (at most {LONGEST_SENTENCE})."
            yield rule.found(str(document.file), passage.line, message, "Make two of it, or a list.", sentence)


@rule("L04", "mean-sentence", source=PLAIN, severity=Severity.WARNING)
def mean_sentence(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """Sentences have 15 to 20 words on average, at most.

    Wrong: all sentences with 22 words. Right: most of them with 8 to 15.
    """
    count = [word_count(sentence, document.language) for _, _, sentence in _sentences(document)]
    scored = [one for one in count if one > 2]
    if len(scored) > 4 and (mean := sum(scored) / len(scored)) > LONGEST_MEAN:
        message = f"A sentence has {mean:.0f} words on average (at most {LONGEST_MEAN})."
        yield rule.found(str(document.file), 1, message, "Shorten the longest ones.")


_PASSIVE, _STATED = phrase("passive"), phrase("passive-stated")
_STATE, _ASIDE, _DOER = phrase("passive-state"), phrase("passive-aside"), phrase("passive-doer")


@rule("L05", "passive-voice", source="PEMAT-P 5; Federal Plain Language Guidelines", severity=Severity.WARNING)
def passive_voice(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A long sentence says who does what.

    Short sentences in the passive voice are easy to read, and are left alone. So are those where nobody would ask who
    does it: how something is ("is not connected to"), what may be, a clause of time ("after the patches are placed"),
    and those that tell who does it ("is kept by the study team").

    Wrong: "The area will be cleaned and a small needle is then placed under the skin by a member of our trained staff."
    Right: "We clean the area. Then we place a small needle under the skin."
    """
    language = document.language
    for passage, _, sentence in _sentences(document):
        long = LONGEST_PASSIVE < len(words(sentence)) <= LONGEST_SENTENCE  # beyond it, L03 asks for a new sentence
        stated = re.search(_STATED.of(language), sentence)  # what a patient states and signs
        if long and not stated and (found := _asked_who(sentence, language)):
            message = f"A long sentence in the passive voice ('{found[0]}')."
            yield rule.found(str(document.file), passage.line, message, "Say who does it: 'we', 'you'.", sentence)


def _asked_who(sentence: str, language: str) -> re.Match[str] | None:
    """The first passive of a sentence of which somebody could ask who does it."""
    for found in re.finditer(_PASSIVE.of(language), sentence, re.IGNORECASE):
        before, behind = sentence[: found.end()], sentence[found.end() :]
        told = said(_STATE, sentence[found.start() :], language) or said(_DOER, behind, language)
        if not told and not said(_ASIDE, before, language):
            return found
    return None


@rule("L06", "jargon", source="PEMAT-P 3 and 4; handouts/glossary.toml", severity=Severity.WARNING)
def jargon(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A medical term is explained where it first appears, or a plain word stands in its place.

    The terms are those of `glossary.toml`, and rare words with the form of medical ones (-ectomy, -emia, hypo-). Plain
    words in the same sentence or beside it are an explanation, and so are brackets, "means", "called", "that is", a few
    words between commas ("a stent, a small tube, …"), and a plain class before it ("pills such as …"). What the title
    names is explained in the section with the role `definition`. The words of a title that is cited count for nothing.

    Wrong: "Tell us if you take an anticoagulant." Right: "Tell us if you take a blood thinner (anticoagulant)."
    """
    terms_in = _term_reader(document, context)
    seen: set[str] = set()
    titled = document.title if document.section("definition") else ""
    for one in (document.procedure, titled):  # printed at the top
        named = TextBlock((one,), 0, -1, ())
        seen |= {word for word, form, plain in terms_in(one) if one == titled or explained(form, named, 0, plain)}
    for passage, number, sentence in _sentences(document):
        own = re.sub(_CITED.of(document.language), " ", sentence)
        for word, form, plain in terms_in(own):
            if word in seen:
                continue
            seen.add(word)
            if not explained(form, passage, number, plain):
                message = f"'{form}' is not explained where it first appears."
                remedy = f"Write '{plain}', or put that in brackets behind it." if plain else _REMEDY
                yield rule.found(str(document.file), passage.line, message, remedy, sentence)


_CITED = phrase("cited-title")
_REMEDY = "Take plain words for it, or put them in brackets behind it."


def _term_reader(document: Document, context: Context) -> Callable[[str], Iterator[tuple[str, str, str]]]:
    """A function for the terms of a sentence: each with what it is known again by, its form there, and plain words."""
    in_glossary = glossary_reader(context.glossary, document.language)

    def read(sentence: str) -> Iterator[tuple[str, str, str]]:
        taken = ""
        for term, form in in_glossary(sentence):
            taken += f" {form.lower()}"
            yield f"{term.language} {term.forms[0]}", form, term.plain
        for word in medical_words(sentence, document.language):
            if word.lower() not in taken.split():
                yield word.lower().removesuffix("s"), word, ""

    return read


_ADDRESS = phrase("address")


@rule("L07", "address", source="PEMAT-P 21", severity=Severity.WARNING)
def address(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """What to do is said to "you". "Patients should" leaves it open who is meant.

    What "other patients" have to do is not said to the reader.

    Wrong: "Patients should keep the area dry." Right: "Keep the area dry."
    """
    for passage, _, sentence in _sentences(document):
        if found := re.search(_ADDRESS.of(document.language), sentence, re.IGNORECASE):
            message = f"The reader is spoken of ('{found[0]}'), not spoken to."
            yield rule.found(str(document.file), passage.line, message, "Say 'you', or begin with the verb.", sentence)


@rule("L09", "long-section", source="PEMAT-P 8", severity=Severity.WARNING)
def long_section(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A section has at most about 150 words: a reader looks for the next heading.

    Headings within a section (`###`) divide it: then each part is counted by itself.

    Wrong: one section "What to know" over a whole side. Right: a heading for each question.
    """
    count: dict[tuple[int, int], float] = defaultdict(float)
    for passage, _, sentence in _sentences(document):
        count[passage.section, passage.part] += word_count(sentence, document.language)
    for number, section in enumerate(document.sections):
        within = [(one.line, plain_text(one.content)) for one in section.blocks if isinstance(one, Subheading)]
        for part, (line, heading) in enumerate([(section.line, section.heading), *within]):
            if (many := round(count[number, part])) > LONGEST_SECTION:
                what = "part" if part else "section"
                message = f"The {what} has {many} words (at most about {LONGEST_SECTION})."
                remedy = "Divide it under headings that say what is in it, or cut."
                yield rule.found(str(document.file), line, message, remedy, heading)


@rule("L12", "no-summary", source="PEMAT-P 1 and 11", severity=Severity.WARNING)
def no_summary(rule: Rule, document: Document, context: Context) -> Iterator[Problem]:
    """A handout of more than about one side (250 words) says its main points in a section of their own.

    Wrong: two sides that begin with details. Right: `## In short {#summary}` with two or three sentences.
    """
    longest = document.kind.summary_from
    if not longest or document.section("summary"):
        return
    if (count := round(sum(word_count(one, document.language) for _, _, one in _sentences(document)))) > longest:
        message = f"The {document.kind.called.lower()} has {count} words and no summary."
        remedy = "Put the main points first: '## In short {#summary}'."
        yield rule.found(str(document.file), 1, message, remedy)


RULES = (
    reading_grade_error,
    reading_grade_warning,
    sentence_length,
    mean_sentence,
    passive_voice,
    jargon,
    address,
    long_section,
    no_summary,
)
