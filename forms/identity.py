"""The arithmetic of resident identity numbers (居民身份证号码), GB 11643—1999."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from operator import mul
from typing import NamedTuple

from stdnum import numdb

from forms.terms import Sex


class Finding(NamedTuple):
    """What a check has to say about a value: an error, or with `doubt` only a warning."""

    code: str
    message: str
    doubt: bool = False


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
# GB/T 2260: 11-15, 21-23, 31-37, 41-46, 50-54, 61-65, 71, 81, 82; 83 is the residence permit's code for Taiwan
_RANGES = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
_PROVINCES = frozenset(str(code) for first, last in _RANGES for code in range(first, last + 1))
_RESIDENT = re.compile(r"[0-9]{17}[0-9X]").fullmatch


def check_character(seventeen: str) -> str:
    """Return the check character of a resident identity number, GB 11643—1999."""
    return _CHECK[sum(map(mul, map(int, seventeen), _WEIGHTS)) % 11]


@lru_cache(maxsize=128)  # one intake asks about the same few numbers a dozen times
def birth_of(number: str) -> date | None:
    """Return the date of birth an identity number carries, None if it carries none."""
    if not _RESIDENT(number):
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex_of(number: str) -> Sex | None:
    """Return the sex an identity number carries: an odd seventeenth digit is a man's, GB 11643—1999."""
    if not _RESIDENT(number):
        return None
    return Sex.MALE if int(number[16]) % 2 else Sex.FEMALE


def resident_id_finding(number: str) -> Finding | None:
    """Return what is wrong with a resident identity number (居民身份证号), None if nothing is.

    Check character, a real date of birth and the province decide; an unknown county does not. Residence permits of
    Hong Kong, Macao and Taiwan residents (81/82/83) and foreigners' permanent residence (9…) are made the same way.
    """
    if re.fullmatch(r"[0-9]{15}", number):
        return Finding("old_resident_id", "15位旧身份证号不再使用，请填写18位号码")
    if len(number) != 18:
        return Finding("length", f"应为18位，现为{len(number)}位")
    if not _RESIDENT(number):
        return Finding("format", "前17位应为数字，末位为数字或X")
    if number[:2] not in _PROVINCES and number[0] != "9":
        return Finding("area", "前两位不是省级行政区划代码")
    birth = birth_of(number)
    if birth is None or birth.year < 1850:
        return Finding("birth_date", "第7至14位不是真实的出生日期")
    if check_character(number[:17]) != number[17]:
        return Finding("check_digit", "校验位不符，请核对；确系签发机关所发的，由经办人注明理由后可以受理")
    return None


@lru_cache(maxsize=4096)
def county_is_known(area: str) -> bool:
    """Whether the six digits stand for a county that exists or existed (GB/T 2260)."""
    return bool(numdb.get("cn/loc").info(area)[-1][1])
