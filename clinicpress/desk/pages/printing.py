"""Printing a packet: once for each press of the button, with a page that follows it to its end."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from clinicpress.clinics import Paper
from clinicpress.desk.answers import desk_of, page, person_of, posted_of, redirect, session_of
from clinicpress.desk.packets import Held, Printed
from clinicpress.desk.pages.look import found, gone, shown
from clinicpress.desk.print_panel import Said, sheets, stage, wish_of
from clinicpress.desk.prints import PrintWish
from clinicpress.desk.sessions import page_of
from clinicpress.errors import InputError
from clinicpress.words import words_in


async def send(request: Request) -> Response:
    """Prints a packet. The token of the form is used up: whoever sends the form again is shown the print it made."""
    held = found(request)
    if held is None:
        return gone(request)
    async with held.turn:  # so that of two requests with one token only one prints
        return await _sent(request, held)


async def _sent(request: Request, held: Held) -> Response:
    """Prints a packet, while nobody else can."""
    desk, person, posted = desk_of(request), person_of(request), posted_of(request)
    before = held.printed_with(posted.get("once"))
    if before is not None:
        return redirect(_place(held, before))
    if held.outdated(await desk.shelf()):
        return await shown(request, held, 409)
    if posted.get("once") != held.once:
        return await shown(request, held, 409, Said(posted, old=True))
    wish = wish_of(posted, await desk.printing.listed(), Paper(held.paper))
    if not isinstance(wish, PrintWish):
        return await shown(request, held, 422, Said(posted, faults=wish))
    try:
        one = await desk.printing.begin(held, person, wish, desk.now().strftime("%H:%M"))
    except InputError as error:
        desk.log.line(f"Nothing is printed, for the journal cannot be written: {error}")
        return await shown(request, held, 503, Said(posted, unrecorded=True))
    return redirect(_place(held, one))


async def progress(request: Request) -> Response:
    """Shows how far a print is."""
    held = found(request)
    one = _print(request, held)
    if held is None or one is None:
        return gone(request)
    return page(request, "print", held=held, one=one, stage=stage(one), sheets=sheets(one, held))


async def state(request: Request) -> Response:
    """How far a print is, for the script of its page."""
    held = found(request)
    one = _print(request, held)
    if held is None or one is None:
        return JSONResponse({"stage": "gone"}, 404)
    words = words_in(session_of(request).language)
    return JSONResponse(
        {"stage": stage(one), "sentence": words(one.sentence).format(**one.facts), "sheets": one.sheets}
    )


async def cancel(request: Request) -> Response:
    """Cancels a print, when it is not too late."""
    held = found(request)
    one = _print(request, held)
    if held is None or one is None:
        return gone(request)
    if stage(one) == "working":
        await desk_of(request).printing.cancel(one)
    return redirect(_place(held, one))


async def looked(request: Request) -> Response:
    """Takes away the notice of interrupted prints: somebody has looked for their sheets."""
    desk_of(request).printing.interrupted.clear()
    return redirect(quote(page_of(posted_of(request).get("place"))))


def _print(request: Request, held: Held | None) -> Printed | None:
    number: int = request.path_params["number"]
    return held.prints[number - 1] if held is not None and 1 <= number <= len(held.prints) else None


def _place(held: Held, one: Printed) -> str:
    return f"/packets/{held.id}/prints/{one.number}"


ROUTES = [
    Route("/packets/{id}/print", send, methods=["POST"]),
    Route("/packets/{id}/prints/{number:int}", progress, methods=["GET"]),
    Route("/packets/{id}/prints/{number:int}/state", state, methods=["GET"]),
    Route("/packets/{id}/prints/{number:int}/cancel", cancel, methods=["POST"]),
    Route("/interrupted", looked, methods=["POST"]),
]
