"""The clock of a bad rating, and the rates that follow from it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from flows.access import SYSTEM
from flows.explain import explained
from flows.measures import measure
from flows.reproject import reproject
from flows.watch import fire
from forms.scope import EVERYTHING
from infra import calendar
from infra.clock import SHANGHAI
from infra.store import breaches, oversight, ratings
from tests.flows.casework.rated import at, elsewhere, follow, limit, of, rate
from tests.kit.hall import Hall

# the clock


SUNDAY = date(2026, 9, 20)
"""A Sunday that is worked; the ratings of these tests are given on the Friday before."""

RAISED = "SELECT rung FROM alarms WHERE subject = :no AND clock = 'rating' ORDER BY id"


def due(hall: Hall, case: str) -> str:
    moment = limit(hall, case, "差评联系核实").due_at
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M}"


def raised(hall: Hall, case: str) -> list[str]:
    fire("settlement", hall.engine)
    return [row.rung for row in hall.rows(RAISED, no=case)]


def contact(hall: Hall, case: str) -> dict[str, Any]:
    """Return the contact's limit as it is explained at this moment."""
    with hall.engine.connect() as conn:
        told = explained(conn, hall.case(case), hall.tasks(case), hall.today, now=hall.now)
    return next(one for one in told if one["what"] == "差评联系核实")


@pytest.mark.parametrize(
    ("day", "hour", "minute", "until"),
    [
        (18, 10, 0, "09-20 10:00"),
        (18, 11, 30, "09-20 11:30"),
        (18, 8, 0, "09-18 17:00"),  # before the offices open
        (18, 12, 30, "09-20 12:00"),  # over noon
        (18, 20, 0, "09-20 17:00"),  # after closing
        (19, 11, 0, "09-20 17:00"),  # on a day off
        (24, 15, 0, "09-28 15:00"),  # 中秋节
    ],
)
def test_a_bad_rating_is_contacted_within_a_day_of_office_hours_from_its_moment(
    hall: Hall, ended: str, day: int, hour: int, minute: int, until: str
) -> None:
    at(hall, date(2026, 9, day), hour, minute)
    rate(hall, ended, 5)
    assert due(hall, ended) == until
    told = hall.rows("SELECT content FROM notices WHERE title LIKE :title", title=f"收到差评%{ended}%")
    assert f"请于2026-{until}前联系核实" in told[0].content["text"]


def test_a_bad_rating_that_nobody_answers_is_warned_of_that_day_and_gets_a_red_card_and_an_order_at_the_moment(
    hall: Hall, ended: str
) -> None:
    rate(hall, ended, 5)
    assert raised(hall, ended) == []
    at(hall, SUNDAY, 9, 30)
    assert raised(hall, ended) == raised(hall, ended) == ["amber"], "until ten it is still in time"
    at(hall, SUNDAY, 10, 1)
    assert raised(hall, ended) == raised(hall, ended) == ["amber", "red"]
    orders = hall.rows("SELECT * FROM orders WHERE subject = :no", no=ended)
    assert [(one.department, one.rule) for one in orders] == [("public_security", "国办发〔2019〕51号")]
    assert "“差评联系核实”超过差评处理时限，应于2026-09-20 10:00前" in orders[0].content


@pytest.mark.parametrize(("minute", "cards"), [(59, []), (61, ["red"])])
def test_a_contact_on_the_day_counts_to_the_minute_although_nobody_swept(
    hall: Hall, ended: str, minute: int, cards: list[str]
) -> None:
    rate(hall, ended, 5)
    at(hall, SUNDAY, 9 + minute // 60, minute % 60)
    follow(hall, ended, "contact")
    at(hall, SUNDAY, 16)
    assert raised(hall, ended) == cards
    assert contact(hall, ended)["on_time"] is not bool(cards)


def test_the_explanation_of_a_contact_counts_minutes_and_shows_its_light(hall: Hall, ended: str) -> None:
    rate(hall, ended, 5)
    shown = contact(hall, ended)
    assert (shown["unit"], shown["days"], shown["spent"], shown["light"]) == ("office_minutes", 390, 0, "green")
    assert (shown["due_at"], shown["basis"]) == ("2026-09-20T10:00:00+08:00", "国办发〔2019〕51号")
    at(hall, SUNDAY, 9, 30)
    shown = contact(hall, ended)
    assert (shown["spent"], shown["remaining"], shown["light"]) == (360, 30, "amber")
    assert [line["counted"] for line in shown["working"]] == [330, 0, 30]
    at(hall, SUNDAY, 10, 30)
    assert (contact(hall, ended)["over"], contact(hall, ended)["light"]) == (30, "red")


def test_a_contact_that_is_passed_stands_among_what_is_late_from_that_moment(hall: Hall, ended: str) -> None:
    rate(hall, ended, 5)
    for minute, late in ((0, False), (2, True)):
        at(hall, SUNDAY, 10, minute)
        hall.now -= timedelta(minutes=1)
        with hall.engine.connect() as conn:
            found = [row for row in breaches.late(conn, EVERYTHING, hall.now, limit=500) if row["subject"] == ended]
            listed = ratings.within(conn, EVERYTHING, overdue_at=hall.now, limit=500)
            followed, unanswered = oversight.bad_ratings(conn, EVERYTHING, hall.now)
        assert [row["what"] for row in found] == ["差评联系核实"] * late
        assert (ended in {row["case_no"] for row in listed}) is late
        assert followed >= 1 and (unanswered >= 1 or not late)


def test_a_contact_promised_in_days_before_keeps_its_day_to_the_end(hall: Hall, ended: str) -> None:
    rate(hall, ended, 5)
    with hall.engine.begin() as conn:  # as the version before started it
        conn.execute(
            text(
                "UPDATE limits SET runs = 'workdays', days = 1, started_at = NULL, due_at = NULL,"
                " red_on = due_on + 1"
                " WHERE subject = :no AND clock = 'rating'"
            ),
            {"no": ended},
        )
    at(hall, SUNDAY, 20)
    with hall.engine.connect() as conn:
        [row] = [one for one in ratings.within(conn, EVERYTHING, bad=True, limit=500) if one["case_no"] == ended]
    assert f"{row['contact_due'].astimezone(SHANGHAI):%m-%d %H:%M:%S}" == "09-20 23:59:59"
    assert raised(hall, ended) == ["amber"]
    at(hall, date(2026, 9, 21), 0, 1)
    assert raised(hall, ended) == ["amber", "red"]


def test_a_contact_in_time_stops_the_clock(hall: Hall, ended: str) -> None:
    rate(hall, ended, 5)
    follow(hall, ended, "contact")
    follow(hall, ended, "explain")
    at(hall, date(2026, 10, 20))
    fire("settlement", hall.engine)
    query = "SELECT 1 AS one FROM alarms WHERE subject = :no AND clock = 'rating'"
    assert hall.rows(query, no=ended) == []


def test_what_is_not_put_right_in_time_gets_a_card_of_its_own(hall: Hall, ended: str) -> None:
    rate(hall, ended, 5)
    follow(hall, ended, "contact")
    follow(hall, ended, "fix-now")
    at(hall, date(2026, 9, 28))
    fire("settlement", hall.engine)
    query = "SELECT l.what FROM alarms a JOIN limits l ON l.id = a.limit_id WHERE a.subject = :no AND a.rung = 'red'"
    assert [row.what for row in hall.rows(f"{query} AND a.clock = 'rating'", no=ended)] == ["差评整改"]


def test_the_clock_of_a_rating_does_not_hide_that_of_the_delivery(hall: Hall, ended: str) -> None:
    before = hall.case(ended)
    assert before.due_on is not None
    rate(hall, ended, 5)
    follow(hall, ended, "contact")
    assert hall.case(ended).due_on == before.due_on


def test_a_day_off_moves_the_day_of_the_contact_and_the_case_still_shows_its_delivery(hall: Hall, ended: str) -> None:
    rate(hall, ended, 5)
    before = hall.case(ended).due_on
    typhoon = date(2026, 9, 20)
    for works, until in ((False, date(2026, 9, 21)), (None, typhoon)):
        with hall.engine.begin() as conn:
            calendar.override(conn, typhoon, works, reason="台风停工", author="测试", at=hall.now)
        reproject(hall.engine, SYSTEM, hall.now, reason="台风停工")
        row = limit(hall, ended, "差评联系核实")
        assert (row.due_on, row.red_on, due(hall, ended)) == (until, until, f"{until:%m-%d} 10:00")
        assert (hall.case(ended).due_on > before) is (works is False)


# measures


def test_the_rates_of_ratings_follow_from_what_happened(fresh_hall: Hall) -> None:
    hall = fresh_hall
    at(hall, date(2026, 9, 18))
    cases = [hall.open("settlement")["settlement"] for _ in range(5)]
    hall.finish(*cases)
    for case, grade in zip(cases, (1, 5, 5, 4, 5), strict=True):
        rate(hall, case, grade)
    _, quick, slow, silent, wrong = cases
    follow(hall, wrong, "contact")
    follow(hall, wrong, "appeal")
    follow(hall, wrong, "judge", elsewhere(hall), outcome="upheld")
    for act in ("contact", "fix-now", "fix"):
        follow(hall, quick, act)
    follow(hall, quick, "call-back", elsewhere(hall), satisfied=True)
    at(hall, date(2026, 9, 29))
    for act in ("contact", "fix-now", "fix"):
        follow(hall, slow, act)
    with hall.engine.connect() as conn:
        shown = measure(conn, EVERYTHING, date(2026, 9, 1), date(2026, 9, 30), hall.now, by=None)["items"][0]
    assert of(hall, silent).state == "bad"
    assert (shown["rated"], shown["bad_rating_rate"]) == (4, 0.75), "what was excluded does not count"
    assert shown["contacted_in_time_rate"] == round(1 / 3, 4)
    assert (shown["rectified_in_time_rate"], shown["called_back_rate"]) == (0.5, round(1 / 3, 4))


@pytest.fixture
def fresh_hall(hall: Hall) -> Hall:
    """A hall in which nobody has rated yet."""
    with hall.engine.begin() as conn:
        conn.execute(text("DELETE FROM ratings"))
    return hall
