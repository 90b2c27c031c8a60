"""The patient and the visit: the only home of facts about a person.

None of these facts is shown by `repr`, written to a log, or used in a file name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from clinicpress.clinics import FontFace


@dataclass(frozen=True, slots=True)
class Encounter:
    """What is known for one visit when a document is printed: printed texts by the names of the fields they go into.

    `source` says where they came from (a file, or the command line), for findings. `faces` are the typefaces of other
    scripts that the values need.
    """

    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    source: str = ""
    faces: tuple[FontFace, ...] = ()


NOTHING_KNOWN = Encounter()
"""The encounter of a blank form."""
