"""What is filed online after hours is received on the next working day; the record keeps the moment of filing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from flows.deemed import deem
from infra import clock, settings
from infra.clock import SHANGHAI
from tests.kit.hall import Hall


def at(hall: Hall, text: str) -> None:
    """Move both the acts' moment and the clock of the database."""
    hall.now = datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    with hall.engine.begin() as conn:
        clock.move(conn, hall.now)


def file(hall: Hall, channel: str = "online", **options: Any) -> str:
    body = hall.body("settlement", **{"accept": False, **options})
    body["channel"] = channel
    return str(hall.receive(body).cases[0]["no"])


def day_zero(hall: Hall, no: str) -> date:
    """Return the day from which the five days before acceptance run, which is also that of receipt."""
    [row] = hall.rows("SELECT started_on FROM limits WHERE subject = :no AND clock = 'intake'", no=no)
    received = hall.case(no).received_at.astimezone(SHANGHAI)
    application = hall.application(no.rpartition("-")[0]).received_at.astimezone(SHANGHAI)
    assert received.date() == application.date() == row.started_on
    return row.started_on


@pytest.mark.parametrize(
    ("filed", "received"),
    [
        ("2026-09-17T16:59", "2026-09-17"),
        ("2026-09-17T17:01", "2026-09-18"),
        ("2026-09-17T07:30", "2026-09-17"),  # before opening: received the same day
        ("2026-09-18T20:00", "2026-09-20"),  # a Friday; the Sunday after it is worked
        ("2026-09-19T10:00", "2026-09-20"),
        ("2026-09-24T17:30", "2026-09-28"),  # 中秋节 lies between
        ("2026-09-30T23:59", "2026-10-08"),
    ],
)
def test_day_zero_is_the_day_of_receipt(hall: Hall, filed: str, received: str) -> None:
    at(hall, filed)
    no = file(hall)
    assert day_zero(hall, no) == date.fromisoformat(received)
    event = hall.events(no)[0]
    assert event.act == "receive" and event.at == hall.now, "the record keeps the moment of filing"
    on = received if received != filed[:10] else None
    assert event.detail.get("received_on") == on
    receipt = hall.rows(
        "SELECT d.content FROM documents d JOIN cases c USING (application_id) WHERE c.no = :no AND d.kind = 'receipt'",
        no=no,
    )[0]
    assert receipt.content["received_on"] == received, "the applicant is told"


def test_what_the_window_takes_in_after_hours_counts_at_its_real_moment(hall: Hall) -> None:
    at(hall, "2026-09-18T20:00")
    assert day_zero(hall, file(hall, "window")) == date(2026, 9, 18)
    no = file(hall, accept=True)
    assert hall.case(no).status == "in_progress" and hall.case(no).received_at == hall.now


def test_the_closing_time_is_a_setting(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    at(hall, "2026-09-17T17:20")
    monkeypatch.setenv("LIANBAN_OFFICE_HOURS", "09:00-12:00 13:30-17:30")
    settings.settings.cache_clear()
    try:
        assert day_zero(hall, file(hall)) == date(2026, 9, 17)
        monkeypatch.setenv("LIANBAN_OFFICE_HOURS", "09:00-12:00 13:30-17:00")
        settings.settings.cache_clear()
        assert day_zero(hall, file(hall)) == date(2026, 9, 18)
    finally:
        monkeypatch.undo()
        settings.settings.cache_clear()


def test_silence_deems_it_accepted_from_the_day_of_receipt(hall: Hall) -> None:
    """Filed on Friday evening, received on Sunday 20 September; the five working days end on Monday 28."""
    at(hall, "2026-09-18T20:00")
    no = file(hall)
    at(hall, "2026-09-28T20:00")
    deem("settlement", hall.engine)
    assert hall.case(no).status == "submitted", "the fifth working day is still in time"
    at(hall, "2026-09-29T00:01")
    deem("settlement", hall.engine)
    case = hall.case(no)
    assert case.status == "in_progress" and case.accepted_at.astimezone(SHANGHAI).date() == date(2026, 9, 20)
    assert case.due_on == hall.now.date() - timedelta(days=1), "its promise runs from that day too"
