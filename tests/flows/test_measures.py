"""Measures against a small set made by hand: what happened is told here, every number can be counted on fingers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from flows import access, supervision
from flows.desks import desk
from flows.measures import measure, rates
from flows.watch import fire
from forms.supervision import AppealCard, JudgeAppeal
from infra import clock
from infra.store import papers
from infra.store.period import CUTS
from tests.kit.hall import LAIXI, PINGDU, Hall

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2026, 9, 1), date(2026, 9, 30)
ASK = [{"code": "household_book", "note": "首页不清晰"}]


def at(hall: Hall, day: int, hour: int = 10) -> None:
    hall.now = datetime(2026, 9, day, hour, tzinfo=SHANGHAI)
    with hall.engine.begin() as conn:
        clock.move(conn, hall.now)


@pytest.fixture(scope="module")
def played(open_hall: Hall) -> dict[str, str]:
    """September 2026: four settlements and a subsidy in Pingdu; the 20th is worked, the 25th to the 27th are off."""
    hall = open_hall
    at(hall, 18)
    made = {name: hall.open("settlement")["settlement"] for name in ("quick", "late", "gone", "returned")}
    body = hall.body("subsidy")
    body["channel"] = "online"
    made["subsidy"] = hall.receive(body).cases[0]["no"]
    task = hall.no(made["returned"], "eligibility")
    hall.act(task, "return", hall.speaker(task), reason="不属于本部门")
    at(hall, 18, 15)
    hall.act(task, "dispatch", hall.coordinator(made["returned"]))
    hall.act(made["gone"], "withdraw", hall.window, reason="不办了")
    with hall.engine.begin() as conn:
        papers.insert_evidence(
            conn,
            {
                "task_id": hall.task(made["quick"], "eligibility").id,
                "code": "degree",
                "result": "match",
                "source": "chsi",
                "facts": {},
                "asked_at": hall.now,
                "ms": 1,
            },
        )
    at(hall, 21)
    hall.finish(made["quick"])
    hall.finish(made["subsidy"], but=["notice"])
    address = hall.no(made["late"], "address")
    hall.act(address, "request-supplement", hall.speaker(address), until="2026-10-08", items=ASK)
    at(hall, 24)
    hall.act(made["late"], "supplement", hall.window, items=[{"code": "household_book", "shared": True}])
    at(hall, 28)
    fire("settlement", hall.engine)
    hall.approve(hall.no(made["subsidy"], "notice"))
    hall.finish(made["late"], but=["registration"])
    at(hall, 30)
    hall.approve(hall.no(made["late"], "registration"), explanation="系统停机")
    return made


def total(hall: Hall, by: str | None = None, **more: Any) -> dict[str, Any]:
    scope = access.scope(more.pop("who", hall.manager))
    with hall.engine.connect() as conn:
        found = measure(conn, scope, more.pop("first", FIRST), more.pop("last", LAST), hall.now, by=by, **more)
    return {row["cut"]: row for row in found["items"]} | {"steps": found["steps"]}


def test_what_was_received_and_closed_and_how_late(open_hall: Hall, played: dict[str, str]) -> None:
    row = total(open_hall)[""]
    assert (row["received"], row["closed"], row["late"]) == (5, 2, 1)
    assert row["on_time_rate"] == 0.5
    assert row["average_working_days"] == 5.0, "two days and eight"
    assert row["first_pass_rate"] == 0.5
    assert row["supplement_rounds_over_one"] == 0
    assert row["pause_share"] == 0.3, "three of ten working days"
    assert row["online_share"] == 0.2
    assert row["extension_rate"] == 0.0
    assert (row["statutory_breach"], row["deemed_acceptance_count"]) == (0, 0)


def test_returned_tasks_and_the_hours_they_lay(open_hall: Hall, played: dict[str, str]) -> None:
    row = total(open_hall, matter="settlement")[""]
    opened = sum(open_hall.acts(no).count("open") for name, no in played.items() if name != "subsidy")
    assert row["returned_dispatch_rate"] == round(1 / (opened + 1), 4)
    assert row["returned_dispatch_hours"] == 5.0


def test_money_that_is_decided_and_not_paid(open_hall: Hall, played: dict[str, str]) -> None:
    row = total(open_hall, matter="subsidy")[""]
    assert (row["unpaid"], row["unpaid_days"], row["unpaid_longest"]) == (1, 2.0, 2)
    assert row["closed"] == 0
    assert row["on_time_rate"] is None, "of nothing there is no rate"


def test_what_registries_confirmed(open_hall: Hall, played: dict[str, str]) -> None:
    row = total(open_hall, matter="settlement")[""]
    with open_hall.engine.connect():
        decided = open_hall.rows(
            "SELECT 1 FROM tasks WHERE matter = 'settlement' AND check_code IS NOT NULL AND decided_at IS NOT NULL"
        )
    assert row["auto_verified_share"] == round(1 / len(decided), 4)


def test_cuts_add_up(open_hall: Hall, played: dict[str, str]) -> None:
    whole = total(open_hall)[""]
    for by in ("department", "matter", "region", "month", "week", "officer", "window"):
        parts = [row for cut, row in total(open_hall, by).items() if cut != "steps"]
        for name in ("received", "closed", "late", "unpaid"):
            assert sum(row[name] for row in parts) == whole[name], by
    assert set(total(open_hall, "region")) == {PINGDU, "steps"}
    assert set(total(open_hall, "month")) == {"2026-09", "steps"}
    assert total(open_hall, "department")["public_security"]["closed"] == 2


def test_all_cuts_read_at_once_tell_what_each_tells_alone(open_hall: Hall, played: dict[str, str]) -> None:
    cuts = (None, *CUTS)
    with open_hall.engine.connect() as conn:
        for who in (open_hall.manager, open_hall.coordinator(played["quick"])):
            asked = conn, access.scope(who), FIRST, LAST, open_hall.now
            whole = rates(*asked, cuts=cuts)
            assert list(whole) == list(cuts)
            assert [row["cut"] for row in whole[None]] == [""]
            assert whole == {by: rates(*asked, cuts=(by,))[by] for by in cuts}
            for by in CUTS:
                for name in ("received", "closed", "late", "statutory_breach", "rated", "unpaid"):
                    assert sum(row[name] for row in whole[by]) == whole[None][0][name], by


def test_where_nothing_happened_no_cut_tells_anything(open_hall: Hall, played: dict[str, str]) -> None:
    scope = access.scope(open_hall.actor("manager", "supervision", LAIXI))
    with open_hall.engine.connect() as conn:
        assert rates(conn, scope, FIRST, LAST, open_hall.now, cuts=(None, "matter")) == {None: [], "matter": []}


def test_who_decided_and_who_took_it_in(open_hall: Hall, played: dict[str, str]) -> None:
    assert total(open_hall, "window")[str(open_hall.window.id)]["received"] == 5
    quick = open_hall.task(played["quick"], "approval").officer_id
    assert total(open_hall, "officer")[str(quick)]["closed"] >= 1


def test_open_cases_by_light(open_hall: Hall, played: dict[str, str]) -> None:
    lights = total(open_hall, "matter")
    assert lights["settlement"]["open_by_light"] == {"yellow": 1}
    assert lights["subsidy"]["open_by_light"] == {"green": 1}


def test_average_days_of_each_step(open_hall: Hall, played: dict[str, str]) -> None:
    steps = {(row["matter"], row["step"]): row for row in total(open_hall)["steps"]}
    registration = steps["settlement", "registration"]
    assert (registration["decided"], registration["average_working_days"]) == (2, 1.0), "the same day, and two days"
    address = steps["settlement", "address"]
    assert (address["decided"], address["average_working_days"]) == (2, 2.5), "two; six less three"
    assert steps["subsidy", "notice"]["average_working_days"] == 4.0, "22, 23, 24 and 28 September"


def test_nothing_beyond_the_walls_or_the_period(open_hall: Hall, played: dict[str, str]) -> None:
    elsewhere = open_hall.actor("manager", "supervision", LAIXI)
    assert total(open_hall, who=elsewhere) == {"steps": []}
    before = total(open_hall, first=date(2026, 8, 1), last=date(2026, 8, 31)).get("", {})
    assert before["closed"] == before["received"] == 0


def test_a_card_withdrawn_no_longer_counts(open_hall: Hall, played: dict[str, str]) -> None:
    no = played["late"]
    (card,) = open_hall.rows(
        "SELECT * FROM alarms WHERE subject = :no AND clock = 'promised' AND rung = 'yellow'", no=no
    )
    office = open_hall.actor("handler", "public_security")
    for verb, who, message in (
        (supervision.appeal, office, AppealCard(act="appeal", reason="全市停电")),
        (supervision.judge, open_hall.manager, JudgeAppeal(act="judge", outcome="withdrawn", reason="属实")),
    ):
        with desk(who, now=open_hall.now, engine=open_hall.engine) as seat:
            verb(seat, card.id, message)  # type: ignore[operator]
    assert total(open_hall)[""]["on_time_rate"] == 1.0
