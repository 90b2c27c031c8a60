"""What stands before every page: who may call, from where, with what; and what every answer says to the browser.

Source: OWASP cheat sheets on cross-site request forgery and DNS rebinding; Fetch, 3.2 (Origin) and its metadata.
"""

from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clinicpress.desk import sessions
from clinicpress.desk.answers import preferred, refusal, with_cookie
from clinicpress.desk.posted import MOST_FORM, MOST_UPLOAD, TooLargeError, UnreadableError, read_posted
from clinicpress.desk.sessions import COOKIE, PREPARE, SIGN_IN, Session, page_of
from clinicpress.desk.state import Desk
from clinicpress.errors import InputError

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
LONGEST_ADDRESS = 300  # letters; ours have a third of that
USUAL = ("GET", "HEAD", "POST")
METHODS = {
    "/static/": ("GET", "HEAD"),
    "/open/": ("GET",),  # the link works once, and not for programs that only look whether it is there
}
UPLOADS = ("/today",)  # where a file may come with the form
BY_ITSELF = "/state"  # how addresses end that pages ask for by themselves, while nobody may be there
STAY = "/stay"  # what a page sends while somebody types or clicks
OPEN = (SIGN_IN, "/language")  # what a browser that was let in may ask for although nobody is signed in


class Guard:
    """Lets a request through to the pages only when nothing is wrong with it."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app, self._desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or hands it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        begun, status = self._desk.clock(), 0

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers.update(ALWAYS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            answer = await self._stopped(scope, receive)
            await (answer or self._app)(scope, receive, with_headers)
        except InputError as error:  # the file of the people is damaged
            await refusal(scope, self._desk, 503, "refused", str(error))(scope, receive, with_headers)
        except Exception as error:  # noqa: BLE001  a bug of ours: told in the log without any value, and on the page
            self._desk.log.bug(scope, error)
            if not status:
                await refusal(scope, self._desk, 500, "broken")(scope, receive, with_headers)
        finally:
            self._desk.log.answered(scope, status, self._desk.clock() - begun)

    async def _stopped(self, scope: Scope, receive: Receive) -> Response | None:
        """The answer to a request that goes no further; None for one that may."""
        headers, path = Headers(scope=scope), scope["path"]
        stopped = self._misdirected(scope, headers)
        if stopped is not None or path.startswith(("/static/", "/open/")):
            return stopped
        session = self._session(headers, by_itself=path.endswith(BY_ITSELF))
        scope["state"]["session"] = session
        if session is None:
            return self._unknown(scope, headers)
        if scope["method"] == "POST":
            stopped = await self._forged(scope, receive, headers, session)
            if stopped is not None:
                return stopped
        scope["state"]["person"] = session.person
        if session.person is None and path not in OPEN:
            self._keep(scope, session)
            return RedirectResponse(SIGN_IN, 303)
        return None

    def _unknown(self, scope: Scope, headers: Headers) -> Response:
        """The answer to a browser without a session: one that was let in before is asked who sits there."""
        desk = self._desk
        if not desk.browsers.knows(_cookie(headers, sessions.BROWSER_COOKIE), desk.now().date()):
            return refusal(scope, desk, 403, "stranger")
        if scope["method"] == "POST" or headers.get("sec-fetch-dest", "document") != "document":
            return refusal(scope, desk, 403, "token")  # from a page of before the new start
        session = desk.sessions.let_in_again(desk.clock(), preferred(scope))
        return with_cookie(RedirectResponse(SIGN_IN, 303), desk, session)

    def _keep(self, scope: Scope, session: Session) -> None:
        """Keeps what somebody was at who did nothing for too long, and what they had typed into Prepare."""
        path = scope["path"]
        if session.idled is None or path == STAY or (scope["method"] != "POST" and page_of(path) != path):
            return  # a picture, or what a page asks for by itself
        posted = scope["state"].get("posted") if path == PREPARE else None
        self._desk.sessions.keep(session, page_of(path), posted, self._desk.clock())

    def _misdirected(self, scope: Scope, headers: Headers) -> Response | None:
        """The answer to a request that is not for us, or asks in a way that nothing here is asked."""
        desk, hosts = self._desk, headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in desk.settings.hosts or scope["path"][:1] != "/":
            return refusal(scope, desk, 421, "host")  # a target that names a host itself is not for us either
        if _taken_by_another_site(headers):
            return refusal(scope, desk, 403, "origin")
        if len(scope["path"]) > LONGEST_ADDRESS:
            return refusal(scope, desk, 414, "nowhere")
        allowed = next((allowed for start, allowed in METHODS.items() if scope["path"].startswith(start)), USUAL)
        if scope["method"] not in allowed:
            return Response(status_code=405, headers={"Allow": ", ".join(allowed)})
        return None

    def _session(self, headers: Headers, *, by_itself: bool) -> Session | None:
        """The session of the browser that asks. Whoever was removed, or has another passphrase, is signed out by this.

        Raises `InputError` when nobody can tell.
        """
        desk = self._desk
        session = desk.sessions.find(_cookie(headers, COOKIE), desk.clock(), by_itself=by_itself)
        if session and session.person and desk.people.seal(session.person) != session.seal:
            desk.packets.forget(session.person.id)
            session.person = None
        return session

    async def _forged(self, scope: Scope, receive: Receive, headers: Headers, session: Session) -> Response | None:
        """The answer to a form that was not sent from a page of ours, or that holds too much."""
        desk = self._desk
        if not self._from_here(headers):
            return refusal(scope, desk, 403, "origin")
        try:
            most = MOST_UPLOAD if scope["path"] in UPLOADS else MOST_FORM
            posted = await read_posted(headers, receive, most)
        except TooLargeError:
            return refusal(scope, desk, 413, "large")
        except UnreadableError:
            return refusal(scope, desk, 400, "unreadable")
        if not compare_digest(posted.get("token").encode(), session.token.encode()):
            if scope["path"] == PREPARE and session.person is not None:  # another tab was signed in again
                desk.sessions.keep(session, PREPARE, posted, desk.clock())
            return refusal(scope, desk, 403, "token")
        scope["state"]["posted"] = posted
        return None

    def _from_here(self, headers: Headers) -> bool:
        """Whether a form comes from a page of ours.

        Because our pages send no referrer, browsers say "null" for their origin; then only a browser's own word that
        page and target are of one origin counts, which no page can forge.
        """
        origin, site = headers.get("origin", ""), headers.get("sec-fetch-site", "")
        if site not in ("", "same-origin"):
            return False
        if origin == "null":
            return site == "same-origin"
        scheme, mark, host = origin.partition("://")
        return bool(mark) and scheme == self._desk.settings.scheme and host.lower() == headers["host"].lower()


def _taken_by_another_site(headers: Headers) -> bool:
    """Whether a page of another site, or of another port of this machine, wants something of ours inside of it.

    It may lead the browser here (`navigate`), where the page stands alone; it may not frame, fetch or embed anything.
    """
    if headers.get("sec-fetch-site", "") not in ("cross-site", "same-site"):
        return False
    return headers.get("sec-fetch-mode", "") != "navigate" or headers.get("sec-fetch-dest", "document") != "document"


def _cookie(headers: Headers, name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""
