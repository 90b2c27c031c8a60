"""Who sits at which browser: the one-time link that lets a browser in, sessions, and the wait after a wrong passphrase.

All of it is in memory: when the desk ends, everybody is signed out.
"""

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest

from clinicpress.people import Person, same_name

COOKIE = "clinicpress"
MOST_SESSIONS = 500
FREE_TRIES = 3  # wrong passphrases before the wait begins
LONGEST_WAIT = 60.0  # seconds
MOST_DOUBLED = 10  # times that the wait is doubled: it is the longest by then
MOST_NAMES = 1000  # that are remembered for their wrong passphrases


@dataclass(slots=True)
class Session:
    """One browser. `token` stands in every form of its pages; `person` is who is signed in, if anybody is.

    `seal` is what `People.seal` said of the person then.
    """

    id: str = field(repr=False)
    token: str = field(repr=False)
    seen: float
    language: str
    person: Person | None = None
    seal: str = field(default="", repr=False)


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

    def find(self, id_: str, now: float, *, by_itself: bool = False) -> Session | None:
        """The session of a cookie. Whoever did nothing for too long is signed out by this.

        `by_itself`: a page asks, not a person, so it does not count as something that was done.
        """
        session = self._known.get(id_)
        if session is None:
            return None
        if session.person is not None and now - session.seen > self._idle:
            session.person = None
        if not by_itself:
            session.seen = now
        self._known.move_to_end(id_)
        return session

    def sign_in(self, session: Session, person: Person, seal: str, now: float) -> Session:
        """The session of somebody who signs in: a new one, so that nobody has seen its cookie before."""
        self._known.pop(session.id, None)
        new = self._new(now, session.language)
        new.person, new.seal = person, seal
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
