"""Fills forms as other programs do: pdf.js types and saves, pikepdf sets values and draws them at the end."""

import json
from collections.abc import Mapping
from pathlib import Path

import pikepdf
from pikepdf.form import CheckboxField, Form, RadioButtonGroup

from tests.instruments.extract import pdfjs_script


def fill_with_pdfjs(pdf: Path, filled: Path, values: Mapping[str, str | bool]) -> None:
    """Fills and saves as Firefox does; a tick is true or false, a choice is named by its words.

    Raises `ToolFailedError` for a field that is not there.
    """
    pdfjs_script("fill.mjs", pdf, str(filled), json.dumps(values))


def fill_with_pikepdf(pdf: Path, filled: Path, values: Mapping[str, str | bool]) -> None:
    """Fills as a program of qpdf's family does, with the same values."""
    with pikepdf.open(pdf) as document:
        form = Form(document, None)
        for name, value in values.items():
            field = form[name]
            if isinstance(field, RadioButtonGroup):
                words = [str(option) for option in field.obj.Opt]
                field.value = pikepdf.Name(f"/{words.index(str(value))}")
            elif isinstance(field, CheckboxField):
                field.checked = bool(value)
            else:
                field.value = value
        document.generate_appearance_streams()
        document.save(filled)
