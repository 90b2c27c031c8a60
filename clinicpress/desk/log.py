"""What the desk tells its terminal: which page was asked for, how it ended, how long it took. Never a value."""

import traceback
from collections.abc import Callable
from pathlib import Path

from starlette.types import Scope

from clinicpress.desk.workroom import BrokenError


class Log:
    """Lines for the person who keeps the desk running. Addresses are told as their patterns, `/packets/{id}`."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def line(self, sentence: str) -> None:
        """Tells a sentence of ours."""
        self._say(sentence)

    def bug(self, scope: Scope, error: BaseException) -> None:
        """Tells where in the program something broke. The message of an error may hold a value, so it is left out."""
        said = str(error) if isinstance(error, BrokenError) else where_it_broke(error)
        self._say(f"A fault of ours: {pattern(scope)}: {said}")


def where_it_broke(error: BaseException) -> str:
    """The kind of an error, and where in the program it happened, innermost first; not its message."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames]
    return f"{type(error).__name__} at {' < '.join(reversed(where[-8:]))}"


def pattern(scope: Scope) -> str:
    """The method and the pattern of a request's address."""
    route = scope.get("route")
    return f"{scope.get('method', '')} {getattr(route, 'path', '(no page)')}"
