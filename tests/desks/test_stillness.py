"""Pages that change by themselves do not move under the eye: what would push others away waits to be asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from flows.access import Actor
from forms.vocabulary import Department as D
from forms.vocabulary import Role as R
from infra import clock
from tests.desks.test_together import _DRAWN, _watched
from tests.kit.browser import Site, accessible

LONG = "经核查，申请人学历信息与学信网一致，工作单位、社保缴纳地与申报一致，集体户接收意见已由人才中心出具。" * 12
SMALL = {"width": 1280, "height": 640}


@pytest.fixture
def coordinator(site: Site) -> Actor:
    return site.hall.actor(R.COORDINATOR, D.PUBLIC_SECURITY)


def _still(page: Page) -> None:
    """The page has not been loaded anew, and nothing on it has moved."""
    page.evaluate(_DRAWN)
    assert page.evaluate("[window.stayed, window.shifts]") == [True, []]


def _bar(page: Page) -> Any:
    return page.get_by_role("button", name="有新内容，点击查看")


def test_a_long_verdict_shows_on_an_open_case_moves_nothing_and_is_read_when_asked_for(
    site: Site, coordinator: Actor
) -> None:
    case = site.hall.open("settlement")["settlement"]
    no = site.hall.no(case, "address")
    page = site.person(coordinator.username)
    page.goto(f"/cases/{case}")
    below = page.locator("#record").bounding_box()
    _watched(page, "stages")
    site.hall.approve(no, reason=LONG)
    step = page.locator(f"#stages [data-row='{no}']")
    expect(step).to_contain_text("通过")
    expect(_bar(page)).to_be_visible()
    _still(page)
    assert page.locator("#record").bounding_box() == below
    accessible(page)
    _bar(page).click()
    expect(_bar(page)).to_have_count(0)
    assert page.locator("#record").bounding_box() != below
    assert step.evaluate("one => one.scrollHeight <= one.clientHeight + 1")


def test_a_long_verdict_elsewhere_moves_nothing_on_an_open_task(site: Site) -> None:
    case = site.hall.open("settlement")["settlement"]
    page = site.person(site.hall.actor(R.HANDLER, D.HUMAN_RESOURCES).username)
    page.goto(f"/tasks/{site.hall.no(case, 'eligibility')}")
    page.set_viewport_size(SMALL)
    page.locator("#stages").scroll_into_view_if_needed()
    _watched(page, "stages")
    no = site.hall.no(case, "address")
    site.hall.approve(no, reason=LONG)
    expect(page.locator(f"#stages [data-row='{no}']")).to_contain_text("通过")
    _still(page)


def test_the_working_of_a_clock_that_somebody_reads_stays_open(site: Site, coordinator: Actor) -> None:
    case = site.hall.open("settlement")["settlement"]
    page = site.person(coordinator.username)
    page.goto(f"/cases/{case}")
    page.locator("#clocks details").first.locator("summary").click()
    _watched(page, "clocks")
    site.hall.approve(site.hall.no(case, "address"))
    expect(page.locator("#stages")).to_contain_text("通过")
    expect(page.locator("#clocks details").first).to_have_attribute("open", "")
    _still(page)


def test_who_reads_far_down_a_long_inbox_is_not_moved_when_something_urgent_arrives_above(site: Site) -> None:
    handler = site.hall.actor(R.HANDLER, D.HUMAN_RESOURCES)
    for _ in range(14):
        site.hall.open("settlement")
    page = site.person(handler.username)
    page.set_viewport_size(SMALL)
    page.goto("/inbox")
    page.mouse.move(2, 2)
    rows = page.locator("#rows [data-row]")
    rows.nth(rows.count() - 2).scroll_into_view_if_needed()
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    read = rows.nth(rows.count() - 2)
    number, place = read.get_attribute("data-row"), read.bounding_box()
    _watched(page, "rows")
    no = site.hall.no(_urgent(site), "eligibility")
    expect(page.locator(f"#rows [data-row='{no}']")).to_have_count(1)
    expect(page.locator("#rows [data-row]").first).to_have_attribute("data-row", no)
    _still(page)
    assert page.locator(f"#rows [data-row='{number}']").bounding_box() == place


def _urgent(site: Site, days: int = 30) -> str:
    """Hand in a case whose task is due before all others, which were due within `days`."""
    case = site.hall.open("settlement")["settlement"]
    with site.engine.begin() as conn:
        conn.exec_driver_sql(
            "UPDATE tasks SET due_on = due_on - %s WHERE case_id = (SELECT id FROM cases WHERE no = %s)", (days, case)
        )
    return case


def test_a_row_is_not_pushed_from_under_the_pointer(site: Site) -> None:
    site.hall.open("settlement")
    page = site.person(site.hall.actor(R.HANDLER, D.HUMAN_RESOURCES).username)
    page.goto("/inbox")
    row = page.locator("#rows [data-row]").first
    under, place = row.get_attribute("data-row"), row.bounding_box()
    row.hover()
    no = site.hall.no(_urgent(site, 90), "eligibility")
    expect(_bar(page)).to_be_visible()
    assert page.locator(f"#rows [data-row='{under}']").bounding_box() == place
    page.mouse.move(2, 2)
    expect(page.locator("#rows [data-row]").first).to_have_attribute("data-row", no)
    expect(_bar(page)).to_have_count(0)


def test_a_board_whose_numbers_change_moves_nothing(site: Site) -> None:
    site.hall.open("settlement", "schooling")
    page = site.person(site.hall.manager.username)
    page.goto("/watch")
    _watched(page, "tiles")
    before = int(page.locator("#tiles strong").first.inner_text())
    for _ in range(3):
        site.hall.open("green_channel")
    expect(page.locator("#tiles strong").first).to_have_text(str(before + 3))
    _still(page)


def test_a_board_whose_lights_turn_with_the_day_moves_nothing(site: Site) -> None:
    site.hall.open("settlement", "green_channel")
    page = site.person(site.hall.manager.username)
    page.goto("/watch")
    _watched(page, "tiles")
    with site.engine.begin() as conn:
        clock.move(conn, site.hall.now + timedelta(days=40))
    red = page.locator(".tiles li", has_text="红牌办件").locator("strong")
    expect(red).not_to_have_text("0")
    _still(page)
