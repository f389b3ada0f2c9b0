"""The data folder (数据目录): one `lianban run` at a time, and demo data and real cases never mix in it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from infra import migrations
from infra.postgres import Cluster
from infra.settings import Settings

DATABASE = "lianban"


class HomeError(Exception):
    """数据目录无法使用。"""


class Busy(HomeError):
    """数据目录上已有一个联办在运行。"""


@contextmanager
def hold(settings: Settings) -> Iterator[None]:
    """Have the data folder for this process alone as long as the block runs; Busy where another has it."""
    try:
        for folder in (settings.home, settings.logs_folder, settings.files_folder):
            folder.mkdir(parents=True, exist_ok=True)
        lock = (settings.home / "run.lock").open("a")
    except OSError as error:
        raise HomeError(
            f"数据目录 {settings.home} 无法使用：{error.strerror}。请用 LIANBAN_HOME 指定其他目录。"
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"数据目录 {settings.home} 上已有一个联办在运行。") from None
        yield


def keep_purpose(settings: Settings) -> None:
    """Mark the folder as demo or office at its first run; HomeError where it was marked otherwise."""
    mark, purpose = settings.home / "purpose", "demo" if settings.demo else "office"
    if not mark.exists():
        mark.write_text(purpose + "\n")
    elif mark.read_text().strip() != purpose:
        said = "正式数据" if settings.demo else "演示数据"
        raise HomeError(f"数据目录 {settings.home} 中是{said}，演示与正式不能混用。请用 LIANBAN_HOME 指定另一个目录。")


@contextmanager
def embedded(settings: Settings) -> Iterator[Cluster]:
    """Have the embedded PostgreSQL run, with our database in it; the folder must be held."""
    cluster = Cluster(settings.postgres_folder)
    try:
        cluster.start()
        cluster.ensure_database(DATABASE)
        yield cluster
    finally:
        cluster.stop()


@contextmanager
def at_hand(settings: Settings, *, migrate: bool = True) -> Iterator[None]:
    """Have the platform's database answer for a single command: started where no `lianban run` has it running."""
    if not settings.embedded:
        if migrate:
            migrations.upgrade(settings.sqlalchemy_url())
        yield
        return
    try:
        with hold(settings), embedded(settings):
            if migrate:
                migrations.upgrade(settings.sqlalchemy_url())
            yield
    except Busy:
        yield
