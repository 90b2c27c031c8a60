"""A visit as somebody at the desk told of it: what was typed, what is wrong with that, and the facts that it makes.

What was typed is kept as plain values by the names of the form's fields (`patient.name`), to be shown again.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from clinicpress.clinics import Paper, Print, folded
from clinicpress.desk.posted import Posted
from clinicpress.documents import LANGUAGES
from clinicpress.library.encounters import MAX_VALUE, unseen_character
from clinicpress.library.files import unprintable_character
from clinicpress.library.rosters.cells import LANGUAGE_NAMES, OLDEST
from clinicpress.orders import Copy

Typed = dict[str, Any]

SIDES = ("left", "right", "both")  # as a patient file says it
IN_WORDS = ("patient.name", "patient.mrn", "encounter.site", "clinician.name", "clinician.credential")
FACTS = (
    *("patient.name", "patient.birth_date", "patient.mrn", "patient.language", "encounter.date", "encounter.time"),
    *("encounter.procedure", "encounter.site", "encounter.side", "clinician.name", "clinician.credential"),
)
NAMES = (*FACTS, "profile", "paper", "copy")
ORIGIN = ("list", "row")  # of the day's list, for a form that came from one of its rows
FURTHEST = 10 * 366  # days between today and a visit: whatever is further away has a wrong year
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with the field `about`. `why` is a case of the page's words; `said` is English of a worker."""

    about: str
    why: str
    said: str = field(default="", repr=False)


def as_typed(posted: Posted) -> Typed:
    """What a form holds, as it was typed."""
    typed: Typed = {name: unicodedata.normalize("NFC", posted.get(name)) for name in (*NAMES, *ORIGIN)}
    typed["documents"] = list(dict.fromkeys(posted.every("documents")))
    return typed


def untouched(today: date, paper: str) -> Typed:
    """The form as it is when nobody has typed anything."""
    return {
        **dict.fromkeys((*NAMES, *ORIGIN), ""),
        "documents": [],
        "patient.language": "en",
        "encounter.date": today.isoformat(),
        "profile": str(Print.STANDARD),
        "paper": paper,
    }


def of_row(list_: str, row: Mapping[str, Any], profile: str, paper: str) -> Typed:
    """What one would have typed for a row of the day's list; `list_` is the list's id."""
    facts = {name: row["facts"].get(name, "") for name in FACTS}
    facts["encounter.side"] = facts["encounter.side"].lower()
    facts["encounter.procedure"] = row.get("procedure", "")
    chosen = {"documents": [], "profile": profile, "paper": paper, "copy": ""}
    return {**facts, **chosen, "list": list_, "row": str(row["row"])}


def same_patient(typed: Typed, facts: Mapping[str, str]) -> bool:
    """Whether a form is still for the patient of its row: by the record number, or by name and birth date.

    A row of which nothing could be read is nobody else's.
    """

    def same(*names: str) -> bool:
        return all(typed[name] and folded(typed[name]) == folded(facts.get(name, "")) for name in names)

    return not facts.get("patient.name") or same("patient.mrn") or same("patient.name", "patient.birth_date")


def facts_of(typed: Typed) -> dict[str, str]:
    """The facts by the names of a patient file; only those that were given."""
    return {name: typed[name] for name in FACTS if typed[name]}


def faults_of(typed: Typed, procedures: Collection[str], documents: Collection[str], today: date) -> list[Fault]:
    """Everything that is wrong with what was typed, in the order of the form.

    `procedures` are all that may be chosen, `documents` the keys of all that may be ticked.
    """
    return [*_of_choice(typed, procedures, documents), *_of_words(typed), *_of_days(typed, today), *_of_lists(typed)]


def _of_choice(typed: Typed, procedures: Collection[str], documents: Collection[str]) -> list[Fault]:
    chosen, ticked = typed["encounter.procedure"], typed["documents"]
    faults = []
    if not chosen and not ticked:
        faults.append(Fault("encounter.procedure", "nothing"))
    if chosen and folded(chosen) not in {folded(one) for one in procedures}:
        faults.append(Fault("encounter.procedure", "unknown"))
    if not set(ticked) <= set(documents):
        faults.append(Fault("documents", "unknown"))
    return faults


def _of_words(typed: Typed) -> list[Fault]:
    """What is wrong with texts: what is missing, and letters that cannot be printed."""
    faults = []
    if not typed["patient.name"]:
        faults.append(Fault("patient.name", "missing"))
    for name in IN_WORDS:
        text = typed[name]
        if len(text) > MAX_VALUE:
            faults.append(Fault(name, "long"))
        elif "\ufffd" in text or unprintable_character(text) or unseen_character(text):
            faults.append(Fault(name, "letters"))
    if typed["clinician.credential"] and not typed["clinician.name"]:
        faults.append(Fault("clinician.name", "credential"))
    return faults


def _of_days(typed: Typed, today: date) -> list[Fault]:
    faults = []
    born, then = day_of(typed["patient.birth_date"]), day_of(typed["encounter.date"])
    if born is None:
        faults.append(Fault("patient.birth_date", "day" if typed["patient.birth_date"] else "missing"))
    elif born > today:
        faults.append(Fault("patient.birth_date", "future"))
    elif born.year < today.year - OLDEST:
        faults.append(Fault("patient.birth_date", "old"))
    if then is None:
        faults.append(Fault("encounter.date", "day" if typed["encounter.date"] else "missing"))
    elif abs((then - today).days) > FURTHEST:
        faults.append(Fault("encounter.date", "far"))
    if typed["encounter.time"] and not _is_time(typed["encounter.time"]):
        faults.append(Fault("encounter.time", "time"))
    return faults


def _of_lists(typed: Typed) -> list[Fault]:
    """What no list of the page offers: it was sent by hand, or by an old page."""
    offered: dict[str, Collection[str]] = {
        "patient.language": {"", *LANGUAGES, *LANGUAGE_NAMES},
        "encounter.side": {"", *SIDES},
        "profile": set(Print),
        "paper": set(Paper),
        "copy": {"", *Copy},
    }
    return [Fault(name, "list") for name, known in offered.items() if typed[name] not in known]


def day_of(text: str) -> date | None:
    """The day of a text like 1961-04-09; None when it is none."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _is_time(text: str) -> bool:
    try:
        return bool(_TIME.fullmatch(text) and time.fromisoformat(text))
    except ValueError:
        return False


def language_named(tag: str) -> str:
    """How a language is called: by its own name where there are texts in it, else in English; a tag stays one."""
    return LANGUAGES.get(tag) or LANGUAGE_NAMES.get(tag, tag).split(", ")[0].title()


def faults_told(problems: list[dict[str, Any]]) -> list[Fault]:
    """What a worker found, each beside the field that it is about, if the form has one."""
    found: dict[Fault, None] = {}
    for one in problems:
        about = {"procedure": "encounter.procedure"}.get(one["field"], one["field"])
        said = f"{one['said'][:1].upper()}{one['said'][1:]} {one['remedy']}".strip()
        found[Fault(about if about in NAMES else "", "said", said)] = None
    return list(found)
