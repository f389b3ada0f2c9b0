"""The walls around what officers do among themselves: hand over, urge, copy, propose; who may, who finds nothing."""

from __future__ import annotations

import pytest

from tests.api.test_walls import WHO

ROUTES = {
    "urge": ("tasks/{task}", {"act": "urge"}),
    "hand-over": ("tasks/{task}", {"act": "hand-over", "officer": "nobody", "reason": "出差"}),
    "copy": ("cases/{case}", {"act": "copy", "department": "health", "reason": "知悉"}),
    "propose": ("cases/{case}", {"act": "propose-extension", "kind": "agency", "days": 11, "reason": "疑难"}),
}

# 200 done, 422 may but says nonsense, 403 sees it and may not, 404 is not there for them
_NOTHING = dict.fromkeys(ROUTES, 404)
_SEES = dict.fromkeys(ROUTES, 403)
_LEADS = {"urge": 200, "hand-over": 422, "copy": 422, "propose": 422}
EXPECTED = {
    **dict.fromkeys(WHO, _NOTHING),
    "window": _SEES | {"urge": 200, "copy": 422},
    "handler": _SEES | {"copy": 422},
    "reviewer": _SEES | {"copy": 422, "hand-over": 422},
    "handler of the same case": {"urge": 404, "hand-over": 404, "copy": 422, "propose": 403},
    "coordinator who leads": _LEADS,
    "manager": _LEADS,
    "auditor": _SEES,
    "nobody": dict.fromkeys(ROUTES, 401),
}


@pytest.fixture(scope="module")
def places(hall) -> dict[str, str]:
    """One settlement under way in Pingdu."""
    case = hall.open("settlement")["settlement"]
    return {"case": case, "task": hall.no(case, "eligibility")}


@pytest.mark.parametrize("who", WHO)
def test_each_role_meets_the_walls_of_the_table(sign_in, nobody, places, who: str) -> None:
    caller = sign_in(WHO[who]) if WHO[who] else nobody
    met = {}
    for route, (path, body) in ROUTES.items():
        met[route] = caller.post(f"/api/v1/{path.format(**places)}/acts", body).status_code
    several = caller.post("/api/v1/tasks/acts", {"items": [{"no": places["task"], **ROUTES["hand-over"][1]}]})
    assert met == EXPECTED[who]
    if who == "nobody":
        assert several.status_code == 401
    else:
        assert several.json()["items"][0]["status"] == met["hand-over"]
