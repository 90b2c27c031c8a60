"""Who sits at which browser: links that let one in, sessions, the wait after a wrong passphrase, and the way back.

All of it is in memory: when the desk ends, everybody is signed out.

The mark of a browser that was let in names nobody and lets nobody in: with it a browser is shown the sign-in page.
It is made with the key of the installation and with chance that the record keeps; `serve --forget-browsers` forgets
that, and with it all browsers.
"""

import hmac
import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from hmac import compare_digest

from clinicpress.desk.posted import Posted
from clinicpress.record import Database
from clinicpress.record.entries import same_name
from clinicpress.record.people import Person

COOKIE = "clinicpress"
MOST_SESSIONS = 500
FREE_TRIES = 3  # wrong passphrases before the wait begins
LONGEST_WAIT = 60.0  # seconds
MOST_DOUBLED = 10  # times that the wait is doubled: it is the longest by then
MOST_NAMES = 1000  # that are remembered for their wrong passphrases
FORM_KEPT = 10 * 60.0  # seconds that a form is kept which could not be done: long enough to sign in again


@dataclass(slots=True)
class Interrupted:
    """What somebody was at: the page to go back to, and the form of Prepare as it was typed, for a few minutes."""

    place: str = "/"
    form: Posted | None = field(default=None, repr=False)
    until: float = 0.0


@dataclass(slots=True)
class Session:
    """One browser. `token` stands in every form of its pages; `person` is who is signed in, if anybody is.

    `seal` is what `People.seal` said of the person then. `idled` is who did nothing for so long that they were signed
    out; what they were at (`interrupted`) waits for them, and is shown to nobody else.
    """

    id: str = field(repr=False)
    token: str = field(repr=False)
    seen: float
    language: str
    person: Person | None = None
    seal: str = field(default="", repr=False)
    idled: Person | None = None
    interrupted: Interrupted = field(default_factory=Interrupted, repr=False)
    size_of_print: str = ""  # as chosen last on Today


class Sessions:
    """All browsers that were let in. `idle` is how many seconds somebody may do nothing; times are of one clock."""

    def __init__(self, idle: float) -> None:
        self._idle = idle
        self._link = secrets.token_urlsafe(24)
        self._known: OrderedDict[str, Session] = OrderedDict()

    @property
    def link(self) -> str:
        """The end of the address that lets one more browser in; once used, it is another one."""
        return self._link

    def let_in(self, link: str, now: float, language: str) -> Session | None:
        """A new session for the browser that has the link; None for a wrong or used one."""
        if not compare_digest(link.encode(), self._link.encode()):
            return None
        self._link = secrets.token_urlsafe(24)
        return self._new(now, language)

    def let_in_again(self, now: float, language: str) -> Session:
        """A new session for a browser that was let in before; nobody is signed in there."""
        return self._new(now, language)

    def find(self, id_: str, now: float, *, by_itself: bool = False) -> Session | None:
        """The session of a cookie. Whoever did nothing for too long is signed out by this.

        `by_itself`: a page asks, not a person, so it does not count as something that was done.
        """
        session = self._known.get(id_)
        if session is None:
            return None
        self._end_if_idle(session, now)
        if not by_itself:
            session.seen = now
        self._known.move_to_end(id_)
        return session

    def left(self, session: Session, now: float) -> float:
        """How many seconds are left until this person is signed out for doing nothing."""
        return max(0.0, session.seen + self._idle - now)

    def has(self, person: Person) -> bool:
        """Whether this person is signed in at any browser."""
        return any(one.person is not None and one.person.id == person.id for one in self._known.values())

    def tidy(self, now: float) -> None:
        """Signs out whoever did nothing for too long, and lets go of forms for which nobody came back."""
        for session in self._known.values():
            self._end_if_idle(session, now)
            if now > session.interrupted.until:
                session.interrupted.form = None

    def keep(self, session: Session, place: str, form: Posted | None, now: float) -> None:
        """Keeps what somebody was at, in this memory only, until it is taken up again."""
        if form is not None:
            session.interrupted = Interrupted(place, form, now + FORM_KEPT)
        elif session.interrupted.form is None:
            session.interrupted = Interrupted(place)

    def take_form(self, session: Session, now: float) -> Posted | None:
        """The form of Prepare that was kept, once: whoever begins again does not find another patient's facts there."""
        kept, session.interrupted = session.interrupted, Interrupted()
        return kept.form if now <= kept.until else None

    def _end_if_idle(self, session: Session, now: float) -> None:
        if session.person is not None and now - session.seen > self._idle:
            session.idled, session.person = session.person, None

    def sign_in(self, session: Session, person: Person, seal: str, now: float) -> Session:
        """The session of somebody who signs in: a new one, so that nobody has seen its cookie before."""
        self._known.pop(session.id, None)
        new = self._new(now, session.language)
        new.person, new.seal = person, seal
        if session.idled is not None and session.idled.id == person.id:
            new.interrupted = session.interrupted
        return new

    def sign_out(self, session: Session, now: float) -> Session:
        """The session of the browser when nobody is signed in any more: a new one."""
        self._known.pop(session.id, None)
        return self._new(now, session.language)

    def _new(self, now: float, language: str) -> Session:
        if len(self._known) >= MOST_SESSIONS:
            self._known.popitem(last=False)  # the one that was idle for longest
        session = Session(secrets.token_urlsafe(32), secrets.token_urlsafe(32), now, language)
        self._known[session.id] = session
        return session


class Tries:
    """Wrong passphrases by name: each one after the first few doubles the wait before the next try is looked at.

    Of a name only its digest is kept: what was typed there may be anything.
    """

    def __init__(self) -> None:
        self._wrong: OrderedDict[bytes, tuple[int, float]] = OrderedDict()

    def wait(self, name: str, now: float) -> float:
        """How many seconds somebody has to wait before the next try."""
        count, last = self._wrong.get(_digest(name), (0, 0.0))
        if count < FREE_TRIES:
            return 0.0
        return max(0.0, last + min(2.0 ** min(count - FREE_TRIES, MOST_DOUBLED), LONGEST_WAIT) - now)

    def wrong(self, name: str, now: float) -> None:
        """Notes a wrong passphrase."""
        count, _ = self._wrong.pop(_digest(name), (0, 0.0))
        if len(self._wrong) >= MOST_NAMES:
            self._wrong.popitem(last=False)
        self._wrong[_digest(name)] = (count + 1, now)

    def right(self, name: str) -> None:
        """Forgets the wrong ones."""
        self._wrong.pop(_digest(name), None)


def _digest(name: str) -> bytes:
    """A name as it is compared, and as nobody reads it."""
    return sha256(same_name(name).encode(errors="surrogatepass")).digest()


BROWSER_COOKIE = "clinicpress-browser"
REMEMBERED = timedelta(days=90)  # since somebody last signed in or out there: longer than any leave
SIZE = 32  # bytes


class KnownBrowsers:
    """Makes such marks and knows them again, with the installation's key and what its record keeps."""

    def __init__(self, record: Database) -> None:
        self._record, self._key = record, secrets.token_bytes(SIZE)

    def begin(self) -> None:
        """Takes up the marks that were made before. Raises `InputError`."""
        chance = self._record.browser_secret(secrets.token_bytes(SIZE))
        self._key = hmac.digest(self._record.key, b"browsers that were let in " + chance, "sha256")

    def mark(self, today: date) -> str:
        """A new mark: its day, chance, and a seal over both."""
        said = f"{today.isoformat()}.{secrets.token_hex(8)}"
        return f"{said}.{self._seal(said)}"

    def knows(self, mark: str, today: date) -> bool:
        """Whether a mark is ours, and not too old."""
        said, _, seal = mark.rpartition(".")
        if not hmac.compare_digest(seal.encode(), self._seal(said).encode()):
            return False
        return timedelta() <= today - date.fromisoformat(said.partition(".")[0]) <= REMEMBERED

    def _seal(self, said: str) -> str:
        return hmac.digest(self._key, said.encode(), "sha256").hex()


LIBRARY, PREPARE, SIGN_IN = "/", "/prepare", "/sign-in"
_PAGES = re.compile(
    r"/|/sign-in|/prepare(/[^/]+)?|/today(/[^/]+/\d+/by-hand)?|/packets/[^/]+(/prints/\d+)?|/editor(/[^/]+){3}|/editor",
    re.ASCII,
)


def page_of(path: str) -> str:
    """The page that an address belongs to: itself, else what it stands under (`/packets/x/print`: `/packets/x`)."""
    while path and not _PAGES.fullmatch(path):
        path = path.rpartition("/")[0]
    return path or LIBRARY


def fills_in(path: str) -> bool:
    """Whether the form of Prepare stands on a page."""
    return page_of(path).startswith(PREPARE) or path.endswith("/by-hand")
