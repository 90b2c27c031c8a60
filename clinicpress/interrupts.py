"""Ctrl-C is heard at any moment, also while modules are loaded and where a library swallows it.

Only the standard library is used here: this module is loaded first, so that Ctrl-C finds someone listening.
"""

import sys

try:  # without the names for every signal, whose making takes as long as a short answer
    from _signal import SIGINT, signal  # type: ignore[import-not-found]
except ImportError:
    from signal import SIGINT, signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

INTERRUPTED = 130  # the shell's own code for Ctrl-C

_heard = False


def stoppable(work: "Callable[[], int]") -> int:
    """Does a piece of work and returns its exit code, or 130 with one sentence when Ctrl-C ended it."""
    signal(SIGINT, _hear)
    sys.unraisablehook = _report_unraisable
    try:
        code = work()
    except BaseException:
        # A library may well answer Ctrl-C with an error of its own, for example when its loading was cut short.
        if not _heard:
            raise
        code = INTERRUPTED
    if code == INTERRUPTED:
        sys.stderr.write("Stopped. What was finished is intact; nothing half-written is left.\n")
    return code


def stop_if_asked() -> None:
    """Ends the work when Ctrl-C was heard but lost on the way: Python drops what is raised while an object dies."""
    if _heard:
        raise KeyboardInterrupt


def _hear(_number: int, _frame: "FrameType | None") -> None:
    global _heard  # noqa: PLW0603  a process has one Ctrl-C
    _heard = True
    raise KeyboardInterrupt


def _report_unraisable(found: "sys.UnraisableHookArgs") -> None:
    """What cannot be raised is told, but for Ctrl-C, which `stop_if_asked` takes up again."""
    if not issubclass(found.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(found)
