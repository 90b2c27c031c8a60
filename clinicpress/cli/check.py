"""`check`: the careful editor."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from textwrap import indent
from typing import Any

import click

from clinicpress import files, library, lint
from clinicpress.cache import Cache
from clinicpress.cli.commands import problem_lines
from clinicpress.cli.options import cache_options, one_by_one, passing_files, shelf_options
from clinicpress.clinics import PageProfile, Print
from clinicpress.documents.passages import PASSAGES, files_of_text
from clinicpress.errors import InputError, Problem, Rule, Severity, sorted_problems
from clinicpress.orders import Request
from clinicpress.press.kept import stock_of
from clinicpress.press.passages import check_passages, uses
from clinicpress.press.shelf import Shelf, Stock, held_back

FOUND_ERRORS = 2


@click.command()
@click.argument("topics", nargs=-1, metavar="[TOPIC ...]")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--explain", metavar="CODE", help="Print the manual of a rule (S06, or its name) and stop.")
@click.option("--why", metavar="CODE", help="Say of an element why it counts as told or not (C12), and stop.")
@click.option(
    "--report", type=click.Path(path_type=Path), metavar="FILE.pdf", help="Also write a page for the manager."
)
@click.option("--words", is_flag=True, help="Read the words only; leave out the pages, which take longer.")
@click.option("--pages", is_flag=True, help="Also measure the type on every page (slow).")
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.pass_context
@cache_options
@shelf_options
def check(
    context: click.Context,
    shelf: Shelf,
    cache: Cache,
    topics: tuple[str, ...] = (),
    as_json: bool = False,
    explain: str | None = None,
    why: str | None = None,
    report: Path | None = None,
    words: bool = False,
    pages: bool = False,
    strict: bool = False,
) -> None:
    """Reads the content and the clinic's profile as a careful editor and lists what is wrong.

    What to put right first stands first, and what is found again and again in a text is told once, with its places.
    It also sets every document in pages, in standard and in large print, and lists what could not be printed; the pages
    of a text that did not change are kept. "passages" is no topic: it lists what is wrong with these by themselves, and
    where each stands. It screens; it does not judge, and it gives no legal advice. Exit code 2:
    there is an error.

    \b
    Example:
      python generate.py check neurotherapy --strict
      python generate.py check --report out/report.pdf
      python generate.py check --words
      python generate.py check neurotherapy --pages
      python generate.py check passages
      python generate.py check --explain S06
      python generate.py check neurotherapy --why C12
    """  # noqa: D301  click reads \b as "do not wrap"
    if explain:
        click.echo(_manual(explain))
        return
    if words and pages:
        raise InputError("--words leaves the pages out, and --pages measures them. Give one of the two.")
    if topics == (PASSAGES,):
        context.exit(_of_passages(shelf, cache, as_json=as_json, strict=strict))
    stock = stock_of(shelf, cache, topics)
    if why:
        click.echo("\n".join(_reasons(stock, shelf.today, why.upper())))
        return
    seen = () if words else _laid_out(stock, shelf.today, cache, pages)
    problems = sorted_problems((*stock.problems, *seen))
    left_out = lint.left_out(stock.documents, stock.clinic)
    if as_json:
        found = [problem.as_dict() for problem in problems]
        scores = {str(document.file): lint.scores_of(document, stock.glossary) for document in stock.documents}
        believed = {str(document.file): what for document in stock.documents if (what := lint.believed(document))}
        left = [asdict(one) for one in left_out]
        answer = {"problems": found, "scores": scores, "left_out": left, "believed": believed}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        errors = sum(problem.severity is Severity.ERROR for problem in problems)
        stopped = held_back(replace(stock, problems=problems))
        behind = sorted(stopped - {problem.file for problem in problems})
        lines = [
            *problem_lines(problems, stopped),
            *(f"{file} cannot be printed: a text or profile that it needs has errors." for file in behind),
            *map(str, left_out),
            *filter(None, map(lint.believed_told, stock.documents)),
            f"{errors} error(s), {len(problems) - errors} warning(s).",
        ]
        click.echo("\n".join(lines))
    if report is not None:
        _write_report(report, stock, problems, shelf.today)
    if any(strict or problem.severity is Severity.ERROR for problem in problems):
        context.exit(FOUND_ERRORS)


def _reasons(stock: Stock, today: date, code: str) -> Iterator[str]:
    """Why an element counts as told or not, a sentence a document."""
    if code not in lint.WEIGHED:
        raise InputError(f"'{code}' is not weighed by its words. Weighed are: {', '.join(lint.WEIGHED)}.")
    context = lint.Context(today, frozenset(), stock.glossary, stock.clinic)
    found = [one for document in stock.documents for one in lint.reasons(document, context, code)]
    yield from found or [f"No document here has to tell {code}."]


def _of_passages(shelf: Shelf, cache: Cache, *, as_json: bool, strict: bool) -> int:
    """Lists what is wrong with passages by themselves, and where each stands; the exit code."""
    stock = stock_of(shelf, cache)
    problems, places = check_passages(stock), list(uses(stock))
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    if as_json:
        answer = {"problems": [problem.as_dict() for problem in problems], "uses": places}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        lines = [*problem_lines(problems), *places, f"{errors} error(s), {len(problems) - errors} warning(s)."]
        click.echo("\n".join(lines))
    return FOUND_ERRORS if errors or (strict and problems) else 0


def _laid_out(stock: Stock, today: date, cache: Cache, pages: bool) -> Iterator[Problem]:
    """What keeps documents from being printed, in standard and in large print; their `pages` are measured as well.

    Those with errors are left out. Where nothing can be set in pages, a note says so.
    """
    press, clinic = _press(), stock.clinic
    faulty = {problem.file for problem in stock.problems if problem.severity is Severity.ERROR}
    if clinic is None or str(clinic.file) in faulty:
        click.echo("No page was looked at: the clinic's profile has errors. Mend them first.", err=True)
        return
    sound = []
    for document in stock.documents:
        if faulty & files_of_text(document):
            click.echo(f"{document.file}: its pages were not looked at, because it has errors.", err=True)
        elif document.fixed is None:  # else its pages are its owner's
            sound.append(document)
    context = lint.Context(today, frozenset(), stock.glossary, clinic)
    requests = [Request(clinic, stock.fonts, PageProfile(clinic.paper, size)) for size in Print]
    orders = [request.order(one) for one in sound for request in requests]
    with passing_files():
        for order in one_by_one(orders, "Looking at pages"):
            try:
                laid = press.examine(order, cache)
            except InputError as error:
                click.echo(f"No page was looked at: {error}", err=True)
                return
            yield from lint.check_layout(laid, context)
            if pages and not laid.faults:
                yield from lint.check_print(press.read_back(order, cache), context)


def _write_report(path: Path, stock: Stock, problems: Sequence[Problem], today: date) -> None:
    """Writes the page for the manager. Raises `InputError` when there is no sound profile to print it with."""
    if stock.clinic is None:
        raise InputError("The clinic's profile has errors; mend them first, then ask for the report again.")
    reports = [lint.report_of(document, problems, stock.glossary) for document in stock.documents]
    with passing_files():
        files.write(path, _press().print_report(reports, stock.clinic, stock.fonts, today))
    click.echo(str(path), err=True)


def _press() -> Any:
    """The press, loaded when pages are looked at or printed: that takes longer than to check words."""
    from clinicpress.press import press  # noqa: PLC0415

    return press


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
