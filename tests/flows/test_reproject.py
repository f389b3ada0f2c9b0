"""The calendar changes while officers act: no due day is left behind, no act is overwritten."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from threading import Event

import pytest
from sqlalchemy import text

from flows import passes
from flows.access import SYSTEM
from flows.arming import workdays_of
from flows.casework import acts, intake
from flows.desks import desk
from flows.reproject import follow, reproject
from flows.verify import verify
from forms.holidays import read_year_table
from forms.messages import TASK_ACT
from infra import calendar, holidays
from infra.clock import SHANGHAI
from infra.store import calendar as store
from infra.store import limits, reprojecting
from tests.kit import PATIENCE
from tests.kit.clocked import HOSTEL, clocked_matters, opened, running
from tests.kit.hall import PINGDU, Hall
from tests.kit.projected import broken_chains, out_of_step

TYPHOON = date(2026, 9, 22)
COUNTY_DAY = date(2026, 9, 24)


@pytest.fixture(scope="module", autouse=True)
def added() -> Iterator[None]:
    with clocked_matters():
        yield


@pytest.fixture
def typhoon(hall: Hall) -> Iterator[None]:
    """Lift again what a test decided about the day."""
    yield
    decide(hall, None)
    reproject(hall.engine, SYSTEM, hall.now, reason="台风未登陆")


def decide(hall: Hall, works: bool | None) -> None:
    with hall.engine.begin() as conn:
        calendar.override(conn, TYPHOON, works, reason="台风停工", author="测试", at=hall.now)


def waits(hall: Hall, query: str) -> None:
    """Wait until a backend does what a query looks for."""
    deadline = time.monotonic() + PATIENCE
    while not hall.rows(f"SELECT 1 AS found FROM pg_stat_activity WHERE datname = current_database() AND {query}"):
        assert time.monotonic() < deadline, "it never did"


def test_an_act_that_began_by_the_old_calendar_is_moved_with_the_rest(hall: Hall, typhoon: None) -> None:
    body = hall.body("hostel", forms=HOSTEL)
    with ThreadPoolExecutor(1) as pool:
        with desk(hall.window, now=hall.now, terminal="test", engine=hall.engine) as seat:
            workdays_of(seat, PINGDU)  # the calendar that this desk counts by
            no = intake.receive(seat, body).cases[0]["no"]
            decide(hall, False)
            moving = pool.submit(reproject, hall.engine, SYSTEM, hall.now, reason="台风停工")
            waits(hall, "query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()")
        moving.result(PATIENCE)
    assert hall.case(no).due_on == date(2026, 10, 10)
    assert hall.acts(no)[-1] == "recalendar"


def test_a_pause_that_comes_meanwhile_is_not_overwritten(
    hall: Hall, typhoon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An officer pauses a task between the look at all sorts and the locks of the cases."""
    no = opened(hall)
    task = hall.no(no, "papers")
    looked, paused = Event(), Event()
    sorts = reprojecting.sorts

    def slowly(conn):
        found = sorts(conn)
        looked.set()
        assert paused.wait(PATIENCE)
        return found

    monkeypatch.setattr(reprojecting, "sorts", slowly)
    decide(hall, False)
    with ThreadPoolExecutor(1) as pool:
        moving = pool.submit(reproject, hall.engine, SYSTEM, hall.now, reason="台风停工")
        assert looked.wait(PATIENCE)
        with desk(hall.speaker(task), now=hall.now, terminal="test", engine=hall.engine) as seat:
            message = {"act": "suspend", "kind": "hearing", "ground": "依据", "until": hall.day(20)}
            acts.act_on_task(seat, task, TASK_ACT.validate_python(message))
        paused.set()
        moving.result(PATIENCE)
    assert hall.task(task).due_on is None and hall.task(task).stopped
    assert hall.case(no).due_on == date(2026, 10, 10)


def test_only_cases_whose_due_day_moved_have_it_in_their_record_and_the_chain_holds(hall: Hall, typhoon: None) -> None:
    no = opened(hall)
    events = len(hall.acts(no))
    decide(hall, False)
    tally = reproject(hall.engine, SYSTEM, hall.now, reason="台风停工")
    assert tally.cases >= 1 and tally.moved >= 2 and tally.limits >= tally.moved
    assert len(hall.acts(no)) == events + 1
    assert reproject(hall.engine, SYSTEM, hall.now, reason="再算一次") == type(tally)(tally.limits, 0, 0)
    with hall.engine.connect() as conn:
        assert [finding for _, finding in verify(conn) if finding] == []


def test_a_year_that_becomes_certain_where_no_day_moves_leaves_no_event(hall: Hall) -> None:
    no = opened(hall)
    with hall.engine.begin() as conn:
        conn.execute(text("UPDATE limits SET provisional = true WHERE subject = :no"), {"no": no})
    before = hall.acts(no)
    assert reproject(hall.engine, SYSTEM, hall.now, reason="载入年度日历").cases == 0
    assert not running(hall, no)[0].provisional and hall.acts(no) == before


def test_a_day_off_behind_an_open_pause_hides_the_due_day_that_lay_before_it(hall: Hall, typhoon: None) -> None:
    """A due day that was kept before a pause began moves behind it: the clock then stands still and shows it."""
    no = opened(hall)
    task = hall.no(no, "papers")
    hall.later(days=4)
    hall.act(task, "suspend", hall.speaker(task), kind="hearing", ground="依据", until=hall.day(20))
    assert hall.task(task).due_on == date(2026, 9, 22), "three days were spent on the day of the pause"
    decide(hall, False)
    reproject(hall.engine, SYSTEM, hall.now, reason="台风停工")
    assert hall.task(task).due_on is None and hall.task(task).stopped


def test_a_change_whose_command_was_killed_is_carried_to_its_end_by_the_next_pass(hall: Hall, typhoon: None) -> None:
    follow(hall.engine)
    no = opened(hall)
    decide(hall, False)  # committed, and then the command was killed before a single due day had moved
    assert hall.case(no).due_on == date(2026, 10, 9)
    with hall.engine.connect() as conn:
        assert calendar.lags(conn) and passes.ready_matters(conn), "the sweep sees it"
    tally = follow(hall.engine)
    assert tally is not None and tally.moved >= 1
    assert hall.case(no).due_on == date(2026, 10, 10) and hall.acts(no)[-1] == "recalendar"
    with hall.engine.connect() as conn:
        assert not calendar.lags(conn)
    assert follow(hall.engine) is None, "once and no more"


def test_a_release_with_other_notices_moves_what_lags_behind(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    follow(hall.engine)
    monkeypatch.setattr(holidays, "source", lambda: "chinesecalendar of next year")
    with hall.engine.connect() as conn:
        assert calendar.lags(conn)
    assert follow(hall.engine) is not None
    with hall.engine.connect() as conn:
        assert not calendar.lags(conn)


def test_only_one_worker_at_a_time_follows_the_calendar(hall: Hall, typhoon: None) -> None:
    decide(hall, False)
    with hall.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
        assert store.alone(other)
        assert follow(hall.engine) is None
        store.unlock(other)
    assert follow(hall.engine) is not None


def test_a_change_waits_for_the_moving_by_the_calendar_before_it(hall: Hall, typhoon: None) -> None:
    """Two at once would each write by its own calendar, and the older might have the last word."""
    no = opened(hall)
    decide(hall, False)
    with (
        ThreadPoolExecutor(1) as pool,
        hall.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other,
    ):
        assert store.alone(other)
        moving = pool.submit(reproject, hall.engine, SYSTEM, hall.now, reason="台风停工")
        waits(hall, "query LIKE '%pg_try_advisory_lock%' AND pid <> pg_backend_pid() AND state = 'idle'")
        assert hall.case(no).due_on == date(2026, 10, 9) and not moving.done()
        store.unlock(other)
        moving.result(PATIENCE)
    assert hall.case(no).due_on == date(2026, 10, 10)


def test_while_an_act_by_the_old_calendar_goes_on_nobody_notes_that_all_due_days_follow(
    hall: Hall, typhoon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(hall.engine)
    monkeypatch.setattr("flows.reproject.PATIENCE", 0.05)
    body = hall.body("hostel", forms=HOSTEL)
    with desk(hall.window, now=hall.now, terminal="test", engine=hall.engine) as seat:
        workdays_of(seat, PINGDU)
        no = intake.receive(seat, body).cases[0]["no"]
        decide(hall, False)
        reproject(hall.engine, SYSTEM, hall.now, reason="台风停工")
    assert hall.case(no).due_on == date(2026, 10, 9), "it came too late for that pass"
    with hall.engine.connect() as conn:
        assert calendar.lags(conn)
    assert follow(hall.engine) is not None
    assert hall.case(no).due_on == date(2026, 10, 10) and hall.acts(no)[-1] == "recalendar"
    with hall.engine.connect() as conn:
        assert not calendar.lags(conn)


def test_a_moving_killed_in_the_middle_is_done_by_the_next_and_moves_nothing_twice(
    hall: Hall, typhoon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(hall.engine)
    cases = [opened(hall) for _ in range(6)]
    monkeypatch.setattr("flows.reproject.CHUNK", 2)
    last, write = hall.case(cases[3]).id, reprojecting.write

    def dies(conn, columns, events, heads):
        write(conn, columns, events, heads)
        if last in [head[0] for head in heads]:  # a chunk of ours, whatever other cases there are
            raise KeyboardInterrupt

    monkeypatch.setattr(reprojecting, "write", dies)
    decide(hall, False)
    with pytest.raises(KeyboardInterrupt):
        reproject(hall.engine, SYSTEM, hall.now, reason="台风停工")
    monkeypatch.setattr(reprojecting, "write", write)
    moved = [hall.case(no).due_on == date(2026, 10, 10) for no in cases]
    assert any(moved) and not all(moved), "some chunks are in, one is not"
    with hall.engine.connect() as conn:
        assert calendar.lags(conn)
    assert follow(hall.engine) is not None
    keys = [hall.case(no).id for no in cases]
    with hall.engine.connect() as conn:
        assert out_of_step(conn, keys) == [] and broken_chains(conn, keys) == []
    assert [hall.acts(no).count("recalendar") for no in cases] == [1] * len(cases)


def test_pauses_extensions_and_a_region_of_its_own_follow_a_change_together(hall: Hall, typhoon: None) -> None:
    """Open and ended pauses of case and task, a longer limit, and a day off that only the county has."""
    cases = [opened(hall) for _ in range(4)]
    hall.later(days=3)
    paused = {"kind": "hearing", "ground": "依据", "until": hall.day(20)}
    hall.act(cases[0], "suspend", hall.coordinator(cases[0]), **paused)
    hall.act(hall.no(cases[1], "papers"), "suspend", hall.speaker(hall.no(cases[1], "papers")), **paused)
    hall.act(cases[2], "suspend", hall.coordinator(cases[2]), **paused)
    hall.later(days=5)
    hall.act(cases[2], "resume", hall.coordinator(cases[2]))
    keys = [hall.case(no).id for no in cases]
    with hall.engine.begin() as conn:
        limits.extend(conn, keys[2], cases[2], 3)
        limits.extend(conn, keys[3], cases[3], 3)
    decide(hall, False)
    with hall.engine.begin() as conn:
        calendar.override(conn, COUNTY_DAY, False, reason="停水", author="测试", at=hall.now, region=PINGDU)
    try:
        reproject(hall.engine, SYSTEM, hall.now, reason="台风停工、停水")
        with hall.engine.connect() as conn:
            assert out_of_step(conn, keys) == [] and broken_chains(conn, keys) == []
        assert hall.case(cases[0]).stopped and not hall.case(cases[2]).stopped
        assert hall.case(cases[2]).due_on > hall.case(cases[3]).due_on, "what it stood still comes on top"
    finally:
        with hall.engine.begin() as conn:
            calendar.override(conn, COUNTY_DAY, None, reason="通水", author="测试", at=hall.now, region=PINGDU)


def test_limits_over_the_turn_of_a_year_become_certain_when_its_notice_is_loaded(hall: Hall) -> None:
    hall.now = datetime(2026, 12, 30, 10, tzinfo=SHANGHAI)
    cases = [opened(hall) for _ in range(2)]
    task = hall.no(cases[1], "papers")
    hall.act(task, "suspend", hall.speaker(task), kind="hearing", ground="依据", until=hall.day(20))
    hall.later(days=6)
    hall.act(task, "resume", hall.speaker(task))
    keys = [hall.case(no).id for no in cases]
    before = [hall.case(no).due_on for no in cases]
    assert all(row.provisional for no in cases for row in running(hall, no) if row.runs == "workdays")
    table = read_year_table({
        "year": 2027, "papers": [],
        "days": [{"name": "元旦", "date": f"2027-01-0{day}", "isOffDay": True} for day in (1, 4, 5)],
    })  # fmt: skip
    with hall.engine.begin() as conn:
        calendar.load_year(conn, table, source="test", author="测试", at=hall.now, reason="载入")
    reproject(hall.engine, SYSTEM, hall.now, reason="载入 2027 年工作日历")
    with hall.engine.connect() as conn:
        assert out_of_step(conn, keys) == [] and broken_chains(conn, keys) == []
    assert not any(row.provisional for no in cases for row in running(hall, no))
    assert all(hall.case(no).due_on > day for no, day in zip(cases, before, strict=True))
