"""Preparing documents for one patient by hand: who, what for, when; then the packet lies on the counter."""

import re
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clinicpress.clinics import Paper, Print
from clinicpress.desk import visits
from clinicpress.desk.answers import desk_of, not_to_blame, page, person_of, posted_of, redirect, session_of
from clinicpress.desk.packets import Held
from clinicpress.desk.pages.look import found, gone
from clinicpress.desk.sessions import PREPARE
from clinicpress.desk.visits import EntryFault, Typed
from clinicpress.desk.workers import NOT_DONE, BrokenError, BusyError, RefusedError
from clinicpress.documents import LANGUAGES
from clinicpress.letters import folded
from clinicpress.orders import Copy
from clinicpress.visits import day_of
from clinicpress.words import SOURCE, SPOKEN_LANGUAGES, words_in

STATUS: dict[type[Exception], int] = {BusyError: 503, BrokenError: 500}
_ROW = re.compile(r"[1-9]\d{0,6}", re.ASCII)
OTHER_LANGUAGES = {tag: visits.language_named(tag) for tag in SPOKEN_LANGUAGES if tag not in LANGUAGES}


async def prepare(request: Request) -> Response:
    """Shows the empty form; or once more what was typed when something came between."""
    desk = desk_of(request)
    kept = desk.sessions.take_form(session_of(request), desk.clock())
    return await shown(request, visits.as_typed(kept) if kept else None, again=kept is not None)


async def change(request: Request) -> Response:
    """Shows the form as it was filled for a packet. The values come from the counter; the address holds none."""
    held = found(request)
    if held is None:
        return gone(request)
    return await shown(request, held.given or _of_blank(request, held))


async def send(request: Request) -> Response:
    """Makes the packet, or shows the form again with everything that is wrong beside its field."""
    desk, posted = desk_of(request), posted_of(request)
    typed = visits.as_typed(posted)
    try:
        offered = _offered(await desk.shelf())
        documents = [one["key"] for one in offered["documents"]]
        faults, status = visits.faults_of(typed, offered["procedures"], documents, desk.day()), 422
        if not faults:
            try:
                held = await lay_out(request, typed)
            except NOT_DONE as error:
                faults, status = told_by(request, error), STATUS.get(type(error), 422)
            else:
                return redirect(f"/packets/{held.id}")
        return await shown(request, typed, faults, status)
    except NOT_DONE:  # there is not even the form: it is shown again when it can be
        desk.sessions.keep(session_of(request), PREPARE, posted, desk.clock())
        raise


def told_by(request: Request, error: Exception) -> list[EntryFault]:
    """What kept a packet from being made, as faults of the form. `error` is one of `NOT_DONE`."""
    if why := not_to_blame(request, error):
        return [EntryFault("", why)]
    problems = error.problems if isinstance(error, RefusedError) else []
    return visits.faults_told(problems) or [EntryFault("", "said", str(error))]


async def lay_out(request: Request, typed: Typed) -> Held:
    """Makes the packet of a visit and lays it on the counter; a row of the day's list is told. Raises `NOT_DONE`."""
    desk, facts = desk_of(request), visits.facts_of(typed)
    library = await desk.state_of_shelf()
    made = await desk.workroom.do(
        "packet",
        today=desk.day().isoformat(),
        wanted=[tuple(key.split("/")) for key in typed["documents"]],
        procedure=typed["encounter.procedure"],
        facts=facts,
        language=typed["patient.language"],
        profile=typed["profile"],
        paper=typed["paper"],
        copy=typed["copy"],
    )
    born = day_of(facts["patient.birth_date"])
    assert born is not None  # noqa: S101  the form and the roster have seen to it
    patient = {"patient.name": facts["patient.name"], "patient.birth_date": written(request, born)}
    if "patient.mrn" in facts:
        patient["patient.mrn"] = facts["patient.mrn"]
    person = person_of(request)
    held = desk.packets.hold(person.id, desk.clock(), made, paper=typed["paper"], patient=patient, given=typed)
    row = _row_of(request, typed)
    listed = desk.list_of_today()
    if row is not None and listed is not None and visits.same_patient(typed, row["facts"]):
        listed.note(row["row"], held, library, person.name, desk.now().strftime("%H:%M"))
    return held


def _row_of(request: Request, typed: Typed) -> dict[str, Any] | None:
    """The row of the day's list that a form came from; none when it came from elsewhere, or the list has gone."""
    listed, number = desk_of(request).list_of_today(), typed["row"]
    if listed is None or typed["list"] != listed.id or not _ROW.fullmatch(number):
        return None
    return listed.row(int(number))


def written(request: Request, day: date) -> str:
    """A day in the language of the pages, its month in letters: nobody can read it in two ways."""
    return words_in(session_of(request).language).short_day(day)


async def shown(
    request: Request,
    typed: Typed | None,
    faults: list[EntryFault] | None = None,
    status: int = 200,
    *,
    again: bool = False,
) -> Response:
    """The form. `typed` is what stands in it; nothing for a new one. `again`: something came between."""
    desk = desk_of(request)
    shelf = await desk.shelf()
    offered = _offered(shelf)
    paper = shelf["clinic"]["paper"] if shelf["clinic"] else str(Paper.LETTER)
    values = typed or visits.untouched(desk.day(), paper)
    chosen = folded(values["encounter.procedure"])
    wrong: dict[str, list[EntryFault]] = {}
    for one in faults or []:
        wrong.setdefault(one.about, []).append(one)
    return page(
        request,
        "prepare",
        status=status,
        new=not faults and not (typed and typed["patient.name"]),
        again=again,
        values=values,
        row=_row_of(request, values),
        faults=faults or [],
        wrong=wrong,
        **offered,
        chosen=next((one for one in offered["procedures"] if folded(one) == chosen), ""),
        tongues=LANGUAGES,
        other_tongues=OTHER_LANGUAGES,
        sides=visits.SIDES,
        prints=[str(one) for one in Print],
        papers=[str(one) for one in Paper],
        copies=[str(one) for one in Copy],
    )


def _offered(shelf: dict[str, Any]) -> dict[str, list[Any]]:
    """What may be chosen: procedures (topics are some, too), and documents by topic and kind, called as in English."""
    printable = [one for one in shelf["documents"] if one["printable"]]
    kinds: dict[str, dict[str, Any]] = {}
    for one in printable:
        key = f"{one['topic']}/{one['kind']}"
        if key not in kinds or one["language"] == SOURCE:
            kinds[key] = {"key": key, "title": one["title"], "kind": one["kind"], "language": one["language"]}
    named = [*shelf["procedures"], *dict.fromkeys(one["topic"] for one in printable)]
    procedures = {folded(name): name for name in reversed(named)}
    return {"procedures": list(reversed(procedures.values())), "documents": list(kinds.values())}


def _of_blank(request: Request, held: Held) -> Typed:
    """The form for the documents of a packet that is for nobody yet."""
    typed = visits.untouched(desk_of(request).day(), held.paper)
    typed["documents"] = [f"{one.topic}/{one.kind}" for one in held.texts]
    typed["patient.language"] = held.documents[0].language
    return typed


ROUTES = [
    Route("/prepare", prepare, methods=["GET"]),
    Route("/prepare", send, methods=["POST"]),
    Route("/prepare/{id}", change, methods=["GET"]),
]
