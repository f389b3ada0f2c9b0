"""A family's four matters (一家人的一件事) through all the desks, by the pages alone: everybody acts in a browser.

One sheet at the window, every department at its inbox by keyboard, a supplement from a telephone, a pause, a refusal,
the results handed over, two ratings, the bad one followed up to its public reply, and the manager's numbers.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from flows.verify import verify
from forms.vocabulary import Department as D
from forms.vocabulary import Role as R
from infra import clock
from tests.desks.filling import fill, sign_everything, wanted
from tests.desks.test_applicant import PHOTO, narrow, opens
from tests.kit.browser import Site
from tests.kit.hall import BUNDLE, MORNING

SETTLEMENT, SCHOOLING, GREEN, SUBSIDY = "人才落户", "子女入学（入园）", "医疗绿色通道", "人才补贴"
ENTITLEMENT = "待遇核定，安排医院、健康顾问和联络员"
POLICE, SCHOOL, HOSPITAL = "pd-dongge-pcs", "pd-shiyan-xx", "pd-renmin-yy"
AT_ONCE = {
    (D.POLICE_STATION, POLICE): ["落户地址审查"],
    (D.PUBLIC_SECURITY, None): ["户籍、居住证核验"],
    (D.NATURAL_RESOURCES, None): ["住所核验"],
    (D.ORGANISATION, None): ["人才类别与有效期核验"],
    (D.MEDICAL_INSURANCE, None): ["参保状态核验"],
    (D.SOCIAL_INSURANCE, None): ["社会保险缴纳核验"],
    (D.MARKET_REGULATION, None): ["用人（创业）单位核验"],
    (D.FINANCE, None): ["重复享受比对"],
    (D.YOUTH_LEAGUE, None): ["青年人才意见"],
    (D.HUMAN_RESOURCES, None): ["初审", "学历核验"],
}
"""Who has nothing to wait for, besides those who ask for papers or pause."""
SAID_BY_THE_NUMBER = ("/applicant/id_number", "/applicant/birth_date", "/applicant/sex")
Seat = tuple[R, D, str | None]
REFUSED = "申报时参保未满三个月，不符合条件"


class Family:
    """One family's day in the hall, where every officer uses the same computer with a session of one's own."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.body = site.hall.body(*BUNDLE)
        self.name = self.body["applicant"]["name"]
        self.signers: dict[str, list[str]] = {}
        self._page = site.visitor()
        self._seat: Seat | None = None
        self._sessions: dict[Seat | None, Any] = {}

    def at(self, role: R, department: D, office: str | None = None) -> Page:
        """The officer of that seat sits down at the computer, with a new session the first time."""
        seat, page = (role, department, office), self._page
        if seat != self._seat:
            self._sessions[self._seat] = page.context.cookies()
            page.goto("about:blank")
            page.context.clear_cookies()
            if seat not in self._sessions:
                username = self.site.hall.actor(role, department, office=office).username
                self._sessions[seat] = [self.site.session(username)]
            page.context.add_cookies(self._sessions[seat])
            self._seat = seat
        return page

    def opened(self, page: Page, title: str) -> None:
        """Find the family's task in the inbox and open it, by keyboard."""
        if not page.url.endswith("/inbox"):
            page.goto("/inbox")
        page.wait_for_load_state()
        row = page.locator("#rows tr", has_text=self.name).filter(has=page.get_by_role("link", name=title, exact=True))
        expect(row).to_have_count(1)
        rows = page.locator("#rows tr").count()
        for key in ("j", "k", "j", "k"):  # there and back: what has just arrived may have renewed the list meanwhile
            for _ in range(rows):
                if row.get_attribute("aria-selected") != "true":
                    page.keyboard.press(key)
        expect(row).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Enter")
        page.wait_for_url("**/tasks/**")

    def approves(self, role: R, department: D, title: str, office: str | None = None, opinion: str = "") -> None:
        """One level says yes: a, perhaps a word, Ctrl+Enter."""
        page = self.at(role, department, office)
        self.opened(page, title)
        page.keyboard.press("a")
        if opinion:
            page.fill("#f-approve-reason", opinion)
        page.locator("#f-approve-reason").press("Control+Enter")
        expect(page.locator(".said")).to_contain_text(f"已通过：{title}")
        self._signed(role, department, office, title)

    def refuses(self, role: R, title: str, reason: str) -> None:
        """One level of 人社 says no, with what the law asks for."""
        page = self.at(role, D.HUMAN_RESOURCES)
        self.opened(page, title)
        page.keyboard.press("r")
        page.select_option("#f-refuse-reason_code", "not_eligible")
        page.fill("#f-refuse-reason", reason)
        page.fill("#f-refuse-basis", "平发〔2022〕22号 第8条")
        page.locator("#f-refuse-basis").press("Control+Enter")
        expect(page.locator(".said")).to_contain_text(f"已不予通过：{title}")
        self._signed(role, D.HUMAN_RESOURCES, None, title)

    def _signed(self, role: R, department: D, office: str | None, title: str) -> None:
        self.signers.setdefault(title, []).append(self.site.hall.actor(role, department, office=office).name)


@pytest.fixture
def family(site: Site) -> Family:
    with site.engine.begin() as conn:
        clock.move(conn, MORNING)
    site.hall.now = MORNING
    return Family(site)


def _act(page: Page, act: str) -> Locator:
    page.locator(f"details.act:has(input[value='{act}']) > summary").click()
    return page.locator("details.act[open]")


def _typed(page: Page, pairs: list[tuple[str, str]]) -> None:
    """Type, choose or tick each field as it wants it."""
    closed = page.locator("#applicant details:not([open]) > summary")
    while closed.count():
        closed.first.click()
    kinds = page.evaluate("names => names.map(name => document.getElementsByName(name)[0].type)", [n for n, _ in pairs])
    for (name, value), kind in zip(pairs, kinds, strict=True):
        found = page.locator(f'[name="{name}"]')
        if kind in ("radio", "checkbox"):
            page.locator(f'[name="{name}"][value="{value}"]').check()
        elif kind == "select-one":
            found.select_option(value)
        else:
            found.fill(value)


_KEPT = """() => Array.from(document.querySelector("form[data-sheet]").elements)
  .filter((one) => one.name && (one.checked || !["radio", "checkbox"].includes(one.type)))
  .map((one) => [one.name, one.value])"""


def _received(family: Family) -> tuple[str, str]:
    """The window: four matters on one sheet, a wrong number put right, the receipt with number and code."""
    page, body = family.at(R.WINDOW, D.WINDOW), family.body
    page.goto("/window/new")
    for matter in BUNDLE:
        page.check(f'input[name="matters"][value="{matter}"]')
    page.click("text=开始填写")
    fill(page, body, *BUNDLE)
    head = wanted(page, body, "applicant")
    page.locator('[name="/applicant/id_number"]').press_sequentially(body["applicant"]["id_number"])
    expect(page.locator('[name="/applicant/birth_date"]')).to_have_value(body["applicant"]["birth_date"])
    _typed(page, [pair for pair in head if pair[0] not in SAID_BY_THE_NUMBER])
    mobile = page.locator('[name="/applicant/mobile"]')
    mobile.fill("1380000")
    sign_everything(page)
    for code in ("photo", "bank_card"):
        page.check(f'input[name="paper:{code}"][value="promised"]')
    before = set(map(tuple, page.evaluate(_KEPT))) - {("do", "submit")}
    page.click(".bar >> text=提交")
    expect(page.locator('.field:has([name="/applicant/mobile"]) .error')).to_contain_text("11位手机号码")
    page.wait_for_load_state()  # the whole sheet, not only what has come down so far
    lost = before - set(map(tuple, page.evaluate(_KEPT)))
    assert {name for name, _ in lost} <= {"csrf", "version"}, lost
    mobile.fill(body["applicant"]["mobile"])
    page.click(".bar >> text=提交")
    expect(page.locator("h1")).to_have_text("收件回执")
    expect(page.locator(".receipt tbody").first.locator("tr")).to_have_count(4)
    return page.locator(".receipt .no.big").first.inner_text(), page.locator(".receipt .code").inner_text()


def _asked_and_handed_in(family: Family, no: str, code: str) -> Page:
    """资格核验 asks for the degree; the applicant hands it in from a telephone, with what was promised."""
    officer = family.at(R.HANDLER, D.HUMAN_RESOURCES)
    family.opened(officer, "资格核验")
    form = _act(officer, "request-supplement")
    form.locator("input[value=degree]").check()
    form.locator("[name=request-supplement-items-note-degree]").fill("请交学位证书原件照片")
    form.locator("button:has-text('告知补正')").click()
    expect(officer.locator(".said")).to_contain_text("已一次性告知补正")
    phone = family.site.visitor(phone=True)
    opens(phone, no, code)
    progress = phone.locator("#progress")
    expect(progress).to_contain_text("请您补交 3 项")
    expect(progress).to_contain_text("请交学位证书原件照片")
    narrow(phone)
    phone.click("text=拍照或者上传材料")
    narrow(phone)
    papers = phone.locator("input[type=file]")
    expect(papers).to_have_count(3)
    for chosen in papers.all():
        chosen.set_input_files(PHOTO)
    phone.click("main button")
    expect(phone.locator(".said[role=status]")).to_contain_text("已收到您补交的3项内容")
    expect(progress).not_to_contain_text("请您补交")
    return phone


def _paused_and_resumed(family: Family, phone: Page) -> None:
    """预防接种查验 stands still for its experts, and the family reads why; then it goes on."""
    page = family.at(R.HANDLER, D.HEALTH)
    family.opened(page, "预防接种查验")
    form = _act(page, "suspend")
    form.locator("#f-suspend-kind").select_option("expert_review")
    form.locator("#f-suspend-ground").fill("行政许可法 第45条")
    form.locator("#f-suspend-until").fill(family.site.hall.day(20))
    form.locator("button:has-text('暂停')").click()
    expect(page.locator(".said")).to_contain_text("已暂停")
    expect(phone.locator("#progress")).to_contain_text("特别程序告知书")
    page.goto("/inbox")
    row = page.locator("#rows tr", has_text="预防接种查验")
    expect(row).to_contain_text("暂停")
    row.get_by_role("link").click()
    _act(page, "resume").locator("button:has-text('恢复办理')").click()
    expect(page.locator("#head")).not_to_contain_text("暂停")
    family.approves(R.HANDLER, D.HEALTH, "预防接种查验")


def _decided(family: Family) -> None:
    """Everything else is approved, each step by its own office, each level by somebody else."""
    family.approves(R.HANDLER, D.HUMAN_RESOURCES, "资格核验", opinion="学位证书属实")
    family.approves(R.HANDLER, D.PUBLIC_SECURITY, "户政核准", opinion="承办：拟同意")
    family.approves(R.APPROVER, D.PUBLIC_SECURITY, "户政核准", opinion="批准：同意")
    family.approves(R.HANDLER, D.POLICE_STATION, "入户登记", POLICE)
    family.approves(R.HANDLER, D.EDUCATION, "统筹安排学位")
    family.approves(R.APPROVER, D.EDUCATION, "统筹安排学位")
    family.approves(R.HANDLER, D.SCHOOL, "学校确认、注册", SCHOOL)
    family.approves(R.HANDLER, D.HEALTH, ENTITLEMENT)
    family.approves(R.APPROVER, D.HEALTH, ENTITLEMENT)
    family.approves(R.HANDLER, D.HOSPITAL, "医院建档，预留号源", HOSPITAL)


def _delivered(family: Family) -> None:
    """The window hands everything over, the refusal too."""
    clerk = family.at(R.WINDOW, D.WINDOW)
    for title in (SETTLEMENT, SCHOOLING, GREEN, SUBSIDY):
        clerk.goto("/window/waiting/deliver")
        clerk.locator("tr", has_text=title).filter(has_text=family.name).locator("a").first.click()
        clerk.wait_for_url("**/window/cases/**")
        clerk.keyboard.press("d")
        clerk.fill("#f-deliver-reason", "本人签收，已核验身份证")
        clerk.click("button:has-text('登记送达')")
        expect(clerk.locator(".said")).to_contain_text("已登记送达")


def _rated(phone: Page, title: str, grade: str, comment: str) -> None:
    phone.click(f"text=评价{title}")
    phone.get_by_label(grade, exact=True).check()
    phone.fill("#f-comment", comment)
    phone.click("text=提交评价")
    expect(phone.locator("#progress")).to_contain_text(f"{grade}：{comment}")


def _followed_up(family: Family, phone: Page) -> None:
    """教育 speaks with the family and explains; 督办 calls back and replies in public."""
    lead = family.at(R.COORDINATOR, D.EDUCATION)
    lead.goto("/watch/ratings")
    lead.click("tbody a")
    lead.fill("#w-contact", "已电话联系，家长想知道为何要等落户")
    lead.get_by_role("button", name="联系核实").click()
    lead.locator("summary", has_text="解释说明").click()
    lead.fill("#w-explain", "就近安排以落户为准，已说明")
    lead.get_by_role("button", name="解释说明").click()
    expect(lead.locator(".history")).to_contain_text("已说明")
    manager = family.at(R.MANAGER, D.SUPERVISION)
    manager.goto("/watch")
    manager.locator(".tiles").get_by_text("差评整改中").click()
    manager.click("tbody a")
    manager.locator("input[name=satisfied][value=yes]").check()
    manager.fill("#w-call-back", "表示理解")
    manager.get_by_role("button", name="回访").click()
    manager.locator("summary", has_text="公开回复并办结").click()
    manager.fill("#w-close", "入学须先落户，今后在受理时讲清楚。")
    manager.get_by_role("button", name="公开回复并办结").click()
    expect(phone.locator("#progress")).to_contain_text("今后在受理时讲清楚")


def _tiles(family: Family, *words: str) -> list[int]:
    """The numbers over the manager's board that stand over these words."""
    page = family.at(R.MANAGER, D.SUPERVISION)
    page.goto("/watch")
    said = [text.split() for text in page.locator(".tiles li").all_inner_texts()]
    numbers = {one[1]: int(one[0]) for one in said}
    return [numbers[word] for word in words]


def test_a_familys_four_matters_go_from_one_sheet_to_the_last_reply(family: Family) -> None:
    site = family.site
    no, code = _received(family)
    assert _tiles(family, "在办办件", "待送达") == [4, 0]
    phone = _asked_and_handed_in(family, no, code)
    for (department, office), titles in AT_ONCE.items():
        for title in titles:
            family.approves(R.HANDLER, department, title, office)
    _paused_and_resumed(family, phone)
    for role in (R.HANDLER, R.REVIEWER, R.APPROVER):
        family.refuses(role, "复核、定额", REFUSED)
    _decided(family)
    assert [len(family.signers[title]) for title in ("户政核准", "复核、定额")] == [2, 3]
    assert all(len(set(names)) == len(names) for names in family.signers.values())
    assert _tiles(family, "在办办件", "待送达") == [0, 4]

    phone.reload()
    for words in (REFUSED, "平发〔2022〕22号 第8条", "行政复议"):
        expect(phone.locator("#progress")).to_contain_text(words)
    _delivered(family)
    expect(phone.get_by_role("link", name=f"评价{SETTLEMENT}")).to_be_visible()
    _rated(phone, SETTLEMENT, "非常满意", "一次就办好了")
    _rated(phone, SCHOOLING, "不满意", "等了很久没人说明")
    _followed_up(family, phone)

    assert _tiles(family, "在办办件", "红牌办件", "黄牌办件", "待送达", "差评整改中") == [0] * 5
    manager = family.at(R.MANAGER, D.SUPERVISION)
    for view, count in (("received", 4), ("closed", 4), ("late", 0)):
        manager.goto(f"/watch/cases?view={view}&from=2026-09-18&to=2026-09-18")
        expect(manager.locator("tbody tr[data-row]")).to_have_count(count)
    cases = site.hall.rows("SELECT matter, status, outcome FROM cases")
    assert {case.matter: case.status for case in cases} == dict.fromkeys(BUNDLE, "delivered")
    assert {case.matter for case in cases if case.outcome != "approved"} == {"subsidy"}
    assert re.search("[0-9]{17}", phone.url) is None
    with site.engine.connect() as conn:
        assert [finding for _, finding in verify(conn) if finding] == []
