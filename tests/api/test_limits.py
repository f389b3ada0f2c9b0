"""Limits over HTTP: lights and due days in rows, the working shown, what is late, the inbox most urgent first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from infra import clock
from tests.kit.hall import MORNING, Hall


@pytest.fixture(scope="module")
def hall(platform, api_engine: Engine) -> Hall:
    return Hall(api_engine)


@pytest.fixture(autouse=True)
def morning(hall: Hall, api_engine: Engine):
    with api_engine.begin() as conn:
        clock.move(conn, hall.now)


def test_rows_show_light_and_due_day_and_limits_show_their_working(hall: Hall, sign_in) -> None:
    no = hall.open("settlement")["settlement"]
    window = sign_in(hall.window.username)
    row = window.get(f"/api/v1/cases/{no}").json()
    assert (row["light"], row["due"]) == ("green", "2026-09-24")
    limits = window.get(f"/api/v1/cases/{no}/limits").json()["items"]
    promised = next(x for x in limits if x["subject"] == no and x["clock"] == "promised")
    assert (promised["spent"], promised["remaining"], promised["due"]) == (0, 5, "2026-09-24")


def test_a_department_sees_only_the_limits_of_its_own_tasks(hall: Hall, sign_in) -> None:
    no = hall.open("settlement")["settlement"]
    task = hall.no(no, "eligibility")
    handler = sign_in(hall.speaker(task).username)
    subjects = {x["subject"] for x in handler.get(f"/api/v1/cases/{no}/limits").json()["items"]}
    assert task in subjects
    stranger = hall.actor("handler", "medical_insurance")
    assert sign_in(stranger.username).get(f"/api/v1/cases/{no}/limits").status_code == 404


def test_the_inbox_is_ordered_by_urgency_and_filtered_by_light(hall: Hall, sign_in, api_engine: Engine) -> None:
    hall.now = MORNING
    first = hall.open("settlement")["settlement"]
    hall.now += timedelta(days=4)
    later = hall.open("settlement")["settlement"]
    with api_engine.begin() as conn:
        clock.move(conn, hall.now)
    handler = sign_in(hall.speaker(hall.no(first, "address")).username)
    items = handler.get("/api/v1/tasks?limit=200").json()["items"]
    place = {x["no"]: n for n, x in enumerate(items)}
    assert place[hall.no(first, "address")] < place[hall.no(later, "address")]
    assert [x["due"] for x in items] == sorted(x["due"] for x in items)
    red = handler.get("/api/v1/tasks?light=yellow&limit=200").json()["items"]
    assert hall.no(first, "address") in {x["no"] for x in red}
    assert {x["light"] for x in red} == {"yellow"}
    assert handler.get("/api/v1/tasks?light=purple").status_code == 422
    pages, cursor = [], ""
    while cursor is not None:
        page = handler.get(f"/api/v1/tasks?limit=1{cursor and '&cursor=' + cursor}").json()
        pages += [x["no"] for x in page["items"]]
        cursor = page["next"]
    assert pages == [x["no"] for x in items]


def test_breaches_say_what_is_late_by_how_much_and_whose(hall: Hall, sign_in, api_engine: Engine) -> None:
    no = hall.open("settlement")["settlement"]
    hall.now += timedelta(days=20)
    with api_engine.begin() as conn:
        clock.move(conn, hall.now)
    manager = sign_in(hall.manager.username)
    found, cursor = [], ""
    while cursor is not None:
        page = manager.get(f"/api/v1/breaches?limit=3{cursor and '&cursor=' + cursor}").json()
        found += page["items"]
        cursor = page["next"]
    assert [x["due"] for x in found] == sorted(x["due"] for x in found)
    mine = next(x for x in found if x["no"] == no)
    assert mine["over"] > 0
    assert mine["department"] == "public_security"
    assert mine["light"] in ("yellow", "red")
    task = next(x for x in found if x["no"] == hall.no(no, "eligibility"))
    assert task["department"] == "human_resources"
    assert manager.get("/api/v1/breaches?cursor=xx").status_code == 422
