"""What the person is told when something cannot be done, and the exit code that goes with it."""

from collections.abc import Iterable, Iterator

import click

from clinicpress.errors import ContentError, InputError, PressError, Problem
from clinicpress.interrupts import INTERRUPTED


def told(error: Exception) -> int | None:
    """Tells an error that a person can put right, and returns its exit code; None for a bug of ours."""
    match error:
        case ContentError():
            click.echo("\n".join(problem_lines(error.problems)), err=True)
            click.echo(f"{len(error.problems)} problem(s). Nothing was printed.", err=True)
            return error.exit_code
        case PressError():
            click.echo(f"Error: {error}", err=True)
            return error.exit_code
        case click.ClickException():
            error.show()
            return InputError.exit_code
        case click.Abort():
            return INTERRUPTED
    return None


def disk_full() -> int:
    """Tells that the answer itself could not be written."""
    click.echo(
        "Error: The disk is full; the answer could not be written. Free some space, then run it again.", err=True
    )
    return InputError.exit_code


def problem_lines(problems: Iterable[Problem]) -> Iterator[str]:
    """Findings as a person reads them: place and rule, the sentence that is meant, what is wrong and what to do."""
    for problem in problems:
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        yield f"{place}: {problem.severity} {problem.code} {problem.rule}"
        if problem.sentence:
            yield f"    | {problem.sentence}"
        yield f"    {problem.message} {problem.remedy}"
