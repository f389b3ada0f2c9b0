"""`lianban calendar` and the public calendar: what people at a shell or a program are told."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from sqlalchemy import Engine

from api import cli
from flows.administration import first_administrator
from flows.reproject import Tally, follow, reproject
from infra.demo.seed import seed
from infra.settings import Settings
from tests.kit.hall import Hall
from tests.outside import lianban

Shell = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def offices(platform: Settings, engine: Engine) -> None:
    with engine.begin() as conn:
        seed(conn)
        first_administrator(conn, "chief.admin", "系统管理员甲", reset=False, lasts=timedelta(hours=1))


@pytest.fixture
def shell(offices: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """The command line in this process, on the module's database."""

    def say(*words: str, told: str | bytes | None = None) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lianban", "calendar", *words])
        if told is not None:
            raw = told.encode() if isinstance(told, str) else told
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return say


def refused(done: tuple[int, str, str], because: str) -> None:
    code, out, err = done
    assert (code, out) == (1, "")
    assert err.startswith("lianban：")
    assert err.count("\n") == 1
    assert because in err


def year_file(folder: Path, **parts: object) -> str:
    days = [
        {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-02", "isOffDay": False},
    ]
    path = folder / "2027.json"
    path.write_text(json.dumps({"year": 2027, "papers": ["https://example.org/n"], "days": days, **parts}))
    return str(path)


def test_without_any_database_the_known_notices_answer(tmp_path: Path) -> None:
    done = lianban("calendar", "due", "2026-09-18", "5", HOME=str(tmp_path / "nothing"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "2026-09-24\n", "")
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["due", "2026-09-18", "5"], "2026-09-24"),
        (["due", "2025-01-20", "10"], "2025-02-08"),
        (["due", "2026-10-03", "0"], "2026-10-03"),
        (["count", "2026-09-18", "2026-09-24"], "5"),
        (["count", "2026-09-24", "2026-09-18"], "-5"),
        (["due", "2029-12-30", "5"], "2030-01-07 provisional"),
        (["count", "2028-12-29", "2029-01-03"], "2 provisional"),
    ],
)
def test_the_shell_adds_and_counts(shell: Shell, words: list[str], answer: str) -> None:
    assert shell(*words) == (0, answer + "\n", "")


@pytest.mark.parametrize(
    ("words", "because"),
    [
        (["due", "2026-02-30", "5"], "没有 2026-02-30 这一天"),
        (["due", "18/9/2026", "5"], "应写成"),
        (["due", "2026-09-18", "-5"], "不能为负数"),
        (["due", "2026-09-18", "2.5"], "应为整数"),
        (["due", "2026-09-18", "99999"], "2004—2099"),
        (["due", "2026-09-18"], "请给出起算日和工作日数"),
        (["count", "2026-09-18", "1999-01-01"], "2004—2099"),
        (["count", "2026-09-18", "2026-09-19", "2026-09-20"], "请给出两个日期"),
        (["count", "2026-09-18", "2026-09-24", "--region", "平度"], "六位数字"),
        (["show", "1999"], "2004—2099"),
    ],
)
def test_what_is_no_question_is_refused_in_one_sentence(shell: Shell, words: list[str], because: str) -> None:
    refused(shell(*words), because)


def test_every_line_of_standard_input_gets_its_line_and_a_bad_one_fails_the_whole(shell: Shell) -> None:
    asked = "2026-09-18 2026-09-24\n\n2028-12-29,2029-01-03\r\n2026-13-01 2026-09-24\nx\n2026-09-19 2026-09-20\n"
    code, out, _ = shell("count", told=asked)
    assert code == 1
    assert out.splitlines() == [
        "5", "2 provisional", "error: 没有 2026-13-01 这一天", "error: 请给出两个日期，例如 2026-09-18 2026-09-24", "1",
    ]  # fmt: skip
    assert shell("due", told="2026-09-18 5\n") == (0, "2026-09-24\n", "")
    assert shell("count", told="") == (0, "", "")
    assert shell("count", told=b"\xff\xfe\n")[0] == 1


def test_a_year_is_shown_with_its_days_its_source_and_whether_it_is_certain(shell: Shell) -> None:
    code, out, _ = shell("show", "2026")
    assert code == 0
    assert out.startswith("2026 年 工作日 248 天\n依据：chinesecalendar ")
    assert "周一至周五放假 19 天：" in out
    assert "  2026-09-20 周日 调休上班\n" in out
    assert "provisional" in shell("show", "2028")[1]


def test_a_loaded_year_and_a_local_day_hold_from_then_on(shell: Shell, tmp_path: Path) -> None:
    assert shell("due", "2026-12-31", "1")[1] == "2027-01-04 provisional\n"
    code, out, err = shell("load", year_file(tmp_path), "--by", "chief.admin", "--reason", "国办发明电")
    assert code == 0
    assert "已载入 2027 年（第 1 版）" in out
    assert "移动了 0 个未结期限" in out
    assert "没有列出春节、" in err
    assert shell("due", "2026-12-31", "1")[1] == "2027-01-02\n"
    page = shell("show", "2027")[1]
    assert "provisional" not in page
    assert "依据：2027.json（第 1 版，系统管理员甲，" in page

    typhoon = ("override", "2027-01-04", "off", "--by", "chief.admin", "--reason", "台风停工", "--region", "370283")
    assert "2027-01-04 周一 现为休息日：1 天有变动。" in shell(*typhoon)[1]
    assert shell("due", "2027-01-02", "1")[1] == "2027-01-04\n"
    assert shell("due", "2027-01-02", "1", "--region", "370283")[1] == "2027-01-05\n"
    assert "  2027-01-04 周一 放假 370283 台风停工（系统管理员甲，" in shell("show", "2027", "--region", "370283")[1]
    refused(shell(*typhoon), "已由系统管理员甲调整为放假")
    lifted = shell("override", "2027-01-04", "lift", "--by", "chief.admin", "--reason", "已过", "--region", "370283")
    assert "现为工作日" in lifted[1]


def test_a_bad_file_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    before = shell("show", "2027")[1]
    twice = [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}] * 2
    refused(shell("load", year_file(tmp_path, days=twice)), "2027-01-01 列出了两次")
    refused(shell("load", year_file(tmp_path, year=2030)), "不属于 2030 年的通知")
    refused(shell("load", year_file(tmp_path, days=[{**twice[0], "date": "2027-02-30"}])), "没有 2027-02-30 这一天")
    refused(shell("load", year_file(tmp_path, days=[])), "尚未公布")
    refused(shell("load", str(tmp_path / "none.json")), "读不了 none.json")
    (tmp_path / "text.json").write_text("2027")
    refused(shell("load", str(tmp_path / "text.json")), "应为一个JSON对象")
    (tmp_path / "text.json").write_text("{")
    refused(shell("load", str(tmp_path / "text.json")), "不是 JSON 文件")
    assert shell("show", "2027")[1] == before


@pytest.mark.parametrize(
    ("words", "because"),
    [
        (["2026-11-24", "off", "--reason", "台风"], "--by"),
        (["2026-11-24", "off", "--by", "chief.admin"], "请写明调整的理由"),
        (["2026-11-24", "off", "--by", "nobody", "--reason", "台风"], "没有在用的账号 nobody"),
        (["2026-11-24", "off", "--by", "pd.hr.wang", "--reason", "台风"], "没有办理此项的权限"),
        (["2026-11-24", "closed", "--by", "chief.admin", "--reason", "台风"], "第二项应为"),
        (["2026-11-31", "off", "--by", "chief.admin", "--reason", "台风"], "没有 2026-11-31 这一天"),
        (["2026-11-24", "off", "--by", "chief.admin", "--reason", "台风", "--region", "110101"], "没有区划 110101"),
    ],
)
def test_a_local_day_needs_an_author_with_the_power_a_reason_and_a_real_day(
    shell: Shell, words: list[str], because: str
) -> None:
    refused(shell("override", *words), because)


def test_due_dates_follow_a_day_off_in_their_region_and_the_record_keeps_the_old_ones(
    shell: Shell, engine: Engine
) -> None:
    hall = Hall(engine)
    case = hall.open("settlement")["settlement"]
    due = "SELECT due_on FROM limits WHERE subject = :no AND clock = 'promised' AND ended_at IS NULL"
    assert [str(row.due_on) for row in hall.rows(due, no=case)] == ["2026-09-24"]
    day_off = ("override", "2026-09-22", "off", "--by", "chief.admin", "--reason", "台风停工", "--region")
    assert "移动了 0 个未结期限" in shell(*day_off, "370285")[1]
    said = shell(*day_off, "370283")[1]
    assert "（1 个办件）" in said
    assert "移动了 0 个" not in said
    assert [str(row.due_on) for row in hall.rows(due, no=case)] == ["2026-09-28"]
    moved = hall.events(case)[-1]
    assert (moved.act, moved.actor_name, moved.detail["reason"]) == ("recalendar", "系统管理员甲", "台风停工")
    assert {"2026-09-24", "2026-09-28"} <= {
        day for one in moved.detail["moved"] for day in (one["before"], one["after"])
    }


DAY_OFF = ("override", "2026-09-23", "off", "--by", "chief.admin", "--reason", "停电", "--region", "370283")
LIFTED = ("override", "2026-09-23", "lift", "--by", "chief.admin", "--reason", "来电", "--region", "370283")
MOVED = re.compile(r"移动了 (\d+) 个未结期限（(\d+) 个办件）")


def moved(said: str) -> list[tuple[int, int]]:
    return [(int(due), int(cases)) for due, cases in MOVED.findall(said)]


def opened(engine: Engine) -> tuple[Hall, str]:
    """Open a case whose due days follow the calendar as it stands."""
    follow(engine)
    hall = Hall(engine)
    return hall, hall.open("settlement")["settlement"]


@pytest.fixture
def killed(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Give a command that is killed once its change is committed and before any due day has followed."""

    def die(*words: str) -> None:
        with monkeypatch.context() as patch:

            def dies(*_: object, **__: object) -> None:
                raise KeyboardInterrupt

            patch.setattr("flows.reproject._reproject", dies)
            assert shell(*words)[0] != 0

    return die


def test_what_a_killed_command_left_is_moved_first_by_the_next_and_told_apart(
    shell: Shell, engine: Engine, killed: Callable[..., None]
) -> None:
    hall, case = opened(engine)
    before = hall.case(case).due_on
    killed(*DAY_OFF)
    assert hall.case(case).due_on == before
    code, out, _ = shell("override", "2027-03-01", "off", "--by", "chief.admin", "--reason", "停水")
    assert code == 0
    left, own = out.splitlines()
    assert left.startswith("此前的日历变动没有办完，已先补做：") and moved(left)[0] > (0, 0)
    assert own.startswith("2027-03-01") and moved(own) == [(0, 0)], "what this one moved is no more than that"
    assert hall.case(case).due_on > before
    event = hall.events(case)[-1]
    assert (event.actor_kind, event.detail["reason"]) == ("system", "工作日历已变动，系统补算"), "not of the water"
    assert shell(*LIFTED)[0] == 0
    assert hall.case(case).due_on == before


def test_the_same_once_more_does_the_rest_and_says_that_the_day_stands_so(
    shell: Shell, engine: Engine, killed: Callable[..., None]
) -> None:
    hall, case = opened(engine)
    before = hall.case(case).due_on
    killed(*DAY_OFF)
    code, out, err = shell(*DAY_OFF)
    assert code == 1 and "2026-09-23 已由系统管理员甲调整为放假（停电）" in err
    assert moved(out)[0] > (0, 0) and hall.case(case).due_on > before
    refused(shell(*DAY_OFF), "已由系统管理员甲调整为放假")
    assert shell(*LIFTED)[0] == 0


def test_what_the_workers_pass_moves_first_is_counted_by_the_command_all_the_same(
    shell: Shell, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall, case = opened(engine)
    alone = moved(shell(*DAY_OFF)[1])
    assert shell(*LIFTED)[0] == 0
    found = []

    def overtaken(*args: Any, **named: Any) -> Tally:
        found.append(follow(engine))
        return reproject(*args, **named)

    monkeypatch.setattr("flows.recalendar.reproject", overtaken)
    said = shell(*DAY_OFF)[1]
    monkeypatch.undo()
    assert found[0] is not None and found[0].moved > 0 and hall.acts(case)[-1] == "recalendar"
    assert moved(said) == alone, "as many as when nobody else was there"
    assert shell(*LIFTED)[0] == 0


def test_anybody_may_read_the_calendar_of_a_year(platform: Settings) -> None:
    from api.app import create_app

    async def read() -> list[httpx.Response]:
        inside = httpx.ASGITransport(create_app(platform))
        paths = ("2026", "2028", "1999", "2100", "x", "2026?region=x")
        async with httpx.AsyncClient(transport=inside, base_url="http://lianban") as nobody:
            return [await nobody.get(f"/api/v1/calendar/{path}") for path in paths]

    with ThreadPoolExecutor(1) as apart:  # a browser that is open in this process keeps a loop of its own
        known, unknown, *refused = apart.submit(anyio.run, read).result()
    assert (known.json()["working_days"], known.json()["provisional"]) == (248, False)
    assert {"date": "2026-09-20", "why": "调休上班"} in known.json()["working_weekends"]
    assert unknown.json()["provisional"] is True
    assert [answer.status_code for answer in refused] == [404, 404, 404, 422]
