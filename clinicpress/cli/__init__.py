"""The command line: turns arguments into orders, and problems and errors into words and an exit code.

Exit codes: 0 done; 1 a bug; 2 the content or the profile has problems; 3 wrong usage or unreadable input; 4 a document
could not be rendered; 5 to 7 are kept for sealing, charts and batches. What was made goes to standard output, all else
to standard error.
"""

import errno
import os
from collections.abc import Sequence

import click

from clinicpress import __version__
from clinicpress.cli.approve import approve
from clinicpress.cli.build import build
from clinicpress.cli.check import check, problem_lines
from clinicpress.cli.importing import import_file
from clinicpress.cli.listing import list_documents
from clinicpress.cli.machine import doctor
from clinicpress.cli.skeleton import new_topic
from clinicpress.cli.translate import translate
from clinicpress.errors import ContentError, InputError, PressError
from clinicpress.interrupts import INTERRUPTED


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="clinicpress")
@click.pass_context
def cli(context: click.Context) -> None:
    """Prints a clinic's handouts and consent forms as accessible, lasting PDFs.

    Without a command it prints the library: every document, for the clinic in clinic.toml, into out/.

    \b
    Example:
      python generate.py
      python generate.py build neurotherapy --profile large-print
    """  # noqa: D301  click reads \b as "do not wrap"
    if context.invoked_subcommand is None:
        context.invoke(build)


for command in (build, list_documents, check, approve, doctor, new_topic, import_file, translate):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line (without the program's name) and returns its exit code.

    A bug of ours is not caught: it ends with its traceback and exit code 1.
    """
    os.umask(0o077)  # what the press writes is nobody else's to read
    try:
        code = cli.main(arguments, prog_name="generate.py", standalone_mode=False)
    except ContentError as error:
        click.echo("\n".join(problem_lines(error.problems)), err=True)
        click.echo(f"{len(error.problems)} problem(s). Nothing was printed.", err=True)
        return error.exit_code
    except PressError as error:
        click.echo(f"Error: {error}", err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return InputError.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):
        # The reader (head, less) has seen enough; click turns a closed pipe into SystemExit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        click.echo(
            "Error: The disk is full; the answer could not be written. Free some space, then run it again.", err=True
        )
        return InputError.exit_code
    return code if isinstance(code, int) else 0
