"""The item guide (办事指南) without login: every matter, every bundle, where the windows are."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from api import guidance
from api.frame import page
from api.visits import Seen, Visit
from flows import overrides, registry
from flows.bundles import PRESETS, Preset
from flows.matter import Matter
from forms.errors import NotFound
from forms.vocabulary import Department
from infra.store import administration, people

ROUTER = APIRouter(prefix="/guide")
Code = Annotated[str, Path(pattern=r"^[a-z_]{1,64}$")]


@ROUTER.get("")
def all_matters(visit: Seen) -> Response:
    """Every matter with its days, and the bundles that people usually ask for."""
    visit.who()
    known = _known(visit)
    return page(
        visit,
        "applicant/guide.html",
        matters=[guidance.card(known[code]) for code in guidance.in_order(known)],
        bundles=[_bundle(preset) for preset in PRESETS],
    )


@ROUTER.get("/bundles/{code}")
def one_bundle(code: Code, visit: Seen) -> Response:
    """A bundle: what to bring once for all its matters."""
    visit.who()
    preset = next((one for one in PRESETS if one.code == code), None)
    if preset is None:
        raise NotFound("没有这个套餐。")
    known = _known(visit)
    chosen = {name: known[name] for name in preset.matters if name in known}
    return page(
        visit, "applicant/bundle.html", guide=guidance.together(preset.title, chosen, known), windows=_windows(visit)
    )


@ROUTER.get("/{code}")
def one_matter(code: Code, visit: Seen) -> Response:
    """A matter: for whom, what to bring, who looks at it, how long it takes, where, on what basis."""
    visit.who()
    registry.matter(code)
    known = _known(visit)
    matter = known[code]
    return page(
        visit,
        "applicant/matter.html",
        guide=guidance.whole(matter, known),
        windows=_windows(visit, matter),
        bundles=[_bundle(preset) for preset in PRESETS if code in preset.matters],
    )


def _known(visit: Visit) -> dict[str, Matter]:
    """Return the matters with the days that are promised now."""
    with visit.engine.connect() as conn:
        return overrides.in_force(conn, registry.matters())


def _bundle(preset: Preset) -> dict[str, Any]:
    known = registry.matters()
    return {
        "code": preset.code,
        "title": preset.title,
        "matters": [known[name].title for name in preset.matters if name in known],
    }


def _windows(visit: Visit, matter: Matter | None = None) -> list[dict[str, Any]]:
    """Return per region the windows that take the application in, and the lead department's office to ask."""
    wanted = [Department.WINDOW, *([matter.lead] if matter is not None else [])]
    with visit.engine.connect() as conn:
        return [
            {
                "region": region["name"],
                "offices": [
                    {"name": office["name"], "phone": office["phone"], "window": department is Department.WINDOW}
                    for department in wanted
                    for office in people.offices(conn, department.value, region["code"])
                ],
            }
            for region in administration.regions(conn)
            if region["active"]
        ]
