"""Stand-ins over HTTP: named, listed, in force at once, taken back; nobody else's business."""

from __future__ import annotations

from datetime import timedelta

import pytest

from forms.vocabulary import Department as D
from forms.vocabulary import Role as R
from tests.api.drawn import officer
from tests.kit.hall import DAY

PATH = "/api/v1/standins"
APPROVER, REVIEWER = officer(R.APPROVER, D.PUBLIC_SECURITY), officer(R.REVIEWER, D.PUBLIC_SECURITY)
ADMINISTRATOR, STRANGER = officer(R.ADMINISTRATOR, D.SUPERVISION), officer(R.HANDLER, D.FINANCE)


@pytest.fixture
def body() -> dict[str, str]:
    until = DAY + timedelta(days=7)
    return {"officer": REVIEWER, "from": DAY.isoformat(), "until": until.isoformat(), "reason": "培训"}


def test_a_stand_in_is_in_force_at_once_and_no_longer_when_taken_back(sign_in, hall, body: dict[str, str]) -> None:
    case = hall.open("settlement")["settlement"]
    hall.finish(case, but=("approval",))
    task = hall.no(case, "approval")
    hall.act(task, "approve", hall.speaker(task))
    reviewer, approver = sign_in(REVIEWER), sign_in(APPROVER)
    assert reviewer.act(f"tasks/{task}", "approve").status_code == 403
    key = {"Idempotency-Key": f"standin-{task}"}
    answer = approver.post(PATH, body, headers=key)
    named = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"{PATH}/{named['id']}")
    assert (named["absent"]["username"], named["officer"]["username"], named["state"]) == (
        APPROVER, REVIEWER, "current",
    )  # fmt: skip
    assert approver.post(PATH, body, headers=key).json() == named
    stood_for = [member["stands_for"] for member in reviewer.get("/api/v1/me").json()["members"]]
    assert stood_for == [None, named["absent"]["name"]]
    done = reviewer.act(f"tasks/{task}", "approve")
    assert done.json()["verdict"]["opinions"][-1]["officer"] == (
        f"{named['officer']['name']}（代{named['absent']['name']}）"
    )
    for caller, seen in (
        (reviewer, True),
        (approver, True),
        (sign_in(ADMINISTRATOR), True),
        (sign_in(STRANGER), False),
    ):
        rows = caller.get(PATH, params={"in_force": "true", "limit": 200}).json()["items"]
        assert (named["id"] in {row["id"] for row in rows}) is seen
    path = f"{PATH}/{named['id']}"
    assert sign_in(STRANGER).http.delete(path).status_code == 404
    assert approver.http.delete(path).json()["state"] == "revoked"
    assert approver.http.delete(path).status_code == 409
    assert len(reviewer.get("/api/v1/me").json()["members"]) == 1
    subjects = {change["subject"] for change in sign_in(ADMINISTRATOR).get("/api/v1/changes").json()["items"]}
    assert f"standin/{named['id']}" in subjects


def test_a_wrong_naming_says_what_is_wrong(sign_in, nobody, body: dict[str, str]) -> None:
    approver = sign_in(APPROVER)
    assert nobody.post(PATH, body).status_code == 401
    assert approver.post(PATH, body | {"absent": officer(R.HANDLER, D.FINANCE)}).status_code == 403
    for changes, field in (
        ({"officer": STRANGER}, "/officer"),
        ({"from": "2020-01-01"}, "/from"),
        ({"until": "x"}, "/until"),
        ({"since": body["from"]}, "/since"),
        ({"reason": ""}, "/reason"),
    ):
        answer = approver.post(PATH, body | changes)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
