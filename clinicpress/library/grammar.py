"""What counts as Markdown here (the only door to markdown-it): CommonMark, what was added to it, our containers.

And names in braces in running text: which of them stand for a value of the clinic's profile, and what is wrong.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from clinicpress.documents.variables import VARIABLES
from clinicpress.errors import Rule
from clinicpress.library.field_lines import FIELD_KINDS
from clinicpress.library.keys import nearest
from clinicpress.library.rules import PATIENT_IN_TEXT, UNKNOWN_VARIABLE

__all__ = ["CONTAINERS", "SyntaxTreeNode", "is_field", "tree_of", "variable_at", "variable_fault", "variables_named"]

CONTAINERS = ("note", "warning", "fields", "passage")


def tree_of(text: str) -> SyntaxTreeNode:
    """What a Markdown text is made of. Raises `RecursionError` when it is nested too deeply."""
    # html=True so that HTML is seen as such and can be refused; no renderer of markdown-it is ever called.
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    parser.use(deflist_plugin).use(footnote_plugin, inline=False).use(attrs_plugin)
    for name in CONTAINERS:
        parser.use(container_plugin, name)
    parser.inline.ruler.before("link", "variable", _variable)
    # markdown-it would print a link to a forbidden address as plain text; we name it as a problem instead.
    setattr(parser, "validateLink", bool)  # noqa: B010  a method of the parser is replaced
    return SyntaxTreeNode(parser.parse(text))


def _variable(state: StateInline, silent: bool) -> bool:
    """Finds a variable in running text, as markdown-it finds a link."""
    if state.src[state.pos] != "{" or not (found := variable_at(state.src, state.pos)):
        return False
    if not silent:
        state.push("variable", "", 0).content = found[0]
    state.pos = found[1]
    return True


# Names in braces -----------------------------------------------------------------------------------------------------

VARIABLE = re.compile(r"\{[ \t]*([A-Za-z][\w-]*(?:[ \t]*\.[ \t]*[A-Za-z][\w-]*)+)[ \t]*\}")
_OF_A_PERSON = ("patient", "encounter", "visit", "witness", "interpreter", "clinician", "representative")
_BEFORE_A_FIELD = re.compile(rf":\s*(?:{'|'.join(FIELD_KINDS)})(?:\([^()]*\))?\s*$")
Faulty = tuple[Rule, str, str]
"""A rule, what is wrong, what to do."""


def variable_at(text: str, start: int) -> tuple[str, int] | None:
    """The name of the variable that begins at a place of a text, and where it ends.

    `{{name}}` and `${name}` are marks of a template that nobody filled in; these have a rule of their own (C37).
    """
    if text[start - 1 : start] in ("{", "$"):
        return None
    found = VARIABLE.match(text, start)
    if found is None or text[found.end() : found.end() + 1] == "}":
        return None
    return re.sub(r"\s", "", found[1]), found.end()


def variables_named(text: str) -> list[str]:
    """The names of the variables in a text as an author writes it, in their order."""
    places = (found.start() for found in re.finditer(r"(?<!\\)\{", text))
    return [found[0] for start in places if (found := variable_at(text, start))]


def is_field(before: str) -> bool:
    """Whether the words before a name in braces make it a field that stands in the wrong place (S30)."""
    return _BEFORE_A_FIELD.search(before) is not None


def variable_fault(name: str) -> Faulty | None:
    """What is wrong with the name of a variable."""
    if name in VARIABLES:
        return None
    if name.partition(".")[0].lower() in _OF_A_PERSON:
        remedy = "Take it out, or ask for it in a field: '- Label: text {name}' between ::: fields and :::."
        return PATIENT_IN_TEXT, f"'{{{name}}}' would print a person's facts in a running text.", remedy
    remedy = f"{nearest(name, VARIABLES)} A brace that is to print is written \\{{."
    return UNKNOWN_VARIABLE, f"There is no variable '{{{name}}}'.", remedy
