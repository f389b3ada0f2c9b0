"""The window takes in: a family's matters in one go, papers, drafts; nothing slips through the form."""

from __future__ import annotations

import io
import re
from typing import Any

from PIL import Image
from playwright.sync_api import Page, expect

from forms.vocabulary import Department, Role
from tests.desks.filling import entered, fill, new_draft, sign_everything, word_of
from tests.kit.browser import Site, accessible
from tests.kit.hall import BUNDLE, LAIXI, PINGDU

PDF = b"%PDF-1.4\n1 0 obj\nendobj\n%%EOF\n"
EVIL = "<img src=x onerror=alert(1)>"


def _begin(page: Page, *codes: str, preset: str = "") -> None:
    page.goto(f"/window/new?preset={preset}")
    for code in codes:
        page.check(f'input[name="matters"][value="{code}"]')
    page.click("text=开始填写")


def _number(page: Page) -> str:
    return page.locator(".receipt .no.big").first.inner_text()


def test_a_familys_four_matters_are_taken_in_at_one_go_with_one_error_put_right(hall_site: Site, clerk: str) -> None:
    body = hall_site.hall.body(*BUNDLE)
    mobile, body["applicant"]["mobile"] = body["applicant"]["mobile"], "1380000"
    page = hall_site.person(clerk)
    page.goto("/window")
    accessible(page)
    _begin(page, preset="home")
    accessible(page)
    fill(page, body)
    number = page.locator('[name="/applicant/id_number"]')
    page.locator('[name="/applicant/birth_date"]').fill("")
    number.fill("")
    number.press_sequentially(body["applicant"]["id_number"])
    expect(page.locator('[name="/applicant/birth_date"]')).to_have_value(body["applicant"]["birth_date"])
    sign_everything(page)
    page.click(".bar >> text=提交")
    expect(page.locator("#errors")).to_contain_text("11位手机号码")
    expect(page.locator('[name="/matters/schooling/wishes/1"]')).to_have_value(
        body["matters"]["schooling"]["wishes"][1]
    )
    expect(page.locator('[name="/applicant/family/0/name"]')).to_have_value(body["applicant"]["family"][0]["name"])
    accessible(page)
    page.click("#errors a")
    expect(page.locator('[name="/applicant/mobile"]')).to_be_focused()
    page.locator('[name="/applicant/mobile"]').fill(mobile)
    for code in ("photo", "bank_card"):
        page.check(f'input[name="paper:{code}"][value="promised"]')
    page.click(".bar >> text=提交")
    expect(page.locator("h1")).to_have_text("收件回执")
    no = _number(page)
    code = page.locator(".receipt .code").inner_text()
    assert re.fullmatch(r"[0-9A-Z]{5}-[0-9A-Z]{5}", code) and code not in page.url
    accessible(page)
    cases = hall_site.hall.rows("SELECT c.matter, c.status FROM cases c JOIN applications a ON a.id = c.application_id"
                                " WHERE a.no = :no ORDER BY c.position", no=no)  # fmt: skip
    assert {case.matter for case in cases} == set(BUNDLE)
    assert {case.status for case in cases} == {"in_progress"}
    page.reload()
    expect(page.locator(".receipt .code")).to_have_count(0)
    mine = "SELECT count(*) FROM drafts WHERE title = :name"
    assert hall_site.hall.rows(mine, name=body["applicant"]["name"])[0].count == 0


def test_without_a_script_a_form_is_kept_continued_and_handed_in(hall_site: Site, clerk: str) -> None:
    body = hall_site.hall.body("settlement")
    page = hall_site.person(clerk, js=False)
    _begin(page, "settlement")
    page.fill('[name="/applicant/name"]', body["applicant"]["name"])
    page.fill('[name="/applicant/id_number"]', body["applicant"]["id_number"])
    page.click(".bar >> text=暂存")
    expect(page.locator(".said")).to_contain_text("已暂存")
    page.goto("/window")
    page.click(f"text={body['applicant']['name']}")
    expect(page.locator('[name="/applicant/birth_date"]')).to_have_value(body["applicant"]["birth_date"])
    fill(page, body)
    page.set_input_files('[name="upload:photo"]', {"name": "照片.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.click("text=按已填内容更新清单")
    expect(page.locator(".papers")).to_contain_text("照片.pdf")
    expect(page.locator('[name="paper:degree"][value="shared"]')).to_be_checked()
    page.click('button[value="drop:/applicant/family/1"]')
    expect(page.locator('[name="/applicant/family/1/name"]')).to_have_count(0)
    sign_everything(page)
    page.click(".bar >> text=提交")
    expect(page.locator("h1")).to_have_text("收件回执")
    assert hall_site.hall.application(_number(page)).status == "in_progress"


def test_a_wrong_kind_of_file_is_refused_and_a_picture_gets_a_thumbnail(hall_site: Site, clerk: str) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (900, 600), "teal").save(picture, "PNG")
    with entered(hall_site, clerk) as client:
        path, word = new_draft(client, "settlement")
        fields = {"csrf": word, "do": "save", "paper:photo": "file", "/applicant/name": "王测试"}
        page = b"<html><script>alert(1)</script></html>"
        wrong = client.post(path, data=fields, files={"upload:photo": ("a.png", page, "image/png")})
        assert wrong.status_code == 422 and "只接受 PDF、JPG、PNG 文件" in wrong.text
        assert 'value="王测试"' in wrong.text
        assert 'name="paper:photo" value="file" checked' in wrong.text, "another file is awaited"
        fields["csrf"] = word_of(wrong.text)
        right = client.post(path, data=fields, files={"upload:photo": ("b.png", picture.getvalue(), "image/png")})
        assert right.status_code == 200 and "b.png" in right.text
        found = re.search(r"/window/files/(f_[\w-]{22})/thumbnail", right.text)
        assert found is not None
        small = client.get(f"/window/files/{found[1]}/thumbnail")
        assert small.headers["content-type"] == "image/jpeg" and small.headers["x-content-type-options"] == "nosniff"
        with Image.open(io.BytesIO(small.content)) as read:
            assert read.size == (240, 160)
        with entered(hall_site, hall_site.hall.actor(Role.WINDOW, Department.WINDOW, LAIXI).username) as elsewhere:
            assert elsewhere.get(f"/window/files/{found[1]}/thumbnail").status_code == 404


def test_a_paper_on_file_is_not_brought_again(hall_site: Site, clerk: str) -> None:
    body = hall_site.hall.body("green_channel")
    with entered(hall_site, clerk) as client:
        path, word = new_draft(client, "green_channel")
        number = {"/applicant/id_number": body["applicant"]["id_number"]}
        kept = client.post(path, data={"csrf": word, "do": "save", **number},
                           files={"upload:photo": ("旧照片.pdf", PDF, "application/pdf")})  # fmt: skip
        file = re.search(r'paper-file:photo" value="(f_[\w-]{22})"', kept.text)
        assert file is not None
        body["materials"] = [{"code": "photo", "file": file[1]}]
        hall_site.hall.receive(body)
        path, word = new_draft(client, "settlement")
        shown = client.post(path, data={"csrf": word, "do": "save", **number})
        assert f'value="on_file:{file[1]}"' in shown.text and "旧照片.pdf" in shown.text


def test_who_files_for_another_leaves_a_mandate_that_the_departments_may_read(hall_site: Site, clerk: str) -> None:
    hall = hall_site.hall
    body, agent = hall.body("settlement"), hall.people.person()
    page = hall_site.person(clerk, js=False)
    _begin(page, "settlement")
    fill(page, body)
    page.click("#mandate summary")
    for name, value in (("name", agent.name), ("id_number", agent.id_number), ("mobile", agent.mobile)):
        page.fill(f'[name="/mandate/{name}"]', value)
    page.set_input_files('[name="upload:/mandate/file"]', {"name": "委托书.pdf", "mimeType": "", "buffer": PDF})
    page.check('input[name="paper:photo"][value="promised"]')
    sign_everything(page)
    page.click(".bar >> text=提交")
    expect(page.locator("h1")).to_have_text("收件回执")
    no = _number(page)
    expect(page.locator(".receipt dl")).to_contain_text(f"代办人{agent.name}")
    page.click("tbody a")
    expect(page.locator("#facts")).to_contain_text(f"{agent.name}（委托代办人")
    expect(page.locator("#facts").get_by_role("link", name="授权委托书")).to_be_visible()
    page.click("#documents a >> text=收件凭证")
    expect(page.locator("main")).to_contain_text(f"代办人{agent.name}")
    mandate = hall.application(no).mandate
    assert mandate["name"] == agent.name and agent.id_number not in str(mandate)
    readers = [
        (Role.WINDOW, Department.WINDOW, PINGDU, 200),
        (Role.HANDLER, Department.HUMAN_RESOURCES, PINGDU, 200),
        (Role.WINDOW, Department.WINDOW, LAIXI, 404),
        (Role.HANDLER, Department.EDUCATION, PINGDU, 404),
    ]
    for role, department, region, status in readers:
        with entered(hall_site, hall.actor(role, department, region).username) as client:
            assert client.get(f"/files/{mandate['file']}").status_code == status, department


def test_a_number_that_fails_its_check_is_let_through_with_a_reason(hall_site: Site, clerk: str) -> None:
    with entered(hall_site, clerk) as client:
        path, word = new_draft(client, "settlement")
        fields = {"csrf": word, "do": "check", "/applicant/id_type": "resident_id"}
        number = hall_site.hall.body("settlement")["applicant"]["id_number"]
        spoiled = number[:17] + ("1" if number[17] != "1" else "2")
        wrong = client.post(path, data={**fields, "/applicant/id_number": spoiled})
        assert 'name="override:/applicant/id_number"' in wrong.text
        let = {**fields, "/applicant/id_number": spoiled, "override:/applicant/id_number": "公安机关出具证明"}
        assert "校验位" not in client.post(path, data=let).text.partition("<form")[0]


def test_a_service_officer_files_for_others_and_sees_only_the_own_filings(hall_site: Site) -> None:
    hall = hall_site.hall
    officer = hall.actor(Role.SERVICE_OFFICER, Department.TALENT_CENTRE)
    other = hall.open("settlement", accept=False)["settlement"]
    own = hall.receive(hall.body("settlement", accept=False), by=officer).cases[0]["no"]
    with entered(hall_site, officer.username) as client:
        counter = client.get("/window")
        assert counter.status_code == 200 and own in counter.text and other not in counter.text
        assert client.get(f"/window/cases/{other}").status_code == 404
        shown = client.get(f"/window/cases/{own}").text
        assert 'id="a-withdraw"' in shown and 'id="a-accept"' not in shown
        path, _ = new_draft(client, "settlement")
        assert client.get(path).status_code == 200


def test_the_keyboard_alone_leads_to_a_kept_draft(hall_site: Site, clerk: str) -> None:
    page = hall_site.person(clerk)
    page.goto("/window")
    page.keyboard.press("n")
    page.wait_for_url("**/window/new")
    page.locator('input[name="matters"]').first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/window/drafts/d_*")
    page.locator('[name="/applicant/name"]').focus()
    page.keyboard.type("赵键盘")
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_contain_text("已暂存")
    expect(page.locator('[name="/applicant/name"]')).to_have_value("赵键盘")


def test_a_name_with_markup_stays_a_name(hall_site: Site, clerk: str) -> None:
    page = hall_site.person(clerk)
    _begin(page, "settlement")
    page.fill('[name="/applicant/name"]', EVIL)
    page.fill('[name="/matters/settlement/target_address"]', f'"></textarea>{EVIL}')
    page.click(".bar >> text=核对")
    expect(page.locator('[name="/applicant/name"]')).to_have_value(EVIL)
    page.goto("/window/drafts")
    expect(page.locator("table")).to_contain_text(EVIL)
    assert page.locator("main img").count() == 0


def test_fields_that_no_form_asks_for_are_refused(hall_site: Site, clerk: str) -> None:
    with entered(hall_site, clerk) as client:
        path, word = new_draft(client, "settlement")
        more: dict[str, Any] = {"/matters/settlement/amount": "99999", "/region": LAIXI, "/status": "approved"}
        refused = client.post(path, data={"csrf": word, "do": "submit", **more})
        assert refused.status_code == 422
        assert "没有“amount”这一填写项" in refused.text and "没有“status”这一填写项" in refused.text
        assert "受理地区：平度市" in refused.text
    no = hall_site.hall.open("settlement", accept=False)["settlement"]
    with entered(hall_site, clerk) as client:
        word = word_of(client.get(f"/window/cases/{no}/correct").text)
        wrong = client.post(f"/window/cases/{no}/correct", data={"csrf": word, "/status": "closed_ok"})
        assert wrong.status_code == 422 and hall_site.hall.case(no).status == "submitted"


def test_the_same_draft_is_handed_in_once_and_a_second_tab_loses_nothing(hall_site: Site, clerk: str) -> None:
    with entered(hall_site, clerk) as client:
        path, word = new_draft(client, "settlement")
        first = client.post(path, data={"csrf": word, "do": "save", "version": "1", "/applicant/name": "先存的"})
        assert first.status_code == 200
        second = client.post(path, data={"csrf": word, "do": "save", "version": "1", "/applicant/name": "后存的"})
        assert second.status_code == 412 and 'value="后存的"' in second.text
        gone = client.post(f"{path}/discard", data={"csrf": word})
        assert gone.status_code == 200
        again = client.post(path, data={"csrf": word, "do": "submit"})
        assert again.status_code == 404 and "已经提交或者删除" in again.text


def test_who_has_an_open_case_is_said_before_and_refused_at_the_end(hall_site: Site, clerk: str) -> None:
    hall = hall_site.hall
    body = hall.body("settlement", accept=False)
    no = hall.receive(body).cases[0]["no"]
    page = hall_site.person(clerk, js=False)
    _begin(page, "settlement")
    fill(page, body)
    sign_everything(page)
    page.click(".bar >> text=暂存")
    expect(page.locator(".said-warn")).to_contain_text(no)
    page.click(".bar >> text=提交")
    expect(page.locator("#errors")).to_contain_text("不能重复申请")
    expect(page.locator('[name="/applicant/name"]')).to_have_value(body["applicant"]["name"])
