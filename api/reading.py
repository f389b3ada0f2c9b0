"""Reading what came in (读取请求): JSON taken strictly, so that what is checked is what was sent."""

from __future__ import annotations

import json
from typing import Any

import orjson

from api.errors import Malformed


def read_json(raw: bytes) -> Any:
    """Return the value of a JSON text; Malformed for anything RFC 8259 does not know, for duplicate names, for depth.

    Unpaired surrogates, NaN and numbers beyond a double are no JSON; a name that comes twice hides one of its values.
    """
    if not raw:
        raise Malformed("请求没有内容，应为一个 JSON 对象。")
    try:
        value = orjson.loads(raw)
    except ValueError:
        raise Malformed from None
    if _might_repeat_a_name(raw, value):
        try:
            json.loads(raw, object_pairs_hook=_no_name_twice)
        except (ValueError, RecursionError):
            raise Malformed from None
    return value


def _might_repeat_a_name(raw: bytes, value: Any) -> bool:
    """Whether a colon got lost on the way: every name has one, and texts keep theirs unless they are escaped.

    Most bodies are spared being read a second time, pair by pair.
    """
    try:
        return b"\\u" in raw or raw.count(b":") != orjson.dumps(value).count(b":")
    except orjson.JSONEncodeError:
        return True  # too deep to be written: too deep to be taken as well


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("请求中同一填写项出现了两次，请检查后重新提交。", code="duplicate_name")
    return found
