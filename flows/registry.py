"""Which matters there are (事项目录): found by walking `flows/matters`; nothing else names a matter."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from typing import Any

from prefect import Flow

import flows.matters
from flows.matter import Malformed, Matter
from flows.soundness import rings
from forms.errors import FieldError, Invalid, NotFound


@cache
def matters() -> dict[str, Matter]:
    """Return every matter by its code, in the order of their titles in the guide; Malformed if two bear one code."""
    found: dict[str, Matter] = {}
    for info in pkgutil.iter_modules(flows.matters.__path__):
        matter = getattr(importlib.import_module(f"flows.matters.{info.name}"), "MATTER", None)
        if not isinstance(matter, Matter):
            raise Malformed(f"flows/matters/{info.name}.py defines no MATTER")
        if matter.code in found:
            raise Malformed(f"two files define the matter {matter.code}")
        found[matter.code] = matter
    for matter in found.values():
        for edge in matter.edges:
            if edge.matter not in found:
                raise Malformed(f"{matter.code}: an edge names the matter {edge.matter}, which is not there")
    for ring in rings(found):
        raise Malformed(ring)
    return found


@cache
def passes() -> dict[str, Any]:
    """Return each matter's Prefect flow: the one that stands at the end of its file."""
    found: dict[str, Any] = {}
    for info in pkgutil.iter_modules(flows.matters.__path__):
        module = importlib.import_module(f"flows.matters.{info.name}")
        own = [value for value in vars(module).values() if isinstance(value, Flow)]
        if len(own) != 1:
            raise Malformed(f"flows/matters/{info.name}.py ends in one Prefect flow, not in {len(own)}")
        found[module.MATTER.code] = own[0]
    return found


def matter(code: str) -> Matter:
    """Return the matter named `code`, or NotFound."""
    try:
        return matters()[code]
    except KeyError:
        raise NotFound("没有这个事项。") from None


def titles_of(codes: Iterable[str]) -> list[str]:
    """Return the titles of matters; the code of one that is there no more."""
    known = matters()
    return [known[code].title if code in known else code for code in codes]


def bundle(codes: list[str]) -> dict[str, Matter]:
    """Return the matters named, or Invalid with every unknown one."""
    unknown = [code for code in codes if code not in matters()]
    if unknown or not codes:
        raise Invalid(
            [FieldError("/codes", f"没有“{code}”这个事项", "unknown_matter") for code in unknown]
            or [FieldError("/codes", "请至少选择一个事项", "missing")]
        )
    return {code: matters()[code] for code in codes}
