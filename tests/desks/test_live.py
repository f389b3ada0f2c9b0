"""Live pages: who looks is told within two seconds, and only of what lies within the walls."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from api.live import concerns
from flows import access, standins
from flows.access import Actor
from flows.desks import desk
from forms.standins import StandInIn
from infra.announce import EVERYTHING, PAYLOAD_BYTES, announce, payload
from infra.demo.organisation import PASSWORD
from infra.store.lively import CasePlace, TaskPlace
from tests.desks.test_signing import _enter
from tests.kit import PATIENCE
from tests.kit.browser import Site, accessible
from tests.kit.tour import enter_progress

SECONDS = 2.0
TRIES = 20
"""On a machine that stands still for a while one word may be late; not every word is."""


class Listener:
    """A browser's EventSource, read line by line."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.heard: list[tuple[float, str]] = []
        self._bell = threading.Condition()
        threading.Thread(target=self._read, args=[lines], daemon=True).start()

    def _read(self, lines: Iterator[str]) -> None:
        try:
            for line in lines:
                with self._bell:
                    self.heard.append((time.monotonic(), line))
                    self._bell.notify_all()
        except httpx.HTTPError:
            return

    def wait_for(self, word: str, after: int = 0) -> float:
        """Return when a line with that word came, not counting the first lines."""
        with self._bell:
            assert self._bell.wait_for(lambda: any(word in line for _, line in self.heard[after:]), PATIENCE), word
            return next(at for at, line in self.heard[after:] if word in line)


@contextmanager
def listening(site: Site, username: str) -> Iterator[Listener]:
    with httpx.Client(base_url=site.base, trust_env=False, timeout=PATIENCE) as client:
        _enter(client, username, PASSWORD)
        with client.stream("GET", "/live") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            heard = Listener(answer.iter_lines())
            heard.wait_for("retry")
            yield heard


def test_a_new_task_and_a_verdict_are_heard_within_two_seconds_and_by_nobody_else(site: Site) -> None:
    hall = site.hall
    with (
        listening(site, hall.actor("handler", "human_resources").username) as concerned,
        listening(site, hall.actor("handler", "human_resources", "370285").username) as elsewhere,
    ):
        took: list[float] = []
        while not took or min(took) >= SECONDS:
            assert len(took) < TRIES, took
            begun = time.monotonic()
            no = hall.open("settlement")["settlement"]
            took.append(concerned.wait_for(no) - begun)
        known = len(elsewhere.heard)
        announce(site.engine, [EVERYTHING])
        elsewhere.wait_for(f"data: {EVERYTHING}", known)
        assert not [line for _, line in elsewhere.heard if "RC-370283" in line]


def test_who_is_not_signed_in_hears_nothing(site: Site) -> None:
    assert httpx.get(f"{site.base}/live", trust_env=False, timeout=PATIENCE).status_code == 204


def test_a_session_that_ended_hears_nothing_more(site: Site) -> None:
    with httpx.Client(base_url=site.base, trust_env=False, timeout=PATIENCE) as client:
        _enter(client, site.hall.window.username, PASSWORD)
        client.cookies.set("lianban", "lb_" + "x" * 43)
        assert client.get("/live").status_code == 204


def test_too_much_to_name_is_said_as_everything() -> None:
    many = [f"LB-{number:08}" for number in range(2000)]
    assert payload(many) == "*"
    assert len(payload(many[:100])) < PAYLOAD_BYTES


@pytest.mark.parametrize(
    ("role", "department", "region", "hears"),
    [
        ("manager", "supervision", "370283", True),
        ("manager", "supervision", "370285", False),
        ("handler", "finance", "370283", False),
        ("handler", "education", "370283", True),
        ("coordinator", "human_resources", "370283", True),
        ("administrator", "supervision", "*", False),
    ],
)
def test_the_walls_hold_for_what_is_heard(role: str, department: str, region: str, hears: bool) -> None:
    tasks = (
        TaskPlace("education", "370283", None, "pending"),
        TaskPlace("finance", "370283", None, "not_applicable"),
    )
    place = CasePlace("LB-1", "LB", "370283", "human_resources", None, tasks)
    scope = access.scope(access.officer(1, "某人", [(role, department, region, None)]))
    assert concerns(scope, place) is hears


def test_what_is_new_is_counted_in_the_menu_of_any_page_and_said_politely(site: Site) -> None:
    hall = site.hall
    handler, colleague = (hall.actor("handler", "human_resources", nth=n) for n in (0, 1))
    with site.engine.begin() as conn:
        conn.execute(text("UPDATE notices SET read_at = now()"))
        conn.execute(text("UPDATE tasks SET status = 'not_applicable'"))
    page = site.person(handler.username)
    page.goto("/account")
    tasks, notices = page.locator("#news-inbox"), page.locator("#news-notices")
    expect(tasks).to_have_attribute("data-news", "0")
    expect(notices).to_be_empty()
    case = hall.open("settlement")["settlement"]
    expect(tasks).to_contain_text("1")
    expect(page.locator("#news-said")).to_have_text("收件箱（1 项待签收）")
    hall.act(hall.no(case, "eligibility"), "claim", colleague)
    expect(tasks).to_be_empty()
    _stands_in(site, colleague, handler)
    expect(page.locator("#news-said")).to_have_text("通知（1 条未读）")
    accessible(page)
    other = site.person(handler.username, js=False)
    other.goto("/notices")
    other.click("text=本页全部标为已读")
    expect(other.locator("#news-notices")).to_be_empty()
    expect(notices).to_be_empty()


def _stands_in(site: Site, absent: Actor, officer: Actor) -> None:
    told = {"officer": officer.username, "from": site.hall.day(1), "until": site.hall.day(2), "reason": "出差"}
    with desk(absent, now=site.hall.now, engine=site.engine) as seat:
        standins.name(seat, StandInIn.model_validate(told))


def test_more_than_can_be_counted_at_a_glance_is_said_to_be_more(site: Site) -> None:
    handler = site.hall.actor("handler", "finance")
    with site.engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO notices (key, addressee, channel, title, content, created_at, next_at, tries)"
                " SELECT 'many:' || n, :to, 'in_app', '提醒', '{}', now(), now(), 0 FROM generate_series(1, 120) n"
            ),
            {"to": f"officer:{handler.id}"},
        )
    page = site.person(handler.username, js=False)
    page.goto("/account")
    expect(page.locator("#news-notices .figure")).to_have_text("99+")
    expect(page.locator("#news-notices")).to_contain_text("99 以上 条未读")


def test_a_page_that_is_only_left_open_keeps_nobody_signed_in(site: Site) -> None:
    with httpx.Client(base_url=site.base, trust_env=False, timeout=PATIENCE) as client:
        _enter(client, site.hall.window.username, PASSWORD)
        with site.engine.begin() as conn:
            conn.execute(text("UPDATE sessions SET seen_at = seen_at - interval '50 minutes'"))
        script = {"Sec-Fetch-Dest": "empty"}
        assert client.get("/news", headers=script).status_code == 200
        with site.engine.begin() as conn:
            conn.execute(text("UPDATE sessions SET seen_at = seen_at - interval '15 minutes'"))
        assert client.get("/news", headers=script).status_code == 204


def test_who_types_for_long_stays_signed_in(site: Site) -> None:
    page = site.person(site.hall.actor("handler", "health").username)
    page.clock.install()
    page.goto("/standins")
    page.clock.fast_forward("05:30")
    with page.expect_request(lambda request: request.headers.get("x-lianban-typing") == "1"):
        page.locator("#f-reason").press_sequentially("出差")
    with httpx.Client(base_url=site.base, trust_env=False, timeout=PATIENCE) as client:
        _enter(client, site.hall.window.username, PASSWORD)
        for _ in range(2):
            with site.engine.begin() as conn:
                conn.execute(text("UPDATE sessions SET seen_at = seen_at - interval '50 minutes'"))
            typing = {"Sec-Fetch-Dest": "empty", "X-Lianban-Typing": "1"}
            assert client.get("/news", headers=typing).status_code == 200


def test_announcing_to_a_database_that_is_gone_hurts_nobody(fresh_engine) -> None:
    fresh_engine.dispose()
    announce(fresh_engine, ["LB-1"])


def test_a_page_that_is_only_looked_at_says_when_its_session_has_ended(site: Site) -> None:
    page = site.person(site.hall.actor("handler", "human_resources").username)
    page.goto("/inbox?status=pending")
    with site.engine.begin() as conn:
        conn.execute(text("UPDATE sessions SET expires_at = now() - interval '1 minute'"))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#over")).to_contain_text("登录已超时，本页不再更新")
    accessible(page)
    page.locator("#over a").click()
    page.fill("#f-username", site.hall.actor("handler", "human_resources").username)
    page.fill("#f-password", PASSWORD)
    page.click("main button")
    expect(page).to_have_url(re.compile(r"/inbox\?status=pending$"))
    expect(page.locator("#over")).to_have_count(0)


def test_an_applicants_page_says_when_the_look_has_ended(site: Site) -> None:
    given = site.hall.receive(site.hall.body("settlement"))
    page = site.visitor(phone=True)
    enter_progress(page, given.no, given.code)
    with site.engine.begin() as conn:
        conn.execute(text("UPDATE sessions SET expires_at = now() - interval '1 minute'"))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#over")).to_contain_text("查询已超时，本页不再更新")
    page.locator("#over a").click()
    expect(page).to_have_url(re.compile("/progress$"))
