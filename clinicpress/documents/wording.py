"""The standard blocks of a form in other languages."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from clinicpress.documents.forms import FormBlock

IN_ENGLISH_AS_WELL = ("interpreter",)
"""Blocks that somebody fills who may read English only: they stand in the document's language and in English.

Source: 45 CFR 92.201 (language assistance); house rule on language access.
"""


def worded(block: FormBlock, words: Callable[[str], str]) -> FormBlock:
    """A standard block in another language. `words` gives an English message in that language."""
    fields = tuple(
        replace(
            one,
            label=words(one.label),
            large_label=words(one.large_label),
            help=words(one.help),
            options=tuple(map(words, one.options)),
        )
        for one in block.fields
    )
    beside = block if block.name in IN_ENGLISH_AS_WELL else None
    return replace(block, title=words(block.title), lead=words(block.lead), fields=fields, beside=beside)


def messages_of(block: FormBlock) -> Iterator[str]:
    """Every message of a block that a catalogue has to hold, in the order of the block."""
    texts = [block.title, block.lead]
    for one in block.fields:
        texts += [one.label, one.large_label, one.help, *one.options]
    yield from (text for text in texts if text)
