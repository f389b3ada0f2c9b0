"""The administrator's desk: people, places, promises, calendar, sessions; each change with its reason and on record."""

from __future__ import annotations

import re

import orjson
import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine

from flows.access import Actor
from infra import calendar
from tests.desks.test_manager import caller, csrf
from tests.kit.browser import Site
from tests.kit.hall import Hall

PAGES = ("/admin", "/admin/officers", "/admin/officers/new", "/admin/offices", "/admin/regions", "/admin/matters",
         "/admin/matters/settlement", "/admin/calendar", "/admin/sessions", "/admin/settings")  # fmt: skip


@pytest.fixture(scope="module")
def open_case(desk_engine: Engine) -> str:
    """A settlement under way in Pingdu."""
    return Hall(desk_engine).open("settlement")["settlement"]


def keeper(site: Site) -> Actor:
    return site.hall.actor("administrator", "supervision", "*")


def test_the_tab_of_a_page_stands_out_on_the_pages_under_it_too(site: Site) -> None:
    page = site.person(keeper(site).username, js=False)
    for path, words in (("/admin", "概览"), ("/admin/matters/subsidy", "事项设置"), ("/admin/officers/new", "人员")):
        page.goto(path)
        expect(page.locator(".tabs [aria-current]")).to_have_text(words)


def test_somebody_new_signs_in_with_the_temporary_password_and_must_change_it(site: Site) -> None:
    page = site.person(keeper(site).username, js=False)
    page.goto("/admin/officers/new")
    page.fill("#f-username", "pd.hr.fresh")
    page.fill("#f-name", "新来的")
    assert page.locator("input[name=office]").first.get_attribute("list") == "office-codes"
    expect(page.locator('#office-codes option[value="pd-liyuan-pcs"]')).to_have_text("平度市公安局李园派出所")
    page.locator("select[name=role]").first.select_option("handler")
    page.locator("select[name=department]").first.select_option("human_resources")
    page.fill("#f-reason", "新录用")
    page.click("main button")
    expect(page.locator("#errors")).to_contain_text("第 1 行")
    expect(page.locator("#f-name")).to_have_value("新来的")
    page.locator("select[name=region]").first.select_option("370283")
    page.click("main button")
    drawn = page.locator("#drawn").inner_text()
    page.get_by_role("link", name="我已记下").click()
    expect(page.locator("#drawn")).to_have_count(0)
    assert drawn not in page.content()
    officer = site.visitor()
    officer.goto("/sign-in")
    officer.fill("#f-username", "pd.hr.fresh")
    officer.fill("#f-password", drawn)
    officer.click("main button")
    expect(officer).not_to_have_url(re.compile("/sign-in"))
    officer.goto("/inbox")
    expect(officer.locator("main")).to_contain_text("临时密码")
    officer.fill("#f-old", drawn)
    officer.fill("#f-new", "river-stone-2026")
    officer.fill("#f-again", "river-stone-2026")
    officer.click("main form button")
    expect(officer.locator(".said")).to_be_visible()
    officer.goto("/account")
    expect(officer.locator("main")).to_contain_text("人力资源和社会保障局")
    page.goto("/admin/officers/pd.hr.fresh")
    page.fill("#s-reason", "遗失设备")
    page.get_by_role("button", name="全部退出").click()
    officer.goto("/account")
    expect(officer).to_have_url(re.compile("/sign-in"))
    page.goto("/admin/officers/pd.hr.fresh")
    page.locator("input[name=active]").uncheck()
    page.fill("#f-reason", "离职")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("h1")).to_contain_text("停用")
    page.goto("/admin/changes")
    for words in ("新录用", "遗失设备", "离职", "密码：已重置为临时密码"):
        expect(page.locator("main")).to_contain_text(words)


def test_the_last_administrator_cannot_go(site: Site) -> None:
    with caller(site, keeper(site)) as admin:
        word = csrf(admin.get("/admin").text)
        others = [one for one in site.hall.officers if one.has("administrator") and one.id != keeper(site).id]
        for one in others:
            body = {"csrf": word, "name": one.name, "reason": "调离"}
            assert admin.post(f"/admin/officers/{one.username}", data=body).status_code == 303
        mine = keeper(site)
        kept = {"csrf": word, "name": mine.name, "reason": "调离"}
        answer = admin.post(f"/admin/officers/{mine.username}", data=kept)
        assert answer.status_code == 422
        assert "至少须保留一名在用的系统管理员" in answer.text
        assert admin.get("/admin").status_code == 200
        assert admin.post(f"/admin/officers/{mine.username}/password", data=kept).status_code == 409
        for one in others:
            seat = {"role": "administrator", "department": "supervision", "region": one.members[0].region, "office": ""}
            body = {"csrf": word, "name": one.name, "reason": "复职", "active": "1", **seat}
            assert admin.post(f"/admin/officers/{one.username}", data=body).status_code == 303


def test_every_change_asks_for_a_reason(site: Site) -> None:
    one = site.hall.actor("handler", "finance")
    seat = {"role": "handler", "department": "finance", "region": "370283", "office": ""}
    office = {"department": "finance", "region": "370283", "code": "", "name": "平度市财政局", "active": "1"}
    with caller(site, keeper(site)) as admin:
        word = csrf(admin.get("/admin").text)
        for path, body in {
            f"/admin/officers/{one.username}": {"name": one.name, "active": "1", **seat},
            f"/admin/officers/{one.username}/password": {},
            f"/admin/officers/{one.username}/sessions": {},
            "/admin/offices": office,
            "/admin/regions": {"code": "370211", "name": "黄岛区", "active": "1"},
            "/admin/matters/settlement": {"promised_days": "9"},
            "/admin/calendar/day": {"day": "2026-12-30", "state": "off"},
        }.items():
            assert admin.post(path, data={"csrf": word, **body}).status_code == 422, path
            assert admin.post(path, data={**body, "csrf": "0" * 40, "reason": "无"}).status_code == 403, path
    assert site.hall.rows("SELECT 1 FROM overrides WHERE subject IN ('region/370211', 'matter/settlement')") == []


def unfold(page: Page, setting: str) -> Locator:
    """Open the form of a setting, as one does with its heading."""
    part = page.locator(f'details[id="{setting}"]')
    if part.get_attribute("open") is None:
        part.locator("summary").click()
    return part


def test_days_and_what_follows_a_broken_promise_are_tried_set_and_taken_back(site: Site) -> None:
    page = site.person(keeper(site).username, js=False)
    page.goto("/admin/matters/schooling")
    held = page.locator("table").first
    for name, act, words in (
        ("fix_days", lambda: page.fill("#f-fix_days-fix_days", "9"), "9个工作日"),
        ("gap_late", lambda: page.check("#gap_late input[value=refused]"), "作出不予通过的决定"),
    ):
        part = unfold(page, name)
        act()
        part.get_by_role("button", name="预览").click()
        expect(page.locator("#preview")).to_contain_text(words)
        expect(page.locator("#preview")).to_contain_text("此前已收件的办件不受影响")
        page.fill(f"#f-{name}-reason", "联席会议议定")
        page.fill(f"#f-{name}-basis", "平政办〔2026〕8号")
        part.get_by_role("button", name="保存").click()
        expect(page.locator(".said")).to_contain_text("已保存")
        row = held.locator("tr", has=page.locator(f'a[href="#{name}"]'))
        for told in (words, "已调整", "平政办〔2026〕8号"):
            expect(row).to_contain_text(told)
        unfold(page, name)
        page.fill(f"#f-{name}-reason", "恢复")
        part.get_by_role("button", name="恢复事项规定").click()
        expect(row).to_contain_text("按事项规定")


def test_a_promise_is_changed_within_what_the_steps_need(site: Site) -> None:
    page = site.person(keeper(site).username)
    page.goto("/admin/matters/settlement")
    part = unfold(page, "promised_days")
    part.get_by_label("承诺工作日").fill("2")
    part.get_by_label("说明").fill("提速")
    part.get_by_role("button", name="保存").click()
    expect(page.locator("#errors")).to_contain_text("不能少于各步骤所需的 5 个工作日")
    part = unfold(page, "promised_days")
    expect(part.get_by_label("说明")).to_have_value("提速")
    part.get_by_label("承诺工作日").fill("7")
    part.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("承诺时限：7个工作日")
    expect(page.locator("main")).to_contain_text("提速")
    public = site.visitor()
    public.goto("/guide/settlement")
    expect(public.locator("main")).to_contain_text("7")
    no = site.hall.open("settlement")["settlement"]
    assert [limit["days"] for limit in site.hall.case(no).plan["limits"] if limit["kind"] == "promised"] == [7]


def test_which_papers_may_be_promised_is_previewed_saved_published_and_restored(site: Site) -> None:
    page = site.person(keeper(site).username, js=False)
    page.goto("/admin/matters/green_channel")
    part = unfold(page, "promisable")
    expect(part.get_by_label("身份证件", exact=False).first).to_be_disabled()
    part.get_by_label("劳动（聘用）合同").uncheck()
    part.get_by_label("亲属关系证明").check()
    part.get_by_role("button", name="预览").click()
    expect(page.locator("#preview")).to_contain_text("此前已收件的办件不受影响")
    expect(page.locator("#preview strong")).to_have_text("近期免冠证件照、亲属关系证明（结婚证、出生医学证明等）")
    assert site.hall.rows("SELECT 1 FROM overrides WHERE subject = 'matter/green_channel'") == []
    part = unfold(page, "promisable")
    part.get_by_label("说明").fill("优化容缺清单")
    part.get_by_label("依据文号").fill("平政办〔2026〕8号")
    part.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("平政办〔2026〕8号")
    for path in ("/guide/green_channel", "/admin/changes"):
        page.goto(path)
        expect(page.locator("main")).to_contain_text("亲属关系证明")
    merged = page.request.get("/api/v1/matters/merged?codes=green_channel").json()
    assert merged["$defs"]["MaterialIn"]["then"]["properties"]["code"]["enum"] == ["kinship", "photo"]
    clerk = site.person(site.hall.window.username)
    clerk.goto("/window/new")
    clerk.locator("input[name=matters][value=green_channel]").check()
    clerk.locator("main form button").last.click()
    offered = clerk.locator("input[type=radio][value=promised]")
    names = {one.get_attribute("name") for one in offered.all()}
    assert names == {"paper:photo"}  # no longer the contract; kinship only where family is covered
    page.goto("/admin/matters/green_channel")
    part = unfold(page, "promisable")
    part.get_by_label("说明").fill("恢复")
    part.get_by_role("button", name="恢复事项规定").click()
    expect(page.locator("main")).to_contain_text("可容缺的材料：恢复为")
    answer = page.request.get("/api/v1/matters/green_channel").json()
    assert {one["code"] for one in answer["materials"] if one["gap_allowed"]} == {"contract", "photo"}


def test_an_alarm_is_set_with_whom_it_tells_and_says_where_nobody_is_told(site: Site) -> None:
    page = site.person(keeper(site).username)
    page.goto("/admin/matters/settlement")
    part = unfold(page, "alarms/promised")
    part.get_by_label("剩余几个工作日起提醒").fill("9")
    part.get_by_label("到期后满几个工作日红牌").fill("4")
    part.get_by_label("承办人").select_option("")
    part.get_by_label("说明").fill("专班督办")
    part.get_by_role("button", name="保存").click()
    expect(page.locator("#errors li")).to_have_count(2)
    part = unfold(page, "alarms/promised")
    expect(part.locator(".error").first).to_contain_text("应少于办件承诺时限")
    part.get_by_label("剩余几个工作日起提醒").fill("3")
    part.get_by_label("机关负责人").select_option("amber")
    part.get_by_role("button", name="预览").click()
    expect(page.locator("#preview strong")).to_contain_text(
        "剩余3个工作日提醒，到期后满4个工作日红牌；临期起告知机关负责人"
    )
    part = unfold(page, "alarms/promised")
    expect(part.get_by_label("说明")).to_have_value("专班督办")
    part.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("已保存")
    no = site.hall.open("settlement")["settlement"]
    assert site.hall.case(no).plan["alarms"] == {"promised": {"amber": 3, "red_after": 4}}


def test_a_day_off_moves_open_due_days_and_says_how_many(site: Site, open_case: str) -> None:
    before = site.hall.case(open_case).due_on
    with caller(site, keeper(site)) as admin:
        word = csrf(admin.get("/admin").text)
        body = {"csrf": word, "day": before.isoformat(), "state": "off", "reason": "台风停工", "region": ""}
        answer = admin.post("/admin/calendar/day", data=body, follow_redirects=True)
        moved = re.search(r"移动了 (\d+) 个未结期限（(\d+) 个办件）", answer.text)
        assert moved is not None and int(moved[1]) > 0, answer.text[:800]
        assert site.hall.case(open_case).due_on > before
        assert "recalendar" in site.hall.acts(open_case)
        assert "台风停工" in answer.text
        again = admin.post("/admin/calendar/day", data=body)
        assert (again.status_code, "已由" in again.text) == (422, True)
        lifted = admin.post("/admin/calendar/day", data={**body, "state": "lift"})
        assert lifted.status_code == 303
        assert site.hall.case(open_case).due_on == before


def test_what_an_earlier_change_left_undone_is_moved_first_and_told_apart(site: Site, open_case: str) -> None:
    before = site.hall.case(open_case).due_on
    with site.hall.engine.begin() as conn:  # committed, and killed before a due day had moved
        calendar.override(conn, before, False, reason="停电", author="测试", at=site.hall.now)
    with caller(site, keeper(site)) as admin:
        word = csrf(admin.get("/admin").text)
        body = {"csrf": word, "day": "2027-03-01", "state": "off", "reason": "停水", "region": ""}
        answer = admin.post("/admin/calendar/day", data=body, follow_redirects=True)
        left, own = re.findall(r"移动了 (\d+) 个未结期限", answer.text)
        assert "此前的日历变动没有办完，已先补做：移动了" in answer.text
        assert int(left) > 0 and int(own) == 0
        assert site.hall.case(open_case).due_on > before
        admin.post("/admin/calendar/day", data={**body, "day": before.isoformat(), "state": "lift"})
        assert site.hall.case(open_case).due_on == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe not json", "文件不是 JSON"),
        (b'{"year": 2030, "days": [{"name": "x", "date": "2030-02-30", "isOffDay": true}]}', "没有 2030-02-30 这一天"),
        (b'{"year": 2030, "days": []}', "没有列出任何日期"),
    ],
)
def test_a_wrong_calendar_file_changes_nothing_and_says_why(site: Site, content: bytes, words: str) -> None:
    with caller(site, keeper(site)) as admin:
        word = csrf(admin.get("/admin").text)
        answer = admin.post(
            "/admin/calendar/year", data={"csrf": word, "why": "通知"}, files={"file": ("2030.json", content)}
        )
    assert (answer.status_code, words in answer.text) == (422, True), answer.text[:600]
    assert site.hall.rows("SELECT 1 FROM calendar_years WHERE year = 2030") == []


def test_a_years_notice_is_loaded_from_its_file(site: Site) -> None:
    days = [{"name": "元旦", "date": "2031-01-01", "isOffDay": True}]
    content = orjson.dumps({"year": 2031, "papers": ["国办发明电〔2030〕1号"], "days": days})
    with caller(site, keeper(site)) as admin:
        word = csrf(admin.get("/admin").text)
        answer = admin.post(
            "/admin/calendar/year", data={"csrf": word, "why": "国办发明电〔2030〕1号"},
            files={"file": ("2031.json", content)}, follow_redirects=True,
        )  # fmt: skip
        assert "已载入第 1 版" in answer.text
        assert "第 1 版" in admin.get("/admin/calendar?year=2031").text


def test_the_administrator_sees_no_business_and_nobody_else_sees_the_desk(site: Site, open_case: str) -> None:
    with caller(site, keeper(site)) as admin:
        for path in PAGES:
            answer = admin.get(path)
            assert answer.status_code == 200, path
            assert "RC-370283" not in answer.text
        assert admin.get(f"/cases/{open_case}").status_code == 404
        assert admin.get("/admin/traces").status_code == 403
        shown = admin.get("/admin/settings").text
        assert "LIANBAN_DATABASE_URL" in shown
        assert "postgresql" not in shown and "5e5e5e" not in shown
        rows = dict(re.findall(r"<code>([A-Z_]+)</code></th><td[^>]*>(.*?)</td>", shown))
        assert {name for name, words in rows.items() if "不显示" in words} == {
            "LIANBAN_DATABASE_URL",
            "LIANBAN_VAULT_KEY",
        }
        assert (rows["LIANBAN_TOKEN_HOURS"], rows["LIANBAN_DEMO"]) == ("12", "否")
        assert admin.get("/admin/officers/nobody.here").status_code == 404
    for who in (site.hall.manager, site.hall.window, site.hall.actor("handler", "human_resources")):
        with caller(site, who) as other:
            assert {other.get(path).status_code for path in (*PAGES, "/admin/changes", "/admin/traces")} == {403}
            word = csrf(other.get("/account").text)
            body = {"csrf": word, "code": "370212", "name": "某区", "reason": "x"}
            assert other.post("/admin/regions", data=body).status_code == 403
            assert other.post(f"/admin/officers/{who.username}/password", data=body).status_code == 403


def test_the_auditor_finds_who_read_what(site: Site, open_case: str) -> None:
    with caller(site, site.hall.window) as window:
        assert window.get(f"/cases/{open_case}").status_code == 200
    application = open_case.rpartition("-")[0]
    with caller(site, site.hall.actor("auditor", "supervision")) as auditor:
        text = auditor.get(f"/admin/traces?application={application}").text
        assert site.hall.window.name in text and "查阅卷宗" in text
        assert auditor.get("/admin/traces.xlsx").status_code == 200
        assert auditor.get("/admin/changes").status_code == 200
        assert auditor.get("/admin/officers").status_code == 403
    with caller(site, site.hall.actor("auditor", "supervision", "370285")) as elsewhere:
        assert "查阅卷宗" not in elsewhere.get("/admin/traces").text
