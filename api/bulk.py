"""What became of many acts at once (批量结果): every line names the applicant and the matter, within the walls.

And what is wrong with what they all share, which is said once, where it was asked (`Again`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Response

from api.arrival import reader
from api.frame import page
from api.visits import Visit
from api.visits import told as told_of
from flows.casework.together import Done
from flows.record import Desk
from forms.coordination import MOST_ACTS
from forms.errors import FieldError, Invalid
from infra.numbers import is_valid
from infra.store import dossier


@dataclass(frozen=True, slots=True)
class Again:
    """A form for many that could not be used: what is wrong, and what was marked on the list."""

    wrong: Invalid
    marked: Sequence[str]

    def shown(self, listed: Iterable[str]) -> dict[str, Any]:
        """Return it for the page that shows the list once more; what is not `listed` any more stays marked beside it.

        What was marked since it was listed is for the reader to leave out, not for the page.
        """
        here = set(listed)
        errors, summary = told_of(self.wrong)
        beside = [no for no in self.marked if no not in here and is_valid(no)]
        return {"errors": errors, "summary": summary, "marked": set(self.marked), "beside": beside}


NOTHING = {"errors": {}, "summary": [], "marked": set[str](), "beside": list[str]()}
"""What a page shows to whom nothing is wrong."""


def once(refused: Invalid, **names: str) -> Invalid:
    """Return what is wrong with a pile of acts by the fields of the form, of which `names` says what is named apart."""
    return Invalid([_of_form(error, names) for error in refused.errors])


def _of_form(error: FieldError, names: Mapping[str, str]) -> FieldError:
    if error.field != "/items":
        name = error.field.removeprefix("/common/")
        return FieldError(f"/{names.get(name, name)}", error.message, error.code)
    words = "请先勾选要办理的事项" if error.code == "required" else f"一次最多办理 {MOST_ACTS} 项，请分次办理"
    return FieldError("/no", words, error.code)


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
