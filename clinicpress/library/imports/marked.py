"""Another program's Markdown becomes headings, paragraphs, lists and tables (a door to markdown-it).

The HTML is read at once and thrown away; none of it reaches a document.
"""

import re
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.attrs import attrs_block_plugin, attrs_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from clinicpress.library.frontmatter import split_front_matter
from clinicpress.library.imports.tags import Found
from clinicpress.library.imports.web import read_web

_ROLE = re.compile(r"^(#{1,6} (?:[^\n{ ]++| ++(?!\{#)|\{(?!#))*+) *\{#([a-z-]+)[^{}\n]*\}[ \t]*$", re.MULTILINE)
_CARRIED = ("title",)


def read_marked(path: Path, text: str, found: Found) -> None:
    """Reads Markdown; the front matter gives the title, and the rest of it is named."""
    if text.startswith("---\n"):
        values, _, written, body, _, problems = split_front_matter(text, path)
        if values and not problems:
            text = body
            found.facts |= {key: value for key, value in values.items() if key in _CARRIED}
            for key in values.keys() - set(_CARRIED):
                what = f"The key '{key}' of the front matter was not carried over."
                found.remark(what, "Write it again if it still holds.", written.get(key) or str(values[key]))
    text = _with_all_cells(text, found)
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.use(deflist_plugin).use(footnote_plugin, inline=False).use(attrs_plugin).use(attrs_block_plugin)
    read_web(parser.render(_ROLE.sub(r'\1 <a id="role-\2"></a>', text)), found)


_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")


def _cells(line: str) -> int:
    return len(re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|")))


def _with_all_cells(text: str, found: Found) -> str:
    """Markdown whose tables have a column for each cell: readers of Markdown drop what stands behind the last head."""
    lines = text.split("\n")
    for at in range(1, len(lines)):
        if "|" not in lines[at - 1] or not _RULE.fullmatch(lines[at]) or _cells(lines[at]) != _cells(lines[at - 1]):
            continue
        end = next((row for row in range(at + 1, len(lines)) if "|" not in lines[row]), len(lines))
        longest = max(lines[at + 1 : end], key=_cells, default="")
        if (more := _cells(longest) - _cells(lines[at])) > 0:
            what = "A row of a table has more cells than its head; the head has a TODO for them."
            found.remark(what, "Write the head at the TODO, or join the cells.", longest)
            lines[at - 1] = lines[at - 1].rstrip().removesuffix("|") + "| TODO " * more + "|"
            lines[at] = lines[at].rstrip().removesuffix("|") + "|---" * more + "|"
    return "\n".join(lines)
