"""The cover slip: a page of ours before somebody else's form, which has neither our code nor the patient's name.

It is a document like any other, made of what is said of the form: so it is set, proved and filled as all are.
"""

import tomllib
from dataclasses import replace
from pathlib import Path

from clinicpress.documents.blocks import Paragraph, Text
from clinicpress.documents.document import LANGUAGES, Document
from clinicpress.documents.forms import BLOCKS, worded
from clinicpress.documents.kinds import Kind
from clinicpress.words import SOURCE, words_in

COVER = Kind("cover", tomllib.loads(Path(__file__).with_name("cover_slip.toml").read_text(encoding="utf-8")))
"""No kind of the library: nobody writes one."""
BEHIND = "Behind this page is a form of another office: {owner}."
EDITION = "Its edition: {edition}."
EXPIRES = "It is used up to {day}."
AS_IT_IS = "The form is as that office made it. Our code and our name are on this page only."
KEEP = "Keep this page on top of it. The scanner then knows which form follows."
SENTENCES = (BEHIND, EDITION, EXPIRES, AS_IT_IS, KEEP)


def cover_of(document: Document) -> Document:
    """The slip for a fixed form, in its language and under its number and revision."""
    fixed = document.fixed
    assert fixed is not None  # noqa: S101  whoever asks has looked
    words = words_in(document.language if document.language in LANGUAGES else SOURCE)

    def said(message: str, **facts: str) -> Paragraph:
        return Paragraph((Text(COVER.said(message, words).format(**facts)),), 1)

    told = [said(BEHIND, owner=fixed.owner)]
    told += [said(EDITION, edition=fixed.edition)] if fixed.edition else []
    told += [said(EXPIRES, day=words.day(fixed.expires))] if fixed.expires else []
    identification = worded(BLOCKS["identification"], words) if words.language != SOURCE else BLOCKS["identification"]
    return replace(
        document,
        kind=COVER,
        author="",
        opening=(*told, said(AS_IT_IS), said(KEEP)),
        form_blocks=(identification,),
        own={},
        fixed=None,
    )
