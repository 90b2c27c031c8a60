"""A consent form as a reader takes it in, what is a fact in it, and who asks for an element.

What has to be read is judged by all words of a passage (`meaning`). Here is what no weighing of words can tell: that a
short form is written out, and that somebody can be reached.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from clinicpress.documents import Document
from clinicpress.lint import meaning
from clinicpress.lint.phrases import HEADINGS, POINTS_ELSEWHERE, Passage, passages, phrase, said, understood
from clinicpress.lint.rules import Context

CMS = "42 CFR 482.24(c)(4)(v), hospital benchmark"
CMS_GUIDANCE = "CMS State Operations Manual, Appendix A, A-0466 (well-designed form), hospital benchmark"
AMA = "AMA Code of Medical Ethics 2.1.1"
GMC = "GMC Decision making and consent (2020)"
TJC = "Joint Commission RI.01.03.01, hospital benchmark"
AHRQ = "AHRQ Making Informed Consent an Informed Choice"
NHS = "NHS model consent forms 1 to 4"
MONTGOMERY = "Montgomery v Lanarkshire (2015)"
VA = "VHA Handbook 1004.01"
LANGUAGE_ACCESS = "45 CFR 92 (Section 1557)"
IDENTIFIERS = "Joint Commission NPSG.01.01.01 by analogy, hospital benchmark"
UNIVERSAL_PROTOCOL = "Joint Commission Universal Protocol, hospital benchmark"
PIF = "PIF TICK"
RECORDS = "AS 2828.1 (records policy)"
AUDITS = "Audits of paper consent forms (more than half had errors in one of them)"


@dataclass(frozen=True, slots=True)
class Form:
    """A consent form as a reader takes it in: its passages, and whether its language is understood."""

    document: Document
    passages: tuple[Passage, ...]
    after_hours: bool

    @property
    def understood(self) -> bool:
        """Whether the turns of phrase of its language are known."""
        return understood(self.document)

    @property
    def weighed(self) -> bool:
        """Whether the words of its language can be weighed."""
        return meaning.is_known(self.document.language)

    def marked(self, *roles: str) -> tuple[Passage, ...]:
        """The passages that have one of these roles."""
        return tuple(passage for passage in self.passages if set(passage.roles) & set(roles))

    def unroled(self, *roles: str) -> tuple[Passage, ...]:
        """The passages whose author said nothing of what they are for, or gave them one of these roles."""
        return tuple(passage for passage in self.passages if not set(passage.roles) - set(roles))


@lru_cache(maxsize=200)
def announced(heading: str, language: str) -> tuple[str, ...]:
    """The roles that a heading announces in its own words."""
    return tuple(role for role, what in HEADINGS.items() if heading and said(what, heading, language))


def form_of(document: Document, context: Context) -> Form:
    """A consent form as a reader takes it in."""
    return Form(document, passages(document), context.clinic is not None and bool(context.clinic.after_hours))


def words_in(sentence: str) -> list[str]:
    """The words of a sentence."""
    return re.findall(r"[\w’'-]+", sentence)


def told_in(passage: Passage) -> list[str]:
    """The sentences of a passage that do not only point elsewhere."""
    return [one for _, one in passage.spoken if not said(POINTS_ELSEWHERE, one, passage.language)]


STATUS = phrase("meaning/status")
MOST_BARE = 3  # words of a name that has no room for a gloss: "PRP of the elbow" has four
INVITES = phrase("contact/invites")
NO_INVITATION = phrase("contact/no-invitation")
REACH = phrase("contact/reach")
THEY_CALL = phrase("contact/they-call")
OUT_OF_HOURS = phrase("contact/out-of-hours")
NO_LINE = phrase("contact/no-line")
_EXPLAINS = phrase("meaning/explains")
FREE_TO_ASK = ("voluntary", "further-procedures", "others")
"""Roles of sections in which questions are often invited as well."""


# Facts, which no weighing of words can answer -------------------------------------------------------------------------


def _short_form(form: Form) -> str:
    """The first short form (ECT, PRP) in the name of the procedure that is written out nowhere."""
    text = form.document.procedure
    if len(words_in(text)) > MOST_BARE:
        return ""  # a gloss stands with it
    near = [text, *(sentence for passage in form.passages for _, sentence in passage.spoken)]
    for short in re.findall(r"\b[A-Z][A-Z0-9]{1,5}s?\b", text):
        name = re.escape(short)
        written_out = rf"\({name}s?\b|\b{name}s?\b ?({_EXPLAINS.of(form.document.language)})"
        if not any(said(written_out, one) for one in near):
            return str(short)
    return ""


def lacks_name(form: Form) -> str:
    """What is lacking in how the procedure is called: a short form that is written out nowhere."""
    short = _short_form(form)
    return f"the short form '{short}' is written out nowhere" if short else ""


def _reaches(sentence: str, language: str) -> bool:
    """Whether a sentence tells the patient how to reach somebody."""
    return said(REACH, sentence, language) and not said(THEY_CALL, sentence, language)


def _invites(sentence: str, language: str) -> bool:
    """Whether a sentence is about what the patient may ask, and no matter of the office."""
    return said(INVITES, sentence, language) and not said(NO_INVITATION, sentence, language)


def _answers_questions(passage: Passage) -> bool:
    """Whether a passage says whom to ask: the author's role or heading is the invitation, else its words are."""
    heading, language = passage.heading, passage.language
    promised = bool(heading) and (_invites(heading, language) or said(HEADINGS["questions"], heading, language))
    told = [one for _, one in passage.spoken]
    invited = promised or "questions" in passage.roles or any(_invites(one, language) for one in told)
    return invited and any(_reaches(one, language) and not said(NO_INVITATION, one, language) for one in told)


def _has_line(form: Form) -> bool:
    """Whether somebody can be reached when nobody is at the desk: by the clinic's profile, or by a sentence."""
    return form.after_hours or any(
        _reaches(one, passage.language) and not said(NO_LINE, one, passage.language)
        for passage in form.passages
        for one in passage.those_that_say(OUT_OF_HOURS)
    )


def lacks_line(form: Form) -> str:
    """What is lacking for a patient in need, when nobody is at the desk."""
    if _has_line(form):
        return ""
    return "neither the form nor the clinic's profile says whom to call in an emergency or at night"


def tells_contact(form: Form) -> Passage | None:
    """The passage that invites questions and tells whom to call: with the role, or where no other role stands."""
    return next(filter(_answers_questions, (*form.marked("questions"), *form.unroled(*FREE_TO_ASK))), None)
