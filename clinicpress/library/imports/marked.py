"""Another program's Markdown becomes HTML, and goes the way of a web page (a door to markdown-it).

The HTML is read at once and thrown away; none of it reaches a document.
"""

import re
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.attrs import attrs_block_plugin, attrs_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from clinicpress.library.frontmatter import split_front_matter
from clinicpress.library.imports.pieces import Found
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
                found.remark(what, "Write it anew if it still holds.", written.get(key) or str(values[key]))
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.use(deflist_plugin).use(footnote_plugin, inline=False).use(attrs_plugin).use(attrs_block_plugin)
    read_web(parser.render(_ROLE.sub(r'\1 <a id="role-\2"></a>', text)), found)
