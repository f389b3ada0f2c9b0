"""The applicant at a phone: the code, the progress, a photograph handed in, taken back, rated; and nobody else's."""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from flows.casework import codes
from infra import numbers
from tests.kit import PATIENCE
from tests.kit.browser import Site, accessible
from tests.kit.hall import DAY

GUIDE = ("/", "/guide", "/guide/settlement", "/guide/bundles/home")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", bytes([0, 0, 0, 8, 0, 0, 0, 8, 8, 0, 0, 0, 0]))
    + _chunk(b"IDAT", zlib.compress(bytes(9 * 8)))
    + _chunk(b"IEND", b"")
)
PHOTO: Any = {"name": "照片.png", "mimeType": "image/png", "buffer": PNG}


def received(site: Site, *matters: str, **options: Any) -> Any:
    """An application handed in at the window: its number, its code, its cases."""
    return site.hall.receive(site.hall.body(*(matters or ("settlement",)), **options))


def opens(page: Page, no: str, code: str) -> None:
    page.goto(f"/progress?no={no}")
    page.fill("#f-code", code)
    page.click("form:has(#f-code) button")
    expect(page).to_have_url(re.compile("/progress/application$"))


def narrow(page: Page) -> None:
    """Nothing has to be scrolled sideways."""
    page.wait_for_load_state()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} pixels too wide"


class Browser:
    """A browser without pages: cookies, the word of its forms, and what it is answered."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.client.get(path, **more)

    def post(self, path: str, data: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.client.get("/progress").text)
        assert found is not None
        return self.client.post(path, data={"csrf": found[1], **(data or {})}, **more)

    def opens(self, no: str, code: str) -> httpx.Response:
        return self.post("/progress", {"no": no, "code": code})


@pytest.fixture
def somebody(site: Site) -> Iterator[Browser]:
    with httpx.Client(base_url=site.base, trust_env=False, timeout=PATIENCE) as client:
        yield Browser(client)


# the guide


def test_the_guide_is_read_on_a_phone_and_found_accessible(site: Site) -> None:
    page = site.visitor(phone=True)
    for path in GUIDE:
        page.goto(path)
        narrow(page)
        assert len(page.content()) < 200_000
        if path != "/":  # the home page is looked at with the door of the offices
            accessible(page)
    page.goto("/guide")
    page.click("main >> text=人才落户 >> nth=0")
    main = page.locator("main")
    for words in (
        "要带什么",
        "可以容缺后补",
        "近期免冠证件照",
        "户政核准",
        "平发〔2022〕22号 第19条",
        "0532-000",
        "不收费",
    ):
        expect(main).to_contain_text(words)
    expect(page.get_by_role("button", name="打印本页")).to_be_visible()


def test_a_bundle_asks_for_each_paper_once(site: Site, somebody: Browser) -> None:
    shown = somebody.get("/guide/bundles/home").text
    assert shown.count("> 身份证件</h3>") == shown.count("> 近期免冠证件照</h3>") == 1
    assert "居民户口簿（首页及本人页）</h3>" in shown, "wanted for the settlement itself"
    assert "“统筹安排学位”等人才落户办好后接着办" in shown


@pytest.mark.parametrize("path", ["/guide/nothing", "/guide/..%2f..", "/guide/bundles/nothing", "/guide/bundles/a'b"])
def test_what_is_not_in_the_guide_is_not_found(somebody: Browser, path: str) -> None:
    assert somebody.get(path).status_code == 404


# the story of a phone


def test_on_a_phone_the_code_is_typed_a_photograph_handed_in_and_the_rest_taken_back(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mine = received(site, "settlement", "green_channel", missing={"photo"}, promised=True)
    page = site.visitor(phone=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    opens(page, mine.no.lower(), mine.code.lower().replace("-", ""))
    main = page.locator("#progress")
    expect(main).to_contain_text("请您补交 1 项")
    expect(main).to_contain_text("用于人才落户、医疗绿色通道")
    expect(main).to_contain_text("决定是否受理")
    narrow(page)
    accessible(page)

    page.click("text=拍照或者上传材料")
    accessible(page)
    narrow(page)
    page.set_input_files("input[type=file]", PHOTO)
    expect(page.locator("img.preview")).to_be_visible()
    page.click("main button")
    expect(page.locator(".said[role=status]")).to_contain_text("已收到您补交的1项内容")
    expect(main).not_to_contain_text("请您补交")

    page.click("text=撤回医疗绿色通道的申请")
    expect(page.locator("main")).to_contain_text("其他 1 件事项继续办理")
    accessible(page)
    narrow(page)
    page.fill("#f-reason", "改到青岛办理")
    page.check("#f-sure")
    page.click("main button")
    expect(main).to_contain_text("已撤回")
    statuses = {case["matter"]: site.hall.case(case["no"]).status for case in mine.cases}
    assert statuses == {"settlement": "submitted", "green_channel": "withdrawn"}

    page.click("text=结束查询")
    page.goto("/progress/application")
    expect(page.locator("main")).to_contain_text("请重新输入申请编号和查询码")
    page.go_back()
    bare = mine.code.replace("-", "").lower()
    assert bare not in page.content().lower().replace("-", "")
    assert not any(bare in url.lower().replace("-", "") for url in asked)
    assert bare not in caplog.text.lower().replace("-", "")


def test_without_a_script_everything_is_done_all_the_same(site: Site) -> None:
    mine = received(site, "settlement", missing={"photo"}, promised=False)
    page = site.visitor(js=False, phone=True)
    opens(page, mine.no, mine.code)
    page.click("text=拍照或者上传材料")
    page.click("main button")
    expect(page.locator("#errors")).to_contain_text("请至少选择一份材料，或者更正一项内容")
    page.set_input_files("input[type=file]", PHOTO)
    page.click("main button")
    expect(page.locator(".said[role=status]")).to_contain_text("已收到")
    page.click("text=材料清单")
    with page.expect_download() as download:
        page.click("text=下载")
    assert download.value.suggested_filename == "照片.png"
    page.click("text=撤回人才落户的申请")
    page.fill("#f-reason", "不办了")
    page.check("#f-sure")
    page.click("main button")
    expect(page.locator("#progress")).to_contain_text("已撤回")
    page.click("text=结束查询")
    expect(page.locator(".said[role=status]")).to_contain_text("已结束查询")


def test_what_ended_is_rated_once_in_five_grades(site: Site) -> None:
    mine = received(site)
    case = mine.cases[0]["no"]
    site.hall.finish(case)
    site.hall.act(case, "deliver", site.hall.window)
    page = site.visitor(phone=True)
    opens(page, mine.no, mine.code)
    expect(page.locator("#progress")).to_contain_text("已送达")
    page.click("text=评价人才落户")
    expect(page.locator("input[name=grade]")).to_have_count(5)
    accessible(page)
    narrow(page)
    page.get_by_label("基本满意").check()
    page.fill("#f-comment", "来了两趟")
    page.click("text=提交评价")
    expect(page.locator("#progress")).to_contain_text("基本满意：来了两趟")
    expect(page.get_by_role("link", name="评价人才落户")).to_have_count(0)


def test_a_task_decided_elsewhere_is_seen_without_reloading(site: Site) -> None:
    mine = received(site)
    case = mine.cases[0]["no"]
    page = site.visitor(phone=True)
    opens(page, mine.no, mine.code)
    expect(page.locator(".step-done")).to_have_count(0)
    site.hall.approve(site.hall.no(case, "address"))
    expect(page.locator(".step-done")).to_have_count(1)


# what is told


def test_a_refusal_is_told_with_reason_basis_and_remedies_and_no_officer_is_named(
    site: Site, somebody: Browser
) -> None:
    mine = received(site, "settlement", "subsidy")
    settlement, subsidy = (case["no"] for case in mine.cases)
    site.hall.refuse(site.hall.no(settlement, "eligibility"))
    task = site.hall.no(subsidy, "first_review")
    site.hall.act(task, "claim", site.hall.speaker(task))
    site.hall.act(
        task,
        "request-supplement",
        site.hall.holder(task),
        items=[{"code": "bank_card", "note": "看不清"}],
        until=site.hall.day(9),
    )
    somebody.opens(mine.no, mine.code)
    shown = somebody.get("/progress/application").text
    for words in ("不符合条件", "平发〔2022〕22号 第19条", "行政复议", "需要补正：看不清", "初审", "0532-000"):
        assert words in shown
    assert not [one.name for one in site.hall.officers if one.name in shown]
    assert not [one.username for one in site.hall.officers if one.username in shown]
    assert re.search(r"[1-9][0-9]{16}[0-9X]", shown) is None, "no identity number"


def test_a_file_that_is_no_good_is_named_and_the_good_one_need_not_be_chosen_again(
    site: Site, somebody: Browser
) -> None:
    mine = received(site, "settlement", "subsidy", missing={"photo", "bank_card"}, promised=False)
    somebody.opens(mine.no, mine.code)
    files = {"file:photo": ("照片.png", PNG), "file:bank_card": ("卡.svg", b"<svg onload='alert(1)'></svg>")}
    answer = somebody.post("/progress/supplement", files=files)
    assert answer.status_code == 422
    assert "只接受 PDF、JPG、PNG 文件" in answer.text and "已选好：照片.png" in answer.text
    kept = re.search(r'name="kept:photo" value="(f_[A-Za-z0-9_-]{22})"', answer.text)
    assert kept is not None
    again = somebody.post(
        "/progress/supplement",
        {"kept:photo": kept[1]},
        files={"file:bank_card": ("卡.png", PNG)},
        follow_redirects=True,
    )
    assert "已收到您补交的2项内容" in again.text
    assert "请您补交" not in again.text
    twice = somebody.post("/progress/supplement", {"kept:photo": kept[1]})
    assert (twice.status_code, "目前没有需要补交的材料" in twice.text) == (409, True)


def test_a_fact_that_was_asked_about_is_corrected_from_home_and_nothing_else(site: Site, somebody: Browser) -> None:
    mine = received(site, "settlement", "subsidy", missing={"photo"}, promised=False, accept=False)
    case, hall = mine.cases[0]["no"], site.hall
    asked = [{"code": "applicant/mobile", "note": "号码是空号"}, {"code": "form/target_address"}, {"code": "photo"}]
    hall.act(case, "request-supplement", hall.window, items=asked, until=hall.day(9))
    before = hall.application(mine.no)
    somebody.opens(mine.no, mine.code)
    shown = somebody.get("/progress/supplement").text
    assert "号码是空号" in shown and 'name="/matters/settlement/target_address"' in shown
    was = hall.case(case).form["target_address"]
    assert f">{was}</textarea>" in shown, "what was said before is there to be put right"
    masked = before.head["mobile"]
    assert "*" in masked and f"原来填的是 {masked}" in shown and f'value="{masked}"' not in shown
    fields = {"/applicant/mobile": "12", "/matters/settlement/target_address": "常州路1号", "/applicant/name": "别人"}
    wrong = somebody.post("/progress/supplement", fields, files={"file:photo": ("照片.png", PNG)})
    assert wrong.status_code == 422
    assert 'href="#f-/applicant/mobile"' in wrong.text and 'value="12"' in wrong.text
    assert "常州路1号" in wrong.text and "已选好：照片.png" in wrong.text
    kept = re.search(r'name="kept:photo" value="(f_[A-Za-z0-9_-]{22})"', wrong.text)
    assert kept is not None
    fields |= {"/applicant/mobile": hall.people.mobile(), "kept:photo": kept[1]}
    assert "已收到您补交的3项内容" in somebody.post("/progress/supplement", fields, follow_redirects=True).text
    assert hall.case(case).form["target_address"] == "常州路1号"
    assert hall.application(mine.no).name == before.name
    assert hall.case(case).status == "submitted"


def test_a_fact_left_as_it_stands_is_brought_only_where_the_applicant_says_that_it_is_right(
    site: Site, somebody: Browser
) -> None:
    mine = received(site, "settlement", missing={"photo"}, promised=False, accept=False)
    case, hall = mine.cases[0]["no"], site.hall
    hall.act(case, "request-supplement", hall.window, items=[{"code": "form/target_address"}], until=hall.day(9))
    somebody.opens(mine.no, mine.code)
    fields = {"/matters/settlement/target_address": hall.case(case).form["target_address"]}
    left = somebody.post("/progress/supplement", fields)
    assert left.status_code == 422 and "请至少选择一份材料，或者更正一项内容" in left.text
    fields["confirm:/matters/settlement/target_address"] = "1"
    assert "已收到您补交的1项内容" in somebody.post("/progress/supplement", fields, follow_redirects=True).text
    assert hall.case(case).status == "submitted"


# the door


def test_a_wrong_code_another_ones_code_and_no_such_number_are_refused_in_the_same_words(
    site: Site, somebody: Browser
) -> None:
    mine, other = received(site), received(site)
    nobodys = numbers.application_number("370283", DAY, 999_999)
    answers = [
        somebody.opens(mine.no, "AAAAA-AAAAA"),
        somebody.opens(other.no, mine.code),
        somebody.opens(nobodys, mine.code),
        somebody.opens("RC-1", mine.code),
        somebody.opens("<script>", mine.code),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert all("没有找到，请核对申请编号和查询码。" in answer.text for answer in answers)
    assert not any(mine.code in answer.text for answer in answers)
    assert somebody.get("/progress/application").status_code == 303


def test_who_guesses_has_to_wait_even_with_the_right_code(site: Site, somebody: Browser) -> None:
    mine = received(site)
    for _ in range(codes.FREE):
        assert somebody.opens(mine.no, "AAAAA-AAAAA").status_code == 401
    locked = somebody.opens(mine.no, mine.code)
    assert locked.status_code == 429
    assert int(locked.headers["retry-after"]) > 0
    assert "查询码多次不符" in locked.text
    assert somebody.get("/progress/application").status_code == 303


def test_nothing_typed_is_asked_for_beside_its_field(somebody: Browser) -> None:
    answer = somebody.opens("", "")
    assert answer.status_code == 422
    assert "请填写申请编号" in answer.text and "请填写查询码" in answer.text


def test_an_officer_signed_in_is_not_turned_into_an_applicant(site: Site) -> None:
    mine = received(site)
    page = site.person(site.hall.window.username)
    page.goto(f"/progress?no={mine.no}")
    expect(page.locator("main")).to_contain_text("您正以工作人员身份登录")
    expect(page.locator("#f-code")).to_have_count(0)


# nobody else's


def test_who_opened_one_application_reaches_nothing_of_another(site: Site, somebody: Browser) -> None:
    mine, other = (received(site, "settlement", missing={"photo"}, promised=False) for _ in range(2))
    theirs = other.cases[0]["no"]
    somebody.opens(other.no, other.code)
    somebody.post("/progress/supplement", files={"file:photo": ("照片.png", PNG)})
    (file,) = site.hall.rows("SELECT id FROM files WHERE application_id = :id", id=site.hall.application(other.no).id)
    assert somebody.get(f"/progress/files/{file.id}").content == PNG

    somebody.opens(mine.no, mine.code)
    assert other.no not in somebody.get("/progress/application").text
    assert somebody.get(f"/progress/documents/收-{mine.no}").status_code == 200
    for path in (
        f"files/{file.id}",
        f"cases/{theirs}/withdraw",
        f"cases/{theirs}/rate",
        f"documents/收-{other.no}",
        f"documents/收-{other.no}.pdf",
    ):
        assert somebody.get(f"/progress/{path}").status_code == 404, path
    taken = somebody.post(f"/progress/cases/{theirs}/withdraw", {"reason": "冒名", "sure": "yes"})
    rated = somebody.post(f"/progress/cases/{theirs}/rate", {"grade": "5"})
    assert (taken.status_code, rated.status_code) == (404, 404)
    stolen = somebody.post("/progress/supplement", {"kept:photo": file.id})
    assert stolen.status_code == 422
    assert "没有找到这份附件" in stolen.text and "照片.png" not in stolen.text
    assert site.hall.case(theirs).status == "submitted"


def test_without_the_code_no_page_of_an_application_opens(site: Site, somebody: Browser) -> None:
    case = received(site).cases[0]["no"]
    for path in ("application", "supplement", f"cases/{case}/withdraw", f"cases/{case}/rate", f"files/f_{'a' * 22}"):
        answer = somebody.get(f"/progress/{path}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/progress"), path
    assert somebody.post(f"/progress/cases/{case}/withdraw", {"reason": "x", "sure": "yes"}).status_code == 303
    assert site.hall.case(case).status == "in_progress"


def test_a_form_from_another_site_takes_nothing_back(site: Site, somebody: Browser) -> None:
    mine = received(site)
    case = mine.cases[0]["no"]
    somebody.opens(mine.no, mine.code)
    path, fields = f"/progress/cases/{case}/withdraw", {"reason": "x", "sure": "yes"}
    assert somebody.client.post(path, data=fields).status_code == 403
    assert somebody.post(path, fields, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert site.hall.case(case).status == "in_progress"


def test_an_application_left_open_is_closed_although_the_page_refreshes_itself(site: Site, somebody: Browser) -> None:
    mine = received(site)
    somebody.opens(mine.no, mine.code)
    seen = "UPDATE sessions SET seen_at = seen_at - :long WHERE application_id = :id"

    def waits(minutes: int) -> None:
        with site.engine.begin() as conn:
            values = {"long": timedelta(minutes=minutes), "id": site.hall.application(mine.no).id}
            conn.execute(text(seen), values)

    waits(20)
    assert somebody.get("/progress/application", headers={"Sec-Fetch-Dest": "empty"}).status_code == 200
    waits(11)
    assert somebody.get("/progress/application").status_code == 303
    somebody.opens(mine.no, mine.code)
    waits(20)
    assert somebody.get("/progress/application").status_code == 200
    waits(11)
    assert somebody.get("/progress/application").status_code == 200
