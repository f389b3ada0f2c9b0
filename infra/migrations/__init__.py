"""The migrations (数据库升级): run from the installed package, refusing a database not ours or ahead of us."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from infra.settings import with_driver

LOCK = 0x4C42_4D49  # one migration of a database at a time
OLDEST = 14


class Standing(StrEnum):
    """How a database stands to this program."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"
    FOREIGN = "foreign"


class SchemaError(Exception):
    """数据库结构与本程序不符。"""


REASONS = {
    Standing.NEWER: "数据库由更新版本的联办建立（版本 {version}），请升级本程序后再启动。",
    Standing.FOREIGN: "数据库中已有其他系统的数据表，不是联办的数据库，请另建一个空数据库。",
    Standing.OLDER: "数据库结构版本较旧（{version}），请先运行 lianban migrate。",
    Standing.EMPTY: "数据库还没有数据表，请先运行 lianban migrate。",
}


def upgrade(url: str, to: str = "head") -> None:
    """Have the database at `url` stand at revision `to`; SchemaError, nothing touched, where it is foreign or newer."""
    engine = create_engine(with_driver(url, "psycopg"), poolclass=NullPool)
    with engine.connect() as conn:
        version = conn.dialect.server_version_info or (0,)
        if int(version[0]) < OLDEST:
            raise SchemaError(f"需要 PostgreSQL {OLDEST} 以上，数据库是 {'.'.join(map(str, version))}。")
        conn.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        conn.commit()
        try:
            refuse(conn, Standing.NEWER, Standing.FOREIGN)
            command.upgrade(_config(conn), to)
            conn.commit()
        finally:
            conn.rollback()
            conn.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
            conn.commit()


def downgrade(conn: Connection, to: str = "base") -> None:
    """Have the database behind `conn` stand at the earlier revision `to`."""
    command.downgrade(_config(conn), to)


def standing(conn: Connection) -> tuple[Standing, str | None]:
    """Answer how the database behind `conn` stands to this program, and its revision."""
    script = ScriptDirectory.from_config(_config())
    version = MigrationContext.configure(conn).get_current_revision()
    if version is None:
        others = set(inspect(conn).get_table_names()) - {"alembic_version"}
        return (Standing.FOREIGN if others else Standing.EMPTY), None
    if version not in {revision.revision for revision in script.walk_revisions()}:
        return Standing.NEWER, version
    return (Standing.CURRENT if version == script.get_current_head() else Standing.OLDER), version


def refuse(conn: Connection, *unwanted: Standing) -> None:
    """Raise SchemaError where the database stands in one of the `unwanted` ways."""
    found, version = standing(conn)
    if found in unwanted:
        raise SchemaError(REASONS[found].format(version=version))


def _config(conn: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = conn
    return config
