"""One valid intake of all four matters, to be spoiled in one place by each test; nobody in it is real."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

from forms.errors import FieldError, Invalid
from forms.fields import check_character
from forms.intake import Intake, read_intake
from forms.matters.green_channel import GreenChannelForm
from forms.matters.schooling import SchoolingForm
from forms.matters.settlement import SettlementForm
from forms.matters.subsidy import SubsidyForm
from forms.privacy import at

TODAY = date(2026, 9, 18)
REGION = "370283"
WANG = "370283199506150003"  # a woman, born 1995-06-15
CHILD = "370283201908310006"  # born 2019-08-31
HOST = "11010519491231002X"
FORMS = {form.code: form for form in (SettlementForm, SchoolingForm, GreenChannelForm, SubsidyForm)}

_BODY: dict[str, Any] = {
    "region": REGION,
    "channel": "window",
    "applicant": {
        "kind": "person",
        "name": "王测试",
        "id_number": WANG,
        "mobile": "13800000000",
        "education": {
            "level": "master",
            "degree": "master",
            "school": "测试大学",
            "graduated_on": "2024-06-30",
            "certificate_no": "100001202402000001",
        },
        "talent": {
            "talent_class": "B",
            "certificate_no": "RC2025001",
            "issued_by": "青岛市人力资源和社会保障局",
            "valid_from": "2025-01-01",
            "valid_to": "2029-12-31",
        },
        "employment": {
            "employer_name": "平度测试科技有限公司",
            "uscc": "91370283MA00000009",
            "district": REGION,
            "started_on": "2024-07-01",
        },
        "insurance": {"number": "370283000001", "place": REGION, "started_on": "2024-07-01"},
        "family": [{"relation": "child", "name": "王小测", "id_number": CHILD}],
    },
    "matters": {
        "settlement": {
            "route": "a",
            "current_hukou_province": "河南省",
            "current_hukou_city": "郑州市",
            "hukou_type": "family",
            "move_from_police": "测试派出所",
            "address_option": 2,
            "why_not_higher": [{"option": 1, "reason": "no_home"}],
            "target_address": "平度市测试路1号",
            "target_police_station": "城关派出所",
            "host_name": "王大",
            "host_id": HOST,
            "host_relation": "parent",
            "relatives": [CHILD],
            "guardians": ["王测试"],
        },
        "schooling": {
            "child_id": CHILD,
            "guardian_relation": "mother",
            "route": "settled",
            "stage": "primary",
            "entry_type": "start",
            "entry_year": 2026,
            "wishes": ["实验小学", "第二小学"],
            "home_address": "平度市测试路1号",
            "hukou_in_district": False,
        },
        "green_channel": {
            "insured_city": "青岛市",
            "insured_type": "employee",
            "preferred_hospital": "平度市人民医院",
            "services": ["expert"],
            "emergency_contact": "王三",
            "emergency_mobile": "13900000000",
            "family_covered": [CHILD],
        },
        "subsidy": {
            "rule_id": "P3b",
            "first_employed_on": "2024-07-01",
            "first_time_declaration": True,
            "insured_months": [f"2025-{month:02}" for month in range(1, 13)],
            "from_month": "2025-01",
            "months": 12,
            "bank_name": "中国工商银行平度支行",
            "account_no": "6228480402564890018",
            "account_name": "王测试",
        },
    },
    "materials": [{"code": "id_card", "shared": True}, {"code": "photo", "promised": True}],
    "consents": [{"code": "child_data", "given_by": "guardian"}],
}


def body(*codes: str) -> dict[str, Any]:
    """Return the valid body, for these matters only if any are named."""
    whole = copy.deepcopy(_BODY)
    if codes:
        whole["matters"] = {code: whole["matters"][code] for code in codes}
        if "schooling" not in codes:
            del whole["consents"]
        if not {"settlement", "green_channel"} & set(codes):
            whole["materials"] = whole["materials"][:1]
    return whole


def spoil(whole: dict[str, Any], pointer: str, value: object) -> dict[str, Any]:
    """Put a value at the pointer; `...` takes it away."""
    parent_at, _, last = pointer.rpartition("/")
    parent: Any = at(whole, parent_at)
    key: Any = int(last) if isinstance(parent, list) else last
    if value is ...:
        del parent[key]
    else:
        parent[key] = value
    return whole


def read(whole: object, today: date = TODAY) -> Intake:
    """Read a body as the window of Pingdu does."""
    return read_intake(whole, FORMS, today=today, regions={REGION})


def errors(whole: object, today: date = TODAY) -> dict[str, str]:
    """Return what is wrong with a body: pointer → code; empty if nothing is."""
    try:
        read(whole, today)
    except Invalid as invalid:
        return {error.field: error.code for error in invalid.errors}
    return {}


def error_list(whole: object) -> tuple[FieldError, ...]:
    """Return the errors themselves."""
    try:
        read(whole)
    except Invalid as invalid:
        return invalid.errors
    return ()


def doubts(whole: object, today: date = TODAY) -> dict[str, str]:
    """Return the warnings of a valid body: pointer → code."""
    return {warning.field: warning.code for warning in read(whole, today).warnings}


def numbered(seventeen: str) -> str:
    """Return the whole number of somebody who does not exist."""
    return seventeen + check_character(seventeen)


ADULT = numbered("37028319800101000")


def settle(**changes: Any) -> dict[str, Any]:
    """Return a valid application for settlement alone, with some fields changed."""
    whole = body("settlement")
    whole["matters"]["settlement"].update(changes)
    return whole


def school(**changes: Any) -> dict[str, Any]:
    """Return a valid application for schooling alone, with some fields changed."""
    whole = body("schooling")
    whole["matters"]["schooling"].update({"hukou_in_district": True, **changes})
    return whole


def care(**changes: Any) -> dict[str, Any]:
    """Return a valid application for the green channel alone, with some fields changed."""
    whole = body("green_channel")
    whole["matters"]["green_channel"].update(changes)
    return whole


def money(**changes: Any) -> dict[str, Any]:
    """Return a valid application for a subsidy alone, with some fields changed."""
    whole = body("subsidy")
    whole["matters"]["subsidy"].update(changes)
    return whole


def own(found: dict[str, str], code: str) -> dict[str, str]:
    """Return what is wrong in one matter\'s own form, by its fields."""
    start = f"/matters/{code}/"
    return {pointer.removeprefix(start): error for pointer, error in found.items() if pointer.startswith(start)}
