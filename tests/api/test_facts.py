"""What was filled in, read as people read it."""

from __future__ import annotations

from api.facts import Fact, Section, sections, titled
from forms.head import Person
from forms.matters.settlement import SettlementForm


def _found(shown: list[Section], title: str) -> Fact:
    return next(fact for section in shown for fact in section.facts if fact.title == title)


def test_codes_and_numbered_choices_are_shown_in_words() -> None:
    shown = sections(
        SettlementForm, {"route": "a", "address_option": 4, "relatives": [], "guardians": ["王一", "李二"]}
    )
    assert [section.title for section in shown] == ["落户资格", "落户地址", "随迁人员"]
    assert _found(shown, "落户地址类别").text == "市人才集体户"
    assert _found(shown, "落户类别").text == "国家承认的中专及以上学历人员"
    assert _found(shown, "随迁未成年人的监护人").text == "王一、李二"


def test_parts_and_lists_of_parts_keep_their_titles() -> None:
    head = {
        "kind": "person",
        "education": {"level": "bachelor", "school": "青岛大学", "overseas": False},
        "family": [{"name": "王五", "relation": "child", "id_number": "3702**********0006"}],
    }
    shown = sections(Person, head)
    part = {fact.title: fact.text for fact in _found(shown, "学历信息").part}
    assert part == {"学历层次": "本科", "毕业院校": "青岛大学", "是否国（境）外学历": "否"}
    family = _found(shown, "家庭成员")
    assert list(family.head) == ["姓名", "证件号码", "与申请人关系"]
    assert list(family.rows[0]) == ["王五", "3702**********0006", "子女"]


def test_what_is_revealed_is_named_by_its_place() -> None:
    forms = {"applicant": Person, "settlement": SettlementForm}
    assert titled(forms, "/applicant/family/0/id_number") == "家庭成员 · 第1项 · 证件号码"
    assert titled(forms, "/matters/settlement/host_id") == "户主身份证号码"
