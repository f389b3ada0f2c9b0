"""Parameters (参数): what may stand in a path, a query or a header; pages of lists."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

import orjson
from fastapi import Path, Query, Request

from forms.errors import FieldError, Invalid
from forms.faults import token
from infra.store.lights import LIGHTS

NUMBER = r"^[A-Z0-9-]{1,64}$"
DRAFT = r"^d_[A-Za-z0-9_-]{22}$"
PAGE = 50
PAGE_MOST = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffd\u2028\u2029]")

ApplicationNo = Annotated[str, Path(pattern=NUMBER, title="申请编号")]
CaseNo = Annotated[str, Path(pattern=NUMBER, title="办件编号")]
TaskNo = Annotated[str, Path(pattern=NUMBER, title="任务编号")]
Short = Annotated[str | None, Query(max_length=100)]
Cursor = Annotated[str | None, Query(max_length=200, title="上一页给出的 next")]
Limit = Annotated[int, Query(ge=1, le=PAGE_MOST, title="每页条数")]


def known_only(request: Request) -> None:
    """Refuse query parameters that the route does not know, that come twice, or that hold what nobody can type."""
    if not request.scope["query_string"]:
        return
    route = request.scope["route"]
    known = {field.alias for field in route.dependant.query_params}
    errors = []
    seen = set()
    for name, value in request.query_params.multi_items():
        shown = token(name)[:40]
        if name not in known:
            errors.append(FieldError(f"?{shown}", f"没有“{shown}”这个查询参数", "unknown_parameter"))
        elif name in seen:
            errors.append(FieldError(f"?{shown}", f"查询参数“{shown}”只能出现一次", "duplicate_name"))
        elif _CONTROL.search(value):
            errors.append(FieldError(f"?{shown}", "含有不能使用的字符", "control_character"))
        seen.add(name)
    if errors:
        raise Invalid(errors[:50])


def light_in(wanted: str | None) -> str | None:
    """Return the light that is asked for; Invalid where there is none of that name."""
    if wanted is not None and wanted not in LIGHTS:
        raise Invalid.one("?light", f"灯应为{'、'.join(LIGHTS)}之一", "choice")
    return wanted


def page(items: Sequence[Any], limit: int, place: Any) -> dict[str, Any]:
    """Return a page of a list; `items` may hold one more than `limit`, `place(last)` is where the next page begins."""
    more = len(items) > limit
    return {"items": list(items[:limit]), "next": cursor(place(limit - 1)) if more else None}


def cursor(place: Any) -> str:
    """Write a place in a list so that it can be sent back."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def place_after(key: int | None) -> str | None:
    """Write the place after a row of a list that is ordered by its keys; None at the end."""
    return None if key is None else cursor([key])


def place_of(text: str | None, *kinds: type) -> list[Any] | None:
    """Read a cursor back; Invalid where it was not ours."""
    if text is None:
        return None
    wrong = Invalid.one("?cursor", "翻页位置无效，请从第一页开始", "bad_cursor")
    try:
        place = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        raise wrong from None
    if not isinstance(place, list) or len(place) != len(kinds):
        raise wrong
    read = []
    for value, kind in zip(place, kinds, strict=True):
        found: Any = _moment(value) if kind is datetime else _day(value) if kind is date else value
        if type(found) is not kind or (isinstance(found, int) and not 0 <= found < 2**63):
            raise wrong
        read.append(found)
    return read


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _moment(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
