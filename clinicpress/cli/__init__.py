"""The command line: turns arguments into orders, and problems and errors into words and an exit code.

Exit codes: 0 done; 1 a bug; 2 the content or the profile has problems; 3 wrong usage or unreadable input; 4 a document
could not be rendered; 5 the journal could not be verified; 6 is kept for charts; 7 a batch refused rows. What was made
goes to standard output, all else to standard error.

What is said and done lies in the commands; whatever one needs is loaded when it is used.
"""

import errno
import os
import sys

from clinicpress.interrupts import INTERRUPTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Runs one command line (without the program's name) and returns its exit code.

    A bug of ours is not caught: it ends with its traceback and exit code 1.
    """
    os.umask(0o077)  # what the press writes is nobody else's to read
    given = tuple(sys.argv[1:] if arguments is None else arguments)
    if hasattr(sys.stdout, "reconfigure"):
        # The name of a folder may be no text: a path is written as the disk has it; JSON escapes what it cannot hold.
        sys.stdout.reconfigure(errors="backslashreplace" if "--json" in given else "surrogateescape")
    try:
        # Whether this process does nothing else, commands learn as `obj`.
        code = _commands().cli.main(given, prog_name="generate.py", standalone_mode=False, obj=arguments is None)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):
        # The reader (head, less) has seen enough; click turns a closed pipe into SystemExit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        full: int = _commands().disk_full()
        return full
    except Exception as error:
        known: int | None = _commands().told(error)
        if known is None:
            raise
        return known
    return code if isinstance(code, int) else 0


def _commands() -> "Any":
    """The commands, loaded late: whatever is wrong with loading them, `main` tells, and Ctrl-C is heard meanwhile."""
    from clinicpress.cli import commands  # noqa: PLC0415

    return commands
