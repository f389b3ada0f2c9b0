"""A limit that has ended keeps what it was judged by, whatever becomes of the calendar; reopened it is counted anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from flows.access import SYSTEM
from flows.explain import explained
from flows.reproject import reproject
from infra import calendar
from tests.kit.clocked import clocked_matters, opened
from tests.kit.hall import Hall

SATURDAY, THURSDAY = date(2026, 9, 19), date(2026, 9, 24)


@pytest.fixture(scope="module", autouse=True)
def added() -> Iterator[None]:
    with clocked_matters():
        yield


@pytest.fixture
def decided(hall: Hall) -> Iterator[dict[date, bool]]:
    """What a test decides about days, lifted again after it."""
    made: dict[date, bool] = {}
    yield made
    for day in made:
        decide(hall, day, None)


def decide(hall: Hall, day: date, works: bool | None) -> None:
    with hall.engine.begin() as conn:
        calendar.override(conn, day, works, reason="测试", author="测试", at=hall.now)
    reproject(hall.engine, SYSTEM, hall.now, reason="测试")


def told(hall: Hall, no: str, task: str) -> dict[str, Any]:
    """What is said of the promise of a task."""
    with hall.engine.connect() as conn:
        found = explained(conn, hall.case(no), hall.tasks(no), hall.today)
    return next(x for x in found if x["subject"] == task and x["clock"] == "promised")


@pytest.mark.parametrize(("day", "works"), [(SATURDAY, True), (THURSDAY, False)])
def test_what_ended_in_time_stays_in_time_whatever_is_decided_about_its_days(
    hall: Hall, decided: dict[date, bool], day: date, works: bool
) -> None:
    no = opened(hall)
    site = hall.no(no, "site")
    hall.later(days=6)
    assert hall.today == THURSDAY
    hall.approve(site)
    judged = told(hall, no, site)
    assert (judged["due"], judged["spent"], judged["on_time"]) == ("2026-09-24", 5, True)
    decided[day] = works
    decide(hall, day, works)
    assert told(hall, no, site) == judged, "nobody judges it again"
    assert hall.acts(no)[-1] == "recalendar", "the case itself, which is open, follows"


def test_a_task_taken_back_runs_again_by_the_calendar_of_now(hall: Hall, decided: dict[date, bool]) -> None:
    no = opened(hall)
    site = hall.no(no, "site")
    hall.later(days=6)
    hall.approve(site)
    decided[SATURDAY] = True
    decide(hall, SATURDAY, True)
    hall.act(site, "retract", hall.holder(site))
    again = told(hall, no, site)
    assert (again["due"], again["spent"], again["on_time"]) == ("2026-09-23", 6, None)
    assert (hall.task(site).due_on, hall.task(site).yellow_on) == (date(2026, 9, 23), THURSDAY)
    hall.approve(site)
    judged = told(hall, no, site)
    assert (judged["due"], judged["spent"], judged["on_time"]) == ("2026-09-23", 6, False)
    decide(hall, SATURDAY, False)
    assert told(hall, no, site) == judged
