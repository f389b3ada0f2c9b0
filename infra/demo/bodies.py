"""Application bodies of synthetic people (演示申请): what the window would send, complete and valid unless changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from forms.materials import Material
from infra.demo.rows import DemoAccount, DemoPerson, DemoRelative

HOSPITALS = {"370283": "平度市人民医院", "370285": "莱西市人民医院"}
PRIMARY_SCHOOLS = {
    "370283": ["平度市实验小学", "平度市城东小学"],
    "370285": ["莱西市实验小学"],
}
STATIONS = {"370283": "平度市公安局东阁派出所", "370285": "莱西市公安局水集派出所"}


def settlement(person: DemoPerson, region: str, certificate_no: str) -> dict[str, Any]:
    """Return the settlement form of somebody with a degree and a home of one's own (平发〔2022〕22号 第19条 ①)."""
    _, province, city, county = person.hometown
    return {
        "route": "a",
        "current_hukou_province": province,
        "current_hukou_city": city,
        "current_hukou_county": county,
        "hukou_type": "family",
        "move_from_police": f"{county}公安局城关派出所",
        "address_option": 1,
        "target_address": person.address,
        "target_police_station": STATIONS[region],
        "property_certificate_no": certificate_no,
    }


def schooling(
    person: DemoPerson, child: DemoRelative, region: str, year: int, *, route: str = "settled"
) -> dict[str, Any]:
    """Return the schooling form of a child who starts primary school."""
    return {
        "child_id": child.id_number,
        "guardian_relation": "father" if person.sex == "male" else "mother",
        "route": route,
        "stage": "primary",
        "entry_type": "start",
        "entry_year": year,
        "wishes": list(PRIMARY_SCHOOLS[region]),
        "home_address": person.address,
        "hukou_in_district": False,
    }


def green_channel(person: DemoPerson, region: str, contact: DemoRelative | None, mobile: str) -> dict[str, Any]:
    """Return the green channel form of a recognised talent."""
    return {
        "insured_city": "青岛市",
        "insured_type": "employee",
        "preferred_hospital": HOSPITALS[region],
        "services": ["expert", "accompanied"],
        "emergency_contact": contact.name if contact else person.name,
        "emergency_mobile": mobile,
    }


def subsidy(person: DemoPerson, account: DemoAccount, rule: str, day: date) -> dict[str, Any]:
    """Return the form of a monthly living subsidy for the months insured so far."""
    assert person.employment is not None
    months = months_between(person.employment.started_on, day)
    return {
        "rule_id": rule,
        "first_employed_on": person.employment.started_on.isoformat(),
        "first_time_declaration": True,
        "insured_months": months,
        "from_month": months[0],
        "months": min(len(months), 36),
        "bank_name": account.bank_name,
        "account_no": account.account_no,
        "account_name": account.account_name,
    }


def months_between(first: date, last: date) -> list[str]:
    """Return the months from one day to another, both included, as 2026-09."""
    count = (last.year - first.year) * 12 + last.month - first.month
    return [
        f"{first.year + (first.month - 1 + n) // 12}-{(first.month - 1 + n) % 12 + 1:02d}" for n in range(count + 1)
    ]


def body(
    region: str,
    head: dict[str, Any],
    matters: Mapping[str, dict[str, Any]],
    materials: list[dict[str, Any]],
    *,
    accept: bool = True,
) -> dict[str, Any]:
    """Return a whole body with the consents its matters need."""
    consents = [{"code": "truth"}, {"code": "personal_data"}]
    if "schooling" in matters:
        consents.append({"code": "child_data", "given_by": "guardian"})
    return {
        "region": region,
        "channel": "window",
        "applicant": head,
        "matters": dict(matters),
        "materials": materials,
        "consents": consents,
        "accept": accept,
    }


def shared_or(materials: list[Material], file_of: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return papers as handed in: from shared data where that is offered, else the uploaded file."""
    return [
        {"code": m.code, "shared": True} if m.shared_from else {"code": m.code, "file": file_of[m.code]}
        for m in materials
        if m.shared_from or m.code in file_of
    ]
