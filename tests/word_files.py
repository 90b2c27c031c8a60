"""Word files made by seed, of what clinics have in theirs, with a list of what a reader sees of them.

Every word and number stands once in a file, so that each can be looked for. Invented words: no text of anybody.
"""

import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

_SPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "v": "urn:schemas-microsoft-com:vml",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
}
_NAMED = " ".join(f'xmlns:{name}="{address}"' for name, address in _SPACES.items())
_STYLES = """
<w:style w:type="paragraph" w:default="1" w:styleId="Plain"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="Ttulo1"><w:name w:val="heading 1"/><w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Own"><w:name w:val="Own"/><w:basedOn w:val="Ttulo1"/></w:style>
<w:style w:type="paragraph" w:styleId="Staff"><w:name w:val="Staff"/><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Secret"><w:name w:val="Secret"/><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="character" w:styleId="High"><w:name w:val="High"/>
<w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Steps"><w:name w:val="Steps"/>
<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
"""
LISTS = {
    1: ("decimal", "%1.", ""),
    2: ("lowerLetter", "%1)", ""),
    3: ("bullet", "\uf0b7", "Symbol"),
    4: ("bullet", "ü", "Wingdings"),
}
_HIGH = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass
class Expected:
    """What a reader sees: words by the heading that they stand under, and what is told but not printed."""

    sections: dict[str, list[str]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    snippets: list[str] = field(default_factory=list)  # as they have to stand in the document
    items: list[tuple[str, str]] = field(default_factory=list)  # what stands before an item, and its word
    tables: list[list[list[str]]] = field(default_factory=list)  # rows of words; empty: no cell begins there


class Maker:
    """Makes one file."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.expected = Expected()
        self.section: list[str] = []
        self.used: set[str] = set()
        self.counts = {1: 0, 2: 0}
        self.notes: dict[str, list[str]] = {"footnote": [], "endnote": []}

    def word(self) -> str:
        """A word that stands nowhere else."""
        while True:
            text = "".join(self.chance.choice("bdfgklmnprstvz") + self.chance.choice("aeou") for _ in range(4))
            if text not in self.used:
                self.used.add(text)
                return text

    def number(self) -> str:
        """A number that stands nowhere else."""
        while True:
            text = str(self.chance.randint(1000, 999_999))
            if text not in self.used:
                self.used.add(text)
                return text

    def seen(self, text: str) -> str:
        """A word under the heading at hand."""
        self.section.append(text)
        return text

    def hidden(self, text: str) -> str:
        """A word that is told, not printed."""
        self.expected.told.append(text)
        return text

    # Kinds of content -----------------------------------------------------------------------------------------------

    def paragraph(self) -> str:
        one, two, three, four = (self.seen(self.word()) for _ in range(4))
        parts = f"{run(one[:3], '<w:b/>')}{run(one[3:] + ' ')}{run(self.seen(self.number()))}<w:r><w:tab/></w:r>"
        smart = f'<w:smartTag w:element="x">{run(two)}</w:smartTag><w:r><w:br/></w:r>'
        return p(f"{parts}{smart}<w:ins>{run(three)}</w:ins><w:r><w:cr/></w:r>{run(four + '.')}")

    def listing(self) -> str:
        """Items of a list that may have begun in another section."""
        which = self.chance.choice(list(LISTS))
        rows = ""
        for _ in range(self.chance.randint(1, 4)):
            word = self.seen(self.word())
            if which in self.counts:
                self.counts[which] += 1
            count = self.counts.get(which, 0)
            label = {1: f"{count}", 2: f"{chr(96 + (count - 1) % 26 + 1) * ((count - 1) // 26 + 1)})", 3: "", 4: "✓"}[
                which
            ]
            self.expected.items.append((label, word))
            style = "<w:pStyle w:val='Steps'/>" if which == 1 and self.chance.random() < 0.3 else ""
            numbers = "" if style else f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{which}"/></w:numPr>'
            rows += p(run(word), style + numbers)
        return rows

    def table(self) -> str:
        """A table with merged cells."""
        wide, high = self.chance.randint(2, 4), self.chance.randint(2, 5)
        taken: dict[tuple[int, int], tuple[int, int]] = {}
        spans: dict[tuple[int, int], tuple[int, int]] = {}
        for row in range(high):
            for column in range(wide):
                if (row, column) in taken:
                    continue
                across = down = 1
                if row:
                    across, down = self.chance.choice([(1, 1), (1, 1), (2, 1), (1, 2), (2, 2)])
                across, down = min(across, wide - column), min(down, high - row)
                while any((row, column + at) in taken for at in range(across)):
                    across -= 1
                spans[row, column] = (across, down)
                for place in ((row + y, column + x) for y in range(down) for x in range(across)):
                    taken[place] = (row, column)
        rows, text = [], ""
        nameless = self.chance.random() < 0.3  # the first column has no head: its cells are heads of rows
        for row in range(high):
            cells, words, column = "", [], 0
            while column < wide:
                start = taken[row, column]
                across, down = spans[start]
                begins = start == (row, column)
                word = self.seen(self.word()) if begins and (row or column or not nameless) else ""
                properties = f'<w:gridSpan w:val="{across}"/>' if across > 1 else ""
                properties += "" if down == 1 else '<w:vMerge w:val="restart"/>' if begins else "<w:vMerge/>"
                cells += f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(run(word) if word else '')}</w:tc>"
                words += [word] + [""] * (across - 1)
                column += across
            rows.append(words)
            text += f"<w:tr>{cells}</w:tr>"
        self.expected.tables.append(rows)
        return f"<w:tbl>{text}</w:tbl>"

    def equation(self) -> str:
        before, behind = self.seen(self.word()), self.seen(self.word())
        above, below = str(self.chance.randint(1, 9)), self.number()
        form = self.chance.choice(["half", "part", "power", "sum"])
        if form == "half":
            inner, written = f"<m:f><m:num>{m('1')}</m:num><m:den>{m('2')}</m:den></m:f>", "½"
        elif form == "part":
            inner = f"<m:f><m:num>{m(above)}</m:num><m:den>{m(below)}</m:den></m:f>"
            written = f"{above}/{below}"
        elif form == "power":
            inner = f"<m:sSup><m:e>{m(below)}</m:e><m:sup>{m(above)}</m:sup></m:sSup>"
            written = f"{below}{above.translate(_HIGH)}"
        else:
            inner = f"<m:nary><m:sub>{m('0')}</m:sub><m:e>{m(below)}</m:e></m:nary>"
            written = f"TODO: 0 {below}"
        self.expected.snippets.append(f"{before} {written} {behind}")
        return p(f"{run(before + ' ')}<m:oMath>{inner}</m:oMath>{run(' ' + behind + '.')}")

    def control(self) -> str:
        word = self.seen(self.word())
        form = self.chance.choice(["box", "old box", "choices", "prompt", "typed", "old blank"])
        if form == "box":
            box = '<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="0"/></w14:checkbox></w:sdtPr><w:sdtContent>'
            self.expected.snippets.append(f"☐ {word}")
            return p(f"{box}{run('☐')}</w:sdtContent></w:sdt>{run(' ' + word)}")
        if form == "old box":
            data = '<w:ffData><w:checkBox><w:default w:val="0"/></w:checkBox></w:ffData>'
            self.expected.snippets.append(f"☐ {word}")
            return p(f"{old_field('FORMCHECKBOX', data, '')}{run(' ' + word)}")
        if form == "choices":
            one, two, said = (self.hidden(self.word()) for _ in range(3))
            items = "".join(f'<w:listItem w:displayText="{each}"/>' for each in (one, two))
            self.expected.snippets.append(f"{word}: \\_\\_\\_\\_\\_")
            properties = f"<w:sdtPr><w:dropDownList>{items}</w:dropDownList></w:sdtPr>"
            return p(f"{run(word + ': ')}<w:sdt>{properties}<w:sdtContent>{run(said)}</w:sdtContent></w:sdt>")
        if form == "prompt":
            said = self.hidden(self.word())
            self.expected.snippets.append(f"{word}: \\_\\_\\_\\_\\_")
            content = f"<w:sdtContent>{run(said)}</w:sdtContent>"
            return p(f"{run(word + ': ')}<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr>{content}</w:sdt>")
        if form == "typed":
            inner = run(self.seen(self.word()))
            return f"<w:sdt><w:sdtPr/><w:sdtContent>{p(run(word + ' ') + inner)}</w:sdtContent></w:sdt>"
        self.expected.snippets.append(f"{word}: \\_\\_\\_\\_\\_")
        return p(f"{run(word + ': ')}{old_field('FORMTEXT', '<w:ffData><w:textInput/></w:ffData>', chr(0x2002) * 5)}")

    def hidden_words(self) -> str:
        shown, gone = self.seen(self.word()), self.hidden(self.word())
        return self.chance.choice(
            [
                lambda: p(run(shown + " ") + run(gone, "<w:vanish/>")),
                lambda: p(run(shown + " ") + run(gone, '<w:rStyle w:val="Secret"/>')),
                lambda: p(run(shown)) + p(run(gone), '<w:pStyle w:val="Staff"/>'),
                lambda: p(run(shown + " ") + f"<w:del><w:r><w:delText>{gone}</w:delText></w:r></w:del>"),
                lambda: p(run(shown + " ") + run(gone, "<w:strike/>")),
            ]
        )()

    def raised(self) -> str:
        number, above = self.number(), str(self.chance.randint(2, 99))
        self.expected.snippets.append(f"{number}{above.translate(_HIGH)} ")
        properties = self.chance.choice(['<w:vertAlign w:val="superscript"/>', '<w:rStyle w:val="High"/>'])
        return p(run(number) + run(above, properties) + run(f" {self.seen(self.word())}"))

    def note(self) -> str:
        kind = self.chance.choice(list(self.notes))
        word, said = self.seen(self.word()), self.word()
        self.notes[kind].append(said)
        self.expected.sections.setdefault("notes", []).append(said)
        mark = f'<w:r><w:{kind}Reference w:id="{len(self.notes[kind]) + 3}"/></w:r>'
        return p(f"{run(word)}{mark}{run(' ' + self.seen(self.word()))}")

    def text_box(self) -> str:
        one, two = self.seen(self.word()), self.seen(self.word())
        box = f"<w:txbxContent>{p(run(two))}</w:txbxContent>"
        old = f"<w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict>"
        new = f"<w:drawing><wps:txbx>{box}</wps:txbx></w:drawing>"
        ways = f'<mc:Choice Requires="wps">{new}</mc:Choice><mc:Fallback>{old}</mc:Fallback>'
        both = f"<mc:AlternateContent>{ways}</mc:AlternateContent>"
        return p(f"{run(one)}<w:r>{self.chance.choice([both, old])}</w:r>")

    def fields(self) -> str:
        one, two = self.seen(self.word()), self.seen(self.number())
        simple = f'<w:fldSimple w:instr=" DOCPROPERTY x ">{run(one)}</w:fldSimple>'
        return p(f"{simple}{run(' ')}{old_field('REF other', '', two)}")

    def symbols(self) -> str:
        number = self.number()
        self.expected.snippets.append(f"≥{number} μ")
        sign = '<w:r><w:sym w:font="Symbol" w:char="F0B3"/></w:r>'
        greek = run("m", '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>')
        return p(f"{sign}{run(number + ' ')}{greek}{run(' ' + self.seen(self.word()))}")

    def large_letter(self) -> str:
        word = self.seen(self.word())
        frame = '<w:framePr w:dropCap="drop" w:lines="3"/>'
        return p(run(word[0]), frame) + p(run(word[1:] + " " + self.seen(self.word())))

    # The file -------------------------------------------------------------------------------------------------------

    def made(self, path: Path) -> Expected:
        """Writes the file. Returns what a reader sees."""
        kinds: list[Callable[[], str]] = [self.paragraph, self.listing, self.table, self.equation, self.control]
        kinds += [
            self.hidden_words,
            self.raised,
            self.note,
            self.text_box,
            self.fields,
            self.symbols,
            self.large_letter,
        ]
        body = p(run("A title of its own"), '<w:pStyle w:val="T"/>')
        for _ in range(self.chance.randint(2, 5)):
            heading = self.word()
            self.section = self.expected.sections[heading] = []
            style = self.chance.choice(["Ttulo1", "Own"])
            body += p(run(f"Of {heading}"), f'<w:pStyle w:val="{style}"/>') + p(run(self.seen(self.word()) + "."))
            body += "".join(self.chance.choice(kinds)() for _ in range(self.chance.randint(2, 6)))
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
            parts.writestr("word/document.xml", part("document", f"<w:body>{body}</w:body>"))
            parts.writestr("word/styles.xml", part("styles", _STYLES))
            parts.writestr("word/numbering.xml", part("numbering", numbering()))
            for kind, notes in self.notes.items():
                rows = "".join(
                    f'<w:{kind} w:id="{number}">{p(f"<w:r><w:{kind}Ref/></w:r>" + run(" " + words))}</w:{kind}>'
                    for number, words in enumerate(notes, 4)
                )
                lines = f'<w:{kind} w:id="0" w:type="separator">{p("<w:r><w:separator/></w:r>")}</w:{kind}>'
                parts.writestr(f"word/{kind}s.xml", part(f"{kind}s", lines + rows))
        return self.expected


def part(name: str, inner: str) -> str:
    """A part of a Word file."""
    return f"<w:{name} {_NAMED}>{inner}</w:{name}>"


def numbering() -> str:
    """The lists of the files."""
    rows = ""
    for number, (style, text, font) in LISTS.items():
        fonts = f'<w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}"/></w:rPr>' if font else ""
        level = f'<w:start w:val="1"/><w:numFmt w:val="{style}"/><w:lvlText w:val="{text}"/>{fonts}'
        rows += f'<w:abstractNum w:abstractNumId="{number}"><w:lvl w:ilvl="0">{level}</w:lvl></w:abstractNum>'
    return rows + "".join(f'<w:num w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>' for number in LISTS)


def run(text: str, properties: str = "") -> str:
    """A run of words."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def p(inner: str, properties: str = "") -> str:
    """A paragraph."""
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def m(text: str) -> str:
    """Words of an equation."""
    return f"<m:r><m:t>{text}</m:t></m:r>"


def old_field(told: str, data: str, words: str) -> str:
    """A field as older programs write it."""
    begin = (
        f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r><w:r><w:instrText> {told} </w:instrText></w:r>'
    )
    shown = f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run(words)}'
    return f'{begin}{shown}<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def file_of(body: str, path: Path, **parts: str) -> Path:
    """A small Word file with a body, and parts of its own, made by hand."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", part("document", f"<w:body>{body}</w:body>"))
        packed.writestr("word/styles.xml", part("styles", parts.get("styles", _STYLES)))
        packed.writestr("word/numbering.xml", part("numbering", parts.get("numbering", numbering())))
    path.write_bytes(target.getvalue())
    return path
