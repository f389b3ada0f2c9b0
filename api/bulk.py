"""What became of many acts at once (批量结果): every line names the applicant and the matter, within the walls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Response

from api.arrival import reader
from api.frame import page
from api.visits import Visit
from flows.casework.together import Done
from flows.record import Desk
from forms.errors import Invalid
from infra.numbers import is_valid
from infra.store import dossier


def lines(seat: Desk, results: Sequence[Done]) -> list[dict[str, Any]]:
    """Return a line for each act, in their order; what the reader may not see stays a bare number."""
    known = named(seat, results)
    return [_line(one, known.get(one.no)) for one in results]


def named(seat: Desk, results: Sequence[Done]) -> Mapping[str, Mapping[Any, Any]]:
    """Return by number whose cases and tasks these are, and of which matter, as far as the reader may see them."""
    return dossier.named(seat.conn, reader(seat), {one.no for one in results if is_valid(one.no)})


def _line(one: Done, about: Mapping[Any, Any] | None) -> dict[str, Any]:
    line = {"no": one.no, "good": one.problem is None, "words": _words(one)}
    if about is None:
        return line | dict.fromkeys(("applicant", "matter", "task", "path"))
    path = f"/tasks/{one.no}" if about["task"] else f"/cases/{one.no}"
    of_whom = {"applicant": about["applicant"], "matter": about["matter_title"], "task": about["task"]}
    return line | of_whom | {"path": path}


def _words(one: Done) -> str:
    if isinstance(one.problem, Invalid) and one.problem.errors:
        return "；".join(error.message for error in one.problem.errors)
    return one.problem.detail if one.problem is not None else "已办"


def told(visit: Visit, act: str, rows: Sequence[Mapping[str, Any]], back: str, *, key: str = "") -> Response:
    """Show the lines, what did not go first, and the way back."""
    good = sum(row["good"] for row in rows)
    return page(visit, "bulk.html", act=act, rows=rows, good=good, back=back, key=key)
