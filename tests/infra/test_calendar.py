"""The calendar of a database: loaded years, days decided here, and every process of one mind."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime

import pytest
from chinese_calendar import is_workday
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from forms.errors import Conflict, Invalid
from forms.holidays import FIRST_YEAR, Holiday, YearTable
from infra import calendar as room
from infra import holidays
from infra.calendar import Change, built_in, calendar, calendar_version, load_year, override
from tests.kit import PATIENCE

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
SUNDAY, MONDAY = date(2026, 12, 27), date(2027, 1, 4)
TABLE = YearTable(
    2027,
    (Holiday(SUNDAY, "元旦", True), Holiday(date(2027, 1, 1), "元旦", False), Holiday(MONDAY, "元旦", False)),
    ("https://example.org/2027",),
)


@pytest.fixture
def conn(conn: Connection) -> Connection:
    for code, name in (("370283", "平度市"), ("370285", "莱西市"), ("370602", "芝罘区")):
        conn.execute(text("INSERT INTO regions VALUES (:code, :name, true)"), {"code": code, "name": name})
    return conn


def loaded(conn: Connection, table: YearTable = TABLE) -> Change:
    return load_year(conn, table, source="2027.json", author="张三", at=NOON, reason="国办发明电")


def decided(conn: Connection, day: date, working: bool | None, region: str = "", reason: str = "台风停工") -> Change:
    return override(conn, day, working, reason=reason, author="张三", at=NOON, region=region)


def test_the_known_years_are_those_of_the_public_source_day_by_day() -> None:
    days, last = built_in().workdays(), max(holidays.known())
    for number in range(date(FIRST_YEAR, 1, 1).toordinal(), date(last, 12, 31).toordinal() + 1):
        day = date.fromordinal(number)
        assert days.is_working(day) is is_workday(day), day
        assert not days.is_provisional(day)


@pytest.mark.parametrize(("year", "working"), [(2023, 249), (2024, 251), (2025, 248), (2026, 248)])
def test_the_working_days_of_a_year(year: int, working: int) -> None:
    assert built_in().page(year).working_days == working


def test_an_unknown_year_has_its_thirteen_statutory_days_and_no_made_up_ones() -> None:
    page = built_in().page(2027)
    assert page.provisional
    assert len(holidays.provisional(2027).days) == 13
    assert page.working_weekends == ()
    assert [f"{day:%m-%d} {why}" for day, why in page.off_weekdays] == [
        "01-01 元旦", "02-05 春节", "02-08 春节", "04-05 清明节", "06-09 端午节", "09-15 中秋节", "10-01 国庆节",
    ]  # fmt: skip


def test_two_feasts_on_one_day_are_one_day_off() -> None:
    assert built_in().workdays().why(date(2028, 10, 3)) == "中秋节、国庆节"


def test_the_provisional_rule_finds_the_statutory_days_of_known_years_off() -> None:
    for year in (2025, 2026):
        days = built_in().workdays()
        assert [one.day for one in holidays.provisional(year).days if days.is_working(one.day)] == []


def test_without_anything_loaded_a_database_has_the_known_calendar(conn: Connection) -> None:
    assert calendar(conn) == built_in().workdays()


def test_loading_a_year_makes_it_certain_and_says_which_days_changed(conn: Connection) -> None:
    change = loaded(conn)
    assert change.settled == 2027
    assert change.version == 1
    assert set(change.days) >= {SUNDAY, MONDAY, date(2027, 2, 8), date(2027, 10, 1)}
    assert date(2027, 1, 1) not in change.days
    assert change.years == (2026, 2027)
    days = calendar(conn)
    assert not days.is_provisional(MONDAY)
    assert days.is_provisional(date(2028, 1, 4))
    assert (days.why(SUNDAY), days.why(MONDAY)) == ("调休上班", "元旦")
    assert days.add(date(2026, 12, 25), 1) == SUNDAY


def test_loading_a_year_leaves_the_december_of_its_notice_to_it(conn: Connection) -> None:
    loaded(conn)
    own = YearTable(2026, (Holiday(date(2026, 10, 1), "国庆节", False),))
    load_year(conn, own, source="2026.json", author="张三", at=NOON)
    assert calendar(conn).is_working(SUNDAY)
    assert calendar(conn).is_working(date(2026, 10, 2))
    page = room.current(conn).page(2026)
    assert (page.source, len(page.off_weekdays)) == ("2026.json", 1)


def test_the_same_year_loaded_again_adds_nothing_another_one_a_version(conn: Connection) -> None:
    loaded(conn)
    version = calendar_version(conn)
    assert loaded(conn) == Change("", (), None, 1)
    assert calendar_version(conn) == version
    again = loaded(conn, YearTable(2027, TABLE.days[:2], TABLE.papers))
    assert (again.version, again.days, again.settled) == (2, (MONDAY,), None)
    assert conn.execute(text("SELECT version, author, reason FROM calendar_years ORDER BY id")).all() == [
        (1, "张三", "国办发明电"),
        (2, "张三", "国办发明电"),
    ]


def test_a_typhoon_day_is_off_whatever_the_notice_says_until_it_is_lifted(conn: Connection) -> None:
    day = date(2026, 9, 20)
    assert decided(conn, day, False).days == (day,)
    assert (calendar(conn).is_working(day), calendar(conn).why(day)) == (False, "台风停工")
    assert decided(conn, day, None, reason="台风未至").days == (day,)
    assert (calendar(conn).is_working(day), calendar(conn).why(day)) == (True, "调休上班")
    assert conn.execute(text("SELECT count(*) FROM calendar_overrides")).scalar() == 2


def test_a_day_decided_here_outlasts_the_loading_of_its_year(conn: Connection) -> None:
    decided(conn, MONDAY, True)
    assert MONDAY not in loaded(conn).days
    assert calendar(conn).is_working(MONDAY)


def test_a_regions_day_off_is_its_own(conn: Connection) -> None:
    day = date(2026, 11, 24)
    assert decided(conn, day, False, "370283").region == "370283"
    assert not calendar(conn, "370283").is_working(day)
    assert calendar(conn, "370285").is_working(day)
    assert calendar(conn).is_working(day)
    assert calendar(conn, "370285") is calendar(conn)


def test_a_citys_day_holds_for_its_districts_unless_one_decides_otherwise(conn: Connection) -> None:
    day = date(2026, 11, 24)
    decided(conn, day, False)
    decided(conn, day, True, "370200")
    decided(conn, day, False, "370285")
    decided(conn, date(2026, 11, 25), False, "370000")
    assert [calendar(conn, r).is_working(day) for r in ("", "370283", "370285", "370602")] == [
        False,
        True,
        False,
        False,
    ]
    assert not any(calendar(conn, r).is_working(date(2026, 11, 25)) for r in ("370283", "370285", "370602"))
    assert [one.region for one in room.current(conn).page(2026, "370285").local] == ["", "370200", "370285", "370000"]


def test_a_decision_that_stands_is_not_taken_twice(conn: Connection) -> None:
    day = date(2026, 11, 24)
    decided(conn, day, False)
    with pytest.raises(Conflict, match="已由张三调整为放假（台风停工）"):
        decided(conn, day, False)
    with pytest.raises(Conflict, match="没有可以撤销的调整"):
        decided(conn, day, None, "370283")


@pytest.mark.parametrize(
    ("day", "region", "reason", "wrong"),
    [
        (date(2026, 11, 24), "", " ", "/reason"),
        (date(2026, 11, 24), "", "长" * 201, "/reason"),
        (date(2026, 11, 24), "37028", "x", "/region"),
        (date(2026, 11, 24), "110000", "x", "/region"),
        (date(2103, 11, 24), "", "x", "/day"),
    ],
)
def test_a_decision_that_cannot_hold_is_refused_and_changes_nothing(
    conn: Connection, day: date, region: str, reason: str, wrong: str
) -> None:
    version = calendar_version(conn)
    with pytest.raises(Invalid) as refused:
        decided(conn, day, False, region, reason)
    assert refused.value.errors[0].field == wrong
    assert calendar_version(conn) == version


@pytest.mark.parametrize("year", [2003, 2100])
def test_a_year_outside_the_calendar_has_no_page(year: int) -> None:
    with pytest.raises(Invalid, match="2004—2099"):
        built_in().page(year)


@pytest.mark.parametrize("statement", ["UPDATE calendar_years SET year = 1", "DELETE FROM calendar_years"])
def test_what_was_loaded_cannot_be_changed_or_deleted(conn: Connection, statement: str) -> None:
    loaded(conn)
    with pytest.raises(IntegrityError, match="only ever added"):
        conn.execute(text(statement))


def test_an_unchanged_calendar_is_not_read_again_a_changed_one_is(conn: Connection) -> None:
    kept = calendar(conn, "370283")
    assert calendar(conn, "370283") is kept
    decided(conn, date(2026, 11, 24), False, "370285")
    assert calendar(conn, "370283") is not kept
    assert calendar(conn, "370283") == kept


def test_another_process_sees_a_change_once_it_is_committed_and_never_before(fresh_engine: Engine) -> None:
    day = date(2026, 11, 24)
    with fresh_engine.connect() as reader, fresh_engine.connect() as writer:
        decided(writer, day, False)
        assert not calendar(writer).is_working(day)
        assert calendar(reader).is_working(day)
        writer.rollback()
        assert calendar(writer).is_working(day)
        decided(writer, day, False)
        writer.commit()
        reader.rollback()
        assert not calendar(reader).is_working(day)


def test_a_change_that_was_rolled_back_is_not_mistaken_for_the_next(fresh_engine: Engine) -> None:
    lost, kept = date(2026, 11, 24), date(2026, 11, 25)
    with fresh_engine.connect() as conn:
        decided(conn, lost, False)
        assert not calendar(conn).is_working(lost)
        conn.rollback()
        decided(conn, kept, False)
        conn.commit()
        assert (calendar(conn).is_working(lost), calendar(conn).is_working(kept)) == (True, False)


def test_two_who_change_the_calendar_at_once_come_one_after_the_other(fresh_engine: Engine) -> None:
    day, seen = date(2026, 11, 24), []
    with fresh_engine.connect() as first:
        decided(first, day, False)

        def second() -> None:
            with fresh_engine.begin() as conn:
                try:
                    decided(conn, day, False)
                except Conflict as refused:
                    seen.append(refused.detail)

        other = threading.Thread(target=second)
        other.start()
        with fresh_engine.connect() as looker:
            waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            while not looker.execute(waiting).scalar():
                looker.rollback()
        first.commit()
        other.join(PATIENCE)
    assert seen == ["2026-11-24 已由张三调整为放假（台风停工）。"]
