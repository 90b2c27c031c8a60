"""Answers of the desk: pages in the person's language, what they are made with, and refusals that say what to do."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from clinicpress.desk import sessions
from clinicpress.desk.furniture import files_version
from clinicpress.desk.posted import Posted
from clinicpress.desk.sessions import COOKIE, Session, page_of
from clinicpress.desk.state import Desk
from clinicpress.desk.workers import BrokenError, BusyError, RefusedError, WorkError
from clinicpress.documents import LANGUAGES
from clinicpress.errors import InputError
from clinicpress.markup import desk_page
from clinicpress.record.people import Person
from clinicpress.words import SOURCE, nearest_language

SEE_OTHER = 303


def desk_of(request: Request) -> Desk:
    """What all pages share."""
    desk: Desk = request.app.state.desk
    return desk


def session_of(request: Request) -> Session:
    """The session of the browser that asks. The guard lets nobody through without one."""
    session: Session = request.state.session
    return session


def person_of(request: Request) -> Person:
    """Who was signed in when the request came; the session may have ended since. The guard lets nobody else here."""
    person: Person | None = request.state.person
    assert person is not None  # noqa: S101  the guard's promise
    return person


def posted_of(request: Request) -> Posted:
    """The form that was sent; the guard has read it."""
    posted: Posted = request.state.posted
    return posted


def page(request: Request, name: str, status: int = 200, **facts: Any) -> Response:
    """A page, by the name of its template. Facts of a patient may stand on it, never in its title or address."""
    session = session_of(request)
    html = _html(desk_of(request), session, name, {"here": page_of(request.url.path), **facts})
    return Response(html, status, media_type="text/html")


def redirect(place: str) -> Response:
    """Sends the browser on, so that going back or loading again sends no form twice."""
    return RedirectResponse(place, SEE_OTHER)


def not_to_blame(request: Request, error: Exception) -> str:
    """Why work gave nothing although nothing was wrong with what was sent: "busy" or "broken", a case of the page.

    Empty when the error itself says what to do. A fault of ours is told in the log.
    """
    if isinstance(error, BrokenError):
        desk_of(request).log.bug(request.scope, error)
        return "broken"
    return "busy" if isinstance(error, BusyError) else ""


def with_cookie(answer: Response, desk: Desk, session: Session) -> Response:
    """An answer that gives the browser its session, and the mark by which it is known after a new start."""
    tls, mark = desk.settings.tls is not None, desk.browsers.mark(desk.now().date())
    answer.set_cookie(
        *(sessions.BROWSER_COOKIE, mark, int(sessions.REMEMBERED.total_seconds())),
        httponly=True,
        samesite="strict",
        secure=tls,
    )
    answer.set_cookie(COOKIE, session.id, httponly=True, samesite="strict", secure=tls)
    return answer


def refusal(scope: Scope, desk: Desk, status: int, why: str, sentence: str = "") -> Response:
    """A page that says why something is not done, and what to do next. `why` is a case of its template."""
    session: Session | None = scope.get("state", {}).get("session")
    language = session.language if session else preferred(scope)
    facts = {"why": why, "sentence": sentence, "here": page_of(scope["path"])}
    html = _html(desk, session, "refusal", facts, language)
    return Response(html, status, media_type="text/html")


async def work_ended(request: Request, error: Exception) -> Response:
    """The page for what a person can put right: work that was refused or stopped, a full disk, a damaged file."""
    if isinstance(error, RefusedError) and error.problems:
        return page(request, "problems", 422, problems=error.problems)
    if isinstance(error, InputError):  # of the state folder: nothing that the visitor sent is wrong
        return refusal(request.scope, desk_of(request), 503, "refused", str(error))
    if isinstance(error, BusyError):
        return refusal(request.scope, desk_of(request), 503, "busy")
    why = "stopped" if isinstance(error, WorkError) else "refused"
    return refusal(request.scope, desk_of(request), 422, why, str(error))


async def no_such_page(request: Request, error: Exception) -> Response:
    """The page for an address that leads nowhere, or that cannot be asked for in this way."""
    assert isinstance(error, HTTPException)  # noqa: S101  registered for these only
    answer = refusal(request.scope, desk_of(request), error.status_code, "nowhere")
    answer.headers.update(error.headers or {})
    return answer


async def broken(request: Request, _error: Exception) -> Response:
    """The page for a fault of ours. The guard tells of it in the log."""
    return refusal(request.scope, desk_of(request), 500, "broken")


def preferred(scope: Scope) -> str:
    """The language that the browser asks for, if we speak it; else English."""
    wanted = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1").lower()
    named = (part.partition(";")[0].strip() for part in wanted.split(","))
    return next(filter(None, (nearest_language(one, LANGUAGES) for one in named)), SOURCE)


def _html(desk: Desk, session: Session | None, name: str, facts: dict[str, Any], language: str = "") -> str:
    """A page in the language of the session."""
    shared = {
        "clinic": desk.clinic,
        "static": files_version(),
        "token": session.token if session else "",
        "person": session.person if session else None,
        "idle": desk.settings.idle,
        "form_kept": session is not None and session.person is not None and session.interrupted.form is not None,
        "today": desk.day(),
        "interrupted": desk.printing.interrupted,
    }
    return desk_page(name, session.language if session else language, {**shared, **facts})


"""Where each lies, and its media type."""
