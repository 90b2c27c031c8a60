"""What lies under the letters of a page: white paper, or the shape that was filled there last."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

from pikepdf import Matrix

Point: TypeAlias = tuple[float, float]
PAPER = "#ffffff"
FILLING = {"f", "F", "f*", "B", "B*", "b", "b*"}
ENDING = FILLING | {"S", "s", "n"}


@dataclass(frozen=True, slots=True)
class _Shape:
    """A filled shape: its colour, its outlines, and the box around them (left, bottom, right, top)."""

    color: str
    outlines: tuple[tuple[Point, ...], ...]
    box: tuple[float, float, float, float]

    def holds(self, point: Point) -> bool:
        """Whether a point lies in it. Outlines in outlines are holes, as in the frames that the pages have."""
        x, y = point
        left, bottom, right, top = self.box
        if not (left <= x <= right and bottom <= y <= top):
            return False
        inside = False
        for outline in self.outlines:
            for (ax, ay), (bx, by) in pairwise((*outline, outline[0])):
                inside ^= (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay)
        return inside


@dataclass(slots=True)
class Grounds:
    """The shapes that a page fills, in the order of drawing. What clips them is not looked at."""

    _shapes: list[_Shape] = field(default_factory=list)
    _outlines: list[list[Point]] = field(default_factory=list)

    def follow(self, operator: str, operands: Sequence[Any], ctm: Matrix, color: str) -> None:
        """Follows an instruction that draws a path. Curves count as straight lines between their ends."""
        if operator in ENDING:
            self._end(operator, color)
        elif operator in ("m", "l", "c", "v", "y", "re"):
            numbers = [float(value) for value in operands]
            self._path(operator, numbers, ctm)

    def at(self, point: Point) -> str:
        """The colour of the page at a point."""
        return next((shape.color for shape in reversed(self._shapes) if shape.holds(point)), PAPER)

    def _path(self, operator: str, numbers: Sequence[float], ctm: Matrix) -> None:
        if operator == "re":
            x, y, width, height = numbers
            corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
            self._outlines.append([ctm.transform(corner) for corner in corners])
            return
        end = ctm.transform((numbers[-2], numbers[-1]))
        if operator == "m" or not self._outlines:
            self._outlines.append([end])
        else:
            self._outlines[-1].append(end)

    def _end(self, operator: str, color: str) -> None:
        outlines = tuple(tuple(one) for one in self._outlines if len(one) > 1)
        self._outlines = []
        if operator in FILLING and outlines:
            xs, ys = zip(*(point for outline in outlines for point in outline), strict=True)
            self._shapes.append(_Shape(color, outlines, (min(xs), min(ys), max(xs), max(ys))))


def hex_color(channels: Sequence[float]) -> str:
    """A colour of one, three or four channels from 0 to 1 as `#rrggbb`; empty when it is none. Source: 10.3."""
    match len(channels):
        case 1:
            red = green = blue = channels[0]
        case 3:
            red, green, blue = channels
        case 4:
            red, green, blue = (1 - min(1.0, one + channels[3]) for one in channels[:3])
        case _:
            return ""
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, one))):02x}" for one in (red, green, blue))
