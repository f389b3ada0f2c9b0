"""The manager's desk: numbers that are their lists, orders and cards in the browser, many at once, spreadsheets."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import openpyxl
import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine

from api import kept
from api.pages.watch import report
from flows import supervision
from flows.access import Actor
from flows.desks import desk
from flows.watch import fire
from forms.supervision import OpenOrder
from infra import clock
from infra.demo.organisation import PASSWORD
from tests.flows.casework.rated import rate
from tests.kit import PATIENCE
from tests.kit.browser import Site, accessible
from tests.kit.hall import LAIXI, MORNING, Hall

FORMULA = '=HYPERLINK("http://elsewhere.example","点我")'
_NUMBER = re.compile(r'<td class="num[^"]*"><a href="([^"]+)"[^>]*>(\d+)</a></td>')
_TILE = re.compile(r'<li class="[^"]*"><a href="([^"]+)"><strong>(\d+)</strong>|<li><a href="([^"]+)"><strong>(\d+)')


@pytest.fixture(scope="module")
def played(served: str, desk_engine: Engine) -> dict[str, str]:
    """Some weeks of cases: late ones with their cards, one that closed late, one asked for papers, fresh ones."""
    hall = Hall(desk_engine)
    now = MORNING + timedelta(weeks=6)  # what the oldest applied with is of the hall's own year
    with desk_engine.begin() as conn:
        clock.move(conn, now)
    hall.now = now - timedelta(days=35)
    made = {name: hall.open("settlement")["settlement"] for name in ("late", "forgotten", "closed")}
    made["subsidy"] = hall.open("subsidy")["subsidy"]
    hall.now = now - timedelta(days=2)
    fire("settlement", desk_engine)
    hall.finish(made["closed"], but=["registration"])
    hall.approve(hall.no(made["closed"], "registration"), explanation="系统停机")
    hall.now = now
    made["fresh"] = hall.open("settlement")["settlement"]
    made["paused"] = hall.open("green_channel")["green_channel"]
    for matter in ("settlement", "subsidy"):
        fire(matter, desk_engine)
    return made


@contextmanager
def caller(site: Site, who: Actor) -> Iterator[httpx.Client]:
    """Somebody at a browser without a window."""
    with httpx.Client(base_url=site.base, trust_env=False, timeout=PATIENCE) as client:
        word = csrf(client.get("/sign-in").text)
        entered = client.post("/sign-in", data={"csrf": word, "username": who.username, "password": PASSWORD})
        assert entered.status_code == 303, entered.text
        yield client


def csrf(text: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', text)
    assert found is not None
    return found[1]


def rows_behind(client: httpx.Client, path: str) -> int:
    """Count the rows of a list, page after page."""
    count = 0
    while True:
        answer = client.get(path.replace("&amp;", "&"))
        assert answer.status_code == 200, (path, answer.text[:400])
        count += answer.text.count("<tr data-row=")
        onwards = re.search(r'<a rel="next" href="([^"]+)"', answer.text)
        if onwards is None:
            return count
        path = onwards[1]


def book(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text[:300]
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def test_every_number_on_the_board_is_the_length_of_the_list_behind_it(site: Site, played: dict[str, str]) -> None:
    with caller(site, site.hall.manager) as manager:
        text = manager.get("/watch").text
        numbers = dict(_NUMBER.findall(text))
        numbers |= {one[0] or one[2]: one[1] or one[3] for one in _TILE.findall(text)}
        assert len(numbers) > 25
        found = {path: rows_behind(manager, path) for path in numbers}
    assert found == {path: int(number) for path, number in numbers.items()}
    assert any(number for path, number in found.items() if "view=late" in path), "one closed late"
    assert any(number for path, number in found.items() if "light=red" in path)


def test_a_manager_orders_the_office_replies_the_manager_closes(site: Site, played: dict[str, str]) -> None:
    hall, task = site.hall, site.hall.no(played["fresh"], "eligibility")
    manager = site.person(hall.manager.username)
    manager.goto("/watch/tasks?department=human_resources&light=green")
    manager.locator("tr", has_text=task).get_by_role("link", name="督办").click()
    expect(manager.locator("#f-subject")).to_have_value(task)
    manager.fill("#f-content", "请说明核验进度")
    manager.fill("#f-reply_due", "2020-01-01")
    manager.get_by_role("button", name="发出").click()
    expect(manager.locator("#errors")).to_contain_text("回复期限不能早于今天")
    expect(manager.locator("#f-content")).to_have_value("请说明核验进度")
    manager.fill("#f-reply_due", "")
    manager.get_by_role("button", name="发出").click()
    expect(manager.locator("#order")).to_contain_text("待回复")
    office = site.person(hall.speaker(task).username, js=False)
    office.goto("/notices?unread=1")
    office.locator("li", has_text="督办单").filter(has_text=task).get_by_role("button", name="去办理").click()
    expect(office.locator("#order")).to_contain_text("请说明核验进度")
    assert hall.rows("SELECT read_at FROM notices WHERE title LIKE :it", it=f"%{task}")[-1].read_at is not None
    office.fill("#f-words", "正在核验，两日内办结")
    office.get_by_role("button", name="回复督办单").click()
    expect(office.locator("#order")).to_contain_text("已回复")
    assert office.get_by_role("button", name="办结督办单").count() == 0
    manager.reload()
    accessible(manager)
    manager.fill("#f-words", "已了解")
    manager.get_by_role("button", name="办结督办单").click()
    expect(manager.locator("#order")).to_contain_text("已办结")
    assert hall.acts(played["fresh"])[-3:] == ["open-order", "reply-order", "close-order"]


def test_an_office_appeals_against_its_card_and_the_manager_withdraws_it(site: Site, played: dict[str, str]) -> None:
    hall, no = site.hall, played["late"]
    key = hall.rows("SELECT id FROM alarms WHERE subject = :no AND rung = 'red' AND clock = 'promised'", no=no)[0].id
    lead = hall.case(no).lead
    office = site.person(hall.actor("approver", lead).username)
    office.goto("/watch/cards?rung=red")
    office.locator(f'a[href="/watch/cards/{key}"]').click()
    office.fill("#f-reason", "等待申请人补交原件")
    office.get_by_role("button", name="提交申诉").click()
    expect(office.locator("#card")).to_contain_text("申诉中")
    manager = site.person(hall.manager.username)
    manager.goto("/watch")
    manager.locator(".tiles").get_by_text("申诉待处理").click()
    manager.locator(f'a[href="/watch/cards/{key}"]').click()
    manager.select_option("#f-outcome", "withdrawn")
    manager.fill("#f-reason", "情况属实")
    manager.get_by_role("button", name="处理申诉").click()
    expect(manager.locator("#card")).to_contain_text("已撤销")
    order = hall.rows("SELECT state FROM orders WHERE alarm_id = :key", key=key)[0]
    assert order.state == "closed"


def test_many_at_once_without_a_script_each_with_its_own_result(site: Site, played: dict[str, str]) -> None:
    hall = site.hall
    task = hall.no(played["forgotten"], "eligibility")
    manager = site.person(hall.manager.username, js=False)
    manager.goto("/watch/tasks?department=human_resources&matter=settlement&light=red")
    for box in manager.locator("input[name=no]").all():
        box.check()
    chosen = manager.locator("input[name=no]").count()
    assert chosen > 1
    manager.fill("#f-reason", "请今日办结")
    manager.get_by_role("button", name="批量催办").click()
    expect(manager.locator(".said")).to_contain_text(f"共 {chosen} 项，办成 {chosen} 项")
    name = hall.application(played["forgotten"].rpartition("-")[0]).name
    expect(manager.locator("tr", has_text=task)).to_contain_text(name)
    expect(manager.locator("tr", has_text=task)).to_contain_text("人才落户：资格核验")
    manager.get_by_role("link", name="返回清单").click()
    manager.locator(f'input[value="{task}"]').check()
    manager.get_by_role("button", name="批量催办").click()
    expect(manager.locator("main")).to_contain_text("您今天已经催办过这项任务")
    manager.get_by_role("link", name="返回清单").click()
    colleague = hall.colleague(task)
    manager.locator(f'input[value="{task}"]').check()
    manager.select_option("#f-officer", colleague.username)
    manager.get_by_role("button", name="批量转交").click()
    expect(manager.locator("#errors")).to_contain_text("请填写转交原因")
    expect(manager.locator(f'input[value="{task}"]')).to_be_checked()
    expect(manager.locator("input[name=no]:checked")).to_have_count(1)
    expect(manager.locator("#f-officer")).to_have_value(colleague.username)
    manager.fill("#f-reason", "原承办人在外培训")
    manager.get_by_role("button", name="批量转交").click()
    expect(manager.locator(".said")).to_contain_text("办成 1 项")
    assert hall.task(task).officer_name == colleague.name


ALL_BUT = {"reason": "请抓紧", "officer": "", "days": "5", "kind": "agency"}


@pytest.mark.parametrize(
    ("what", "act", "fields", "said"),
    [
        ("tasks", "hand-over", {"reason": "", "officer": ""}, {"接手人员账号", "转交原因"}),
        ("tasks", "hand-over", {"officer": "nobody.here"}, {"没有这个人员账号，或者已停用"}),
        ("tasks", "urge", {"reason": "x" * 2001}, {"催办内容不能超过2000个字"}),
        ("cases", "propose-extension", {"reason": "", "days": "40"}, {"建议理由", "建议延长的工作日不能大于15"}),
        ("cases", "propose-extension", {"kind": "x", "days": ""}, {"批准权限", "建议延长的工作日"}),
    ],
)
def test_what_many_lack_is_said_once_at_the_form_and_what_was_marked_stays(
    site: Site, played: dict[str, str], what: str, act: str, fields: dict[str, str], said: set[str]
) -> None:
    hall = site.hall
    marked = [played["fresh"], played["paused"]]
    if what == "tasks":
        marked = [hall.no(played["fresh"], "eligibility"), hall.no(played["fresh"], "address")]
    before = hall.rows("SELECT count(*) AS events FROM events")
    with caller(site, hall.manager) as manager:
        word = csrf(manager.get(f"/watch/{what}").text)
        typed = {"csrf": word, "act": act, **ALL_BUT, **fields}
        answer = manager.post(f"/watch/{what}/together?region=370283", data={**typed, "no": marked})
        assert answer.status_code == 422 and all(words in answer.text for words in said), answer.text[:3000]
        assert f"（{len(said)} 处）" in answer.text
        for no in marked:
            assert re.search(f'<input type="checkbox" name="no" value="{no}"[^>]* checked>', answer.text), no
        assert answer.text.count(" checked>") == len(marked) and "共 2 项" not in answer.text
        if typed["reason"]:
            assert f'value="{typed["reason"]}"' in answer.text
        nothing = manager.post(f"/watch/{what}/together", data=typed)
        assert f"（{len(said) + 1} 处）" in nothing.text and "请先勾选要办理的事项" in nothing.text
        gone = manager.get(f"/watch/{what}/together?region=370283")
        assert (gone.status_code, gone.headers["location"]) == (303, f"/watch/{what}?region=370283")
    assert hall.rows("SELECT count(*) AS events FROM events") == before


def test_what_was_marked_and_is_not_on_the_page_any_more_stays_marked_beside_it(
    site: Site, played: dict[str, str]
) -> None:
    elsewhere = site.hall.no(played["paused"], "insured")
    with caller(site, site.hall.manager) as manager:
        word = csrf(manager.get("/watch/tasks").text)
        typed = {"csrf": word, "act": "hand-over", "no": [elsewhere, "<b>"]}
        answer = manager.post("/watch/tasks/together?matter=settlement", data=typed).text
    assert "不在本页的已选项" in answer and answer.count(" checked>") == 1
    assert f'name="no" value="{elsewhere}" checked>' in answer and "&lt;b&gt;" not in answer


def test_a_spreadsheet_says_what_the_list_says_and_computes_nothing(site: Site, played: dict[str, str]) -> None:
    hall = site.hall
    with desk(hall.manager, now=hall.now, terminal="test", engine=hall.engine) as seat:
        order = supervision.open_order(seat, OpenOrder(subject=played["paused"], content=FORMULA))["no"]
    with caller(site, hall.manager) as manager:
        for path in ("/watch/cases", "/watch/tasks?light=red", "/watch/late", "/watch/cards", "/watch/cases?view=late"):
            page, query = path.partition("?")[0], path.partition("?")[2]
            sheet = book(manager.get(f"{page}.xlsx?{query}")).active
            numbers = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]
            assert len(numbers) == rows_behind(manager, path), path
            listed = re.findall(r'class="no small">([^<]+)<', manager.get(path).text)
            assert numbers[: len(listed)] == listed[: len(numbers)], path
        for which, own, others in (("late", {"灯", "超时工作日"}, {"将亮", "亮牌日"}),
                                   ("soon", {"将亮", "亮牌日"}, {"灯", "超时工作日"})):  # fmt: skip
            head = {cell.value for cell in book(manager.get(f"/watch/{which}.xlsx")).active[1]}
            assert own <= head and not others & head, "as on the page"
        sheet = book(manager.get("/watch/orders.xlsx")).active
        row = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == order)
        assert (row[2].value, row[2].data_type) == (FORMULA, "s")
        card = book(manager.get("/watch/cards.xlsx")).active[2]
        assert [cell.is_date for cell in card[6:8]] == [True, True], "days that Excel sorts"
        assert book(manager.get("/watch/cases.xlsx")).active["D2"].value == "平度市"
        answer = manager.get("/watch/report.xlsx")
        assert "%E6%95%88%E8%83%BD" in answer.headers["content-disposition"]
        cuts = ["按牵头部门", "按事项", "按区划", "按月份", "按批准人", "按收件人"]
        assert book(answer).sheetnames == ["总体", *cuts, "步骤用时", "约谈和通报", "超期办结"]


def test_a_card_says_how_long_its_limit_was_in_the_unit_it_runs_in(site: Site, played: dict[str, str]) -> None:
    with caller(site, site.hall.manager) as manager:
        text = manager.get("/watch/cards").text
        assert "签收时限 3 小时 15 分钟" in text
        assert re.search(r"承诺时限 \d+ 个工作日", text)
        assert re.search(r" 0 |\d+ 日", re.sub("<[^>]+>", "", text)) is None


def test_the_report_names_who_closed_late(site: Site, played: dict[str, str]) -> None:
    with caller(site, site.hall.manager) as manager:
        first, last = site.hall.day(-10), site.hall.day(0)
        text = manager.get(f"/watch/report?from={first}&to={last}").text
        assert played["closed"] in text
        assert "人才服务一件事效能报表" in text
        assert "约谈和通报" in text
        chart = manager.get("/watch/charts/weeks.svg")
        assert chart.headers["content-type"].startswith("image/svg+xml")
        assert "style" not in chart.text and "<script" not in chart.text
        assert manager.get("/watch/charts/nothing.svg").status_code == 404


def test_nobody_waits_for_a_report_over_very_many_cases(
    site: Site, played: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (kept, report):
        monkeypatch.setattr(module, "MANY", 1)  # what a busy month has is too much to play
    span = f"from={site.hall.day(-10)}&to={site.hall.day(0)}"
    with caller(site, site.hall.manager) as manager:
        counting = manager.get(f"/watch/report?{span}&matter=settlement").text
        assert "正在统计" in counting
        assert "data-reload" in counting
        assert "一、总体情况" not in counting
        assert book(manager.get(f"/watch/report.xlsx?{span}&matter=settlement")).sheetnames[0] == "总体"
    page = site.person(site.hall.manager.username)
    page.goto(f"/watch/report?{span}")
    page.get_by_role("heading", name="一、总体情况").wait_for()
    assert played["closed"] in page.content()


def test_a_bad_rating_is_followed_up_to_its_public_reply(site: Site, played: dict[str, str]) -> None:
    hall, no = site.hall, played["closed"]
    rate(hall, no, 5, "等了一个月<script>alert(1)</script>")
    lead = site.person(hall.coordinator(no).username)
    lead.goto("/watch/ratings")
    lead.locator("tbody a").first.click()
    expect(lead.locator("#rating")).to_contain_text("等了一个月<script>")
    accessible(lead)
    lead.get_by_role("button", name="查看联系电话").click()
    number = lead.locator("#rating a[href^='tel:']").inner_text()
    assert re.fullmatch(r"1\d{10}", number)
    left = hall.rows("SELECT reason FROM traces WHERE act = 'reveal' AND subject = :no", no=no)
    assert left[-1].reason == "差评联系、回访"
    accessible(lead)
    lead.goto(lead.url.removesuffix("/telephone"))
    assert number not in lead.content()
    lead.fill("#w-contact", "已电话联系，系统停机所致")
    lead.get_by_role("button", name="联系核实").click()
    lead.locator("summary", has_text="建立台账").click()
    lead.fill("#w-ledger", "增加一名承办人")
    lead.get_by_role("button", name="建立台账").click()
    lead.fill("#w-fix", "已到岗")
    lead.get_by_role("button", name="整改完成").click()
    expect(lead.locator(".history")).to_contain_text("已到岗")
    judge = hall.actor("manager", "supervision", "*")
    everywhere = site.person(judge.username, js=False)
    everywhere.goto(lead.url)
    everywhere.locator("input[value=yes]").check()
    everywhere.fill("#w-call-back", "表示理解")
    everywhere.get_by_role("button", name="回访").click()
    everywhere.locator("summary", has_text="公开回复").click()
    everywhere.fill("#w-close", "已增加人手，感谢监督")
    everywhere.get_by_role("button", name="公开回复并办结").click()
    expect(everywhere.locator("#rating")).to_contain_text("已增加人手，感谢监督")
    for who, seen in ((judge, no), (hall.actor("auditor", "supervision"), None)):
        with caller(site, who) as reader:
            row = [cell.value for cell in book(reader.get("/watch/ratings.xlsx?state=closed")).active[2]]
            assert (row[0], row[2], row[-1]) == ("非常不满意", seen, "已增加人手，感谢监督")


PAGES = ("/watch", "/watch/cases", "/watch/tasks", "/watch/late", "/watch/soon", "/watch/report")


def test_the_number_to_call_is_for_who_follows_the_rating_up_alone(site: Site, played: dict[str, str]) -> None:
    hall = site.hall
    key = hall.rows("SELECT id FROM ratings ORDER BY id LIMIT 1")[0].id
    for who, status in (
        (hall.window, 403),
        (hall.actor("auditor", "supervision"), 403),
        (hall.actor("coordinator", "education"), 404),
        (hall.actor("manager", "supervision", LAIXI), 404),
        (hall.actor("handler", "human_resources"), 404),
    ):
        with caller(site, who) as officer:
            word = csrf(officer.get("/account").text)
            answer = officer.post(f"/watch/ratings/{key}/telephone", data={"csrf": word})
            assert answer.status_code == status, who


def test_the_walls_of_the_board(site: Site, played: dict[str, str]) -> None:
    hall = site.hall
    order = hall.rows("SELECT no FROM orders ORDER BY id LIMIT 1")[0].no
    card = hall.rows("SELECT id FROM alarms ORDER BY id LIMIT 1")[0].id
    with caller(site, hall.actor("handler", "human_resources")) as officer:
        for path in (*PAGES, *(f"{path}.xlsx" for path in PAGES[1:]), "/watch/charts/weeks.svg", "/watch/orders/new"):
            assert officer.get(path).status_code == 403, path
        word = csrf(officer.get("/account").text)
        bulk = {"csrf": word, "act": "urge", "no": hall.no(played["fresh"], "address")}
        assert officer.post("/watch/tasks/together", data=bulk).status_code == 403
        opened = {"csrf": word, "subject": played["fresh"], "content": "请加快"}
        assert officer.post("/watch/orders", data=opened).status_code == 403
    with caller(site, hall.actor("manager", "supervision", LAIXI)) as elsewhere:
        assert not [path for path in PAGES if "RC-370283" in elsewhere.get(path).text]
        assert [elsewhere.get(path).status_code for path in (f"/watch/orders/{order}", f"/watch/cards/{card}")] == [
            404
        ] * 2
        word = csrf(elsewhere.get("/account").text)
        body = {"csrf": word, "act": "urge", "no": hall.no(played["fresh"], "eligibility")}
        answer = elsewhere.post("/watch/tasks/together", data=body).text
        assert "没有找到" in answer
        assert hall.application(played["fresh"].rpartition("-")[0]).name not in answer
        about = {"csrf": word, "subject": played["fresh"], "content": "请加快"}
        assert elsewhere.post("/watch/orders", data=about).status_code == 422
    with caller(site, hall.actor("administrator", "supervision")) as keeper:
        assert [keeper.get(path).status_code for path in (*PAGES, "/watch/orders", "/watch/ratings")] == [403] * 8
    with caller(site, hall.actor("auditor", "supervision")) as auditor:
        assert auditor.get("/watch/cases").status_code == 200
        assert "批量催办" not in auditor.get("/watch/cases").text
        word = csrf(auditor.get("/account").text)
        body = {"csrf": word, "act": "urge", "no": hall.no(played["fresh"], "eligibility")}
        assert "未办成 1 项" in auditor.post("/watch/tasks/together", data=body).text


ODD = (
    "view=nothing&light=blue&matter=%27&region=abc&department=x&step=%3Cb%3E&cursor=!!!",
    "from=2026-13-99&to=9999-12-31&cursor=W10&region=999999",
    "from=2026-05-01&to=2026-01-01&view=closed&cursor=WzFd",
)


def test_whatever_stands_in_the_address_the_page_answers(site: Site, played: dict[str, str]) -> None:
    with caller(site, site.hall.manager) as manager:
        for path in (*PAGES, "/watch/orders", "/watch/cards", "/watch/ratings", "/notices"):
            for query in ODD:
                assert manager.get(f"{path}?{query}").status_code == 200, (path, query)
        for path in ("/watch/cards/abc", "/watch/cards/99999999999999999999", "/watch/ratings/0", "/watch/orders/x"):
            assert manager.get(path).status_code == 404, path
