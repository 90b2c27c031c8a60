"""The commands by their names, each loaded when it is used; and what a person is told when one cannot be done."""

from collections.abc import Collection, Iterator, Mapping, MutableMapping
from importlib import import_module
from types import MappingProxyType

import click

from clinicpress import __version__
from clinicpress.errors import ContentError, InputError, PressError, Problem
from clinicpress.interrupts import INTERRUPTED
from clinicpress.reports import FIRST, ToldFinding, told_findings

# Where each command lies, and its line in `--help`: the first sentence of its own help, for which nothing is loaded.
COMMANDS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "approve": ("approve", "approve", "Records that this very text was reviewed."),
        "backup": (
            "machine",
            "backup",
            "Writes record, content and the clinic's profile into one file, also while the front desk runs.",
        ),
        "batch": ("batch", "batch", "Writes the packet of every row of an appointment list."),
        "build": ("build", "build", "Writes PDFs of all topics, or of those that are named."),
        "check": (
            "check",
            "check",
            "Reads the content and the clinic's profile as a careful editor and lists what is wrong.",
        ),
        "doctor": ("machine", "doctor", "Says what this machine lacks to print and to test, and how to get it."),
        "explode": ("importing", "explode", "Writes the texts of a topic with their passages written out in them."),
        "import": (
            "importing",
            "import_file",
            "Makes a document of a handout or form that you have: .docx, .odt, .txt, .md or .html.",
        ),
        "journal": ("journal", "journal", "Shows who did what, and finds any change that was made to that record."),
        "kinds": ("kinds", "list_kinds", "Lists the kinds of paper, or explains one: its sections, blocks and rules."),
        "list": ("listing", "list_documents", "Lists topics, kinds, languages, revision, review state and date."),
        "new": (
            "new",
            "new_topic",
            "Makes a skeleton handout and consent form with every section, or takes drafts to begin with.",
        ),
        "print": ("printing", "print_documents", "Sends documents to a printer, and tells how it goes."),
        "restore": ("machine", "restore", "Puts back what a backup holds, and overwrites nothing."),
        "serve": (
            "serve",
            "serve",
            "Opens the front desk in a browser, on this machine only; or looks after the people who may sign in there.",
        ),
        "translate": (
            "translate",
            "translate",
            "Sends a document to a human translator as an XLIFF file, and takes it back with its record.",
        ),
    }
)


class _Late(MutableMapping[str, click.Command]):
    """The commands, each loaded when it is asked for."""

    def __init__(self) -> None:
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            module, command, _ = COMMANDS[name]
            self._loaded[name] = getattr(import_module(f"clinicpress.cli.{module}"), command)
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**COMMANDS, **self._loaded})

    def __len__(self) -> int:
        return len({**COMMANDS, **self._loaded})

    def __contains__(self, name: object) -> bool:
        return name in COMMANDS or name in self._loaded


class _Commands(click.Group):
    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (*_, about) in COMMANDS.items()])


@click.group(
    cls=_Commands,
    commands=_Late(),
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
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
        context.invoke(_Late()["build"])


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


def problem_lines(problems: Collection[Problem], held_back: Collection[str] = ()) -> Iterator[str]:
    """Findings as a person reads them: place and rule, the sentence that is meant, what is wrong and what to do.

    The three to put right first stand above the others. `held_back` are files whose text cannot be printed as it is.
    """
    told = told_findings(problems)
    for number, one in enumerate(told):
        if len(told) > FIRST and number in (0, FIRST):
            yield "Do these first:" if number == 0 else "Then the rest:"
        yield from _finding_lines(one, one.first.file in held_back)


def _finding_lines(told: ToldFinding, held_back: bool) -> Iterator[str]:
    """One finding, or a run of them."""
    first, count = told.first, len(told.others) + 1
    times = f", {count} times" if count > 1 else ""
    stopped = " (this text cannot be printed)" if held_back else ""
    yield f"{told.place}: {first.severity} {first.code} {first.rule}{times}{stopped}"
    if first.sentence:
        yield f"    | {first.sentence}"
    yield f"    {first.message} {first.remedy}"
    if also := "; ".join(told.also()):
        yield f"    Also {also}."
