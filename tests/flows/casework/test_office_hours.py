"""What one office owes another counts office hours: to claim a task, to give a returned one out again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from flows.access import SYSTEM
from flows.explain import explained
from flows.reproject import reproject
from flows.watch import fire
from forms.vocabulary import PauseKind
from infra import calendar, clock, settings
from infra.clock import SHANGHAI
from tests.kit.hall import Hall, Row


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Settings of the installation, as its environment names them."""
    yield monkeypatch
    monkeypatch.undo()
    settings.settings.cache_clear()


def change(setting: pytest.MonkeyPatch, **named: str) -> None:
    for name, value in named.items():
        setting.setenv(f"LIANBAN_{name.upper()}", value)
    settings.settings.cache_clear()


def at(hall: Hall, text: str) -> None:
    """Move both the acts' moment and the clock of the database."""
    hall.now = datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    with hall.engine.begin() as conn:
        clock.move(conn, hall.now)


def waits(hall: Hall, task: str) -> list[Row]:
    """Return the limits in office hours that run on a task."""
    return hall.rows("SELECT * FROM limits WHERE subject = :no AND runs = 'hours' AND ended_at IS NULL", no=task)


def due(hall: Hall, task: str) -> str:
    [one] = waits(hall, task)
    return f"{one.due_at.astimezone(SHANGHAI):%m-%d %H:%M}"


def reminded(hall: Hall, task: str) -> list[str]:
    """Return who was told of a task that nobody took up, and in what words."""
    query = (
        "SELECT n.addressee || ' ' || split_part(n.title, '：', 1) AS told FROM notices n WHERE n.channel = 'in_app'"
        " AND n.content ->> 'subject' = :no AND n.content ->> 'clock' IN ('response', 'dispatch') ORDER BY n.id"
    )
    return [row.told.removeprefix("seat:370283:") for row in hall.rows(query, no=task)]


def opened(hall: Hall) -> str:
    """Return the number of a task that lies before its department since Friday, 10:00."""
    at(hall, "2026-09-18T10:00")
    return hall.no(hall.open("settlement")["settlement"], "eligibility")


def test_a_task_not_claimed_within_half_a_day_of_office_hours_is_brought_to_mind(hall: Hall) -> None:
    task = opened(hall)
    assert due(hall, task) == "09-18 14:45", "three and a quarter hours, noon left out"
    at(hall, "2026-09-18T14:40")
    fire("settlement", hall.engine)
    assert reminded(hall, task) == []
    at(hall, "2026-09-18T14:46")
    assert fire("settlement", hall.engine) >= 1
    told = ["human_resources:handler 超时未签收", "human_resources:reviewer 超时未签收"]
    assert reminded(hall, task) == told
    at(hall, "2026-09-23T10:00")
    fire("settlement", hall.engine)
    assert reminded(hall, task) == told, "once and no more"


def test_who_claims_in_time_hears_nothing_and_whoever_lets_go_starts_it_anew(hall: Hall) -> None:
    task = opened(hall)
    officer = hall.speaker(task)
    hall.act(task, "claim", officer)
    assert waits(hall, task) == []
    at(hall, "2026-09-18T16:00")
    hall.act(task, "release", officer, reason="调整分工")
    assert due(hall, task) == "09-20 11:15", "Sunday 20 September is worked"
    at(hall, "2026-09-20T11:00")
    hall.act(task, "approve", officer)
    at(hall, "2026-09-23T10:00")
    fire("settlement", hall.engine)
    assert reminded(hall, task) == [] and waits(hall, task) == []


def test_a_returned_task_is_given_out_again_within_twenty_four_office_hours(hall: Hall) -> None:
    task = opened(hall)
    hall.act(task, "return", hall.speaker(task), reason="不属于本部门职责")
    assert due(hall, task) == "09-22 16:00"
    at(hall, "2026-09-22T16:01")
    fire("settlement", hall.engine)
    lead = hall.case(task.rpartition("-")[0]).lead
    assert reminded(hall, task) == [f"{lead}:coordinator 退回后超时未分办", f"{lead}:reviewer 退回后超时未分办"]
    hall.act(task, "dispatch", hall.coordinator(task.rpartition("-")[0]), reason="仍由该部门办理")
    [one] = waits(hall, task)
    assert one.clock == "response"


def test_the_hours_and_both_limits_are_settings(hall: Hall, setting: pytest.MonkeyPatch) -> None:
    change(setting, office_hours="08:30-11:30 14:00-18:00", claim_office_days="1", dispatch_office_hours="2")
    task = opened(hall)
    assert due(hall, task) == "09-20 10:00", "seven hours a day now"
    hall.act(task, "return", hall.speaker(task), reason="不属于本部门职责")
    assert due(hall, task) == "09-18 14:30"


PAUSES = [kind for kind in PauseKind if not kind.value.startswith("all_tasks")]
PAUSED = [(kind, False) for kind in PAUSES] + [(kind, True) for kind in PAUSES if kind is not PauseKind.SUPPLEMENT]


@pytest.mark.parametrize(("kind", "whole"), PAUSED)
def test_no_pause_of_task_or_case_spares_the_department_the_claim(hall: Hall, kind: PauseKind, whole: bool) -> None:
    task = opened(hall)
    case = task.rpartition("-")[0]
    at(hall, "2026-09-18T10:30")
    if kind is PauseKind.SUPPLEMENT:
        ask = [{"code": "degree", "note": "请提交认证书"}]
        hall.act(task, "request-supplement", hall.speaker(task), items=ask, until="2026-10-09")
    else:
        on, who = (case, hall.manager) if whole else (task, hall.speaker(task))
        hall.act(on, "suspend", who, kind=kind.value, ground="依据", until=hall.day(20))
    at(hall, "2026-09-18T14:46")
    with hall.engine.connect() as conn:
        found = explained(conn, hall.case(case), hall.tasks(case), hall.today, now=hall.now)
    told = next(one for one in found if one["subject"] == task and one["clock"] == "response")
    assert (told["spent"], told["over"], told["stopped"], told["light"]) == (196, 1, False, "amber")
    fire("settlement", hall.engine)
    assert len(reminded(hall, task)) == 2
    hall.act(task, "claim", hall.speaker(task))
    assert waits(hall, task) == [], "it is claimed while it is paused"


def test_a_day_off_decided_since_then_puts_the_reminder_off(hall: Hall) -> None:
    at(hall, "2026-09-21T16:00")
    task = hall.no(hall.open("settlement")["settlement"], "eligibility")
    assert due(hall, task) == "09-22 11:15"
    with hall.engine.begin() as conn:
        calendar.override(conn, date(2026, 9, 22), False, reason="台风停工", author="测试", at=hall.now)
    reproject(hall.engine, SYSTEM, hall.now, reason="台风停工")
    try:
        at(hall, "2026-09-22T12:00")
        fire("settlement", hall.engine)
        assert reminded(hall, task) == [] and due(hall, task) == "09-23 11:15"
        at(hall, "2026-09-23T11:16")
        fire("settlement", hall.engine)
        assert len(reminded(hall, task)) == 2
    finally:
        with hall.engine.begin() as conn:
            calendar.override(conn, date(2026, 9, 22), None, reason="台风未登陆", author="测试", at=hall.now)
        reproject(hall.engine, SYSTEM, hall.now, reason="台风未登陆")


def test_the_explanation_counts_minutes_day_by_day(hall: Hall) -> None:
    at(hall, "2026-09-18T16:00")
    task = hall.no(hall.open("settlement")["settlement"], "eligibility")
    case = task.rpartition("-")[0]
    with hall.engine.connect() as conn:
        found = explained(
            conn, hall.case(case), hall.tasks(case), date(2026, 9, 20), now=hall.now + timedelta(days=1, hours=17.5)
        )
    told = next(one for one in found if one["subject"] == task and one["clock"] == "response")
    assert (told["unit"], told["days"], told["spent"], told["remaining"]) == ("office_minutes", 195, 90, 105)
    assert told["due_at"] == "2026-09-20T11:15:00+08:00"
    assert [line["counted"] for line in told["working"]] == [60, 0, 30]
    assert told["working"][2]["text"] == "09-20 周日 调休上班 计30分钟，累计90分钟"
    assert sum(line["counted"] for line in told["working"]) == told["spent"]


def test_a_task_that_waits_shows_no_other_light_than_its_own_limit_gives(hall: Hall) -> None:
    task = opened(hall)
    row = hall.task(task)
    assert (row.due_on, row.amber_on) == (date(2026, 9, 20), date(2026, 9, 20))
