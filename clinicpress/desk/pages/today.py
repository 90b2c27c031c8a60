"""The day's list: sent in once, then one press on a row makes the packet of its patient."""

import asyncio
from collections import Counter as Tally
from datetime import date, datetime, timedelta
from pathlib import PureWindowsPath
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clinicpress.clinics import Paper, Print
from clinicpress.desk import visits
from clinicpress.desk.answers import desk_of, page, person_of, posted_of, redirect, session_of
from clinicpress.desk.pages import prepare
from clinicpress.desk.print_panel import stage
from clinicpress.desk.state import Desk
from clinicpress.desk.today import MOST_ROWS, Today
from clinicpress.desk.visits import EntryFault
from clinicpress.desk.workers import NOT_DONE, RefusedError, WorkError
from clinicpress.documents import LANGUAGES
from clinicpress.letters import folded
from clinicpress.library.rosters.layout import FIELDS
from clinicpress.record import Did
from clinicpress.visits import day_of
from clinicpress.words import SOURCE

LONGEST_NAME = 100  # letters of a file's name that are told again
FAILED = ("cancelled", "bad")  # stages of a print that laid no paper out


async def today(request: Request) -> Response:
    """Shows the list, or how to send one in."""
    return await _shown(request)


async def send(request: Request) -> Response:
    """Takes a list in. What is wrong with the file is said in one sentence, and an earlier list stays."""
    desk, posted, person = desk_of(request), posted_of(request), person_of(request)
    if not posted.file_name:
        return await _shown(request, [EntryFault("file", "missing")], 422)
    if not _may_replace(desk, posted.get("replace")):
        return await _shown(request, [EntryFault("replace", "replace")], 422)
    name = PureWindowsPath(posted.file_name).name[-LONGEST_NAME:]
    try:
        read = await desk.workroom.do("roster", today=desk.day().isoformat(), name=name, data=posted.file)
    except RefusedError as error:
        if error.problems:
            raise  # the clinic's profile is wrong, not the list
        return await _shown(request, [EntryFault("file", "said", str(error))], 422)
    except NOT_DONE as error:
        faults = [EntryFault("file", one.why, one.said) for one in prepare.told_by(request, error)]
        return await _shown(request, faults, 422 if isinstance(error, WorkError) else 503)
    listed = Today(desk.day(), person.name, _clock(desk), read["rows"], read["notes"])
    async with desk.changing_list:
        if not _may_replace(desk, posted.get("replace")):  # somebody else was faster
            return await _shown(request, [EntryFault("replace", "replace")], 422)
        await desk.recorded(Did.ROSTER_READ, person, rows=len(listed.rows), refused=listed.refused)
        desk.today = listed
    asyncio.get_running_loop().call_later(_seconds_to_midnight(desk.now()), desk.list_of_today)
    return redirect("/today")


async def take(request: Request) -> Response:
    """Makes the packet of a row, or finds the one that this person made of it before."""
    desk, posted, number = desk_of(request), posted_of(request), int(request.path_params["row"])
    listed = desk.list_of_today()
    if listed is None or posted.get("list") != listed.id:
        return await _shown(request, [EntryFault("", "another")], 409)
    row = listed.row(number)
    if row is None or row["problems"]:
        return await _shown(request, [EntryFault("", "row")], 422)
    profile = posted.get("profile") if posted.get("profile") in set(Print) else str(Print.STANDARD)
    paper = posted.get("paper") if posted.get("paper") in set(Paper) else str(Paper.LETTER)
    session_of(request).size_of_print = profile
    typed = visits.of_row(listed.id, row, profile, paper)
    person = person_of(request)
    library = await desk.state_of_shelf()  # a text that was changed, approved or withdrawn since is printed again
    for one in reversed(listed.made.get(number, [])):
        held = desk.packets.find(one.packet, person.id, desk.clock())
        if held is not None and held.given == typed and one.library == library:
            return redirect(f"/packets/{held.id}")
    try:
        held = await prepare.lay_out(request, typed)
    except NOT_DONE as error:
        faults = [EntryFault(f"row-{number}", one.why, one.said) for one in prepare.told_by(request, error)]
        return await _shown(request, faults, 422)
    return redirect(f"/packets/{held.id}")


async def by_hand(request: Request) -> Response:
    """Shows the form of Prepare for a row that cannot be printed as it is, with what is known filled in."""
    listed = desk_of(request).list_of_today()
    row = listed.row(int(request.path_params["row"])) if listed and listed.id == request.path_params["list"] else None
    if listed is None or row is None:
        return await _shown(request, [EntryFault("", "another")], 409)
    clinic = desk_of(request).clinic
    paper = clinic["paper"] if clinic else str(Paper.LETTER)
    typed = visits.of_row(listed.id, row, session_of(request).size_of_print or str(Print.STANDARD), paper)
    if not row["facts"]:
        typed = visits.untouched(listed.day, paper) | {name: typed[name] for name in visits.ORIGIN}
    return await prepare.shown(request, typed)


async def put_away(request: Request) -> Response:
    """Takes the list from the counter, once it is agreed; not the one that somebody else has sent in meanwhile."""
    desk, posted = desk_of(request), posted_of(request)
    async with desk.changing_list:
        listed = desk.list_of_today()
        if listed is None or posted.get("list") != listed.id:
            return redirect("/today")
        if posted.get("away") != listed.id:
            return await _shown(request, [EntryFault("away", "away")], 422)
        await desk.recorded(Did.ROSTER_PUT_AWAY, person_of(request), rows=len(listed.rows))
        desk.today = None
    return redirect("/today")


async def _shown(request: Request, faults: list[EntryFault] | None = None, status: int = 200) -> Response:
    desk = desk_of(request)
    shelf = await desk.shelf()
    listed = desk.list_of_today()
    return page(
        request,
        "today",
        status=status,
        listed=listed,
        rows=_rows(request, listed) if listed else [],
        faults=faults or [],
        wrong={one.about: one for one in faults or []},
        most_rows=f"{MOST_ROWS:,}",
        columns=list(FIELDS),
        size_of_print=session_of(request).size_of_print,
        default_paper=shelf["clinic"]["paper"] if shelf["clinic"] else str(Paper.LETTER),
        prints=[str(one) for one in Print],
        papers=[str(one) for one in Paper],
    )


def _rows(request: Request, listed: Today) -> list[dict[str, Any]]:
    """The rows as the page shows them."""
    names = Tally(folded(row["facts"].get("patient.name", "")) for row in listed.rows)
    return [_row(request, listed, row, names) for row in listed.rows]


def _row(request: Request, listed: Today, row: dict[str, Any], names: "Tally[str]") -> dict[str, Any]:
    facts = row["facts"]
    name = facts.get("patient.name", "")
    born, then = (day_of(facts.get(fact, "")) for fact in ("patient.birth_date", "encounter.date"))
    last = listed.made.get(row["row"], [None])[-1]
    prints = [two for one in listed.made.get(row["row"], []) for two in one.prints if stage(two) not in FAILED]
    return {
        "row": row["row"],
        "name": name,
        "time": facts.get("encounter.time", ""),
        "other_day": prepare.written(request, then) if then and then != listed.day else "",
        "birth_date": prepare.written(request, born) if born else "",
        "mrn": facts.get("patient.mrn", ""),
        "procedure": row.get("procedure", ""),
        "language": visits.language_named(row.get("language", "")),
        "language_of_name": row["language"] if row.get("language") in LANGUAGES else SOURCE,
        "titles": row.get("titles", []),
        "notes": row.get("notes", []),
        "draft": row.get("draft", False),
        "problems": [f"{one['message']} {one['remedy']}" for one in row["problems"]],
        "cells": row.get("cells", []),
        "same_name": bool(name) and names[folded(name)] > 1,
        "printed": prints[-1] if prints else None,
        "stage": stage(prints[-1]) if prints else "",
        "prepared": last,
    }


def _may_replace(desk: Desk, agreed: str) -> bool:
    """Whether a new list may come: there is none, or the person has agreed to lose just that one."""
    listed = desk.list_of_today()
    return listed is None or agreed == listed.id


def _clock(desk: Desk) -> str:
    return desk.now().strftime("%H:%M")


def _seconds_to_midnight(now: datetime) -> float:
    midnight = datetime.combine(date(now.year, now.month, now.day) + timedelta(days=1), datetime.min.time(), now.tzinfo)
    return (midnight - now).total_seconds() + 1


ROUTES = [
    Route("/today", today, methods=["GET"]),
    Route("/today", send, methods=["POST"]),
    Route("/today/away", put_away, methods=["POST"]),
    Route("/today/rows/{row:int}", take, methods=["POST"]),
    Route("/today/{list}/{row:int}/by-hand", by_hand, methods=["GET"]),
]
