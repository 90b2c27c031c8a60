"""Prints how the house stands: its files, lines, imports and names, each beside what it should be (`make house`).

Everything is read from the sources as text; nothing of the product is run.
"""

import ast
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PACKAGE = Path(__file__).parents[1] / "clinicpress"
KINDS = ("HANDOUT", "CONSENT")
SHORT = 40  # lines: a file of fewer is seldom worth a name


@dataclass(frozen=True)
class Module:
    """One file of the package: its name, its lines, its tree."""

    name: str
    lines: int
    tree: ast.Module


def modules() -> list[Module]:
    """All files of the package."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        found.append(Module(name, text.count("\n"), ast.parse(text)))
    return found


def imports(module: Module, names: frozenset[str]) -> Iterator[tuple[str, bool]]:
    """What a module imports of the package, and whether only when it is used (within a function)."""
    late = {id(part) for node in ast.walk(module.tree) if isinstance(node, _FUNCTIONS) for part in ast.walk(node)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            wanted = [f"{node.module}.{alias.name}" for alias in node.names]
            wanted = [one if one in names else node.module for one in wanted]
        else:
            continue
        yield from ((one, id(node) in late) for one in dict.fromkeys(wanted))


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def longest_chain(graph: Mapping[str, set[str]]) -> tuple[int, bool]:
    """How many modules stand in the longest chain of imports, and whether some chain is a circle."""
    circles = list[str]()
    order, seen = list[str](), set[str]()

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            circles.append(name)
            return
        if name not in seen:
            for other in sorted(graph[name]):
                visit(other, (*above, name))
            seen.add(name)
            order.append(name)

    for name in sorted(graph):
        visit(name, ())
    length: dict[str, int] = {}
    for name in order:
        length[name] = 1 + max((length.get(other, 0) for other in graph[name]), default=0)
    return max(length.values()), bool(circles)


def figures() -> list[tuple[str, float, str]]:
    """Each figure: what it is, how it stands, and what it should be."""
    found = modules()
    names = frozenset(module.name for module in found)
    graph: dict[str, set[str]] = defaultdict(set)
    late = 0
    for module in found:
        for wanted, lazy in imports(module, names):
            late += lazy
            if wanted in names and wanted != module.name:
                graph[module.name].add(wanted)
        graph[module.name] |= set()
    chain, circle = longest_chain(graph)
    classes = Counter(node.name for module in found for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef))
    lengths = [module.lines for module in found]
    asked = sum(_asks_for_the_kind(module) for module in found)
    return [
        ("files", len(found), "at most 140"),
        ("lines", sum(lengths), "at most 25,500"),
        ("lines of a file, median", median(lengths), "150 to 200"),
        ("lines of the longest file", max(lengths), "at most 350"),
        (f"files of {SHORT} lines or less", sum(length <= SHORT for length in lengths), "at most 8"),
        ("modules in the longest chain of imports", chain, "at most 15"),
        ("circles of imports", int(circle), "0"),
        ("imports within functions", late, "at most 10"),
        ("names that several classes have", sum(count > 1 for count in classes.values()), "0"),
        ("places that ask which kind a document is, or whether it is a form", asked, "at most 8"),
    ]


def _asks_for_the_kind(module: Module) -> int:
    asked = (node for node in ast.walk(module.tree) if isinstance(node, ast.Attribute))
    return sum(one.attr in KINDS or one.attr == "is_form" for one in asked)


def main() -> int:
    """Prints the figures, a line each."""
    for what, now, wanted in figures():
        sys.stdout.write(f"{what:<60} {now:>8,g}   {wanted}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
