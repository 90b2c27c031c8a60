"""The reading room: files that people wrote become facts, and what is wrong with them is said with file and line.

Each reader is loaded when it is asked for: no command needs all, and the server of the front desk reads no text.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clinicpress.library.clinics import examine_clinic, read_clinic
    from clinicpress.library.documents import read_document, read_library
    from clinicpress.library.encounters import encounter_of, read_encounter
    from clinicpress.library.files import read_text
    from clinicpress.library.fonts import read_fonts
    from clinicpress.library.glossary import read_glossary
    from clinicpress.library.headers import find_documents
    from clinicpress.library.kinds import KINDS_FOLDER, read_kinds
    from clinicpress.library.passages import PassageShelf
    from clinicpress.library.records import REVIEW, read_reviews, with_record
    from clinicpress.library.rosters.layout import with_options
    from clinicpress.library.rosters.reading import (
        Roster,
        read_roster,
        refused_header,
        refused_row,
        table_header,
        table_row,
    )
    from clinicpress.library.rules import RULES, VALUE_RULES

_PLACES = {
    "clinics": ("examine_clinic", "read_clinic"),
    "kinds": ("KINDS_FOLDER", "read_kinds"),
    "documents": ("read_document", "read_library"),
    "headers": ("find_documents",),
    "encounters": ("encounter_of", "read_encounter"),
    "files": ("read_text",),
    "fonts": ("read_fonts",),
    "glossary": ("read_glossary",),
    "passages": ("PassageShelf",),
    "records": ("REVIEW", "read_reviews", "with_record"),
    "rosters.layout": ("with_options",),
    "rosters.reading": ("Roster", "read_roster", "refused_header", "refused_row", "table_header", "table_row"),
    "rules": ("RULES", "VALUE_RULES"),
}
_LATE = {name: module for module, names in _PLACES.items() for name in names}

__all__ = [
    "KINDS_FOLDER",
    "REVIEW",
    "RULES",
    "VALUE_RULES",
    "PassageShelf",
    "Roster",
    "encounter_of",
    "examine_clinic",
    "find_documents",
    "read_clinic",
    "read_document",
    "read_encounter",
    "read_fonts",
    "read_glossary",
    "read_kinds",
    "read_library",
    "read_reviews",
    "read_roster",
    "read_text",
    "refused_header",
    "refused_row",
    "table_header",
    "table_row",
    "with_options",
    "with_record",
]


def __getattr__(name: str) -> object:
    """Loads what is asked for (PEP 562), and has it at hand from then on: a row of a batch must not load anything."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    globals()[name] = found = getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
    return found
