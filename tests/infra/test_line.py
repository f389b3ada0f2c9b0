"""The line to PostgreSQL: several statements in one journey, errors as from any other statement."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError

from infra import clock
from infra.store.line import MOST_STATEMENTS, run, run_all
from infra.store.statement import MOST_ROWS, Clause, Insert, Update, write
from tests.kit import PATIENCE

SHEETS = Table(
    "sheets",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    Column("no", Text, unique=True),
    Column("many", ARRAY(Text)),
    Column("keys", ARRAY(BigInteger)),
    Column("content", JSONB),
    Column("at", DateTime(timezone=True)),
    Column("sealed", LargeBinary),
    Column("open", Boolean),
    Column("version", Integer),
)
NAMES = tuple(column.name for column in SHEETS.columns)


def sheet(key: int, **other: object) -> dict[str, object]:
    return {
        "id": key,
        "no": f"N{key}",
        "many": ["a", 'b "c" \\ d', "卷, {宗}"],
        "keys": [1, 2],
        "content": {"事项": ["落户", None, 1]},
        "at": clock.machine(),
        "sealed": b"\x00\xff",
        "open": True,
        "version": 1,
        **other,
    }


@pytest.fixture
def sheets(engine: Engine) -> Iterator[Engine]:
    SHEETS.metadata.create_all(engine)
    yield engine
    SHEETS.metadata.drop_all(engine)


def count(engine: Engine) -> int:
    with engine.connect() as conn:
        return int(run(conn, "SELECT count(*) FROM sheets")[0][0])


def test_every_kind_of_value_comes_back_as_it_went(sheets: Engine) -> None:
    nothing = {name: None for name in NAMES if name != "id"}
    with sheets.begin() as conn:
        write(conn, [Insert(SHEETS, NAMES, [sheet(1), {"id": 2, **nothing}])])
    with sheets.connect() as conn:
        first, second = conn.execute(select(SHEETS).order_by(SHEETS.c.id)).mappings()
    assert {**first, "at": None} == {**sheet(1), "at": None}
    assert abs((first["at"] - clock.machine()).total_seconds()) < 600
    assert dict(second) == {"id": 2, **nothing}


def test_inserts_updates_and_clauses_are_one_journey(sheets: Engine) -> None:
    with sheets.begin() as conn:
        write(conn, [Insert(SHEETS, NAMES, [sheet(1), sheet(2)])])
        write(
            conn,
            [
                Insert(SHEETS, NAMES, [sheet(3)]),
                Update(
                    SHEETS, ("no", "open"), [{"id": 1, "no": "changed", "open": False}], also="version = version + 1"
                ),
                Clause("UPDATE sheets SET content = NULL WHERE id = {} AND no = {}", ("2", "N2")),
            ],
        )
    with sheets.connect() as conn:
        rows = run(conn, "SELECT id, no, open, version, content IS NULL FROM sheets ORDER BY id")
    assert rows == [(1, "changed", False, 2, False), (2, "N2", True, 1, True), (3, "N3", True, 1, False)]


def test_rows_that_share_values_are_written_each_as_it_stands(sheets: Engine) -> None:
    rows = [
        sheet(1, many=["a"], content={"open": True}, version=None),
        sheet(2, many=["a"], content={"open": 1}, version=None),  # equal in Python, another document
        sheet(3, many=["a"], content=None, version=None, sealed=None, at=None),
    ]
    for turn in range(3):  # as it comes, when it is prepared, prepared
        with sheets.begin() as conn:
            write(conn, [Insert(SHEETS, NAMES, rows)])
        with sheets.begin() as conn:
            found = [dict(row) for row in conn.execute(select(SHEETS).order_by(SHEETS.c.id)).mappings()]
            conn.execute(SHEETS.delete())
        assert found == rows, turn
        assert [type(row["content"]["open"]) for row in found[:2]] == [bool, int]


def test_a_connection_keeps_the_statements_that_were_used_last(sheets: Engine) -> None:
    with sheets.connect() as conn:
        for number in range(MOST_STATEMENTS + 60):
            for _ in range(2):  # prepared from its second journey on
                assert run(conn, f"SELECT {number} + $1::int", ["1"]) == [(number + 1,)]
            run(conn, "SELECT 'often'", [])
        kept = run(conn, "SELECT statement FROM pg_prepared_statements WHERE name LIKE 'lianban%'")
    said = {row[0] for row in kept}
    assert len(said) <= MOST_STATEMENTS
    assert {"SELECT 'often'", f"SELECT {MOST_STATEMENTS + 59} + $1::int"} <= said
    assert "SELECT 0 + $1::int" not in said


@pytest.mark.parametrize("times", [1, 2, 3])
def test_more_rows_than_one_statement_takes_are_written_all_the_same(sheets: Engine, times: int) -> None:
    for turn in range(times):
        with sheets.begin() as conn:
            rows = [sheet(turn * 10_000 + key) for key in range(2 * MOST_ROWS + 1)]
            write(conn, [Insert(SHEETS, NAMES, rows)], commit=True)
    assert count(sheets) == times * (2 * MOST_ROWS + 1)


def test_what_is_committed_in_the_journey_stays_whatever_follows(sheets: Engine) -> None:
    with pytest.raises(RuntimeError), sheets.begin() as conn:
        write(conn, [Insert(SHEETS, NAMES, [sheet(1)])], commit=True)
        raise RuntimeError
    assert count(sheets) == 1


def test_what_is_written_for_good_is_not_planned_anew_and_reading_is_as_before(sheets: Engine) -> None:
    plans = "SELECT sum(generic_plans), sum(custom_plans) FROM pg_prepared_statements WHERE statement LIKE 'UPDATE%%'"
    late = "UPDATE sheets SET version = CASE WHEN version < {}::int THEN 9 ELSE version END WHERE no = ANY({}::text[])"
    with sheets.connect() as conn:
        for times in range(4):
            write(conn, [Clause(late, ("3", "{N1,N2}"))], commit=True)
            assert conn.exec_driver_sql("SHOW plan_cache_mode").scalar() == "auto"
            conn.rollback()
            if times:  # a statement is prepared when it comes again
                assert conn.exec_driver_sql(plans).one() == (times, 0)
                conn.rollback()


def test_a_statement_that_fails_takes_the_whole_journey_with_it_and_is_an_error_like_any_other(sheets: Engine) -> None:
    for _ in range(3):  # as it comes, when it is prepared, prepared
        with pytest.raises(ProgrammingError), sheets.begin() as conn:
            run_all(
                conn,
                ("INSERT INTO sheets (id) VALUES ($1)", ["7"]),
                ("SELECT nonsense FROM sheets WHERE id = $1", ["7"]),
                commit=True,
            )
    assert count(sheets) == 0


def test_a_broken_rule_names_its_constraint(sheets: Engine) -> None:
    for _ in range(3):
        with pytest.raises(IntegrityError) as caught, sheets.begin() as conn:
            write(conn, [Insert(SHEETS, NAMES, [sheet(1), sheet(2, no="N1")])], commit=True)
        assert isinstance(caught.value.orig, psycopg.errors.UniqueViolation)
        assert caught.value.orig.diag.constraint_name == "sheets_no_key"
        assert "N1" not in str(caught.value.statement) + str(caught.value.params)


def test_a_zero_byte_is_refused_and_cuts_nothing_off(sheets: Engine) -> None:
    with pytest.raises(DataError), sheets.begin() as conn:
        write(conn, [Insert(SHEETS, NAMES, [sheet(1, no="a\0b")])])
    assert count(sheets) == 0


def test_a_statement_behind_a_lock_sees_what_the_lock_waited_for(sheets: Engine) -> None:
    with sheets.begin() as conn:
        write(conn, [Insert(SHEETS, NAMES, [sheet(1)])])
    seen: list[object] = []

    def wait_and_look() -> None:
        with sheets.begin() as conn:
            lock = ("SELECT id FROM sheets WHERE id = $1 FOR UPDATE", ["1"])
            seen.append(run_all(conn, lock, ("SELECT no FROM sheets WHERE id > $1 ORDER BY id", ["0"]))[1])

    with sheets.begin() as conn:
        run(conn, "SELECT id FROM sheets WHERE id = $1 FOR UPDATE", ["1"])
        waiting = threading.Thread(target=wait_and_look)
        waiting.start()
        with sheets.connect() as other:  # the wait is on record, and holds up no other thread of ours
            until_blocked = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            while run(other, until_blocked)[0][0] == 0:
                other.rollback()
        write(conn, [Insert(SHEETS, NAMES, [sheet(2)])], commit=True)
    waiting.join(PATIENCE)
    assert seen == [[("N1",), ("N2",)]]


def test_a_connection_that_was_cut_off_is_told_of_and_replaced(sheets: Engine) -> None:
    with pytest.raises(OperationalError), sheets.begin() as conn:
        run(conn, "SELECT pg_terminate_backend(pg_backend_pid())")
    assert count(sheets) == 0
