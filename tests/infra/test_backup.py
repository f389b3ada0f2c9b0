"""A backup holds the record and the files, and comes back on another server, also of another major version."""

from __future__ import annotations

import importlib.util
import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from infra.backup import BackupError, backup, restore
from infra.migrations import Standing, standing, upgrade
from infra.postgres import MAJOR, Cluster, running
from infra.settings import Settings, with_driver

NAME = "李四；\\.\nSET transaction_timeout = 0;"


def office(tmp_path: Path, name: str, url: str) -> Settings:
    return Settings(home=tmp_path / name, database_url=url)


def fill(settings: Settings) -> None:
    upgrade(settings.sqlalchemy_url())
    with create_engine(settings.sqlalchemy_url(), poolclass=NullPool).begin() as conn:
        conn.execute(text("INSERT INTO regions (code, name, active) VALUES ('370283', :name, true)"), {"name": NAME})
    paper = settings.files_folder / "ab" / "abcd"
    paper.parent.mkdir(parents=True)
    paper.write_bytes(b"%PDF-1.7 paper")
    settings.vault_key()


def came_back(settings: Settings) -> None:
    with create_engine(settings.sqlalchemy_url(), poolclass=NullPool).connect() as conn:
        assert standing(conn)[0] is Standing.CURRENT
        assert conn.execute(text("SELECT name FROM regions")).scalars().all() == [NAME]
    assert (settings.files_folder / "ab" / "abcd").read_bytes() == b"%PDF-1.7 paper"
    assert not settings.secrets_folder.exists()


@pytest.fixture
def empty_url(cluster: Cluster) -> Iterator[Callable[[], str]]:
    made = iter(range(100))

    def make() -> str:
        name = f"backup_{id(made)}_{next(made)}"
        cluster.ensure_database(name)
        return cluster.url(name)

    yield make


def test_a_backup_of_the_embedded_database_comes_back_on_an_external_one(
    tmp_path: Path, make_database: Callable[[], str], external_database_url: str
) -> None:
    here, there = office(tmp_path, "here", make_database()), office(tmp_path, "there", external_database_url)
    fill(here)
    backup(here, tmp_path / "b.tar")
    assert (tmp_path / "b.tar").stat().st_mode & 0o077 == 0
    restore(there, tmp_path / "b.tar")
    came_back(there)
    backup(there, tmp_path / "again.tar")


def test_a_backup_never_overwrites_and_never_holds_the_key(tmp_path: Path, make_database: Callable[[], str]) -> None:
    here = office(tmp_path, "here", make_database())
    fill(here)
    backup(here, tmp_path / "b.tar")
    with pytest.raises(BackupError, match="不会覆盖"):
        backup(here, tmp_path / "b.tar")
    with pytest.raises(BackupError, match="不会覆盖"):
        restore(here, tmp_path / "b.tar")
    assert here.secret("vault.key").encode() not in (tmp_path / "b.tar").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar", "here"]


def test_what_is_no_backup_leaves_the_database_empty(tmp_path: Path, empty_url: Callable[[], str]) -> None:
    there = office(tmp_path, "there", empty_url())
    (tmp_path / "text").write_text("hello")
    with tarfile.open(tmp_path / "escape", "w") as archive:
        entry = tarfile.TarInfo("../outside")
        entry.size = 3
        archive.addfile(entry, io.BytesIO(b"bad"))
    for name in ("text", "escape", "nowhere"):
        with pytest.raises(BackupError, match="不是联办的备份文件"):
            restore(there, tmp_path / name)
    assert not (tmp_path / "outside").exists()
    with create_engine(there.sqlalchemy_url(), poolclass=NullPool).connect() as conn:
        assert standing(conn)[0] is Standing.EMPTY


def other_majors() -> list[Path]:
    """Find PostgreSQL programs of another major version: of the system, or of the wheel `pgserver`."""
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name != str(MAJOR)]
    spec = importlib.util.find_spec("pgserver")
    if spec is not None and spec.submodule_search_locations:
        found.append(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin")
    return [path for path in found if (path / "postgres").exists()]


@pytest.mark.skipif(not other_majors(), reason="needs a PostgreSQL of another major version on this machine")
def test_a_backup_crosses_major_versions_both_ways(
    tmp_path: Path, short_folder: Path, make_database: Callable[[], str], empty_url: Callable[[], str]
) -> None:
    with running(short_folder / "other", {"shared_buffers": "16MB", "fsync": "off"}, other_majors()[0]) as other:
        there, here = office(tmp_path, "there", other.url("postgres")), office(tmp_path, "here", make_database())
        fill(there)
        backup(there, tmp_path / "there.tar")
        upgraded = office(tmp_path, "upgraded", empty_url())
        restore(upgraded, tmp_path / "there.tar")
        came_back(upgraded)

        fill(here)
        backup(here, tmp_path / "here.tar")
        other.ensure_database("downgraded")
        downgraded = office(tmp_path, "downgraded", other.url("downgraded"))
        restore(downgraded, tmp_path / "here.tar")
        came_back(downgraded)


def test_a_database_address_is_told_apart_from_others() -> None:
    assert with_driver("postgres://a@b/c", "asyncpg") == "postgresql+asyncpg://a@b/c"
    with pytest.raises(ValueError, match="postgresql://"):
        with_driver("mysql://a@b/c", "psycopg")
