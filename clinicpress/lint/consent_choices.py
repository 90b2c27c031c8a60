"""Whether a form says what a patient can choose, and whom to ask.

C11 other choices, C12 doing nothing, C13 the statement, C19 freedom, C20 whom to ask: in the section with the role, or
in other words elsewhere. See `spoken`.
"""

import re

from clinicpress.lint.consent_meaning import Form, announced, told_in, words_in
from clinicpress.lint.phrases import (
    DOING_NOTHING,
    EMERGENCY,
    EXPLAINED,
    HEADINGS,
    HEDGE,
    INVITES_QUESTIONS,
    MAY_FOLLOW,
    MAY_REFUSE,
    MAY_WITHDRAW,
    NATURAL_COURSE,
    WHOM_TO_CALL,
    Passage,
    phrase,
    said,
)

CONDITION_FOLLOWS = phrase("choices/condition-follows")
OFFERS_ALTERNATIVE = phrase("choices/offers-alternative")
VAGUE = phrase("choices/vague")
NAMES_ONE = phrase("choices/names-one")
OFFERS_TREATMENT = phrase("choices/offers-treatment")
"""Turns of phrase that offer another choice when a treatment is named with them."""
CALLS = phrase("choices/calls")
TREATMENT = phrase("choices/treatment")
WEIGHED = phrase("choices/weighed")
ASKS_AND_CALLS = phrase("choices/asks-and-calls")


# C11 and C12: other choices, and doing nothing ------------------------------------------------------------------------


def _names_another(passage: Passage) -> bool:
    """Whether a passage names something else that can be done, beyond saying that there is something."""
    options = [one for one in told_in(passage) if not said(DOING_NOTHING, one) and len(words_in(one)) > 1]
    return any(not said(VAGUE, one) or said(NAMES_ONE, one) for one in options)


def lacks_alternative(form: Form) -> str:
    """What is lacking in the section that tells other choices."""
    if any(map(_names_another, form.marked("alternatives"))) or tells_alternative(form):
        return ""
    return "it names none"


def tells_alternative(form: Form) -> Passage | None:
    """The passage that tells another choice, without the role: it offers one, or names a treatment and weighs it."""
    hosts = ("definition", "reason", "benefits", "risks", "no-treatment", "voluntary", "uncertainty")
    for passage, promised in form.unmarked("alternatives", hosts):
        if "alternatives" in passage.roles:
            continue
        offers = [
            one
            for one in told_in(passage)
            if said(OFFERS_ALTERNATIVE, one) or (said(OFFERS_TREATMENT, one) and said(TREATMENT, one))
        ]
        weighs = not set(passage.roles) - {"no-treatment"} and set(announced(passage.heading)) <= {"no-treatment"}
        if promised and _names_another(passage):
            return passage
        if any(not said(VAGUE, one) or said(NAMES_ONE, one) for one in offers):
            return passage
        own = "|".join(re.escape(word) for word in words_in(form.document.procedure) if len(word) > 3) or r"\b\B"
        if weighs and any(
            said(TREATMENT, one) and said(WEIGHED, one) and not said(own, one) for one in told_in(passage)
        ):
            return passage
    return None


def lacks_nothing(form: Form) -> str:
    """What is lacking in the section that tells what follows from doing nothing."""
    for passage in form.marked("no-treatment"):
        alone = "alternatives" not in passage.roles
        if _tells_what_follows(passage, MAY_FOLLOW) or (alone and passage.says(MAY_FOLLOW)):
            return ""
    return "" if tells_nothing(form) else "it does not say what may follow from doing nothing"


def tells_nothing(form: Form) -> Passage | None:
    """The passage that tells what may follow from doing nothing, without the role."""
    for passage in form.passages:
        if {"no-treatment", "statement", "expect"} & set(passage.roles):
            continue
        promised = bool(passage.heading) and said(HEADINGS["no-treatment"], passage.heading)
        told = [one for one in told_in(passage) if said(CONDITION_FOLLOWS, one) or said(HEDGE, one)]
        alone = not set(passage.roles) - {"alternatives"} and passage.says(NATURAL_COURSE)
        alone = alone and not set(announced(passage.heading)) & {"risks", "benefits", "expect"}
        if (promised and told) or alone or _tells_what_follows(passage, CONDITION_FOLLOWS):
            return passage
    return None


def _tells_what_follows(passage: Passage, follows: str) -> bool:
    """Whether a sentence about doing nothing, or the one behind it, says what may follow."""
    told = [one for _, one in passage.spoken]
    pairs = zip(told, [*told[1:], ""], strict=False)  # a passage may be empty
    return any(said(DOING_NOTHING, one) and (said(follows, one) or said(follows, after)) for one, after in pairs)


# C13, C19, C20: the statement, the freedom, whom to ask ---------------------------------------------------------------


def _states(passage: Passage) -> bool:
    return passage.says(EXPLAINED)


def lacks_statement(form: Form) -> str:
    """What is lacking in the statement above the signature."""
    if any(map(_states, form.marked("statement"))) or states(form):
        return ""
    return "it does not say that it was explained"


def states(form: Form) -> Passage | None:
    """The passage in which it is stated that it was explained, without the role."""
    for passage in form.passages:
        if "statement" not in passage.roles and any(
            not said(r"\b(previously|as explained|explained (below|above)|when we have)\b", one)
            for one in passage.those_that_say(EXPLAINED)
        ):
            return passage
    return None


def _freedom(form: Form) -> tuple[Passage | None, Passage | None]:
    """The passages that tell that one may refuse, and that one may stop or withdraw."""
    fit = [passage for passage in form.passages if not {"expect", "definition", "risks", "cost"} & set(passage.roles)]
    refuse = next((passage for passage in fit if said(MAY_REFUSE, f"{passage.heading}\n{passage.text}")), None)
    withdraw = next((passage for passage in fit if said(MAY_WITHDRAW, f"{passage.heading}\n{passage.text}")), None)
    return refuse, withdraw


def lacks_freedom(form: Form) -> str:
    """What is lacking in the section that tells the patient's freedom."""
    refuse, withdraw = _freedom(form)
    if refuse is None:
        return "it does not say that the patient may refuse"
    return "" if withdraw is not None else "it does not say that the patient may change their mind after signing"


def tells_freedom(form: Form) -> Passage | None:
    """The passage that tells the patient's freedom, without the role."""
    refuse, withdraw = _freedom(form)
    return refuse if withdraw is not None else None


def _invites(passage: Passage) -> bool:
    """Whether a passage, with its heading, invites questions and tells whom to ask or call."""
    whole = f"{passage.heading}\n{passage.text}"
    return bool(passage.spoken) and said(INVITES_QUESTIONS, whole) and said(WHOM_TO_CALL, passage.text)


def lacks_contact(form: Form) -> str:
    """What is lacking in the section that tells whom to ask."""
    if not any(map(_invites, form.marked("questions"))) and tells_contact(form) is None:
        return "it does not invite questions and say whom to ask"
    if form.after_hours or any(passage.says(EMERGENCY) for passage in form.passages):
        return ""
    return "neither the form nor the clinic's profile says whom to call in an emergency or at night"


def tells_contact(form: Form) -> Passage | None:
    """The passage that invites questions and tells whom to call, without the role."""
    if not form.after_hours and not any(passage.says(EMERGENCY) for passage in form.passages):
        return None
    for passage in form.passages:
        others = set(passage.roles) - {"voluntary", "further-procedures", "others"}
        promised = bool(passage.heading) and said(HEADINGS["questions"], passage.heading)
        if not others and _invites(passage) and (promised or passage.says(ASKS_AND_CALLS) or passage.says(CALLS)):
            return passage
    return None
