"""Findings as plain values: what a worker tells the server, and the server shows beside a field or a text."""

from typing import Any

from clinicpress.errors import Problem


def plain(problem: Problem) -> dict[str, Any]:
    """A finding as plain values. `field` is the fact that it is about (`patient.name`), `said` its message without it.

    Where a finding is about a fact, its message begins with the fact's name and a colon.
    """
    name, colon, rest = problem.message.partition(": ")
    about = name if colon and " " not in name else ""
    return {
        **problem.as_dict(),
        "severity": str(problem.severity),
        "field": about,
        "said": rest if about else problem.message,
    }
