"""Looking at a packet before it is printed: its pages as pictures, sharp on every screen, and its PDFs."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clinicpress.clinics import Paper
from clinicpress.desk.answers import desk_of, page, person_of, refusal
from clinicpress.desk.packets import Held
from clinicpress.desk.print_panel import FEW, MOST_COPIES, Said, panel, stage

WIDTHS = (480, 960, 1600)  # pixels: a phone, a phone with a fine screen or a desk, a desk with a fine screen
SHAPES = {Paper.LETTER: 11 / 8.5, Paper.A4: 297 / 210}  # height by width
MOST_PICTURES = 24 << 20  # bytes of pictures that one packet keeps


def height_of(paper: str) -> int:
    """How high a page is drawn in its usual width, in pixels: browsers keep so much room for it."""
    return int(WIDTHS[1] * SHAPES[Paper(paper)])


def found(request: Request) -> Held | None:
    """The packet that an address names, if it lies on the counter and is this person's."""
    desk = desk_of(request)
    return desk.packets.find(request.path_params["id"], person_of(request).id, desk.clock())


def gone(request: Request) -> Response:
    """The answer for a packet that is not there any more."""
    return refusal(request.scope, desk_of(request), 404, "packet")


async def look(request: Request) -> Response:
    """Shows the packet: who it is for, every page, and how to print it."""
    held = found(request)
    if held is None:
        return gone(request)
    return await shown(request, held)


async def shown(request: Request, held: Held, status: int = 200, said: Said | None = None) -> Response:
    """The page of a packet; with a form for the printer that could not be obeyed, and what is said to it."""
    desk = desk_of(request)
    printing = desk.printing
    last = printing.last.get(person_of(request).id, "")
    printer = panel(await printing.listed(), held, last, said)
    return page(
        *(request, "look", status),
        held=held,
        outdated=held.outdated(await desk.shelf()),
        widths=WIDTHS,
        height=height_of(held.paper),
        panel=printer,
        few=FEW,
        most_copies=MOST_COPIES,
        prints=[(one, stage(one)) for one in held.prints],
    )


async def picture(request: Request) -> Response:
    """One page as a picture."""
    held = found(request)
    document, number, width = (request.path_params[name] for name in ("document", "page", "width"))
    if held is None or not (0 <= document < len(held.documents)) or width not in WIDTHS:
        return Response(status_code=404)
    one = held.documents[document]
    if not 1 <= number <= one.pages:
        return Response(status_code=404)
    key = (document, number, width)
    if key not in held.pictures:
        desk = desk_of(request)
        data: bytes = await desk.workroom.do("picture", pdf=one.pdf, page=number, width=width)
        if sum(map(len, held.pictures.values())) < MOST_PICTURES:
            held.pictures[key] = data
        return Response(data, media_type="image/png")
    return Response(held.pictures[key], media_type="image/png")


async def document_file(request: Request) -> Response:
    """One document as PDF: a consent form has fields to fill on the screen."""
    held = found(request)
    number = request.path_params["document"]
    if held is None or not 0 <= number < len(held.documents):
        return gone(request)
    one = held.documents[number]
    return await _opened(request, held, one.pdf, f"{one.topic}-{one.kind}.{one.language}.pdf")


async def print_file(request: Request) -> Response:
    """All documents in one file, for the browser's own print."""
    held = found(request)
    if held is None:
        return gone(request)
    return await _opened(request, held, held.print_file, "print.pdf")


async def _opened(request: Request, held: Held, pdf: bytes, name: str) -> Response:
    """A PDF, shown by the browser. The journal knows who opened it before it is sent.

    A text that was changed or withdrawn since does not leave the desk.
    """
    desk = desk_of(request)
    if held.outdated(await desk.shelf()):
        return await shown(request, held, 409)
    if not held.opened:
        await desk.recorded("opened", person_of(request), packet=held.id, documents=held.for_journal())
        held.opened = True
    return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})


ROUTES = [
    Route("/packets/{id}", look, methods=["GET"]),
    Route("/packets/{id}/{document:int}/{page:int}-{width:int}.png", picture, methods=["GET"]),
    Route("/packets/{id}/{document:int}/document.pdf", document_file, methods=["GET"]),
    Route("/packets/{id}/print.pdf", print_file, methods=["GET"]),
]
