"""Codes and measures as people say them: how long a limit is, which browser, why a case ended."""

from __future__ import annotations

import re

import pytest

from api.frame import amount, browser
from api.pages.admin.records import words_of
from api.pages.department.words import told
from api.pages.window.acts import REASONS
from api.rows import span
from flows.sla import Runs
from forms.acts import RefusalReason

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36"
EDGE = f"{CHROME} Edg/126.0.2592.87"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5"
ITSELF = ("approved", "predecessor_failed", "no_supplement", "withdrawn", "forwarded", "data_error", "reopened")


@pytest.mark.parametrize(
    ("days", "runs", "words"),
    [
        (5, Runs.WORKDAYS, "5 个工作日"),
        (2, Runs.MONTHS, "2 个月"),
        (195, Runs.HOURS, "3 小时 15 分钟"),
        (120, Runs.HOURS, "2 小时"),
        (45, Runs.HOURS, "45 分钟"),
        (0, Runs.FIXED, None),
    ],
)
def test_a_limit_is_as_long_as_people_say(days: int, runs: Runs, words: str | None) -> None:
    assert span(days, runs) == words


def test_minutes_of_office_time_are_read_as_hours_and_days_stay_days() -> None:
    assert (amount(195, "分钟"), amount(0, "分钟"), amount(3, "日")) == ("3 小时 15 分钟", "0 分钟", "3 日")


@pytest.mark.parametrize(
    ("terminal", "words"),
    [
        (f"10.0.0.7 {CHROME}", "Chrome 126（Windows） 10.0.0.7"),
        (f"10.0.0.7 {EDGE}", "Edge 126（Windows） 10.0.0.7"),
        (f"10.0.0.8 {SAFARI}", "Safari 17（iPhone） 10.0.0.8"),
        ("10.0.0.9 python-httpx/0.28.1", "10.0.0.9 python-httpx/0.28.1"),
        ("", ""),
    ],
)
def test_a_browser_is_named_as_people_name_it(terminal: str, words: str) -> None:
    assert browser(terminal) == words


@pytest.mark.parametrize("code", [*ITSELF, *(code for code, _ in REASONS), *(one.value for one in RefusalReason)])
def test_why_a_case_ended_is_never_left_as_a_code(code: str) -> None:
    event = {"step": None, "before": None, "after": None, "detail": {"reason_code": code}, "seq": 1, "at": None,
             "actor": "", "department": None, "act": "close", "subject": "", "hash": ""}  # fmt: skip
    assert re.search("[一-鿿]", dict(told(event, {}, {})["said"])["理由类别"])


def test_a_stand_in_stands_in_words_in_the_record_of_changes() -> None:
    value = {"absent": "pd.hr.wang", "officer": "pd.hr.li", "department": "human_resources", "from": "2026-09-18",
             "until": "2026-09-20", "revoked": False}  # fmt: skip
    assert words_of(value) == (
        "外出人员：pd.hr.wang；代理人员：pd.hr.li；部门：人力资源和社会保障局；自：2026-09-18；至：2026-09-20；撤销：否"
    )
