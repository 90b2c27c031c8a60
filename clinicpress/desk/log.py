"""What the desk tells its terminal: which page was asked for, how it ended, how long it took. Never a value."""

import traceback
from collections.abc import Callable
from contextlib import suppress
from http import HTTPMethod
from pathlib import Path

from starlette.types import Scope

from clinicpress.desk.workers import BrokenError
from clinicpress.errors import PressError

METHODS = frozenset(HTTPMethod)


class Log:
    """Lines for the person who keeps the desk running. Addresses are told as their patterns, `/packets/{id}`."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def line(self, sentence: str) -> None:
        """Tells a sentence of ours."""
        with suppress(OSError):  # nobody looks at the terminal any more
            self._say(sentence)

    def answered(self, scope: Scope, status: int, seconds: float) -> None:
        """Tells of one request: what was asked for, how it ended, how long it took, and who asked."""
        session = scope.get("state", {}).get("session")
        who = session.person.id if session and session.person else "-"
        self.line(f"{pattern(scope)} {status} {seconds * 1000:.0f} ms {who}")

    def unheard(self, error: BaseException | None) -> None:
        """Tells of an error that nobody waited for."""
        if error is not None and not isinstance(error, PressError | OSError):  # those were told, or are the network's
            self.line(f"A fault of ours: {where_it_broke(error)}")

    def bug(self, scope: Scope, error: BaseException) -> None:
        """Tells where in the program something broke. The message of an error may hold a value, so it is left out."""
        said = str(error) if isinstance(error, BrokenError) else where_it_broke(error)
        self.line(f"A fault of ours: {pattern(scope)}: {said}")


def where_it_broke(error: BaseException) -> str:
    """The kind of an error, and where in the program it happened, innermost first; not its message."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames]
    return f"{type(error).__name__} at {' < '.join(reversed(where[-8:]))}"


def pattern(scope: Scope) -> str:
    """The method and the pattern of a request's address. What is no method is not told: it may be anything."""
    method = scope["method"] if scope["method"] in METHODS else "(no method)"
    return f"{method} {getattr(scope.get('route'), 'path', '(no page)')}"
