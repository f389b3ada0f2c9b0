"""Corrections on the spot (当场更正, 行政许可法 第32条第一款第三项): the body with what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms.errors import Invalid
from forms.limits import look_over
from forms.privacy import mask


def correct(body: Mapping[str, Any], patch: object) -> dict[str, Any]:
    """Return the body with a JSON merge patch applied (RFC 7396); a masked value sent back is no change."""
    if not isinstance(patch, dict):
        raise Invalid.one("", "更正内容应为一个JSON对象", "type")
    look_over(patch)
    merged = _merge(body, patch)
    assert isinstance(merged, dict)
    return merged


def _merge(old: object, patch: object) -> object:
    if isinstance(patch, dict):
        before = old if isinstance(old, Mapping) else {}
        merged = {key: value for key, value in before.items() if key not in patch}
        for key, value in patch.items():
            if value is not None:
                merged[key] = _merge(before.get(key), value)
        return merged
    if isinstance(patch, list) and isinstance(old, list):
        return [_merge_entry(old[n] if n < len(old) else None, entry) for n, entry in enumerate(patch)]
    return old if _is_mask_of(patch, old) else patch


def _merge_entry(old: object, new: object) -> object:
    """Take a list's new entry whole, but keep what was only sent back masked."""
    if isinstance(new, dict):
        before = old if isinstance(old, Mapping) else {}
        return {key: _merge_entry(before.get(key), value) for key, value in new.items()}
    if isinstance(new, list):
        before_list = old if isinstance(old, list) else []
        return [_merge_entry(before_list[n] if n < len(before_list) else None, e) for n, e in enumerate(new)]
    return old if _is_mask_of(new, old) else new


def _is_mask_of(shown: object, value: object) -> bool:
    if not (isinstance(shown, str) and isinstance(value, str) and "*" in shown):
        return False
    return any(mask(kind, value) == shown for kind in ("identity", "bank", "document", "mobile"))
