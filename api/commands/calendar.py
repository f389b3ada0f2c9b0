"""`lianban calendar`: see the working days, load a year's notice, decide a day here, count and add from the shell."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection

    from flows.access import Actor
    from flows.record import Desk
    from forms.workdays import Workdays
    from infra.calendar import Calendar, YearPage

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
STATES = {"working": True, "off": False, "lift": None}
LARGEST_FILE = 1_000_000
CONNECT_SECONDS = 20.0

COUNTED = {"ignore_unknown_options": True}  # a negative number is no option: it gets its own sentence
Region = Annotated[str, typer.Option("--region", help="六位区划代码；不填为全部地区")]
By = Annotated[str, typer.Option("--by", help="经手的管理员账号")]
Reason = Annotated[str, typer.Option("--reason", help="理由或文号")]

calendar = typer.Typer(name="calendar", help="工作日历：查看、载入年度通知、本地调整、计算工作日", no_args_is_help=True)


@calendar.command()
def show(
    year: Annotated[int, typer.Argument(help="年份", show_default=False)],
    region: Region = "",
) -> None:
    """列出一年的放假日、调休上班日、工作日天数和依据；通知未公布的年份标 provisional。"""
    for line in _lines(_known().page(year, _region(region))):
        typer.echo(line)


@calendar.command(context_settings=COUNTED)
def due(
    asked: Annotated[list[str] | None, typer.Argument(metavar="[START N]", help="起算日 工作日数")] = None,
    region: Region = "",
) -> None:
    """起算日之后第 N 个工作日（起算日不计）；不给参数则逐行读标准输入。"""
    from api.counting import due as answer

    _answer(asked, region, answer, "请给出起算日和工作日数，例如 2026-09-18 5")


@calendar.command(context_settings=COUNTED)
def count(
    asked: Annotated[list[str] | None, typer.Argument(metavar="[A B]", help="两个日期")] = None,
    region: Region = "",
) -> None:
    """A 之后（不含）到 B（含）的工作日数；不给参数则逐行读标准输入。"""
    from api.counting import count as answer

    _answer(asked, region, answer, "请给出两个日期，例如 2026-09-18 2026-09-24")


@calendar.command()
def load(
    file: Annotated[Path, typer.Argument(help="年度日历文件（JSON：year、papers、days）", show_default=False)],
    by: By = "",
    reason: Reason = "",
) -> None:
    """载入一年的节假日通知，取代该年原有的日历；受影响的未结到期日随之移动。"""
    from forms.holidays import read_year_table
    from infra import calendar as room

    table = read_year_table(_decoded(file))

    def change(seat: Desk) -> str:
        made = room.load_year(
            seat.conn, table, source=file.name, author=seat.actor.name, by=seat.actor.id, at=seat.now, reason=reason
        )  # fmt: skip
        return f"已载入 {table.year} 年（第 {made.version} 版）：{len(made.days)} 天有变动。"

    typer.echo(_changed(by, reason or f"载入 {table.year} 年工作日历", change))
    if unnamed := table.unnamed():
        typer.echo(f"注意：文件没有列出{'、'.join(unnamed)}的放假日，这些日子按平日计算。", err=True)


@calendar.command()
def override(
    day: Annotated[str, typer.Argument(help="日期", show_default=False)],
    state: Annotated[str, typer.Argument(help="working 上班，off 放假，lift 撤销调整", show_default=False)],
    by: By = "",
    reason: Reason = "",
    region: Region = "",
) -> None:
    """调整某一天（如台风停工），优先于通知；可只对一个地区。"""
    from api.refusal import Refusal
    from forms.holidays import read_day
    from infra import calendar as room

    if state not in STATES:
        raise Refusal("第二项应为 working（上班）、off（放假）或 lift（撤销调整）。")
    if not by:
        raise Refusal("请用 --by 写明经手的管理员账号。")
    with _spoken():
        wanted = read_day(day)

    def change(seat: Desk) -> str:
        made = room.override(
            seat.conn, wanted, STATES[state], reason=reason, author=seat.actor.name, by=seat.actor.id, at=seat.now,
            region=region,
        )  # fmt: skip
        working = room.calendar(seat.conn, region).is_working(wanted)
        return f"{_day(wanted)} 现为{'工作日' if working else '休息日'}：{len(made.days)} 天有变动。"

    typer.echo(_changed(by, reason, change))


def _lines(page: YearPage) -> Iterator[str]:
    from api.counting import PROVISIONAL

    yield f"{page.year} 年 工作日 {page.working_days} 天" + (
        f" {PROVISIONAL}（暂定：尚无国务院通知，只除去法定节假日）" if page.provisional else ""
    )
    held = page.loaded
    yield f"依据：{page.source}" + (f"（第 {held.version} 版，{held.author}，{_local(held.at)} 载入）" if held else "")
    yield from (f"通知：{paper}" for paper in page.papers)
    for title, days in (("周一至周五放假", page.off_weekdays), ("周末上班", page.working_weekends)):
        yield f"{title} {len(days)} 天："
        yield from (f"  {_day(day)} {why}" for day, why in days)
    if page.local:
        yield "本地调整："
        for one in page.local:
            state = "上班" if one.working else "放假"
            yield f"  {_day(one.day)} {state} {one.region or '全部地区'} {one.reason}（{one.author}，{_local(one.at)}）"


def _local(at: datetime) -> date:
    from infra.clock import SHANGHAI

    return at.astimezone(SHANGHAI).date()


def _day(day: date) -> str:
    return f"{day} {WEEKDAYS[day.weekday()]}"


def _answer(asked: list[str] | None, region: str, answer: Callable[[Workdays, str, str], str], usage: str) -> None:
    """Print the answer to one question, or to each line of standard input; a bad line is answered and fails the end."""
    from api.refusal import Refusal

    if asked:
        if len(asked) != 2:
            raise Refusal(f"{usage}。")
        with _spoken():
            typer.echo(answer(_known().workdays(_region(region)), *asked))
        return
    if sys.stdin.isatty():
        raise Refusal(f"{usage}，或从标准输入逐行给出。")
    days, failed = _known().workdays(_region(region)), False
    for raw in sys.stdin.buffer:
        words = raw.decode("utf-8-sig", "replace").replace(",", " ").split()
        if not words:
            continue
        try:
            if len(words) != 2:
                raise ValueError(usage)
            said = answer(days, *words)
        except ValueError as error:
            said, failed = f"error: {error}", True
        sys.stdout.write(said + "\n")
        sys.stdout.flush()
    if failed:
        raise typer.Exit(1)


@contextmanager
def _spoken() -> Iterator[None]:
    """Have what is wrong with a value told in its own sentence."""
    from api.refusal import Refusal

    try:
        yield
    except ValueError as error:
        raise Refusal(f"{error}".rstrip("。") + "。") from None


def _region(code: str) -> str:
    from api.refusal import Refusal

    if code and not (len(code) == 6 and code.isascii() and code.isdigit()):
        raise Refusal(f"区划代码“{code[:20]}”应为六位数字。")
    return code


def _decoded(file: Path) -> object:
    import orjson

    from api.refusal import Refusal, why

    try:
        if file.stat().st_size > LARGEST_FILE:
            raise Refusal(f"{file.name} 过大，不是年度日历文件。")
        return orjson.loads(file.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except OSError as error:
        raise Refusal(f"读不了 {file.name}：{why(error)}。") from None
    except ValueError:
        raise Refusal(f"{file.name} 不是 JSON 文件。") from None


def _known() -> Calendar:
    """Answer the calendar of the platform's database; where there is none yet, the notices this release knows."""
    import time

    from sqlalchemy.exc import OperationalError

    from infra import calendar as room
    from infra.database import engine
    from infra.home import at_hand
    from infra.settings import settings
    from infra.store.calendar import has_tables

    deadline = time.monotonic() + CONNECT_SECONDS
    while not settings().embedded or _has_data():
        try:
            with at_hand(settings(), migrate=False), engine().connect() as conn:
                return room.current(conn) if has_tables(conn) else room.built_in()
        except OperationalError:  # a server that just starts or stops, of this command's twin or of `lianban run`
            if not settings().embedded or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        finally:
            engine().dispose()
    return room.built_in()


def _has_data() -> bool:
    from infra.settings import settings

    try:
        return (settings().postgres_folder / "data" / "PG_VERSION").exists()
    except OSError:
        return False


def _changed(by: str, reason: str, change: Callable[[Desk], str]) -> str:
    """Have the calendar changed and every open due date follow it; say what changed and how many moved.

    Whoever is named must be an administrator; without a name the account at the shell answers for it. Where a command
    was killed before its dates had moved, the next one does the rest first and says so, be it the same once more, which
    is then refused because the day stands as it was asked.
    """
    from api import recounted
    from flows.desks import desk
    from flows.recalendar import change_calendar
    from flows.reproject import Tally
    from infra.database import engine
    from infra.home import at_hand
    from infra.settings import settings

    def tell(tally: Tally | None) -> None:
        if left := recounted.caught_up(tally):
            typer.echo(left)

    def door() -> AbstractContextManager[Desk]:
        return desk(lambda conn: _author(conn, by), engine=engine())

    try:
        with at_hand(settings()):
            said, moved = change_calendar(engine(), door, change, reason=reason, tell=tell)
    finally:
        engine().dispose()
    return f"{said}{recounted.moved(moved)}"


def _author(conn: Connection, by: str) -> Actor:
    import getpass

    from api.refusal import Refusal
    from flows import access
    from infra.store.people import officer_by_username

    if not by:
        return access.Actor(None, f"命令行 {getpass.getuser()}", kind="system")
    if (row := officer_by_username(conn, by)) is None:
        raise Refusal(f"没有在用的账号 {by}。")
    return access.officer(row.id, row.name, row.members, username=row.username)


COMMANDS = [calendar]
