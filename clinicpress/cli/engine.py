"""Begins what takes longest before it is known what for: loading WeasyPrint, in a process of its own."""

import os

from clinicpress.leftovers import WORKING
from clinicpress.pdf import child
from clinicpress.pdf.render import ready


class Engine:
    """The process that sets pages beside this one, begun when something is to be set that nobody set before.

    There is one where this process does nothing else (`alone`), on a system that can have one.
    """

    def __init__(self, *, alone: bool = False) -> None:
        self._alone = alone

    def begin(self) -> None:
        """Begins it, once. Call it while this process has one thread and knows nothing about a patient."""
        if not self._alone or child.beside or not child.possible():
            return
        # The name is of chance: nobody else can have made a folder there before. As `tempfile` would choose the place.
        name = f"{WORKING}{os.getpid()}-{os.urandom(8).hex()}"
        place = os.path.join(os.environ.get("TMPDIR") or "/tmp", name)  # noqa: S108
        try:
            child.begin(ready, place=place)
        except OSError:
            pass  # no process or no pipe is to be had: pages are set in this one

    def end(self) -> None:
        """Ends that process, if it is there; nothing of it is left."""
        if child.beside:
            child.beside.pop().end()
