"""The migrations lead to exactly the tables of the models, up, down and up again."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

import infra.tables  # noqa: F401
from infra.migrations import SchemaError, Standing, downgrade, refuse, standing, upgrade


@pytest.fixture
def bare_url(cluster, request) -> str:
    name = "bare_" + request.node.name.split("[")[0][-40:]
    cluster.ensure_database(name)
    return cluster.url(name)


def test_the_migrations_go_up_down_and_up_and_then_equal_the_models(bare_url: str) -> None:
    engine = create_engine(bare_url)
    upgrade(bare_url)
    with engine.begin() as conn:
        downgrade(conn)
    with engine.connect() as conn:
        assert inspect(conn).get_table_names() == ["alembic_version"]
    upgrade(bare_url)
    with engine.connect() as conn:
        assert standing(conn)[0] is Standing.CURRENT
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_a_database_of_another_system_is_left_alone(bare_url: str) -> None:
    engine = create_engine(bare_url)
    with engine.begin() as conn:
        conn.execute(text("CREATE TABLE customers (id int)"))
    with pytest.raises(SchemaError, match="其他系统"):
        upgrade(bare_url)
    with engine.connect() as conn:
        assert inspect(conn).get_table_names() == ["customers"]
    engine.dispose()


def test_a_database_of_a_newer_version_is_left_alone(bare_url: str) -> None:
    engine = create_engine(bare_url)
    upgrade(bare_url)
    with engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaError, match="9999"):
        upgrade(bare_url)
    engine.dispose()


def test_an_empty_database_asks_for_the_migration(bare_url: str) -> None:
    engine = create_engine(bare_url)
    with engine.connect() as conn, pytest.raises(SchemaError, match="lianban migrate"):
        refuse(conn, Standing.EMPTY, Standing.OLDER)
    engine.dispose()


TRACE = text(
    "INSERT INTO traces (at, officer_name, application_id, act, subject, reason, terminal)"
    " VALUES (now(), '', 1, 'read', 'x', '', '')"
)


@pytest.mark.parametrize("change", ["UPDATE traces SET act = 'none'", "DELETE FROM traces", "TRUNCATE traces"])
def test_the_database_itself_refuses_to_change_the_record(conn: Connection, change: str) -> None:
    conn.execute(text("SET LOCAL session_replication_role = replica"))  # no application needed for this row
    conn.execute(TRACE)
    conn.execute(text("SET LOCAL session_replication_role = origin"))
    with pytest.raises(IntegrityError, match="only ever added"):
        conn.execute(text(change))
