"""What goes out to a translator and comes back: a sheet of segments, each with its words in two languages.

A sheet is made from the files as they stand. When it comes back they have to be the same, so that nobody's work is
written over.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from clinicpress.documents import PROCEDURE, TITLE, Document, Translation
from clinicpress.documents.translated import bare, number_faults, small_words, untranslated
from clinicpress.documents.turned import denial_faults, differing_doses, turned_round
from clinicpress.errors import InputError
from clinicpress.letters import unprintable_character
from clinicpress.library.files import quoted, read_text
from clinicpress.library.frontmatter import split_front_matter
from clinicpress.library.grammar import variables_named
from clinicpress.library.markdown import read_markdown
from clinicpress.library.passages import Translatable
from clinicpress.library.segments import NOTES, aligned, part_spans, segments_of, spelled

UNTRANSLATED, UNREAD, DONE = "needs-translation", "needs-review-translation", "translated"
"""The states of a segment, in the words of XLIFF 1.2: to be translated (again), to be read by a human, done."""
FINISHED = (DONE, "final", "signed-off")
UNSEEN = "needs-review"
"""Words that no human has finished, though they are new: a machine's, or those of half a segment."""
Edit = tuple[int, int, str]
_BOLD = re.compile(r"(?<![\\*])\*\*(?=\S)[^*]+(?<=\S)\*\*(?!\*)")
_NOT_IN_A_TRANSLATION = re.compile(r"(handout_revision|translation):")  # keys that are true of one file only


@dataclass(frozen=True, slots=True)
class Unit:
    """A segment on a sheet. `target` is empty when there is no translation of it yet."""

    name: str
    part: str
    source: str
    target: str
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class SegmentSheet:
    """All segments of a document. `stamp` says from which texts the sheet was made."""

    topic: str
    kind: str
    source_language: str
    language: str
    stamp: str
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """A translation after a sheet came back: its text, the parts in which something was done, those not complete.

    `left` are segments that came back in the words of the original: these count as not done, whatever their state.
    `doubts` say which segments to compare, and why: `check` finds the same.
    """

    text: str
    changed: tuple[str, ...]
    incomplete: tuple[str, ...]
    left: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def sheet_of(original: Translatable, translation: Translatable | None, language: str) -> SegmentSheet:
    """The sheet of a document for a language, with what is translated already."""
    ours = _File(original).segments
    theirs = _File(translation).segments if translation else {}
    units: list[Unit] = []
    for part, segments in ours.items():
        there = theirs.get(part, ())
        fits = aligned(segments, there)
        state = _state(part, translation) if fits else UNTRANSLATED
        for number, segment in enumerate(segments):
            target = there[number].words if fits else ""
            note = f"Part '{part}': {NOTES[segment.kind]}. Keep marks such as ** and the numbers."
            if variables_named(segment.words):
                note += " A name in braces is a value of the clinic: it stays as it is."
            units.append(Unit(segment.name, part, segment.words, target, state, note))
    names = (original.topic, str(original.kind), original.language, language)
    return SegmentSheet(*names, _stamp(original, translation), tuple(units))


def _state(part: str, translation: Translatable | None) -> str:
    record = translation.translation if translation else None
    if translation is None or record is None or part in translation.stale_parts:
        return UNTRANSLATED
    return DONE if record.by_a_human else UNREAD


def _stamp(original: Translatable, translation: Translatable | None) -> str:
    return f"{original.revision} {translation.revision if translation else 'new'}"


def merged(
    original: Translatable, translation: Translatable | None, back: SegmentSheet, by: str, today: date
) -> Merged:
    """The translation with what came back. `by` is the qualified human who did it: name and qualification.

    The same text comes back when nothing was done. Raises `InputError`, naming every segment that cannot be taken.
    """
    out = sheet_of(original, translation, back.language)
    _refuse_strangers(out, back)
    now = {unit.name: unit for unit in back.units}
    left = _left(original, back)
    done = {one.name for one in out.units if one.name not in left and _is_done(one, now.get(one.name))}
    touched = {
        one.name for one in out.units if one.name in done and (one.state, one.target) != (DONE, now[one.name].target)
    }
    parts = list(dict.fromkeys(one.part for one in out.units))
    lacking = [part for part in parts if any(one.part == part and one.name not in done for one in out.units)]
    if translation is None and lacking and (touched or left):
        empty = [one.name for one in out.units if one.name not in done and one.name not in left]
        missing = f" Not translated, or not marked as done: {', '.join(empty)}." if empty else ""
        same = f" Still the words of the original: {', '.join(left)}." if left else ""
        raise InputError(f"A new translation has to be complete. Words are missing.{missing}{same}")
    if not touched:
        return Merged(read_text(translation.file)[0] if translation else "", (), tuple(lacking), left)
    if not re.fullmatch(r"[^\s,][^,]*,\s*\S.*", by):
        message = 'Say who translated or read it: --by "NAME, QUALIFICATION", for example "Ana Example, ATA certified".'
        raise InputError(message)
    _refuse_lost_marks(unit for unit in back.units if unit.name in touched)
    words = {one.name: now[one.name].target if one.name in touched else one.target for one in out.units}
    complete = [part for part in parts if part not in lacking]
    text = (
        _updated(_File(original), _File(translation), words, complete)
        if translation is not None
        else _translated(_File(original), words, back.language)
    )
    _refuse_broken(text, translation or original, {name: words[name] for name in touched})
    confirmed = {one.part for one in out.units if one.name in touched and one.part in complete}
    before = translation.translation if translation else None
    record = _record(original, before, confirmed, by, whole=not lacking)
    if record == before and translation is not None and text == read_text(translation.file)[0]:
        return Merged(text, (), tuple(lacking), left)  # read in part: the sheet may come back when all is read
    return Merged(
        _with_record(text, record, today),
        tuple(dict.fromkeys(one.part for one in out.units if one.name in touched)),
        tuple(lacking),
        left,
        tuple(_doubts((unit for unit in back.units if unit.name in touched), (original.language, back.language))),
    )


def _doubts(units: Iterable[Unit], languages: tuple[str, str]) -> Iterator[str]:
    """What of segments has to be compared with the original: numbers, doses, denials, what is turned round."""
    for unit in units:
        texts = unit.source, unit.target, languages
        sure = (*number_faults(*texts), *differing_doses(*texts))
        looked = (*denial_faults(*texts), *turned_round(*texts))
        yield from (f"{unit.name}: {message}" for message in (*sure, *(message for message, _ in looked)))


def _left(original: Translatable, back: SegmentSheet) -> tuple[str, ...]:
    """The segments that came back in the words of the original, though these are to be translated."""
    known = small_words(unit.source for unit in back.units)
    known -= small_words(unit.target for unit in back.units if bare(unit.target) != bare(unit.source))
    languages = (original.language, back.language)
    return tuple(unit.name for unit in back.units if untranslated(unit.source, unit.target, languages, known))


def _refuse_lost_marks(units: Iterable[Unit]) -> None:
    """Refuses words without the marks of the original: ** around bold, and values of the profile, each once (T04)."""
    faults = []
    for unit in units:
        wanted, named = (Counter(variables_named(words)) for words in (unit.source, unit.target))
        faults += [f"{unit.name}: it lacks {{{name}}}" for name in wanted - named]
        faults += [f"{unit.name}: it has {{{name}}} once more than the original" for name in named - wanted]
        bold = [len(_BOLD.findall(words)) for words in (unit.source, unit.target)]
        faults += [f"{unit.name}: it lacks a pair of '**', as the original has {bold[0]}"] if bold[1] < bold[0] else []
    if faults:
        remedy = "Nothing was changed. Put each where it belongs in the sentence, once; its name stays as it is."
        raise InputError(f"The translation cannot be taken (T04): {'; '.join(faults)}. {remedy}")


def _refuse_broken(text: str, document: Translatable, words: Mapping[str, str]) -> None:
    """Refuses words that would not stay what they are: a `|` that makes two cells of one, HTML, a mark at the start."""
    values, lines, _, body, first_line, faults = split_front_matter(text, document.file)
    roles = tuple(document.kind.roles) if isinstance(document, Document) else ()
    reading = read_markdown(body, document.file, first_line, roles)
    told = {key: str(values[key]) for key in (TITLE, PROCEDURE) if key in values}
    read = replace(document, sections=tuple(reading.sections), lines=lines, **told)  # type: ignore[arg-type]
    made = {one.name: one.words for part in segments_of(text, read, first_line).values() for one in part}
    broken = [name for name, said in words.items() if made.get(name) != said]
    told_faults = [f"{one.message} ({one.sentence})" for one in (*faults, *reading.problems)]
    if broken or told_faults:
        what = "; ".join([*told_faults, *(f"{name}: its words do not stand alone in their place" for name in broken)])
        raise InputError(f"The translation cannot be taken: {what}. Nothing was changed. Correct it in the file.")


def _is_done(before: Unit, after: Unit | None) -> bool:
    """Whether a human has finished a segment: its state says so, or its words are new."""
    if after is None or not after.target or after.state == UNSEEN:
        return False
    return after.state in FINISHED or after.target != before.target


def _refuse_strangers(out: SegmentSheet, back: SegmentSheet) -> None:
    """Refuses segments that the documents do not have, or not with these words, each by its name."""
    if out.stamp != back.stamp:
        stale, named = out.stamp.split(), back.stamp.split()
        which = "the original" if stale[:1] != named[:1] else "the translation"
        faults = [f"{which} was changed after this file was exported"]
    else:
        faults = []
    known = {unit.name: unit for unit in out.units}
    seen: set[str] = set()
    for unit in back.units:
        if unit.name in seen:
            faults.append(f"{unit.name}: it stands twice")
        elif unit.name not in known:
            faults.append(f"{unit.name}: there is no such segment")
        elif unit.source != known[unit.name].source:
            faults.append(f"{unit.name}: its original words were changed")
        elif fault := unprintable_character(unit.target):
            faults.append(f"{unit.name}: it holds {fault}")
        seen.add(unit.name)
    if faults:
        remedy = "Nothing was changed. Export again, and let the translator go on from there."
        raise InputError("The translation cannot be taken: " + "; ".join(faults) + f". {remedy}")


class _File:
    """A document's file: its text, its segments by parts, and where each part stands."""

    def __init__(self, document: Translatable) -> None:
        self.text = read_text(document.file)[0]
        first_line = split_front_matter(self.text, document.file)[4]
        self.segments = segments_of(self.text, document, first_line)
        self.spans = part_spans(self.text, document, first_line)

    def with_words(self, words: Mapping[str, str], part: str) -> str:
        """A part of the file with words of its own, by the names of the segments."""
        start, end = self.spans[part]
        edits = [(one.start - start, one.end - start, words[one.name]) for one in self.segments[part]]
        return _edited(self.text[start:end], edits)


def _edited(text: str, edits: Sequence[Edit]) -> str:
    """A text with some places replaced: each from, to, by what."""
    for start, end, words in sorted(edits, reverse=True):
        text = text[:start] + words + text[end:]
    return text


def _translated(original: _File, words: Mapping[str, str], language: str) -> str:
    """A translation that is new: the original with other words, in another language."""
    edits = [
        (one.start, one.end, spelled(one, words[one.name]))
        for segments in original.segments.values()
        for one in segments
    ]
    rows = _edited(original.text, edits).split("\n")
    end = rows.index("---", 1)
    head, dropping = [], False
    for row in rows[:end]:
        if not row.startswith((" ", "\t", "-")) or row == "---":
            dropping = bool(_NOT_IN_A_TRANSLATION.match(row))
        if not dropping:
            head.append(f"language: {language}" if row.startswith("language:") else row)
    return "\n".join([*head, *rows[end:]])


def _updated(original: _File, translation: _File, words: Mapping[str, str], complete: Collection[str]) -> str:
    """A translation with new words. A complete part of another shape is built again after the original."""
    edits: list[Edit] = []
    before = ""
    for part, segments in original.segments.items():
        there = translation.segments.get(part, ())
        if aligned(segments, there):
            pairs = zip(segments, there, strict=True)
            edits += [
                (one.start, one.end, spelled(one, words[mine.name]))
                for mine, one in pairs
                if words[mine.name] != one.words
            ]
        elif part in complete and part in original.spans:
            # A new part follows the one before it.
            start, end = translation.spans.get(part) or (translation.spans[before][1],) * 2
            edits.append((start, end, original.with_words(words, part)))
        before = part if part in translation.spans else before
    return _edited(translation.text, edits)


def _record(
    original: Translatable, before: Translation | None, confirmed: Collection[str], by: str, *, whole: bool
) -> Translation:
    """The record after a human has confirmed some parts. Whoever has read the whole of it stands behind it."""
    known = before or Translation(original.language, "", "", date.min, "")
    parts = original.parts
    sections = {
        name: parts[name] if name in confirmed else known.sections[name]
        for name in (*parts, *(name for name in known.sections if name not in parts))
        if name in confirmed or name in known.sections
    }
    record = replace(known, sections=sections)
    if not known.by_a_human and not whole:
        return record  # a machine draft of which a human has read a part
    if not known.tool:
        return replace(record, translator=_joined(known.translator, by))
    return replace(record, reviewer=_joined(known.reviewer, by))


def _joined(names: str, by: str) -> str:
    return names if by in names.split("; ") else "; ".join(filter(None, (names, by)))


def _with_record(text: str, record: Translation, today: date) -> str:
    """A text with its record in the front matter, in place of the one before."""
    who = [(key, said) for key, said in (("tool", record.tool), ("translator", record.translator)) if said]
    who += [("reviewer", record.reviewer)] if record.tool else []
    block = ["translation:", f"  from: {record.source}", *(f"  {key}: {quoted(said)}" for key, said in who[:1])]
    block += [f"  date: {today.isoformat()}", *(f"  {key}: {quoted(said)}" for key, said in who[1:]), "  sections:"]
    block += [f'    {name}: "{digest}"' for name, digest in record.sections.items()]
    rows = text.split("\n")
    end = next(number for number, row in enumerate(rows[1:], 1) if row.strip() == "---")
    start = next((number for number, row in enumerate(rows[:end]) if row.startswith("translation:")), end)
    behind = start + 1
    while behind < end and (not rows[behind].strip() or rows[behind].startswith((" ", "\t"))):
        behind += 1
    return "\n".join([*rows[:start], *block, *rows[min(behind, end) :]])
