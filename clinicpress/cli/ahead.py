"""Begins what takes longest before it is known what for: loading WeasyPrint, in a process of its own."""

import os

from clinicpress.pdf import child

WORKING = "clinicpress-"  # what `delivery.leftovers` knows such a folder by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from clinicpress.pdf.child import Setter


def begin_engine() -> None:
    """Begins the process that sets pages, where there can be one. Call it before anything else is loaded."""
    if child.possible():
        # The name is of chance: nobody else can have made a folder there before. As `tempfile` would choose the place.
        name = f"{WORKING}{os.getpid()}-{os.urandom(8).hex()}"
        place = os.path.join(os.environ.get("TMPDIR") or "/tmp", name)  # noqa: S108
        try:
            child.begin(_loaded, place=place)
        except OSError:
            pass  # no process or no pipe is to be had: pages are set in this one


def end_engine() -> None:
    """Ends that process, if it is still there; nothing of it is left."""
    if child.beside:
        child.beside.pop().end()


def _loaded() -> "Setter":
    """In that process: WeasyPrint, loaded."""
    from clinicpress.pdf.render import ready  # noqa: PLC0415  here and not where the other one waits

    return ready()
