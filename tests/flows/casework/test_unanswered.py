"""An order that nobody answers is told on at two rungs, each once; who breaks limits is called to account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from flows import supervision
from flows.desks import desk
from flows.unanswered import remind
from flows.watch import fire, ready_matters
from forms.scope import EVERYTHING
from forms.supervision import AnswerOrder, AppealCard, JudgeAppeal, OpenOrder
from infra import clock
from infra.store import supervision as store
from tests.kit.hall import Hall

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = {"human_resources:handler", "human_resources:approver", "supervision:manager"}
HEADS = {"human_resources:agency_head", "public_security:coordinator"}


def at(hall: Hall, day: date) -> None:
    hall.now = datetime(day.year, day.month, day.day, 10, tzinfo=SHANGHAI)
    with hall.engine.begin() as conn:
        clock.move(conn, hall.now)


@pytest.fixture
def order(hall: Hall) -> str:
    """An order about a task, sent on Friday 18 September, to be answered on Sunday the 20th, which offices work."""
    at(hall, date(2026, 9, 18))
    case = hall.open("settlement")["settlement"]
    message = OpenOrder(subject=hall.no(case, "eligibility"), content="请说明进度")
    with desk(hall.manager, now=hall.now, terminal="test", engine=hall.engine) as seat:
        row = supervision.open_order(seat, message)
    assert row["reply_due"] == date(2026, 9, 20)
    return str(row["no"])


def told(hall: Hall, order: str) -> dict[int, set[str]]:
    """Return who was told at which rung; each addressee once."""
    rows = hall.rows("SELECT key FROM notices WHERE key LIKE :key", key=f"order:{order}:unanswered:%")
    found: dict[int, set[str]] = {}
    for row in rows:
        _, _, _, rung, _, _, department, role = row.key.split(":")
        assert f"{department}:{role}" not in found.setdefault(int(rung), set())
        found[int(rung)].add(f"{department}:{role}")
    return found


def waits(hall: Hall) -> bool:
    with hall.engine.connect() as conn:
        return "settlement" in ready_matters(conn)


def test_who_does_not_answer_is_told_on_the_next_day_and_the_heads_a_working_day_later(hall: Hall, order: str) -> None:
    at(hall, date(2026, 9, 20))
    assert remind("settlement", hall.engine) == 0, "the day itself is still in time"
    at(hall, date(2026, 9, 21))
    assert waits(hall)
    assert (remind("settlement", hall.engine), remind("settlement", hall.engine)) == (1, 0)
    assert told(hall, order) == {1: OFFICE}
    at(hall, date(2026, 9, 22))
    assert (remind("settlement", hall.engine), remind("settlement", hall.engine)) == (1, 0)
    assert told(hall, order) == {1: OFFICE, 2: OFFICE | HEADS}
    at(hall, date(2026, 10, 20))
    assert remind("settlement", hall.engine) == 0
    with hall.engine.connect() as conn:
        late = store.orders(conn, EVERYTHING, hall.today, overdue=True)
    assert order in [row["no"] for row in late]


def test_after_a_downtime_both_rungs_are_told_once_though_sweeps_run_side_by_side(hall: Hall, order: str) -> None:
    at(hall, date(2026, 10, 20))
    with ThreadPoolExecutor(4) as pool:
        swept = list(pool.map(lambda _: remind("settlement", hall.engine), range(4)))
    swept.append(remind("settlement", hall.engine))
    assert sum(swept) == 2
    assert told(hall, order) == {1: OFFICE, 2: OFFICE | HEADS}


def test_whoever_answers_is_not_told_on(hall: Hall, order: str) -> None:
    office = hall.speaker(hall.rows("SELECT subject FROM orders WHERE no = :no", no=order)[0].subject)
    at(hall, date(2026, 9, 21))
    remind("settlement", hall.engine)
    message = AnswerOrder(act="reply", reply="正在核验")
    with desk(office, now=hall.now, terminal="test", engine=hall.engine) as seat:
        supervision.answer(seat, order, message)
    at(hall, date(2026, 10, 20))
    remind("settlement", hall.engine)
    assert told(hall, order) == {1: OFFICE}


def called(hall: Hall, since: date, before: date) -> dict[str, int]:
    """Return how many red cards each department is called to account for."""
    moments = (datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) for day in (since, before))
    with hall.engine.connect() as conn:
        return {row["department"]: row["cards"] for row in store.called_to_account(conn, EVERYTHING, *moments)}


def test_the_red_cards_of_a_quarter_are_counted_by_department_but_for_those_withdrawn(hall: Hall) -> None:
    at(hall, date(2027, 3, 31))
    fire("settlement", hall.engine)  # what other tests left behind is of the quarter before
    at(hall, date(2027, 4, 1))
    for _ in range(2):
        hall.open("settlement")
    at(hall, date(2027, 4, 30))
    fire("settlement", hall.engine)
    quarter = (date(2027, 4, 1), date(2027, 7, 1))
    before = called(hall, *quarter)
    assert before["public_security"] == before["human_resources"] == before["police_station"] == 2
    assert called(hall, date(2027, 7, 1), date(2027, 10, 1)) == {}
    [card, _] = hall.rows(
        "SELECT * FROM alarms WHERE rung = 'red' AND department = 'human_resources' AND fired_at >= '2027-04-01'"
    )
    office = hall.speaker(card.subject)
    said: Any = AppealCard(act="appeal", reason="系统停机")
    with desk(office, now=hall.now, terminal="test", engine=hall.engine) as seat:
        supervision.appeal(seat, card.id, said)
    said = JudgeAppeal(act="judge", outcome="withdrawn", reason="属实")
    with desk(hall.manager, now=hall.now, terminal="test", engine=hall.engine) as seat:
        supervision.judge(seat, card.id, said)
    assert called(hall, *quarter) == before | {"human_resources": 1}
