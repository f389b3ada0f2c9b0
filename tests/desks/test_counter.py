"""The window's counter: what is missing, what is wrong, what is declined and handed over; nobody else's window."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from forms.vocabulary import Department, Role
from tests.desks.filling import entered, new_draft, word_of
from tests.kit.browser import Site, accessible
from tests.kit.hall import LAIXI
from tests.kit.tour import enter_progress

PDF = b"%PDF-1.4\n1 0 obj\nendobj\n%%EOF\n"


def test_what_is_missing_is_told_once_and_handed_in(hall_site: Site, clerk: str) -> None:
    hall = hall_site.hall
    no = hall.open("settlement", missing=["household_book"], accept=False)["settlement"]
    page = hall_site.person(clerk)
    page.goto("/window")
    page.click(f"text={no}")
    expect(page.locator(".acts")).to_contain_text("还不能受理")
    page.click("summary:has-text('一次性告知补正')")
    expect(page.locator('input[name="request-supplement-items"][value="household_book"]')).to_be_checked()
    page.fill('[name="note:household_book"]', "带户口簿原件")
    page.locator("summary:has-text('填报内容需要更正')").click()
    page.check('input[name="request-supplement-items"][value="form/target_address"]')
    page.fill("#f-request-supplement-until", "2026-09-01")
    page.click("button:has-text('一次性告知补正')")
    expect(page.locator("#errors")).to_contain_text("补正期限应晚于今天")
    page.fill("#f-request-supplement-until", "2026-09-30")
    accessible(page)
    page.click("button:has-text('一次性告知补正')")
    expect(page.locator(".said")).to_contain_text("已一次性告知补正")
    page.click("text=收补正材料")
    accessible(page)
    page.check('input[name="paper:household_book"][value="shared"]')
    page.fill('[name="/matters/settlement/target_address"]', "平度市人民路2号")
    page.click("button:has-text('收下')")
    expect(page.locator(".said")).to_contain_text("已收下")
    page.click("summary:has-text('受理')")
    page.locator(".act[open] button").click()
    expect(page.locator(".said")).to_contain_text("已受理")
    assert hall.case(no).status == "in_progress"
    assert hall.case(no).form["target_address"] == "平度市人民路2号"


def test_a_field_that_hangs_on_another_stands_by_itself_where_it_is_asked_about(hall_site: Site, clerk: str) -> None:
    hall = hall_site.hall
    no = hall.open("settlement")["settlement"]
    was = hall.case(no).form["property_certificate_no"]
    assert was and hall.case(no).form["address_option"] == 1
    asking = hall.no(no, "eligibility")
    items = [{"code": f"form/{name}", "note": f"核对{name}"} for name in ("property_certificate_no", "target_address")]
    hall.act(asking, "request-supplement", hall.speaker(asking), items=items, until=hall.day(5))
    page = hall_site.person(clerk)
    page.goto(f"/window/cases/{no}/supplement")
    expect(page.locator('[name="/matters/settlement/property_certificate_no"]')).to_have_value(was)
    notes = page.locator(".sheet > .said")
    expect(notes).to_have_text([f"{title}：核对{one}" for title, one in (
        ("不动产权证号（租赁备案号）", "property_certificate_no"), ("拟落户地址", "target_address"))])  # fmt: skip
    page.fill('[name="/matters/settlement/target_address"]', "平度市人民路3号")
    page.click("button:has-text('收下')")
    expect(page.locator(".said").first).to_contain_text("已收下")
    form = hall.case(no).form
    assert (form["property_certificate_no"], form["target_address"]) == (was, "平度市人民路3号")
    assert hall.supplements(no)[-1].status == "open", "what was not touched is still to be confirmed"


def test_an_error_is_put_right_on_the_spot_and_masks_left_alone_change_nothing(hall_site: Site, clerk: str) -> None:
    hall = hall_site.hall
    body = hall.body("settlement", accept=False)
    no = hall.receive(body).cases[0]["no"]
    before = hall.application(hall.case(no).no.rpartition("-")[0]).head
    page = hall_site.person(clerk)
    page.goto(f"/window/cases/{no}/correct")
    assert body["applicant"]["id_number"] not in page.content()
    page.fill('[name="/applicant/mobile"]', "123")
    page.click(".bar button")
    expect(page.locator("#errors")).to_contain_text("11位手机号码")
    accessible(page)
    page.fill('[name="/applicant/mobile"]', before["mobile"])
    page.click('button[value="drop:/applicant/family/0"]')
    expect(page.locator('[id="f-/applicant/family"] .entry')).to_have_count(1)
    page.fill('[name="/matters/settlement/target_address"]', "平度市人民路8号")
    page.fill('[name="reason"]', "核对户口簿")
    page.click(".bar button")
    expect(page.locator(".said")).to_contain_text("已当场更正")
    event = next(one for one in hall.events(no) if one.act == "correct")
    assert {one["field"] for one in event.detail["changed"]} == {
        "/applicant/family", "/matters/settlement/target_address"
    }  # fmt: skip
    after = hall.application(hall.case(no).no.rpartition("-")[0]).head
    assert after == {**before, "family": before["family"][1:]}


def test_the_receipt_names_the_first_of_the_days_by_which_a_promised_paper_is_wanted(
    hall_site: Site, clerk: str
) -> None:
    hall = hall_site.hall
    given = hall.receive(hall.body("settlement", "green_channel", accept=False))
    days = [hall.day(3), hall.day(4)]
    for case, until in zip(given.cases, days, strict=True):
        hall.act(case["no"], "accept", hall.window, until=until)
    page = hall_site.person(clerk, js=False)
    page.goto(f"/window/receipts/{given.no}")
    expect(page.locator("tr", has_text="近期免冠证件照")).to_contain_text(days[0])
    for case, until in zip(given.cases, days, strict=True):
        page.goto(f"/window/cases/{case['no']}")
        expect(page.locator("tr", has_text="近期免冠证件照")).to_contain_text(until)


def test_who_lost_the_receipt_gets_a_new_code_and_the_old_one_opens_nothing(hall_site: Site, clerk: str) -> None:
    hall = hall_site.hall
    given = hall.receive(hall.body("settlement"))
    home = hall_site.visitor()
    enter_progress(home, given.no, given.code)
    page = hall_site.person(clerk)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"/window/receipts/{given.no}")
    expect(page.locator(".receipt .code")).to_have_count(0)
    page.fill("#lost input[name=reason]", "本人到场，已核验身份证")
    page.click("#lost button")
    code = page.locator(".receipt .code").inner_text()
    assert code != given.code
    accessible(page)
    home.reload()
    expect(home).to_have_url(re.compile("/progress$"))
    home.fill("input[name=no]", given.no)
    home.fill("input[name=code]", given.code)
    home.click("main form button")
    expect(home.locator("main")).to_contain_text("没有找到")
    enter_progress(home, given.no, code)
    traces = hall.rows("SELECT * FROM traces WHERE act = 'renew-code' AND subject = :no", no=given.no)
    assert [trace.reason for trace in traces] == ["本人到场，已核验身份证"]
    told = hall.rows("SELECT title FROM notices WHERE addressee = :to", to=f"applicant:{given.no}")
    assert "查询码已重发" in [one.title for one in told]
    with entered(hall_site, hall.actor(Role.WINDOW, Department.WINDOW, LAIXI).username) as elsewhere:
        word = word_of(elsewhere.get("/window").text)
        said = {"csrf": word, "reason": "试试"}
        assert elsewhere.post(f"/window/receipts/{given.no}/code", data=said).status_code == 404


def test_a_matter_of_another_authority_is_declined_with_where_to_go(hall_site: Site, clerk: str) -> None:
    no = hall_site.hall.open("green_channel", accept=False)["green_channel"]
    page = hall_site.person(clerk, js=False)
    page.goto(f"/window/cases/{no}")
    page.click("summary:has-text('不予受理')")
    page.check("input[value=not_accepted]")
    page.select_option("#f-decline-reason_code", "other_authority")
    page.fill("#f-decline-reason", "属于省级卫健部门职权")
    page.click("button:has-text('不予受理')")
    expect(page.locator("#errors")).to_contain_text("须告知应当向哪个机关申请")
    expect(page.locator("#f-decline-reason")).to_have_value("属于省级卫健部门职权")
    page.fill("#f-decline-department", "省卫生健康委员会")
    page.click("button:has-text('不予受理')")
    assert hall_site.hall.case(no).status == "not_accepted"


def test_a_result_is_handed_over_and_found_by_the_last_four_of_a_number(hall_site: Site, clerk: str) -> None:
    hall = hall_site.hall
    body = hall.body("settlement")
    no = hall.receive(body).cases[0]["no"]
    hall.finish(no)
    page = hall_site.person(clerk)
    page.goto("/window")
    page.fill("#f-q", body["applicant"]["id_number"][-4:])
    page.click("button:has-text('查找')")
    assert body["applicant"]["id_number"][-4:] not in page.url
    expect(page.locator("table")).to_contain_text(body["applicant"]["name"])
    accessible(page)
    page.goto("/window/waiting/deliver")
    accessible(page)
    page.click(f"text={no}")
    page.click("summary:has-text('登记送达')")
    page.fill("#f-deliver-reason", "本人签收，已核验身份证")
    page.click("button:has-text('登记送达')")
    expect(page.locator(".said")).to_contain_text("已登记送达")
    assert hall.case(no).status == "delivered"
    assert hall.document(no, "delivery").content["reason"] == "本人签收，已核验身份证"


def test_another_regions_window_sees_and_does_nothing(hall_site: Site, clerk: str) -> None:
    hall = hall_site.hall
    body = hall.body("settlement", accept=False)
    given = hall.receive(body)
    no = given.cases[0]["no"]
    with entered(hall_site, clerk) as here:
        path, _ = new_draft(here, "settlement")
        assert here.get(f"/window/cases/{no}").status_code == 200
    with entered(hall_site, hall.actor(Role.WINDOW, Department.WINDOW, LAIXI).username) as client:
        for hidden in (path, f"/window/cases/{no}", f"/window/receipts/{given.no}", f"/window/cases/{no}/correct",
                       f"/window/cases/{no}/supplement"):  # fmt: skip
            assert client.get(hidden).status_code == 404, hidden
        counter = client.get("/window")
        word = word_of(counter.text)
        assert no not in counter.text
        for q in (no, given.no, body["applicant"]["name"], body["applicant"]["id_number"]):
            found = client.post("/window/search", data={"csrf": word, "q": q})
            assert "没有找到" in found.text and given.no not in found.text.replace(q, "")
        acted = client.post(f"/window/cases/{no}", data={"csrf": word, "act": "withdraw", "withdraw-reason": "x"})
        assert acted.status_code == 404
    assert hall.case(no).status == "submitted"


@pytest.mark.parametrize("role", [(Role.HANDLER, Department.HUMAN_RESOURCES), (Role.MANAGER, Department.SUPERVISION)])
def test_who_is_not_at_the_window_is_not_let_in(hall_site: Site, role: tuple[Role, Department]) -> None:
    no = hall_site.hall.open("settlement", accept=False)["settlement"]
    with entered(hall_site, hall_site.hall.actor(*role).username) as client:
        for path in ("/window", "/window/new", "/window/drafts", f"/window/cases/{no}", "/window/waiting/check"):
            assert client.get(path).status_code == 403, path


def test_a_wrong_file_is_not_taken_and_a_confirmed_fact_counts_as_brought(hall_site: Site, clerk: str) -> None:
    hall = hall_site.hall
    no = hall.open("settlement", missing=["household_book"], accept=False)["settlement"]
    items = [{"code": "household_book"}, {"code": "form/relatives"}, {"code": "applicant/employment"}]
    hall.act(no, "request-supplement", hall.window, items=items, until=hall.day(10))
    path = f"/window/cases/{no}/supplement"
    with entered(hall_site, clerk) as client:
        shown = client.get(path).text
        held = dict(re.findall(r'name="(/applicant/employment/\w+)" value="([^"]*)"', shown))
        told = {"csrf": word_of(shown), **held, "/applicant/employment/nature": "enterprise",
                "/applicant/employment/self_employed": "false"}  # fmt: skip
        wrong = client.post(path, data=told, files={"upload:household_book": ("a.pdf", b"<html></html>", "")})
        assert wrong.status_code == 422 and "只接受 PDF、JPG、PNG 文件" in wrong.text
        assert hall.supplements(no)[0].status == "open"
        told["/applicant/employment/employer_name"] = "青岛更正科技有限公司"
        told["confirm:/matters/settlement/relatives"] = "1"
        right = client.post(path, data=told, files={"upload:household_book": ("a.pdf", PDF, "")})
        assert right.status_code == 200 and "已收下" in right.text, right.text
    assert hall.supplements(no)[0].status == "done" and hall.case(no).status == "submitted"
    changed = next(one for one in hall.events(no) if one.act == "supplement").detail["changed"]
    assert [one["field"] for one in changed] == ["/applicant/employment/employer_name"]


def test_who_acts_on_what_changed_meanwhile_is_told_and_loses_nothing(hall_site: Site, clerk: str) -> None:
    hall = hall_site.hall
    no = hall.open("settlement", accept=False)["settlement"]
    path = f"/window/cases/{no}"
    with entered(hall_site, clerk) as client:
        shown = client.get(path).text
        version = re.search(r'name="version" value="(\d+)"', shown)
        assert version is not None
        hall.act(no, "accept", hall.window)
        typed = {"csrf": word_of(shown), "version": version[1], "act": "withdraw", "withdraw-reason": "改去外地就业"}
        stale = client.post(path, data=typed)
        assert stale.status_code == 412 and "没有办成" in stale.text and "改去外地就业" in stale.text
        assert client.post(path, data={"csrf": word_of(stale.text), "act": "approve"}).status_code == 422
        assert client.post(path, data={"csrf": word_of(stale.text), "act": "accept"}).status_code == 409
    assert hall.case(no).status == "in_progress"
