"""Whether a form says what it is about (C02, C07 to C09), a form as a reader takes it in, and who asks for an element.

A reader's first questions, put as code: in the section with the role, or in other words elsewhere. Each answer is a
screen: words are found, their truth is not judged.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from clinicpress.documents import Document
from clinicpress.lint.phrases import (
    COMMON_HARM,
    GOOD,
    HEADINGS,
    HEDGE,
    LIMITS,
    MAY_HAPPEN,
    NO_HARM,
    POINTS_ELSEWHERE,
    SERIOUS_HARM,
    SPOKEN,
    Passage,
    passages,
    phrase,
    said,
)
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
        return self.document.language in SPOKEN

    def marked(self, *roles: str) -> tuple[Passage, ...]:
        """The passages that have one of these roles."""
        return tuple(passage for passage in self.passages if set(passage.roles) & set(roles))

    def unmarked(self, role: str, hosts: Collection[str] = ()) -> Iterator[tuple[Passage, bool]]:
        """The passages that could say what a role stands for without having it, and whether their heading promises it.

        A passage that by role or heading is about something else is passed over, unless that is among the `hosts`.
        """
        for passage in self.passages:
            promised = bool(passage.heading) and said(HEADINGS[role], passage.heading)
            about = set(passage.roles) or set(announced(passage.heading))
            if promised or about <= {role, *hosts}:
                yield passage, promised


@lru_cache(maxsize=200)
def announced(heading: str) -> tuple[str, ...]:
    """The roles that a heading announces in its own words."""
    return tuple(role for role, pattern in HEADINGS.items() if heading and said(pattern, heading))


def form_of(document: Document, context: Context) -> Form:
    """A consent form as a reader takes it in."""
    return Form(document, passages(document), context.clinic is not None and bool(context.clinic.after_hours))


def words_in(sentence: str) -> list[str]:
    """The words of a sentence."""
    return re.findall(r"[\w’'-]+", sentence)


def told_in(passage: Passage) -> list[str]:
    """The sentences of a passage that do not only point elsewhere."""
    return [one for _, one in passage.spoken if not said(POINTS_ELSEWHERE, one)]


STATUS = phrase("meaning/status")
SHORTEST_GLOSS = 5  # words: "It is a shot." explains nothing
MOST_BARE = 3  # words of a name that has no room for a gloss: "PRP of the elbow" has four
FEWEST_SENTENCES = 3  # of what will happen, when it is no list. Source: the same, C07
STRICT_MODAL = phrase("meaning/strict-modal")
DURATION = phrase("meaning/duration")


# C02: what it is ------------------------------------------------------------------------------------------------------


def _short_form(form: Form) -> str:
    """The first short form (ECT, PRP) in the name of the procedure that is written out nowhere."""
    text = form.document.procedure
    if len(words_in(text)) > MOST_BARE:
        return ""  # a gloss stands with it
    near = [text, *(sentence for passage in form.passages for _, sentence in passage.spoken)]
    for short in re.findall(r"\b[A-Z][A-Z0-9]{1,5}s?\b", text):
        name = re.escape(short)
        written_out = rf"\({name}\)|\b{name}s?\b ?(\(|is (an?|when)|are |means|stands for|, (which|or|that|an?)|:)"
        if not any(said(written_out, one) for one in near):
            return str(short)
    return ""


def lacks_definition(form: Form) -> str:
    """What is lacking in the section that tells what the procedure is."""
    if short := _short_form(form):
        return f"the short form '{short}' is written out nowhere"
    told = [sentence for passage in form.marked("definition") for _, sentence in passage.spoken]
    return "" if any(len(words_in(one)) >= SHORTEST_GLOSS for one in told) else "it has no sentence that explains it"


def defines(form: Form) -> Passage | None:
    """The passage that tells what the procedure is, without the role: 'X is a …', or what we do, in so many words."""
    if _short_form(form):
        return None
    names = "|".join(re.escape(word) for word in words_in(form.document.procedure) if len(word) > 3) or r"\b\B"
    named = (
        rf"\b(it|this|{names})\b.{{0,40}}\b(is|are) (an?|when|the use|done to|where)\b|\b(means|is called|involves)\b"
    )
    acts = rf"\b(we|you|i|the \w+|an? \w+|they|she|he) \w+\b|\b({names})\b"
    for passage, promised in form.unmarked("definition", ("expect", "reason")):
        told = [
            one for _, one in passage.spoken if len(words_in(one)) > SHORTEST_GLOSS and not said(POINTS_ELSEWHERE, one)
        ]
        plain = not passage.roles and bool(passage.heading) and any(said(acts, one) for one in told)
        if (promised and told) or plain or any(said(named, one) for one in told):
            return passage
    return None


# C07: what happens ----------------------------------------------------------------------------------------------------


def _tells_steps(passage: Passage) -> bool:
    return passage.items > 1 or len(told_in(passage)) >= FEWEST_SENTENCES


def lacks_course(form: Form) -> str:
    """What is lacking in the section that tells what will happen."""
    marked = form.marked("expect")
    sentences = sum(len(told_in(passage)) for passage in marked)
    if any(map(_tells_steps, marked)) or sentences >= FEWEST_SENTENCES or tells_course(form):
        return ""
    return f"it has no list and fewer than {FEWEST_SENTENCES} sentences"


def tells_course(form: Form) -> Passage | None:
    """The passage that tells what will happen, without the role."""
    for passage, promised in form.unmarked("expect", ("definition", "reason")):
        if "expect" not in passage.roles and _tells_steps(passage) and (promised or passage.says(DURATION)):
            return passage
    return None


# C08 and C09: what may help, what can go wrong ------------------------------------------------------------------------


def _gain(sentence: str, *, strict: bool) -> bool:
    """Whether a sentence tells a gain with its likelihood; what a health plan pays is none."""
    if said(r"\b(insurance|health plan|plan|coverage|cover|price|bills?|health benefits)\b", sentence):
        return False
    if not strict and said(r"\byou (do not|don.t|already) know\b", sentence):
        return False  # what the reader does not know is no doubt about the treatment
    hedged = said(STRICT_MODAL if strict else f"{HEDGE}|{LIMITS}", sentence)
    return hedged and not said(POINTS_ELSEWHERE, sentence) and (not strict or said(GOOD, sentence))


def lacks_benefit(form: Form) -> str:
    """What is lacking in the section that tells what may help."""
    marked = form.marked("benefits")
    if not any(told_in(passage) for passage in marked):
        return "" if tells_benefit(form) else "it says nothing"
    told = [one for passage in (*marked, *form.marked("uncertainty")) for _, one in passage.spoken]
    hedged = any(_gain(one, strict=False) for one in told)
    return "" if hedged or tells_benefit(form) else "it does not say how likely or how sure that is"


def understood_benefit(form: Form) -> bool:
    """Whether each sentence in the section tells a gain in words that we know: then none of them can hold the doubt."""
    return all(said(GOOD, one) for passage in form.marked("benefits", "uncertainty") for one in told_in(passage))


def tells_benefit(form: Form) -> Passage | None:
    """The passage that tells what may help, without the role."""
    for passage, promised in form.unmarked("benefits", ("reason",)):
        if "benefits" in passage.roles:
            continue
        told = [one for _, one in passage.spoken]
        if any(_gain(one, strict=not promised) for one in told):
            return passage
    return None


def _harms(passage: Passage, pattern: str, *, framed: bool) -> bool:
    """Whether a sentence names a harm that may happen, and does not deny it or tell when to call."""
    return any(
        not said(NO_HARM, one)
        and not (framed and said(r"^(if you|call|tell|phone|ring|go|ask|keep|do not|watch)\b", one))
        and (not framed or said(MAY_HAPPEN, one))
        for one in passage.those_that_say(pattern)
    )


def lacks_risk(form: Form) -> str:
    """What is lacking in the section that tells the risks."""
    marked = form.marked("risks")
    common = any(_harms(passage, COMMON_HARM, framed=False) for passage in marked)
    serious = any(_harms(passage, SERIOUS_HARM, framed=False) for passage in marked)
    if (common and serious) or tells_risk(form):
        return ""
    if not common and not serious:
        return "it names no harm"
    return "it names no serious one" if common else "it names no common one"


def understood_risk(form: Form) -> bool:
    """Whether each sentence in the section is about harm in words that we know: then none of them can hold another."""
    known = f"{COMMON_HARM}|{SERIOUS_HARM}|{NO_HARM}"
    return all(said(known, one) for passage in form.marked("risks") for one in told_in(passage))


def tells_risk(form: Form) -> Passage | None:
    """The passage that tells risks, common and serious, without the role."""
    found: Passage | None = None
    common = any(_harms(passage, COMMON_HARM, framed=False) for passage in form.marked("risks"))
    for passage, promised in form.unmarked(
        "risks", ("expect", "definition", "benefits", "voluntary", "questions", "cost")
    ):
        common = common or _harms(passage, COMMON_HARM, framed=not promised)
        if "risks" not in passage.roles and _harms(passage, SERIOUS_HARM, framed=not promised):
            found = found or passage
    return found if common else None
