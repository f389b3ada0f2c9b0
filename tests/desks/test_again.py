"""A session that ended under somebody's hands: what was typed is there again behind the door, and done when asked."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from infra.demo.organisation import PASSWORD
from tests.desks.test_applicant import narrow, received
from tests.kit import PATIENCE
from tests.kit.browser import Site, accessible, enter
from tests.kit.tour import enter_progress

REASON = "地址写错了，“与户口簿不符”，请核对 <b>"


def ended(site: Site) -> None:
    """End every session, as a long pause does."""
    with site.engine.begin() as conn:
        conn.execute(text("UPDATE sessions SET expires_at = now() - interval '1 minute'"))


@pytest.mark.parametrize("js", [True, False])
def test_what_was_typed_when_the_session_ended_is_sent_after_signing_in(site: Site, js: bool) -> None:
    hall = site.hall
    no = hall.receive(hall.body("settlement", accept=False)).cases[0]["no"]
    page = site.person(hall.window.username, js=js)
    page.goto(f"/window/cases/{no}/correct")
    page.fill('[name="/matters/settlement/target_address"]', "平度市人民路8号")
    page.fill('[name="reason"]', REASON)
    ended(site)
    page.click(".bar button.button")
    expect(page.locator("main")).to_contain_text("登录已超时，请重新登录")
    expect(page.locator("main")).to_contain_text("刚才提交的内容还没有办理，都保留在本页")
    if js:
        accessible(page)
    page.fill("input[name=username]", hall.window.username)
    page.fill("input[name=password]", "wrong-password-1")
    page.click("main form button")
    expect(page.locator("main")).to_contain_text("账号或密码不正确")
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button")
    expect(page.locator("main")).to_contain_text(f"现在登录的是：{hall.window.name}")
    if js:
        accessible(page)
    assert hall.acts(no)[-1] != "correct", "nothing is done before it is asked for"
    page.click("text=继续提交 >> nth=-1")
    expect(page.locator(".said")).to_contain_text("已当场更正")
    assert hall.case(no).form["target_address"] == "平度市人民路8号"
    assert hall.events(no)[-1].detail["reason"] == REASON


def test_signing_in_anew_in_another_tab_costs_the_first_one_a_question(site: Site) -> None:
    hall = site.hall
    no = hall.receive(hall.body("settlement", accept=False)).cases[0]["no"]
    page = site.person(hall.window.username)
    page.goto(f"/window/cases/{no}/correct")
    page.fill('[name="/matters/settlement/target_address"]', "平度市人民路9号")
    other = page.context.new_page()
    other.goto("/account")
    other.click("text=退出 >> nth=0")
    enter(other, hall.window.username)
    page.click(".bar button.button")
    expect(page.locator("h1")).to_have_text("继续刚才的提交")
    page.click("text=继续提交 >> nth=-1")
    expect(page.locator(".said")).to_contain_text("已当场更正")
    assert hall.case(no).form["target_address"] == "平度市人民路9号"


def test_an_applicant_whose_look_had_ended_rates_all_the_same(site: Site) -> None:
    hall = site.hall
    mine = received(site, "settlement")
    case = mine.cases[0]["no"]
    page = site.visitor(phone=True)
    enter_progress(page, mine.no, mine.code)
    page.goto(f"/progress/cases/{case}/withdraw")
    page.fill("[name=reason]", "改去外地就业")
    page.check("[name=sure]")
    ended(site)
    page.click("main form button")
    expect(page.locator("main")).to_contain_text("查询已超时")
    narrow(page)
    page.fill("input[name=no]", mine.no)
    page.fill("input[name=code]", mine.code)
    page.click("main form button")
    assert hall.case(case).status == "in_progress"
    page.click("text=继续提交 >> nth=-1")
    expect(page).to_have_url(re.compile("/progress/application$"))
    assert hall.case(case).status == "withdrawn"


def test_what_no_page_of_ours_sent_is_offered_to_nobody(site: Site) -> None:
    hall = site.hall
    no = hall.open("settlement")["settlement"]
    path, sent = f"/window/cases/{no}", {"csrf": "0" * 40, "act": "withdraw", "withdraw-reason": "冒名"}
    here = {"Origin": site.base}
    with httpx.Client(base_url=site.base, trust_env=False, timeout=PATIENCE) as client:
        word = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get("/sign-in").text)
        assert word is not None
        door = {"csrf": word[1], "username": hall.window.username, "password": PASSWORD}
        assert client.post("/sign-in", data=door).status_code == 303
        for headers in ({}, {"Origin": "null"}, {"Origin": "http://elsewhere.example"},
                        {**here, "Sec-Fetch-Site": "none"}, {**here, "Sec-Fetch-Site": "same-site"}):  # fmt: skip
            answer = client.post(path, data=sent, headers=headers)
            assert answer.status_code == 403 and "冒名" not in answer.text and "继续提交" not in answer.text, headers
        old = client.post(path, data=sent, headers=here)
        assert old.status_code == 403 and "冒名" in old.text and "继续提交" in old.text
        for door_path in ("/account/password", "/sign-out"):
            answer = client.post(door_path, data={"csrf": "0" * 40, "old": "secret-word-1"}, headers=here)
            assert answer.status_code == 403 and "secret-word-1" not in answer.text
        away = {**door, "kept-path": "//elsewhere.example/", "kept:act": "x"}
    with httpx.Client(base_url=site.base, trust_env=False, timeout=PATIENCE) as client:
        word = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get("/sign-in").text)
        assert word is not None
        answer = client.post("/sign-in", data={**away, "csrf": word[1]})
        assert answer.status_code == 303 and answer.headers["location"] == "/"
    assert hall.case(no).status == "in_progress"
