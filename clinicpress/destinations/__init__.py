"""Where finished documents go. Each destination takes them as they are issued, and gives a receipt for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from clinicpress.issued import Issued


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a destination says of a document that it took: where it is now, and what is said of it there."""

    issued: Issued
    place: str
    facts: Mapping[str, Any]


class Destination(Protocol):
    """A place that takes finished documents."""

    def take(self, documents: Sequence[Issued]) -> list[Receipt]:
        """Takes documents, and says where each is now, in their order. Raises `InputError` when it cannot."""
