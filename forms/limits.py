"""How much a body may hold (报文限制): size, depth and characters are looked at before anything reads it."""

from __future__ import annotations

import math

from forms.errors import FieldError, Invalid
from forms.faults import token
from forms.fields import CONTROL

MAX_VALUES = 20_000
MAX_DEPTH = 12
MAX_KEYS = 300
MAX_TEXT = 2_000
MAX_NUMBER = 2**53
MAX_MATERIALS = 200
MAX_ERRORS = 500


def look_over(body: object) -> list[FieldError]:
    """Return what makes values of a body unusable: control characters, over-long texts, numbers that are none.

    Raises `Invalid` where the body cannot be read on: not an object, too large, too deep, keys that are no names.
    """
    if not isinstance(body, dict):
        raise Invalid.one("", "提交的内容应为一个JSON对象", "type")
    if _is_plain(body):
        return []
    found: list[FieldError] = []
    count = 0
    level: list[tuple[str, object]] = [("", body)]
    depth = 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise Invalid.one(level[0][0], "内容嵌套层次过多", "too_deep")
        below: list[tuple[str, object]] = []
        for pointer, value in level:
            if isinstance(value, str):
                if len(value) > MAX_TEXT or not value.isprintable():
                    _text(pointer, value, found)
                continue
            if isinstance(value, dict):
                if len(value) > MAX_KEYS:
                    raise Invalid.one(pointer, f"填写项不能超过{MAX_KEYS}个", "too_large")
                count += len(value)
                if count <= MAX_VALUES:
                    below += [
                        (f"{pointer}/{_NAMES.get(key) or _name(pointer, key)}", entry) for key, entry in value.items()
                    ]
            elif isinstance(value, list):
                count += len(value)
                if count <= MAX_VALUES:
                    below += [(f"{pointer}/{n}", entry) for n, entry in enumerate(value)]
            elif isinstance(value, float) and not math.isfinite(value):
                found.append(FieldError(pointer, "不是有效的数", "type"))
            elif isinstance(value, int) and not -MAX_NUMBER <= value <= MAX_NUMBER:
                found.append(FieldError(pointer, "数值过大", "range"))
            if count > MAX_VALUES:
                raise Invalid.one(pointer, "提交的内容过多", "too_large")
        level = below
    return found


def _is_plain(body: dict[str, object]) -> bool:
    """Whether nothing in the body even looks unusual; the usual case, without a pointer written."""
    count = 0
    level: list[object] = [body]
    for _ in range(MAX_DEPTH):
        below: list[object] = []
        for value in level:
            if isinstance(value, str):
                if len(value) > MAX_TEXT or not value.isprintable():
                    return False
            elif isinstance(value, dict):
                if len(value) > MAX_KEYS or not value.keys() <= _NAMES.keys():
                    return False
                below += value.values()
            elif isinstance(value, list):
                below += value
            elif isinstance(value, int):
                if not -MAX_NUMBER <= value <= MAX_NUMBER:
                    return False
            elif value is not None:
                return False
        count += len(below)
        if not below or count > MAX_VALUES:
            return not below
        level = below
    return False


_NAMES: dict[object, str] = {}
"""Names of fields seen before, each under itself; at most a few thousand."""


def _name(pointer: str, key: object) -> str:
    if not isinstance(key, str) or CONTROL.search(key):
        raise Invalid.one(pointer, "填写项名称含有不能使用的字符", "control_character")
    if not key.isidentifier() or len(key) > 40 or len(_NAMES) >= 4_000:
        return token(key)
    return _NAMES.setdefault(key, key)


def _text(pointer: str, value: str, found: list[FieldError]) -> None:
    if len(value) > MAX_TEXT:
        found.append(FieldError(pointer, f"不能超过{MAX_TEXT}个字", "too_long"))
    elif CONTROL.search(value.replace("\n", "")):
        found.append(FieldError(pointer, "含有控制字符等不能使用的字符", "control_character"))
