"""A process beside this one that sets pages: it loads what it needs while this one still reads and checks.

It is a copy of this process, made before anything is loaded, on Linux with two cores or more; elsewhere there is none.
It is sent pages and their files, and nothing else; pages hold no value of a patient. It dies with this process,
it writes nothing, and Ctrl-C is this one's to hear. A limit on its time and memory holds for every page.
"""

import fcntl
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from shutil import rmtree
from signal import SIG_BLOCK, SIG_IGN, SIG_SETMASK, SIGINT, SIGKILL, SIGXCPU, pthread_sigmask, signal

from clinicpress.documents.blocks import Asset
from clinicpress.errors import PressError
from clinicpress.files import attend
from clinicpress.processes import allow, die_with, framed, limit_memory, received

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

    from clinicpress.pdf.pages import Pages

    Setter = Callable[[str, Mapping[str, Asset]], Pages]
    """Sets a page of HTML with its files."""


SECONDS = 600  # of processor time for one document: a hundred times what the longest of ours takes
MEMORY = 4_000_000_000  # bytes of addresses: ours need a tenth
ROOM = 1 << 20  # bytes of a pipe: a page with its fonts, so that sending it need not wait
MADE, REFUSED, TOO_LARGE, OTHERWISE = range(4)
"""What an answer begins with. OTHERWISE: a bug, which whoever asked may meet in their own process."""


class Gone(Exception):  # noqa: N818  what happened, not what is wrong
    """The process died before it answered. The message says why, as far as that can be told."""


class Child:
    """The process, and the two pipes to it."""

    def __init__(self, number: int, asked: int, answers: "IO[bytes]", limits: tuple[int, int], place: str) -> None:
        self._number, self._asked, self._answers = number, asked, answers
        (self._seconds, self._memory), self._place = limits, place

    def ask(self, html: str, assets: Mapping[str, Asset]) -> None:
        """Sends a page to be set; `answer` waits for it. Raises `Gone`."""
        files = {address: (one.name, one.data, one.media_type) for address, one in assets.items()}
        try:
            _send(self._asked, (html, files))
        except BrokenPipeError as error:
            raise Gone(self._last_words()) from error

    def answer(self) -> "tuple[Any, ...]":
        """What became of the page: one of the words above, then what `Pages` holds, or an error's name and words.

        Raises `Gone`.
        """
        said: tuple[Any, ...] | None = received(self._answers)
        if said is None or said[0] == TOO_LARGE:
            raise Gone(self._last_words(too_large=said is not None))
        return said

    def end(self) -> None:
        """Ends the process at once, and takes away what it left in its folder for passing files."""
        try:
            os.kill(self._number, SIGKILL)
            os.waitpid(self._number, 0)
        except (ProcessLookupError, ChildProcessError):
            pass  # it is gone
        os.close(self._asked)
        self._answers.close()
        if self._place and os.path.isdir(self._place):
            rmtree(self._place, ignore_errors=True)

    def _last_words(self, *, too_large: bool = False) -> str:
        """Why the process died."""
        if too_large:
            return f"it asks for more than {self._memory / 1e9:.0f} GB of memory."
        try:
            status = os.waitpid(self._number, 0)[1]
        except ChildProcessError:
            return "the process that sets pages is gone."
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == SIGXCPU:
            return f"it takes more than {self._seconds} seconds."
        ended = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit code {os.WEXITSTATUS(status)}"
        return f"the process that sets pages ended ({ended}); perhaps the machine ran out of memory."


beside: list[Child] = []
"""The process beside this one; none until it is begun."""


def possible() -> bool:
    """Whether such a process can be had here, and would help."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


def begin(prepare: "Callable[[], Setter]", seconds: int = SECONDS, memory: int = MEMORY, place: str = "") -> None:
    """Begins the process `beside` this one; it loads what `prepare` loads, then waits to be asked.

    `place` is a folder that it makes for passing files (WeasyPrint writes fonts there); `end` takes it away.

    Call it while this process has one thread, and before it holds any fact about a patient. Raises `OSError`.
    """
    theirs, ours = os.pipe()
    mine, others = os.pipe()
    before = pthread_sigmask(SIG_BLOCK, (SIGINT,))  # Ctrl-C must not be heard twice
    try:
        parent = os.getpid()
        number = os.fork()
        if number == 0:
            try:
                signal(SIGINT, SIG_IGN)
                pthread_sigmask(SIG_SETMASK, before)
                _settle(parent, theirs, others, memory)
                _make_place(place)
                _serve(prepare, os.fdopen(theirs, "rb"), others, seconds)
            finally:
                os._exit(0)  # whatever it is: nothing of this copy may go on
    finally:
        pthread_sigmask(SIG_SETMASK, before)
    os.close(theirs)
    os.close(others)
    try:
        fcntl.fcntl(ours, fcntl.F_SETPIPE_SZ, ROOM)
    except (OSError, AttributeError):  # other systems have no such call
        pass  # then this process waits until the other one has read
    beside[:] = [Child(number, ours, os.fdopen(mine, "rb"), (seconds, memory), place)]


# In the process itself ------------------------------------------------------------------------------------------------


def _settle(parent: int, *kept_and_memory: int) -> None:
    """Makes this process one that dies with its parent, holds no file of it but two pipes, and has its limits."""
    *kept, memory = kept_and_memory
    die_with(parent)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        if descriptor > 2 and descriptor not in kept:
            try:
                os.close(descriptor)
            except OSError:
                pass  # the one that the list was read with
    limit_memory(memory)


def _make_place(place: str) -> None:
    """Makes the folder for passing files, for its owner only, and has Python use it. One that is there is not ours.

    It is held as long as this process lives, so that nobody sweeps it.
    """
    try:
        os.mkdir(place, 0o700)
        attend(place)
    except OSError:
        return
    tempfile.tempdir = place


def _serve(prepare: "Callable[[], Setter]", asked: "IO[bytes]", answers: int, seconds: int) -> None:
    """Answers until nobody asks any more."""
    setter: Setter | None = None
    refusal: tuple[Any, ...] = ()
    try:
        setter = prepare()
    except PressError as error:
        refusal = (REFUSED, type(error).__name__, str(error))
    except BaseException:  # noqa: BLE001  whoever asks meets it again, with its traceback
        refusal = (OTHERWISE,)
    while (question := received(asked)) is not None:
        answer = refusal
        if setter is not None:
            allow(seconds)
            html, files = question
            try:
                pages = setter(html, {address: Asset(*facts) for address, facts in files.items()})
                answer = (MADE, pages.pdf, pages.places)
            except PressError as error:
                answer = (REFUSED, type(error).__name__, str(error))
            except MemoryError:
                answer = (TOO_LARGE,)
            except BaseException:  # noqa: BLE001
                answer = (OTHERWISE,)
        _send(answers, answer)


# Both ends of a pipe --------------------------------------------------------------------------------------------------


def _send(pipe: int, thing: "tuple[Any, ...]") -> None:
    """Sends all of it; nothing waits in a buffer, which could not be emptied when Ctrl-C is heard."""
    left = memoryview(framed(thing))
    while left:
        left = left[os.write(pipe, left) :]
