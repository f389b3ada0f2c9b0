"""Several people at once: one task in two hands, and pages that change by themselves without moving under the eye."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from flows.access import Actor
from forms.vocabulary import Department as D
from forms.vocabulary import Role as R
from infra import clock
from tests.kit.browser import Site

SECONDS = 2.0
TRIES = 10
"""On a machine that stands still for a while one change may be late; not every change is."""
_WATCH = """(id) => {
  window.stayed = true;
  window.shifts = [];
  window.changedAt = null;
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      const moved = one.sources.map((from) => from.node && `${from.node.nodeName}.${from.node.className} ` +
        `${from.previousRect.y},${from.previousRect.x} to ${from.currentRect.y},${from.currentRect.x}`);
      window.shifts.push([one.value, moved]);
    }
  }).observe({ type: "layout-shift", buffered: false });
  new MutationObserver(() => { window.changedAt = window.changedAt || Date.now(); })
    .observe(document.getElementById(id), { childList: true, subtree: true });
}"""
_DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0))))"


@pytest.fixture
def handler(site: Site) -> Actor:
    return site.hall.actor(R.HANDLER, D.HUMAN_RESOURCES)


def _watched(page: Page, part: str) -> None:
    """From now on the page notes what changes in a part, and what moves on it."""
    page.wait_for_load_state("networkidle")
    page.evaluate(_WATCH, part)


def _unmoved(page: Page, since: float) -> float:
    """The page has not been loaded anew and nothing on it has moved; return how long its change took (s)."""
    page.evaluate(_DRAWN)
    stayed, shifts, changed = page.evaluate("[window.stayed, window.shifts, window.changedAt]")
    assert stayed is True
    assert shifts == []
    page.evaluate("window.changedAt = null")
    return float(changed / 1000 - since)


def _soon(once: Callable[[], float]) -> None:
    """What is told shows within two seconds."""
    took: list[float] = []
    while not took or min(took) >= SECONDS:
        assert len(took) < TRIES, took
        took.append(once())


def test_of_two_officers_on_one_task_the_second_is_told_who_did_what(site: Site, handler: Actor) -> None:
    case = site.hall.open("settlement")["settlement"]
    no = site.hall.no(case, "eligibility")
    colleague = site.hall.actor(R.HANDLER, D.HUMAN_RESOURCES, nth=1)
    first, second = site.person(handler.username), site.person(colleague.username)
    for page in (first, second):
        page.goto(f"/tasks/{no}")
        page.keyboard.press("a")
    second.keyboard.type("学历属实")
    first.locator("#f-approve-reason").press("Control+Enter")
    expect(first.locator(".said")).to_contain_text("已通过：资格核验")
    expect(second.locator("#head")).to_contain_text("通过")
    expect(second.locator("#f-approve-reason")).to_have_value("学历属实")
    second.locator("#f-approve-reason").press("Control+Enter")
    told = second.locator("[role=alert]")
    for words in (handler.name, "通过"):
        expect(told).to_contain_text(words)
    assert site.hall.acts(case).count("approve") == 1


def test_what_arrives_stands_in_an_open_inbox_within_two_seconds_and_nothing_moves(site: Site, handler: Actor) -> None:
    site.hall.open("settlement")
    page = site.person(handler.username)
    page.goto("/inbox")
    bar = page.locator(".batch").bounding_box()
    before = page.locator("#rows [data-row]").count()
    _watched(page, "rows")
    more = itertools.count(before + 1)

    def arrives() -> float:
        no = site.hall.no(site.hall.open("settlement")["settlement"], "eligibility")
        since, rows = clock.machine().timestamp(), next(more)
        expect(page.locator(f"#rows [data-row='{no}']")).to_be_visible()
        expect(page.locator("#rows [data-row]")).to_have_count(rows)
        expect(page.locator("#counts")).to_contain_text(f"全部 {rows}")
        return _unmoved(page, since)

    _soon(arrives)
    assert page.locator(".batch").bounding_box() == bar


def test_what_is_decided_elsewhere_shows_on_an_open_case_and_nothing_moves(site: Site) -> None:
    page = site.person(site.hall.actor(R.COORDINATOR, D.PUBLIC_SECURITY).username)

    def decided() -> float:
        case = site.hall.open("settlement")["settlement"]
        page.goto(f"/cases/{case}")
        no = site.hall.no(case, "address")
        step = page.locator(f"#stages [data-row='{no}']")
        expect(step).to_contain_text("待签收")
        _watched(page, "stages")
        site.hall.approve(no)
        since = clock.machine().timestamp()
        expect(step).to_contain_text("承办")
        expect(step).not_to_contain_text("待签收")
        return _unmoved(page, since)

    _soon(decided)


def test_without_a_script_a_page_is_right_after_a_reload(site: Site, handler: Actor) -> None:
    page = site.person(handler.username, js=False)
    page.goto("/inbox")
    case = site.hall.open("settlement")["settlement"]
    no = site.hall.no(case, "eligibility")
    expect(page.locator(f"#rows [data-row='{no}']")).to_have_count(0)
    page.reload()
    expect(page.locator(f"#rows [data-row='{no}']")).to_have_count(1)
    page.goto(f"/cases/{case}")
    expect(page.locator(f"#stages [data-row='{no}']")).to_contain_text("待签收")
    site.hall.approve(no)
    page.reload()
    expect(page.locator(f"#stages [data-row='{no}']")).to_contain_text("承办")


def test_a_light_turns_on_an_open_board_by_itself(site: Site) -> None:
    site.hall.open("green_channel")
    page = site.person(site.hall.manager.username)
    page.goto("/watch")
    red = page.locator(".tiles li", has_text="红牌办件").locator("strong")
    expect(red).to_have_text("0")
    page.evaluate("window.stayed = true")
    with site.engine.begin() as conn:
        clock.move(conn, site.hall.now + timedelta(days=40))
    expect(red).not_to_have_text("0")
    assert page.evaluate("window.stayed") is True
