"""Cards, orders and notices over HTTP: who sees them, who appeals and answers, what a late answer looks like."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from flows.watch import fire
from infra import clock
from tests.kit.hall import LAIXI, MORNING, Hall


@pytest.fixture(scope="module")
def hall(platform, api_engine: Engine) -> Hall:
    return Hall(api_engine)


def move(hall: Hall, engine: Engine, **units: float) -> None:
    hall.now += timedelta(**units)
    with engine.begin() as conn:
        clock.move(conn, hall.now)


@pytest.fixture
def late(hall: Hall, api_engine: Engine) -> str:
    """A settlement three weeks late, its cards out."""
    hall.now = MORNING
    move(hall, api_engine)
    no = hall.open("settlement")["settlement"]
    move(hall, api_engine, days=20)
    fire("settlement", api_engine)
    return no


def every(caller, path: str, size: int = 2) -> list[dict]:
    found, cursor = [], ""
    while cursor is not None:
        page = caller.get(f"{path}{'&' if '?' in path else '?'}limit={size}{cursor and '&cursor=' + cursor}").json()
        found += page["items"]
        cursor = page["next"]
    return found


def test_cards_are_listed_by_colour_within_the_walls(hall: Hall, sign_in, late: str) -> None:
    manager = sign_in(hall.manager.username)
    red = every(manager, "/api/v1/alarms?rung=red")
    assert {x["rung"] for x in red} == {"red"}
    assert len({x["id"] for x in red}) == len(red)
    mine = next(x for x in red if x["no"] == late)
    assert (mine["department"], mine["days"], mine["due"]) == ("public_security", 5, "2026-09-24")
    assert mine["appeal_until"] == "2026-10-12"
    assert mine["order"].startswith("DB-")
    assert manager.get("/api/v1/alarms?rung=purple").status_code == 422
    elsewhere = sign_in(hall.actor("manager", "supervision", LAIXI).username)
    assert every(elsewhere, "/api/v1/alarms") == []
    assert elsewhere.get(f"/api/v1/alarms/{mine['id']}").status_code == 404
    police = sign_in(hall.actor("handler", "police_station").username)
    subjects = {x["no"] for x in every(police, f"/api/v1/alarms?case={late}")}
    assert hall.no(late, "address") in subjects
    assert hall.no(late, "eligibility") not in subjects, "another department's task"


def test_an_appeal_goes_to_the_manager_and_a_withdrawn_card_stays_visible(hall: Hall, sign_in, late: str) -> None:
    office = sign_in(hall.actor("handler", "public_security").username)
    manager = sign_in(hall.manager.username)
    key = next(x["id"] for x in every(office, f"/api/v1/alarms?case={late}&rung=yellow") if x["no"] == late)
    path = f"/api/v1/alarms/{key}/acts"
    assert manager.post(path, {"act": "appeal", "reason": "x"}).status_code == 403
    answer = office.post(path, {"act": "appeal", "reason": "系统停机"}, headers={"Idempotency-Key": f"appeal-{key}"})
    assert (answer.status_code, answer.json()["state"]) == (200, "appealed")
    again = office.post(path, {"act": "appeal", "reason": "系统停机"}, headers={"Idempotency-Key": f"appeal-{key}"})
    assert again.headers["Idempotency-Replayed"] == "true"
    assert office.post(path, {"act": "judge", "outcome": "withdrawn", "reason": "x"}).status_code == 403
    assert manager.post(path, {"act": "judge", "outcome": "perhaps", "reason": "x"}).status_code == 422
    judged = manager.post(path, {"act": "judge", "outcome": "withdrawn", "reason": "属实"}).json()
    assert (judged["state"], judged["appeal"]["judgements"][0]["words"]) == ("withdrawn", "属实")
    assert any(x["id"] == key for x in every(manager, "/api/v1/alarms?state=withdrawn"))


def test_an_order_is_answered_late_and_says_so(hall: Hall, sign_in, late: str, api_engine: Engine) -> None:
    manager = sign_in(hall.manager.username)
    office = sign_in(hall.actor("approver", "public_security").username)
    no = next(x["no"] for x in every(office, "/api/v1/orders") if x["subject"] == late)
    assert manager.get(f"/api/v1/orders/{no}").json()["overdue"] is False
    move(hall, api_engine, days=5)
    assert no in {x["no"] for x in every(manager, "/api/v1/orders?overdue=true")}
    path = f"/api/v1/orders/{no}/acts"
    assert manager.post(path, {"act": "close", "result": "已整改"}).status_code == 409
    assert office.post(path, {"act": "reply"}).json()["errors"][0]["field"] == "/reply"
    replied = office.post(path, {"act": "reply", "reply": "人手不足，已加派"}).json()
    assert (replied["state"], replied["overdue"]) == ("replied", True)
    assert no not in {x["no"] for x in every(manager, "/api/v1/orders?overdue=true")}
    closed = manager.post(path, {"act": "close", "result": "已整改"}).json()
    assert (closed["state"], closed["overdue"], closed["result"]) == ("closed", True, "已整改")
    stranger = sign_in(hall.actor("handler", "finance").username)
    assert stranger.get(f"/api/v1/orders/{no}").status_code == 404
    assert stranger.post(path, {"act": "reply", "reply": "x"}).status_code == 404


def test_notices_of_ones_seats_unread_first(hall: Hall, sign_in, late: str) -> None:
    manager = sign_in(hall.manager.username)
    rows = every(manager, "/api/v1/notices", size=3)
    assert {x["addressee"] for x in rows} == {"seat:370283:supervision:manager"}
    ids = [x["id"] for x in rows if x["read_at"] is None]
    assert ids == sorted(ids, reverse=True)
    oldest = ids[-1]
    read = manager.post(f"/api/v1/notices/{oldest}/read").json()
    assert read["read_at"] is not None
    assert manager.post(f"/api/v1/notices/{oldest}/read").json()["read_at"] == read["read_at"]
    again = every(manager, "/api/v1/notices", size=3)
    assert [x["id"] for x in again if x["read_at"] is None] == ids[:-1]
    assert oldest in [x["id"] for x in again][len(ids) - 1 :]
    assert [x["id"] for x in every(manager, "/api/v1/notices?unread=true")] == ids[:-1]
    assert oldest in [x["id"] for x in every(manager, "/api/v1/notices?unread=false")]


def test_nobody_reads_what_is_told_to_others(hall: Hall, sign_in, nobody, late: str) -> None:
    key = every(sign_in(hall.manager.username), "/api/v1/notices")[0]["id"]
    handler = sign_in(hall.actor("handler", "human_resources").username)
    assert handler.post(f"/api/v1/notices/{key}/read").status_code == 404
    assert {x["addressee"] for x in every(handler, "/api/v1/notices", 50)} == {"seat:370283:human_resources:handler"}
    assert nobody.get("/api/v1/notices").status_code == 401
    elsewhere = sign_in(hall.actor("handler", "human_resources", LAIXI).username)
    assert every(elsewhere, "/api/v1/notices") == []
