"""Matters (事项): the item guide, public; merged for a bundle."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api import guide
from api.calls import Public, sent
from flows import overrides, registry
from forms.schema import merged_schema
from infra.store import administration

ROUTER = APIRouter(prefix="/api/v1/matters", tags=["事项"])
Code = Annotated[str, Path(pattern=r"^[a-z_]{1,64}$", title="事项代码")]


@ROUTER.get("", operation_id="list_matters", summary="事项目录")
def list_matters(call: Public) -> Response:
    """Every matter, and the bundles that people usually ask for."""
    with call.engine.connect() as conn:
        known = overrides.in_force(conn, registry.matters())
    items = [guide.entry(matter) for matter in known.values()]
    return sent({"items": items, "next": None, "presets": guide.presets()})


@ROUTER.get("/merged", operation_id="merged_form", summary="统一申请表")
def merged(
    call: Public,
    codes: Annotated[str, Query(pattern=r"^[a-z_,]{1,400}$", title="事项代码，以逗号分隔")],
) -> Response:
    """The JSON Schema of the whole body of one intake for these matters: what several share is asked once."""
    chosen = registry.bundle(list(dict.fromkeys(code for code in codes.split(",") if code)))
    with call.engine.connect() as conn:
        regions = {row["code"]: row["name"] for row in administration.regions(conn) if row["active"]}
        may = overrides.promisable(conn, chosen)
    refused = {
        paper.code for code, matter in chosen.items() for paper in matter.materials if paper.code not in may[code]
    }
    forms = {code: matter.form for code, matter in chosen.items()}
    return sent(merged_schema(forms, regions, frozenset().union(*may.values()) - refused))


@ROUTER.get("/{code}", operation_id="read_matter", summary="办事指南")
def read_matter(call: Public, code: Code) -> Response:
    """One matter: form as JSON Schema, papers, steps, limits."""
    matter = registry.matter(code)
    with call.engine.connect() as conn:
        return sent(guide.guide(overrides.in_force(conn, {code: matter})[code]))
