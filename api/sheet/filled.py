"""What was filled in (填写内容): the fields of a page, named by JSON Pointers, read back into the body of an intake."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import FormData

from api.sheet.months import months_in
from api.sheet.plan import Piece, Plan
from forms.privacy import put, steps

MOST_ROWS = 300
_NUMBER = re.compile(r"-?[0-9]{1,9}")


class Filled:
    """The fields of one sent form; what no piece asks for is kept apart, so that it can be refused."""

    def __init__(self, form: FormData) -> None:
        """Take the form as it came."""
        self._values: dict[str, list[str]] = {}
        for name, value in form.multi_items():
            if isinstance(value, str) and name.startswith("/"):
                self._values.setdefault(name, []).append(value.replace("\r\n", "\n").strip())
        self._asked: set[str] = set()

    def body(self, plan: Plan) -> dict[str, Any]:
        """Return the head, the matters and the mandate as they were filled in, with everything nobody asked for."""
        body: dict[str, Any] = {
            "applicant": self.group("/applicant", plan.applicant),
            "matters": {code: self.group(f"/matters/{code}", parts) for code, (_, parts) in plan.matters.items()},
        }
        mandate = self.group("/mandate", plan.mandate.parts)
        if says_something(mandate, plan.mandate.parts):
            body["mandate"] = mandate
        self._add_unasked(body)
        return body

    def _add_unasked(self, body: dict[str, Any]) -> None:
        for name in sorted(self._values.keys() - self._asked)[:50]:
            place: Any = body
            *way, last = [step[:60] for step in steps(name)[:8]]
            for step in way:
                if isinstance(place, list):
                    place = place[int(step)] if step.isdecimal() and int(step[:4]) < len(place) else {}
                elif isinstance(place, dict):
                    place = place.setdefault(step, {})
                else:
                    break
            if isinstance(place, dict):
                place.setdefault(last, self._values[name][0])

    def one(self, name: str) -> str:
        """Return the value of a field, "" where there is none."""
        self._asked.add(name)
        return self._values.get(name, [""])[0]

    def group(self, at: str, parts: Sequence[Piece]) -> dict[str, Any]:
        """Return a form's fields that were filled in; `at` is where it stands."""
        found = {piece.step: self._value(f"{at}/{piece.step}", piece) for piece in parts}
        return {name: value for name, value in found.items() if value is not None}

    def _value(self, name: str, piece: Piece) -> Any:
        if piece.kind == "hidden":
            self.one(name)
            return piece.default
        if piece.kind == "group":
            inside = self.group(name, piece.parts)
            return inside if says_something(inside, piece.parts) else None
        if piece.kind == "rows":
            rows = [self.group(f"{name}/{place}", piece.parts) for place in self._places(name)]
            return [row for row in rows if says_something(row, piece.parts)]
        if piece.kind == "lines":
            assert piece.item is not None
            values = [self._value(f"{name}/{place}", piece.item) for place in self._places(name)]
            return [value for value in values if value is not None]
        if piece.kind in ("many", "picked"):
            self._asked.add(name)
            values = self._values.get(name, [])
            return [value for value in map(lambda v: self._picked(piece, v), values) if value]
        return single(piece, self.one(name))

    def _picked(self, piece: Piece, value: str) -> str:
        """Return the number of the entry that was ticked: `#2` is the third of the list it is picked from."""
        if piece.kind == "picked" and value.startswith("#"):
            return self.one(f"{piece.picked_from}/{value[1:]}/id_number") if value[1:].isdecimal() else ""
        return value

    def _places(self, name: str) -> list[int]:
        found = set()
        for given in self._values:
            if given.startswith(f"{name}/"):
                place = given[len(name) + 1 :].partition("/")[0]
                if place.isdecimal() and place.isascii() and len(place) < 4:
                    found.add(int(place))
        return sorted(found)[:MOST_ROWS]


def single(piece: Piece, text: str) -> Any:
    """Return the value that a text stands for; what does not fit is left as it is, for the form to refuse."""
    if not text:
        return [] if piece.kind == "months" else None
    if piece.kind == "months":
        return months_in(text)
    if piece.kind == "yesno":
        return {"true": True, "false": False}.get(text, text)
    if piece.whole_number and _NUMBER.fullmatch(text):
        return int(text)
    return text


def says_something(values: Mapping[str, Any], parts: Sequence[Piece]) -> bool:
    """Whether a form holds more than what its page shows from the beginning."""
    for piece in parts:
        value = values.get(piece.step)
        if value not in (None, [], {}) and piece.kind != "hidden" and value != piece.default:
            return True
    return False


def without_row(body: dict[str, Any], pointer: str) -> None:
    """Take one entry out of a list of the body; a pointer that leads nowhere is passed over."""
    parent: Any = body
    *way, last = steps(pointer)
    for step in way:
        parent = parent.get(step) if isinstance(parent, dict) else None
    if isinstance(parent, list) and last.isdecimal() and int(last[:4]) < len(parent):
        del parent[int(last[:4])]


def put_back(body: dict[str, Any], values: Mapping[str, str]) -> None:
    """Write values at their pointers, where something stands there already."""
    put(body, values)
