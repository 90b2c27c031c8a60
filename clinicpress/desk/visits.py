"""A visit as somebody at the desk told of it: what was typed, what is wrong with that, and the facts that it makes.

What was typed is kept as plain values by the names of the form's fields (`patient.name`), to be shown again.
"""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from clinicpress.clinics import Paper, Print
from clinicpress.desk.posted import Posted
from clinicpress.documents import LANGUAGES
from clinicpress.letters import folded
from clinicpress.orders import Copy
from clinicpress.visits import FACTS, impossible
from clinicpress.words import SOURCE, SPOKEN_LANGUAGES, language_tag

Typed = dict[str, Any]

SIDES = ("left", "right", "both")  # as a patient file says it
NEEDED = ("patient.name", "patient.birth_date", "encounter.date")
NAMES = (*FACTS, "profile", "paper", "copy")
ORDER = ("encounter.procedure", "documents", *NAMES)  # as the form asks
ORIGIN = ("list", "row")  # of the day's list, for a form that came from one of its rows


@dataclass(frozen=True, slots=True)
class EntryFault:
    """Something wrong with the field `about`. `why` is a case of the page's words; `said` is English of a worker."""

    about: str
    why: str
    said: str = field(default="", repr=False)


def as_typed(posted: Posted) -> Typed:
    """What a form holds, as it was typed."""
    typed: Typed = {name: unicodedata.normalize("NFC", posted.get(name)) for name in (*NAMES, *ORIGIN)}
    typed["patient.language"] = language_tag(typed["patient.language"])
    typed["documents"] = list(dict.fromkeys(posted.every("documents")))
    return typed


def untouched(today: date, paper: str) -> Typed:
    """The form as it is when nobody has typed anything."""
    return {
        **dict.fromkeys((*NAMES, *ORIGIN), ""),
        "documents": [],
        "patient.language": SOURCE,
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


def faults_of(typed: Typed, procedures: Collection[str], documents: Collection[str], today: date) -> list[EntryFault]:
    """Everything that is wrong with what was typed, in the order of the form.

    `procedures` are all that may be chosen, `documents` the keys of all that may be ticked.
    """
    faults = [*_of_choice(typed, procedures, documents), *_of_facts(typed, today), *_of_lists(typed)]
    one_each = {one.about: one for one in reversed(faults)}  # of a value in no list it is enough to say so, or so
    return sorted(one_each.values(), key=lambda one: ORDER.index(one.about))


def _of_choice(typed: Typed, procedures: Collection[str], documents: Collection[str]) -> list[EntryFault]:
    chosen, ticked = typed["encounter.procedure"], typed["documents"]
    faults = []
    if not chosen and not ticked:
        faults.append(EntryFault("encounter.procedure", "nothing"))
    if chosen and folded(chosen) not in {folded(one) for one in procedures}:
        faults.append(EntryFault("encounter.procedure", "unknown"))
    if not set(ticked) <= set(documents):
        faults.append(EntryFault("documents", "unknown"))
    return faults


def _of_facts(typed: Typed, today: date) -> list[EntryFault]:
    """What is missing, and what cannot be true or printed."""
    faults = [EntryFault(name, "missing") for name in NEEDED if not typed[name]]
    if typed["clinician.credential"] and not typed["clinician.name"]:
        faults.append(EntryFault("clinician.name", "credential"))
    return faults + [EntryFault(one.fact, one.why) for one in impossible(facts_of(typed), today)]


def _of_lists(typed: Typed) -> list[EntryFault]:
    """What no list of the page offers: it was sent by hand, or by an old page."""
    offered: dict[str, Collection[str]] = {
        "patient.language": {"", *LANGUAGES, *SPOKEN_LANGUAGES},
        "encounter.side": {"", *SIDES},
        "profile": set(Print),
        "paper": set(Paper),
        "copy": {"", *Copy},
    }
    return [EntryFault(name, "list") for name, known in offered.items() if typed[name] not in known]


def language_named(tag: str) -> str:
    """How a language is called: by its own name where there are texts in it, else in English; a tag stays one."""
    row = SPOKEN_LANGUAGES.get(tag)
    return LANGUAGES.get(tag) or (row.names[0] if row else tag).title()


def faults_told(problems: list[dict[str, Any]]) -> list[EntryFault]:
    """What a worker found, each beside the field that it is about, if the form has one."""
    found: dict[EntryFault, None] = {}
    for one in problems:
        about = {"procedure": "encounter.procedure"}.get(one["field"], one["field"])
        said = f"{one['said'][:1].upper()}{one['said'][1:]} {one['remedy']}".strip()
        found[EntryFault(about if about in NAMES else "", "said", said)] = None
    return list(found)
