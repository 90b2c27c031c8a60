"""The programs that we fill forms against, each used as its own manual says, and the ordinary form that they fill."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO

import pikepdf
import pymupdf
import pypdf
from pikepdf import Array, Dictionary, FormFieldFlag, Name, String
from pikepdf.form import ExtendedAppearanceStreamGenerator, Form
from reportlab.pdfbase import pdfmetrics

# It warns of two drawings with one name, at each choice, each time; what comes of it is told by `proof`.
logging.getLogger("pypdf").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Entries:
    """What goes into a form, by the names of its fields: texts, and which button of a group is pressed (from 0)."""

    texts: Mapping[str, str]
    buttons: Mapping[str, int]


Fill = Callable[[bytes, Entries, bool], bytes]
"""Fills an empty form; with True it makes paper of it, and no fields stay."""


def ordinary(fillable: bytes) -> bytes:
    """Our empty form as an ordinary program would have made it: same pages, same fields, same places.

    It is made of ours, and not drawn again with ReportLab, so that nobody has more words, pages or fields to carry. All
    that would slow the others down, or that they would have to keep right, is taken out: tags, marks in the pages, the
    packet that names the standards, the tree of names. Values stand in Helvetica, which all of them can draw; places
    of several lines name no size, for only then does pypdf wrap. The objects are compressed: pypdf and pikepdf are
    faster with that, and PyMuPDF is not slower.
    """
    with pikepdf.open(BytesIO(fillable)) as pdf:
        _drop(pdf.Root, "/StructTreeRoot", "/MarkInfo", "/Metadata", "/OutputIntents")
        for page in pdf.pages:
            _drop(page.obj, "/StructParents", "/Tabs")
            marks = ("BDC", "BMC", "EMC")
            drawn = [one for one in pikepdf.parse_content_stream(page) if str(one.operator) not in marks]
            page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(drawn))
            for widget in page.obj.Annots:
                _drop(widget, "/StructParent", "/Contents")
        form = pdf.Root.AcroForm
        form.Fields = Array([field for top in form.Fields for field in _leaves(top, "")])
        for field in form.Fields:
            if "/DA" in field:
                size = 0 if int(field.get("/Ff", 0)) & FormFieldFlag.tx_multiline else 12
                field.DA = String(f"/Helv {size} Tf 0 g")
        form.DR, form.DA = Dictionary(Font=Dictionary(Helv=_helvetica(pdf))), String("/Helv 12 Tf 0 g")
        pdf.remove_unreferenced_resources()
        empty = BytesIO()
        pdf.save(empty, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return empty.getvalue()


def _helvetica(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """Helvetica as every viewer has it, with its measures, for pikepdf wraps by nothing else."""
    ascent, descent = pdfmetrics.getAscentDescent("Helvetica")
    measures = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name.Helvetica,
        Flags=1 << 5,  # not of symbols. Source: ISO 32000-1, table 123
        FontBBox=Array([-166, -225, 1000, 931]),  # as in Adobe's own measures of the font
        ItalicAngle=0,
        Ascent=ascent,
        Descent=descent,
        CapHeight=718,
        StemV=88,
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type1,
            BaseFont=Name.Helvetica,
            Encoding=Name.WinAnsiEncoding,
            FirstChar=32,
            LastChar=255,
            Widths=Array(pdfmetrics.getFont("Helvetica").widths[32:]),
            FontDescriptor=pdf.make_indirect(measures),
        )
    )


def ordinary_name(name: str) -> str:
    """The name of our field in the ordinary form, where names are no tree and so hold no dots."""
    return name.replace(".", "_")


def _leaves(node: pikepdf.Object, path: str) -> list[pikepdf.Object]:
    """The fields below a node of the tree of names, each with its whole name as its own."""
    path += str(node.T)
    if "/FT" not in node:
        return [leaf for kid in node.Kids for leaf in _leaves(kid, path + ".")]
    node.T = String(ordinary_name(path))
    _drop(node, "/Parent")
    return [node]


def _drop(thing: pikepdf.Object, *keys: str) -> None:
    for key in keys:
        if key in thing:
            del thing[key]


def with_pymupdf(empty: bytes, entries: Entries, paper: bool) -> bytes:
    """Filled by PyMuPDF, widget by widget."""
    with pymupdf.open(stream=empty) as document:
        for page in document:
            for widget in page.widgets():
                name = widget.field_name
                if name in entries.texts:
                    widget.field_value = entries.texts[name]
                elif widget.on_state() == str(entries.buttons.get(name, "")):
                    widget.field_value = True
                else:
                    continue
                widget.update()
        if paper:
            document.bake()
        return bytes(document.tobytes())


def with_pypdf(empty: bytes, entries: Entries, paper: bool) -> bytes:
    """Filled by pypdf, page by page."""
    values = {**entries.texts, **{name: f"/{number}" for name, number in entries.buttons.items()}}
    writer = pypdf.PdfWriter(clone_from=BytesIO(empty))
    for page in writer.pages:
        writer.update_page_form_field_values(page, values, auto_regenerate=False, flatten=paper)
    if paper:
        writer.remove_annotations(subtypes="/Widget")
    filled = BytesIO()
    writer.write(filled)
    return filled.getvalue()


def with_pikepdf(empty: bytes, entries: Entries, paper: bool) -> bytes:
    """Filled by pikepdf, field by field, and drawn at the end; then what has several lines once more, to wrap them.

    A generator that draws each field when it is filled passes over the fields that stand in several places.
    """
    with pikepdf.open(BytesIO(empty)) as pdf:
        form = Form(pdf)
        for name, text in entries.texts.items():
            form[name].value = text
        for name, number in entries.buttons.items():
            form[name].value = Name(f"/{number}")
        pdf.generate_appearance_streams()
        wrap = ExtendedAppearanceStreamGenerator(pdf, pdf.acroform)
        for name in entries.texts:
            for field in pdf.acroform.get_fields_with_qualified_name(name):
                if field.flags & FormFieldFlag.tx_multiline:
                    wrap.generate_text(field)
        if paper:
            pdf.flatten_annotations("all")
        filled = BytesIO()
        pdf.save(filled)
    return filled.getvalue()
