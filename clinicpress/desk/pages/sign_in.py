"""Letting a browser in, signing in and out, and the language of the pages."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from clinicpress.desk.answers import desk_of, page, posted_of, preferred, redirect, refusal, session_of, with_cookie
from clinicpress.desk.guards import STAY
from clinicpress.desk.sessions import PREPARE, SIGN_IN, fills_in, page_of
from clinicpress.documents import LANGUAGES
from clinicpress.errors import InputError


async def open_door(request: Request) -> Response:
    """Lets the browser in that has the one-time link."""
    desk = desk_of(request)
    session = desk.sessions.let_in(request.path_params["link"], desk.clock(), preferred(request.scope))
    if session is None:
        return refusal(request.scope, desk, 403, "link")
    desk.new_link()
    request.state.session = session
    # Not sent on by the answer itself: a browser that comes from another site would keep the cookie back on the way.
    return with_cookie(page(request, "let-in", here=SIGN_IN), desk, session)


async def sign_in_page(request: Request) -> Response:
    """Asks who it is."""
    if session_of(request).person is not None:
        return redirect("/")
    return page(request, "sign-in", nobody=not desk_of(request).people.all(), fault="", seconds=0)


async def sign_in(request: Request) -> Response:
    """Looks at name and passphrase. Wrong ones are slowed down, whoever sends them."""
    desk, posted, session = desk_of(request), posted_of(request), session_of(request)
    name, passphrase = posted.get("name"), posted.fields.get("passphrase", ("",))[0]
    person, seconds = await desk.recognise(name, passphrase)
    if seconds:
        return page(request, "sign-in", 429, nobody=False, fault="wait", seconds=seconds)
    if person is None:
        await desk.recorded("sign-in-refused")  # what was typed may be a passphrase, or a patient's name
        return page(request, "sign-in", 403, nobody=False, fault="wrong", seconds=0)
    await desk.recorded("signed-in", person)
    after = desk.sessions.sign_in(session, person, desk.people.seal(person), desk.clock())
    return with_cookie(redirect(quote(after.interrupted.place)), desk, after)


async def sign_out(request: Request) -> Response:
    """Signs somebody out, and takes their packets from the counter."""
    desk, session = desk_of(request), session_of(request)
    person, after = session.person, desk.sessions.sign_out(session, desk.clock())
    if person is not None:
        if not desk.sessions.has(person):  # at another browser they may be looking at them
            desk.packets.forget(person.id)
        try:
            await desk.recorded("signed-out", person)
        except InputError as error:  # a full disk keeps nobody signed in
            desk.log.line(str(error))
    return with_cookie(redirect("/sign-in"), desk, after)


async def language(request: Request) -> Response:
    """Changes the language of the pages, for this browser, and goes on where one was; what was typed is kept."""
    desk, posted, session = desk_of(request), posted_of(request), session_of(request)
    wanted, place = posted.get("language"), page_of(posted.get("place"))
    if wanted in LANGUAGES:
        session.language = wanted
    if session.person is not None and fills_in(place):
        desk.sessions.keep(session, place := PREPARE, posted, desk.clock())
    return redirect(quote(place))


async def left(request: Request) -> Response:
    """How many seconds are left until the person is signed out. Somebody at work says so; asking alone is no work."""
    desk = desk_of(request)
    return JSONResponse({"left": desk.sessions.left(session_of(request), desk.clock())})


ROUTES = [
    Route(STAY, left, methods=["POST"]),
    Route("/session/state", left, methods=["GET"]),
    Route("/open/{link}", open_door),
    Route("/sign-in", sign_in_page, methods=["GET"]),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
    Route("/language", language, methods=["POST"]),
]
