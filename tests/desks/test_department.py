"""The department at its desk: an inbox cleared by keyboard, two officers on one task, verdicts as the law asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import Page, expect

from flows.access import Actor
from forms.vocabulary import Department as D
from forms.vocabulary import Role as R
from infra import clock
from infra.demo.organisation import PASSWORD
from infra.store import tokens
from infra.vault import hash_token, new_token
from tests.kit import PATIENCE
from tests.kit.browser import Site, accessible
from tests.kit.hall import LAIXI

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf50"
    "0f0003860180610fa5d70000000049454e44ae426082"
)


@pytest.fixture
def handler(site: Site) -> Actor:
    return site.hall.actor(R.HANDLER, D.HUMAN_RESOURCES)


@pytest.fixture
def colleague(site: Site) -> Actor:
    return site.hall.actor(R.HANDLER, D.HUMAN_RESOURCES, nth=1)


@pytest.fixture
def settled(site: Site) -> str:
    return site.hall.open("settlement")["settlement"]


@contextmanager
def _sitting(site: Site, who: Actor) -> Iterator[httpx.Client]:
    """Somebody signed in without a browser, for what no button offers."""
    with httpx.Client(base_url=site.base, trust_env=False, timeout=PATIENCE) as client:
        form = {"csrf": _word(client.get("/sign-in").text), "username": who.username, "password": PASSWORD}
        assert client.post("/sign-in", data=form).status_code == 303
        yield client


def _word(text: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', text)
    assert found is not None
    return found[1]


def _send(client: httpx.Client, path: str, **fields: str | list[str]) -> httpx.Response:
    return client.post(path, data={"csrf": _word(client.get("/account").text), **fields})


def _open_act(page: Page, act: str) -> None:
    page.locator(f"details.act:has(input[value='{act}']) > summary").click()


def _rows(page: Page) -> int:
    return page.locator("#rows [data-row]").count()


def test_an_inbox_of_fifty_is_cleared_by_keyboard_alone(site: Site, handler: Actor) -> None:
    with site.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE tasks SET status = 'not_applicable' WHERE department = 'human_resources'")
    for _ in range(17):
        site.hall.open("settlement", "subsidy", promised=True)
    page = site.person(handler.username)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/inbox")
    expect(page.locator("#rows [data-row]")).to_have_count(50)
    expect(page.locator("#counts")).to_contain_text("全部 51")
    for _ in range(47):
        page.keyboard.press("j")
        page.keyboard.press("x")
    page.keyboard.press("A")
    expect(page.locator(".said")).to_have_text("共 47 项，办成 47 项。")
    accessible(page)
    page.keyboard.press("i")
    for left in (4, 3, 2, 1):
        if left == 4:
            expect(page.locator("#rows [data-row]")).to_have_count(4)
            page.keyboard.press("j")
            page.keyboard.press("Enter")
        page.wait_for_url("**/tasks/**")
        here = page.url.partition("?")[0]
        page.keyboard.press("a")
        page.keyboard.type("属实")
        page.keyboard.press("Control+Enter")
        page.wait_for_url(lambda url, here=here: not url.startswith(here))
    expect(page.locator("#rows")).to_contain_text("没有任务")


def test_the_second_of_two_officers_on_one_task_is_told_who_was_quicker(
    site: Site, handler: Actor, colleague: Actor, settled: str
) -> None:
    no = site.hall.no(settled, "eligibility")
    first, second = site.person(handler.username), site.person(colleague.username)
    for page in (first, second):
        page.goto(f"/tasks/{no}")
    first.click(".act-side button:has-text('签收')")
    expect(first.locator(".said")).to_contain_text("已签收")
    _open_act(second, "refuse")
    second.select_option("#f-refuse-reason_code", "not_eligible")
    second.fill("#f-refuse-reason", "学历不符")
    second.click("details[open] button:has-text('不予通过')")
    expect(second.locator("[role=alert]")).to_contain_text(handler.name)
    expect(second.locator("#head")).to_contain_text("已签收")
    assert site.hall.task(no).status == "received"


@pytest.mark.parametrize("js", [True, False])
def test_a_refusal_states_reason_basis_and_remedies_or_comes_back_filled_in(site: Site, settled: str, js: bool) -> None:
    no = site.hall.no(settled, "eligibility")
    page = site.person(site.hall.holder(no).username, js=js)
    page.goto(f"/tasks/{no}")
    _open_act(page, "refuse")
    page.eval_on_selector_all(
        "[required]", "all => all.forEach(one => one.removeAttribute('required'))"
    ) if js else None
    page.fill("#f-refuse-reason", "所交学历证书\n与登记不一致")
    page.fill("#f-refuse-basis", "")
    if js:
        page.click("details[open] button:has-text('不予通过')")
        expect(page.locator("#errors")).to_contain_text("请填写")
        expect(page.locator("#f-refuse-reason")).to_have_value("所交学历证书\n与登记不一致")
        accessible(page)
    page.select_option("#f-refuse-reason_code", "data_mismatch")
    page.fill("#f-refuse-basis", "平发〔2022〕22号 第19条")
    page.click("details[open] button:has-text('不予通过')")
    expect(page.locator(".said")).to_contain_text("已不予通过")
    task = site.hall.task(no)
    assert task.status == "refused"
    assert "行政复议" in task.verdict["remedies"]
    assert task.verdict["reason"] == "所交学历证书\n与登记不一致"


def test_a_mis_click_is_taken_back_at_once(site: Site, handler: Actor, settled: str) -> None:
    no = site.hall.no(settled, "eligibility")
    page = site.person(handler.username)
    page.goto(f"/tasks/{no}")
    page.keyboard.press("a")
    page.click("details[open] button:has-text('通过')")
    expect(page.locator(".just")).to_contain_text(no)
    page.click("text=撤销刚才的意见")
    expect(page).to_have_url(re.compile(f"/tasks/{no}$"))
    assert site.hall.task(no).status == "received"
    assert site.hall.acts(settled)[-1] == "retract"


def test_a_task_is_paused_with_its_ground_and_goes_on(site: Site, handler: Actor, settled: str) -> None:
    no = site.hall.no(settled, "eligibility")
    page = site.person(handler.username)
    page.goto(f"/tasks/{no}")
    _open_act(page, "suspend")
    page.select_option("#f-suspend-kind", "expert_review")
    page.fill("#f-suspend-ground", "行政许可法 第45条")
    page.click("details[open] button:has-text('暂停')")
    expect(page.locator("main")).to_contain_text(
        "专家评审所需时间须书面告知申请人（行政许可法 第45条），请填写预计恢复日期"
    )
    page.fill("#f-suspend-until", site.hall.day(20))
    page.click("details[open] button:has-text('暂停')")
    expect(page.locator(".said")).to_contain_text("已暂停")
    page.goto(f"/tasks/{no}")
    expect(page.locator("#head")).to_contain_text("暂停")
    assert page.locator("input[value=approve]").count() == 0
    _open_act(page, "resume")
    page.click("details[open] button:has-text('恢复办理')")
    expect(page.locator("#head")).not_to_contain_text("暂停")
    page.goto(f"/cases/{settled}")
    expect(page.locator("main")).to_contain_text("专家评审")
    expect(page.locator("main")).to_contain_text("特别程序告知书")


def test_a_supplement_is_asked_for_once_with_everything_in_one_list(site: Site, handler: Actor, settled: str) -> None:
    no = site.hall.no(settled, "eligibility")
    page = site.person(handler.username)
    page.goto(f"/tasks/{no}")
    _open_act(page, "request-supplement")
    form = page.locator("details[open]")
    form.locator("input[value=degree]").check()
    form.locator("[name=request-supplement-items-note-degree]").fill("请交学位证书原件")
    form.locator("[name=request-supplement-items-more-1]").select_option("form/target_address")
    form.locator("button:has-text('告知补正')").click()
    expect(page.locator(".said")).to_contain_text("已一次性告知补正")
    asked = site.hall.supplements(settled)[0]
    assert [item["code"] for item in asked.items] == ["degree", "form/target_address"]
    page.goto(f"/tasks/{no}")
    expect(page.locator(".paper-side")).to_contain_text("请交学位证书原件")
    assert page.locator("input[value=request-supplement]").count() == 0


def test_the_paper_lies_beside_the_form_and_nobody_else_opens_it(site: Site, handler: Actor) -> None:
    hall, token, now = site.hall, new_token(), clock.machine()
    with site.engine.begin() as conn:
        tokens.add(conn, hall.window.id or 0, hash_token(token), now, now + timedelta(hours=1))
    sent = httpx.post(
        f"{site.base}/api/v1/files", files={"file": ("照片.png", PNG)}, trust_env=False, timeout=PATIENCE,
        headers={"Authorization": f"Bearer {token}"},
    )  # fmt: skip
    body = hall.body("settlement")
    body["materials"] = [one for one in body["materials"] if one["code"] != "photo"]
    body["materials"].append({"code": "photo", "file": sent.json()["id"]})
    case = hall.receive(body).cases[0]["no"]
    page = site.person(handler.username)
    page.goto(f"/tasks/{hall.no(case, 'eligibility')}")
    expect(page.frame_locator("iframe[name=paper]").locator("img")).to_be_visible()
    path = f"/files/{sent.json()['id']}"
    with _sitting(site, handler) as reader, _sitting(site, hall.actor(R.HANDLER, D.HEALTH)) as stranger:
        shown = reader.get(path)
        assert shown.headers["content-type"] == "image/png"
        assert "sandbox" in shown.headers["content-security-policy"]
        assert shown.headers["x-frame-options"] == "SAMEORIGIN"
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert stranger.get(path).status_code == 404


def test_another_departments_task_is_neither_there_nor_countable(site: Site, settled: str) -> None:
    no = site.hall.no(settled, "eligibility")
    elsewhere = site.hall.actor(R.HANDLER, D.HUMAN_RESOURCES, LAIXI)
    with _sitting(site, elsewhere) as client:
        assert client.get(f"/tasks/{no}").status_code == client.get("/tasks/RC-370283-20260918-999999-X").status_code
        assert client.get(f"/cases/{settled}").status_code == 404
        assert _send(client, f"/tasks/{no}/acts", act="claim").status_code == 404
        assert _send(client, f"/cases/{settled}/reveal", **{"reveal-reason": "好奇"}).status_code == 404
        together = _send(client, "/inbox/acts", batch="approve", no=no)
        assert "没有找到" in together.text
        for path in ("/inbox", "/inbox?view=done", f"/inbox?q={no}", "/cases", f"/cases?q={settled}"):
            assert f"/{settled}" not in client.get(path).text
        assert "全部 <strong>0</strong>" in client.get("/inbox").text
    assert site.hall.task(no).status == "pending"
    with _sitting(site, site.hall.actor(R.ADMINISTRATOR, D.SUPERVISION)) as client:
        assert client.get("/inbox").status_code == client.get("/cases").status_code == 403


def test_what_is_wrong_for_all_is_said_once_on_the_inbox_with_what_was_marked_and_typed(
    site: Site, handler: Actor, settled: str
) -> None:
    no, opinion = site.hall.no(settled, "eligibility"), "同意。" * 700
    with _sitting(site, handler) as client:
        long = _send(client, "/inbox/acts?matter=settlement", batch="approve", no=no, opinion=opinion)
        assert (long.status_code, long.text.count("意见不能超过2000个字")) == (422, 2), "at the top and at its field"
        assert f'value="{opinion}"' in long.text and long.text.count(" checked>") == 1
        nothing = _send(client, "/inbox/acts", batch="approve", opinion=opinion)
        assert "（2 处）" in nothing.text and "请先勾选要办理的事项" in nothing.text
        many = _send(client, "/inbox/acts", batch="claim", no=[f"{no}{count}" for count in range(101)])
        assert "一次最多办理 100 项" in many.text
        back = client.get("/inbox/acts?matter=settlement", follow_redirects=False)
        assert (back.status_code, back.headers["location"]) == (303, "/inbox?matter=settlement")
    assert site.hall.task(no).status == "pending"


def test_what_no_button_offers_is_refused_when_it_is_pressed_anyway(site: Site, settled: str, handler: Actor) -> None:
    approval = site.hall.no(settled, "approval")
    with _sitting(site, site.hall.actor(R.APPROVER, D.PUBLIC_SECURITY)) as client:
        early = _send(client, f"/tasks/{approval}/acts", act="approve")
        assert early.status_code == 409
        assert "待前置" in early.text
        assert _send(client, f"/tasks/{approval}/acts", act="deem-accept").status_code == 409
        assert _send(client, f"/tasks/{approval}/acts", act="'; DROP").status_code == 403
        assert _send(client, f"/cases/{settled}/acts", **{"act": "void", "void-reason": "试试"}).status_code == 409
    with _sitting(site, handler) as client:
        no = site.hall.no(settled, "eligibility")
        sly = {"act": "claim", "officer_id": "1", "status": "approved", "claim-status": "approved"}
        assert _send(client, f"/tasks/{no}/acts", **sly).status_code == 303
        assert client.post(f"/tasks/{no}/acts", data={"act": "release"}).status_code == 403
    assert site.hall.task(no).status == "received"


def test_filters_stay_until_they_are_cleared_and_nonsense_is_ignored(site: Site, handler: Actor, settled: str) -> None:
    with _sitting(site, handler) as client:
        assert settled in client.get("/inbox").text
        assert settled not in client.get("/inbox?matter=schooling").text
        assert settled not in client.get("/inbox").text
        assert settled in client.get("/inbox?clear=1").text
        assert settled in client.get("/inbox").text
        for nonsense in (
            "?light=purple&matter=x&view=y&cursor=!!",
            "?cursor=WyJ4Il0",
            "?view=done&cursor=abc",
            "?q=%00%0a",
        ):
            assert client.get(f"/inbox{nonsense}").status_code == 200
        client.cookies.set("lianban_inbox", "eyJ2aWV3IjoiZG9uZSJ9.0000", domain="127.0.0.1")
        assert settled in client.get("/inbox").text
        assert "证件号码不能写在网址中" in client.get("/cases?q=370283199001010014").text


def test_what_officers_write_stays_text(site: Site, handler: Actor, settled: str) -> None:
    no, evil = site.hall.no(settled, "eligibility"), "<script>alert(1)</script><img src=x onerror=alert(2)>"
    site.hall.act(no, "return", handler, reason=evil)
    page = site.person(site.hall.actor(R.COORDINATOR, D.PUBLIC_SECURITY).username)
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto(f"/cases/{settled}")
    expect(page.locator("#record")).to_contain_text(evil)
    page.goto(f"/tasks/{no}")
    _open_act(page, "dispatch")
    page.fill("#f-dispatch-reason", evil)
    page.click("details[open] button:has-text('重新分办')")
    expect(page.locator("#head")).to_contain_text("待签收")
    assert site.hall.task(no).status == "pending"


def test_who_gives_a_task_out_again_reads_why_it_came_back_and_names_an_office(site: Site, settled: str) -> None:
    no = site.hall.no(settled, "address")
    site.hall.act(no, "return", site.hall.speaker(no), reason="不在本所辖区")
    page = site.person(site.hall.actor(R.COORDINATOR, D.PUBLIC_SECURITY).username, js=False)
    page.goto(f"/tasks/{no}")
    expect(page.locator(".act-side .said")).to_contain_text("退回理由：不在本所辖区")
    _open_act(page, "dispatch")
    offered = page.locator("#o-dispatch-office option")
    names = [one.get_attribute("value") for one in offered.all()]
    assert "平度市公安局李园派出所" in names and not [name for name in names if "莱西" in str(name)]
    page.fill("#f-dispatch-office", "平度市公安局李园派出所")
    page.click("details[open] button:has-text('重新分办')")
    expect(page.locator("#head")).to_contain_text("李园派出所")
    assert site.hall.task(no).office == "pd-liyuan-pcs"


def test_a_task_that_waits_for_an_opinion_says_for_whose(site: Site, handler: Actor, settled: str) -> None:
    no = site.hall.no(settled, "eligibility")
    site.hall.act(settled, "add-task", handler, department="housing", task=no, reason="核实人才公寓")
    page = site.person(handler.username)
    page.goto(f"/tasks/{no}")
    expect(page.locator(".act-side .said")).to_contain_text("正在等待征求的意见：核实人才公寓（住房和城乡建设局）")
    accessible(page)
    site.hall.finish(settled, but=["eligibility"])
    page.reload()
    expect(page.locator(".act-side .said")).to_have_count(0)
    _open_act(page, "approve")


def test_a_refusal_names_nobody_where_nothing_has_happened_meanwhile(site: Site, settled: str) -> None:
    no = site.hall.no(settled, "eligibility")
    page = site.person(site.hall.actor(R.COORDINATOR, D.PUBLIC_SECURITY).username)
    for told in (".said-ok", ".said-bad"):
        page.goto(f"/tasks/{no}")
        _open_act(page, "urge")
        page.click("details[open] button:has-text('催办')")
        expect(page.locator(told)).to_contain_text("催办")
    expect(page.locator(".said-bad")).to_have_text("您今天已经催办过这项任务。")


def test_plain_numbers_are_shown_once_for_a_reason_and_leave_a_trace(site: Site, handler: Actor, settled: str) -> None:
    no = site.hall.no(settled, "eligibility")
    page = site.person(handler.username)
    page.goto(f"/tasks/{no}")
    expect(page.locator(".form-side")).to_contain_text("**********")
    page.click("text=查看证件号码、账号明文")
    page.fill("#f-reveal-reason", "核对证件原件")
    page.click("text=查看明文")
    expect(page.locator("main")).to_contain_text(re.compile(r"证件号码\s*[0-9]{17}[0-9X]"))
    assert re.search("[0-9]{17}", page.url) is None
    accessible(page)
    traces = site.hall.rows("SELECT * FROM traces WHERE act = 'reveal' AND subject = :no", no=settled)
    assert [(one.officer_name, one.reason) for one in traces] == [(handler.name, "核对证件原件")]


def test_without_a_script_a_task_goes_through_its_levels_in_other_hands(site: Site, settled: str) -> None:
    hall = site.hall
    hall.finish(settled, but=("approval",))
    no = hall.no(settled, "approval")
    for role in (R.HANDLER, R.APPROVER):
        page = site.person(hall.actor(role, D.PUBLIC_SECURITY).username, js=False)
        page.goto("/inbox")
        page.click(f"a[href='/tasks/{no}']")
        _open_act(page, "approve")
        page.fill("#f-approve-reason", f"{role.label}：同意")
        page.click("details[open] button:has-text('通过')")
    page.goto(f"/tasks/{no}")
    expect(page.locator("#stages")).to_contain_text("承办人：同意")
    expect(page.locator("#stages")).to_contain_text("批准人：同意")
    page.goto("/inbox?view=done")
    expect(page.locator("#rows")).to_contain_text(no)


def test_every_form_of_a_task_is_accessible_when_it_lies_open(site: Site, settled: str, handler: Actor) -> None:
    page = site.person(handler.username)
    page.goto(f"/tasks/{site.hall.no(settled, 'eligibility')}")
    page.evaluate("document.addEventListener('toggle', (event) => event.stopImmediatePropagation(), true)")
    page.eval_on_selector_all("details", "all => all.forEach((one) => { one.open = true; })")
    accessible(page)
    assert page.locator("details.act[open]").count() > 5


def test_a_colleague_stands_in_and_both_names_are_on_record(
    site: Site, handler: Actor, colleague: Actor, settled: str
) -> None:
    hall, no = site.hall, site.hall.no(settled, "eligibility")
    hall.act(no, "claim", handler)
    page = site.person(handler.username)
    page.goto("/standins")
    page.select_option("#f-officer", colleague.username)
    page.fill("#f-until", hall.day(90))
    page.fill("#f-reason", "出差")
    page.click("main button:has-text('指定代理')")
    expect(page.locator("#errors")).to_contain_text("代理最长60日")
    expect(page.locator("#f-reason")).to_have_value("出差")
    accessible(page)
    page.fill("#f-until", hall.day(2))
    page.click("main button:has-text('指定代理')")
    expect(page.locator("tbody")).to_contain_text("代理中")
    other = site.person(colleague.username)
    other.goto(f"/tasks/{no}")
    _open_act(other, "approve")
    other.click("details[open] button:has-text('通过')")
    other.goto(f"/cases/{settled}")
    expect(other.locator("#record")).to_contain_text(f"{colleague.name}（代{handler.name}）")
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("button:has-text('撤销')")
    expect(page.locator("tbody")).to_contain_text("已撤销")


def test_the_head_says_who_stands_in_for_an_absent_officer(site: Site, handler: Actor, colleague: Actor) -> None:
    hall = site.hall
    page = site.person(hall.actor(R.AGENCY_HEAD, D.HUMAN_RESOURCES).username)
    page.goto("/standins")
    offered = page.locator("#f-absent option").all_inner_texts()
    assert any(handler.name in one for one in offered)
    assert not any(hall.actor(R.HANDLER, D.FINANCE).name in one for one in offered)
    page.select_option("#f-absent", handler.username)
    expect(page.locator("#name > h2")).to_have_text(f"{handler.name}外出，请同事代理")
    page.select_option("#f-officer", colleague.username)
    page.fill("#f-until", hall.day(90))
    page.fill("#f-reason", "病假")
    page.click("#name button")
    expect(page.locator("#errors")).to_contain_text("代理最长60日")
    expect(page.locator("#name > h2")).to_contain_text(handler.name)
    accessible(page)
    page.fill("#f-until", hall.day(3))
    page.click("#name button")
    expect(page.locator(".said")).to_contain_text(f"{handler.name}的工作由{colleague.name}代理")
    page.on("dialog", lambda dialog: dialog.accept())
    page.click(f"button[aria-label='撤销 {colleague.name} 代 {handler.name}']")
    expect(page.locator(".said")).to_contain_text("已撤销")
    page.goto(f"/standins?absent={hall.actor(R.HANDLER, D.FINANCE).username}")
    expect(page.locator("main")).to_contain_text("不在您负责的部门")


def test_the_administrator_finds_the_absent_officer_by_name(site: Site, handler: Actor, colleague: Actor) -> None:
    with _sitting(site, site.hall.actor(R.ADMINISTRATOR, D.SUPERVISION)) as client:
        assert "请同事代理" not in client.get("/standins").text
        several = client.get("/standins", params={"absent": "pd.hr."}).text
        assert "有几个人" in several
        assert f"/standins?absent={handler.username}" in several
        assert "没有找到" in client.get("/standins", params={"absent": "没有此人"}).text
        form = client.get("/standins", params={"absent": handler.name}).text
        assert f"{handler.name}外出" in form
        days = {"from": site.hall.day(0), "until": site.hall.day(1), "reason": "病假"}
        sent = _send(client, "/standins", absent=handler.username, officer=colleague.username, **days)
        assert sent.status_code == 303
        row = site.hall.rows("SELECT id FROM standins WHERE revoked_at IS NULL")[-1]
        assert _send(client, "/standins/revoke", key=str(row.id)).status_code == 303


def test_a_task_is_handed_to_a_colleague_and_urged_by_who_leads(
    site: Site, handler: Actor, colleague: Actor, settled: str
) -> None:
    no = site.hall.no(settled, "eligibility")
    site.hall.act(no, "claim", handler)
    page = site.person(handler.username)
    page.goto(f"/tasks/{no}")
    _open_act(page, "hand-over")
    page.select_option("#f-hand-over-officer", colleague.username)
    page.fill("#f-hand-over-reason", "出差")
    page.click("details[open] button:has-text('转交同事')")
    expect(page.locator(".said")).to_contain_text("已转交同事")
    assert site.hall.task(no).officer_name == colleague.name
    lead = site.person(site.hall.actor(R.COORDINATOR, D.PUBLIC_SECURITY).username)
    lead.goto(f"/cases/{settled}")
    for said in ("已催办", "今天已经催办过"):
        _open_act(lead, "urge")
        lead.click("details[open] button:has-text('催办')")
        expect(lead.locator(".said")).to_contain_text(said)


def test_who_answers_for_the_whole_pauses_voids_and_reopens_it(site: Site, settled: str) -> None:
    path, hall = f"/cases/{settled}/acts", site.hall
    with _sitting(site, hall.manager) as client:
        without = _send(client, path, **{"act": "suspend", "suspend-kind": "hearing", "suspend-reason": "群众申请听证"})
        assert without.status_code == 422
        assert "请填写依据" in without.text
        assert "群众申请听证" in without.text
        hearing = {"act": "suspend", "suspend-kind": "hearing", "suspend-ground": "行政许可法 第46条"}
        assert "听证所需时间须书面告知申请人" in _send(client, path, **hearing).text
        hearing["suspend-until"] = hall.day(20)
        assert _send(client, path, **hearing).status_code == 303
        assert hall.case(settled).paused
        assert _send(client, path, act="resume").status_code == 303
        assert not hall.case(settled).paused
        assert _send(client, path, **{"act": "void", "void-reason": "重复录入"}).status_code == 303
        assert _send(client, path, **{"act": "reopen", "reopen-reason": "核实后重办"}).status_code == 303
        assert "新办件：RC-" in client.get(f"/cases/{settled}").text
    assert hall.case(settled).status == "void"


def test_a_school_is_shown_what_its_own_step_needs_and_no_more(site: Site) -> None:
    hall = site.hall
    no = hall.open("schooling")["schooling"]
    hall.finish(no, but=("enrolment",))
    enrolment = hall.no(no, "enrolment")
    with _sitting(site, hall.holder(enrolment)) as client:
        for path in (f"/tasks/{enrolment}", f"/cases/{no}"):
            shown = client.get(path)
            assert shown.status_code == 200
            assert "学段" in shown.text
            assert hall.case(no).form["home_address"] not in shown.text
            assert "安排学位" not in shown.text
        assert client.get(f"/tasks/{hall.no(no, 'placement')}").status_code == 404


def test_the_amount_is_laid_open_with_its_ground_and_results_are_asked_for(site: Site) -> None:
    hall = site.hall
    nos = hall.open("subsidy", "green_channel")
    hall.finish(nos["green_channel"], but=("entitlement",))
    with _sitting(site, hall.actor(R.HANDLER, D.HUMAN_RESOURCES)) as client:
        assert "系统测算" in client.get(f"/tasks/{hall.no(nos['subsidy'], 'first_review')}").text
    entitlement = hall.no(nos["green_channel"], "entitlement")
    with _sitting(site, hall.actor(R.HANDLER, D.HEALTH)) as client:
        assert "平度市中医医院" in client.get(f"/tasks/{entitlement}").text
        unknown = {"act": "approve", "approve-item-hospital": "没有的医院", "approve-item-liaison": "李某"}
        wrong = _send(client, f"/tasks/{entitlement}/acts", **unknown)
        assert wrong.status_code == 422
        assert 'id="e-approve-item-hospital"' in wrong.text
        given = {"act": "approve", "approve-item-hospital": "平度市中医医院", "approve-item-adviser": "王顾问"}
        assert _send(client, f"/tasks/{entitlement}/acts", **given).status_code == 303
    assert hall.task(entitlement).verdict["items"] == {"hospital": "平度市中医医院", "adviser": "王顾问"}
