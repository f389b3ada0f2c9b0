"""Trips to the window: what somebody had to come for, counted from the record; online and by post cost nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import text

from flows import access
from flows.casework import applicant
from flows.desks import desk
from flows.measures import measure
from forms.applicant import APPLICANT_ACTS
from forms.messages import read_act
from infra.clock import SHANGHAI
from tests.kit.hall import Hall

ASK = [{"code": "household_book", "note": "首页不清晰"}]
BRING = [{"code": "household_book", "shared": True}]


@pytest.fixture
def month(hall: Hall) -> Iterator[int]:
    """A month of its own for each test, so that nothing else was delivered in it."""
    with hall.engine.begin() as conn:
        conn.execute(text("UPDATE cases SET delivered_at = delivered_at - interval '10 years'"))
    yield 9


def at(hall: Hall, day: int, hour: int = 10) -> None:
    hall.now = datetime(2026, 9, day, hour, tzinfo=SHANGHAI)


def trips(hall: Hall, by: str | None = None) -> dict[str, float | None]:
    scope = access.scope(hall.manager)
    with hall.engine.connect() as conn:
        found = measure(conn, scope, date(2026, 9, 1), date(2026, 9, 30), hall.now, by=by)["items"]
    return {row["cut"]: row["trips_per_case"] for row in found if row["trips_per_case"] is not None}


def ask(hall: Hall, case: str) -> None:
    task = hall.no(case, "address")
    hall.act(task, "request-supplement", hall.speaker(task), until="2026-09-30", items=ASK)


def online(hall: Hall, *matters: str) -> dict[str, str]:
    """File an application online; it is accepted by the window without anybody coming."""
    received = hall.receive({**hall.body(*matters), "channel": "online"})
    return {case["matter"]: case["no"] for case in received.cases}


def hand_in(hall: Hall, case: str) -> None:
    """The applicant hands in at home what was asked for."""
    no = case.rpartition("-")[0]
    with desk(access.applicant(hall.application(no).id, no), now=hall.now, engine=hall.engine) as seat:
        said: dict[str, Any] = {"act": "supplement", "case": case, "items": BRING}
        applicant.act(seat, read_act(said, APPLICANT_ACTS))


def test_whoever_brings_papers_and_fetches_the_result_comes_three_times(hall: Hall, month: int) -> None:
    at(hall, 14)
    case = hall.open("settlement")["settlement"]
    ask(hall, case)
    at(hall, 16)
    hall.act(case, "supplement", hall.window, items=BRING)
    at(hall, 17)
    hall.finish(case)
    assert trips(hall) == {}, "nothing is delivered yet"
    at(hall, 18)
    hall.act(case, "deliver", hall.window, kind="window")
    assert trips(hall) == {"": 3.0}


@pytest.mark.parametrize("way", ["ems", "online"])
def test_what_came_by_post_or_online_and_goes_by_post_takes_no_trip_but_the_first(
    hall: Hall, month: int, way: str
) -> None:
    at(hall, 14)
    case = hall.open("settlement")["settlement"]
    ask(hall, case)
    at(hall, 16)
    hall.act(case, "supplement", hall.window, kind=way, items=BRING)
    hall.finish(case)
    at(hall, 18)
    hall.act(case, "deliver", hall.window, kind="ems")
    assert trips(hall) == {"": 1.0}


def test_who_does_everything_online_never_comes(hall: Hall, month: int) -> None:
    at(hall, 14)
    case = online(hall, "settlement")["settlement"]
    ask(hall, case)
    at(hall, 16)
    hand_in(hall, case)
    assert hall.events(case)[-1].act != "supplement" or hall.events(case)[-1].detail["way"] == "online"
    hall.finish(case)
    hall.act(case, "deliver", hall.window, kind="e_licence")
    assert trips(hall) == {"": 0.0}


def test_errands_of_one_day_are_one_trip_and_cases_of_one_application_share_it(hall: Hall, month: int) -> None:
    at(hall, 14, 9)
    both = hall.open("settlement", "green_channel")
    cases = [both["settlement"], both["green_channel"]]
    ask(hall, cases[0])
    at(hall, 14, 16)
    hall.act(cases[0], "supplement", hall.window, items=BRING)
    at(hall, 15)
    hall.finish(*cases)
    at(hall, 16)
    for case in cases:
        hall.act(case, "deliver", hall.window, kind="window" if case == cases[0] else "ems")
    assert trips(hall) == {"": 1.0}, "two trips for two cases"
    assert trips(hall, "matter") == {"settlement": 1.5, "green_channel": 0.5}


def test_what_the_window_puts_right_by_itself_brings_nobody_there(hall: Hall, month: int) -> None:
    at(hall, 14)
    case = hall.open("settlement", accept=False)["settlement"]
    at(hall, 15)
    hall.act(case, "correct", hall.window, patch={"form": {"target_address": "平度市人民路1号"}})
    hall.act(case, "accept", hall.window)
    hall.finish(case)
    hall.act(case, "deliver", hall.window, kind="ems")
    assert trips(hall) == {"": 1.0}
