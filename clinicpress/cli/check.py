"""`check`: the careful editor."""

import json
from collections.abc import Iterable, Iterator
from textwrap import indent

import click

from clinicpress import library, lint
from clinicpress.cli.options import Shelf, shelf_options, take_stock
from clinicpress.errors import InputError, Problem, Rule, Severity, sorted_problems

FOUND_ERRORS = 2


@click.command()
@click.argument("topics", nargs=-1, metavar="[TOPIC ...]")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--explain", metavar="CODE", help="Print the manual of a rule (S06, or its name) and stop.")
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.pass_context
@shelf_options
def check(
    context: click.Context,
    shelf: Shelf,
    topics: tuple[str, ...] = (),
    as_json: bool = False,
    explain: str | None = None,
    strict: bool = False,
) -> None:
    """Reads the content and the clinic's profile as a careful editor and lists what is wrong.

    It screens; it does not judge, and it gives no legal advice. Exit code 2 when an error stands.

    \b
    Example:
      python generate.py check neurotherapy --strict
      python generate.py check --explain S06
    """  # noqa: D301  click reads \b as "do not wrap"
    if explain:
        click.echo(_manual(explain))
        return
    problems = sorted_problems(take_stock(shelf, topics).problems)
    if as_json:
        found = [problem.as_dict() for problem in problems]
        click.echo(json.dumps({"problems": found, "scores": {}}, ensure_ascii=False, indent=1))
    else:
        errors = sum(problem.severity is Severity.ERROR for problem in problems)
        lines = [*problem_lines(problems), f"{errors} error(s), {len(problems) - errors} warning(s)."]
        click.echo("\n".join(lines))
    if any(strict or problem.severity is Severity.ERROR for problem in problems):
        context.exit(FOUND_ERRORS)


def problem_lines(problems: Iterable[Problem]) -> Iterator[str]:
    """Findings as a person reads them: place and rule, the sentence that is meant, what is wrong and what to do."""
    for problem in problems:
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        yield f"{place}: {problem.severity} {problem.code} {problem.rule}"
        if problem.sentence:
            yield f"    | {problem.sentence}"
        yield f"    {problem.message} {problem.remedy}"


def _manual(code: str) -> str:
    """The manual of all rules with this code or name."""
    rules: tuple[Rule, ...] = (*library.RULES, *library.VALUE_RULES, *lint.RULES)
    found = [rule for rule in rules if code.lower() in (rule.code.lower(), rule.name)]
    if not found:
        known = ", ".join(sorted({rule.code for rule in rules}))
        raise InputError(f"There is no rule '{code}'. Known are: {known}.")
    return "\n\n".join(
        f"{rule.code} {rule.name} ({rule.severity})\n\n{indent(rule.manual, '  ')}\n\n  Source: {rule.source}"
        for rule in found
    )
