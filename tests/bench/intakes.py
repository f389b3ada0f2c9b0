"""The intakes that are filed (测量用申请): twenty facts each, every person another, all numbers valid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from forms.identity import check_character

REGION = "370283"
FACTS = 20


def intakes(first: int, count: int) -> Iterator[dict[str, Any]]:
    """Yield `count` bodies from the `first`-th on; no two name the same person."""
    for number in range(first, first + count):
        yield _intake(number)


def _intake(number: int) -> dict[str, Any]:
    born = date(1960, 1, 1) + timedelta(days=number % 15000)
    stem = f"{REGION}{born:%Y%m%d}{('999', '998', '997', '996', '000')[number // 15000]}"
    return {
        "region": REGION,
        "channel": "window",
        "applicant": {
            "kind": "person",
            "name": "测量甲",
            "id_number": stem + check_character(stem),
            "mobile": f"154{number:08d}",
            "ethnicity": "汉族",
            "address": f"山东省青岛市平度市杭州路{number % 300 + 1}号3号楼2单元501室",
        },
        "matters": {
            "joint": {
                "unit_name": "平度市测量科技有限公司",
                "uscc": "91370283MA0000007Y",
                "unit_district": REGION,
                "unit_address": f"山东省青岛市平度市南京路{number % 200 + 1}号",
                "postal_code": "266700",
                "contact_name": "测量乙",
                "contact_mobile": f"154{99999999 - number:08d}",
                "project_name": "人才公寓装修工程",
                "project_no": f"PD-2026-{number:06d}",
                "begins_on": "2026-10-01",
                "ends_on": "2027-03-31",
                "amount": 1200 + number % 500,
                "public": bool(number % 2),
                "note": "夜间不施工，材料堆放在院内指定位置",
            }
        },
        "materials": [{"code": "id_card", "shared": True}],
    }
