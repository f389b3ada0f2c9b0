"""A service cycle, months and a yearly day: as the guide tells them, the desk shows them, programs read them."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from forms.vocabulary import Department as D
from forms.vocabulary import Role as R
from tests.kit import PATIENCE
from tests.kit.browser import Site, accessible
from tests.kit.clocked import clocked_matters

FOLLOW = {"follow": {"wish": "文员"}}


@pytest.fixture(scope="module", autouse=True)
def added() -> Iterator[None]:
    with clocked_matters():
        yield


def test_the_guide_tells_each_limit_in_officials_words(hall_site: Site) -> None:
    page = hall_site.visitor()
    page.goto("/guide/follow")
    accessible(page)
    main = page.locator("main")
    for words in (
        "受理后30个工作日内，其间第10、20个工作日跟踪服务",
        "受理后2个月内",
        "行政诉讼法 第47条",
        "每年12月25日前（按年度批次，受理后的最近一次）",
        "承诺15个工作日内（平发〔2022〕22号 第20条）；法定1个月内（行政诉讼法 第47条）",
        "承诺每年10月20日前（平人社〔2023〕2号）",
        "承诺1个月内",
    ):
        expect(main).to_contain_text(words)
    told = httpx.get(f"{hall_site.base}/api/v1/matters/follow", trust_env=False, timeout=PATIENCE).json()
    cycle, months, day = told["limits"]
    assert (cycle["runs"], cycle["checkpoints"], months["runs"], months["days"], day["on"]) == (
        "service_cycle", [10, 20], "months", 2, "12-25",
    )  # fmt: skip
    assert [(x["kind"], x["runs"], x["days"]) for x in told["steps"][0]["limits"]] == [
        ("promised", "service_cycle", 15), ("statutory", "months", 1),
    ]  # fmt: skip


def test_the_desk_shows_each_limit_and_its_working(hall_site: Site) -> None:
    hall = hall_site.hall
    case = hall.open("follow", forms=FOLLOW)["follow"]
    page = hall_site.person(hall.actor(R.COORDINATOR, D.HUMAN_RESOURCES).username)
    page.goto(f"/cases/{case}")
    accessible(page)
    clocks = page.locator("#clocks")
    for words in (
        "法定时限（履行职责）",
        "2 个月，2026-11-18 到期",
        "2026-12-25 截止",
        "服务节点（跟踪服务第1次跟踪）",
    ):
        expect(clocks).to_contain_text(words)
    expect(clocks).to_contain_text("30 日，已计 0 日")
    page.goto(f"/cases/{case}/documents/{hall.document(case, 'acceptance').no}")
    expect(page.locator(".paper")).to_contain_text("跟踪服务，30个工作日；年度汇总，每年12月25日前")
