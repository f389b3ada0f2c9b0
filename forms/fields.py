"""Field types that check themselves (自校验字段): what a number, a name or a date must look like, said in Chinese."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError
from stdnum.cn import uscc

from forms.identity import (
    Finding,
    birth_of,
    check_character,
    county_is_known,
    resident_id_finding,
    sex_of,
)
from forms.privacy import Sensitive
from forms.terms import EmployerNature

__all__ = ["birth_of", "check_character", "resident_id_finding", "sex_of"]
"""The arithmetic of identity numbers is found here too, beside the types that use it."""


@dataclass(frozen=True, slots=True)
class AtIntake:
    """A check that needs today's date, or that only warns; it runs when an intake is read."""

    check: Callable[[Any, date], Finding | None]


def plain(value: str) -> str:
    """Return the value in half width, without spaces."""
    return value if value.isascii() and value.isalnum() else re.sub(r"\s+", "", unicodedata.normalize("NFKC", value))


# --- identity numbers ------------------------------------------------------------------------------------------------


def _resident_id(value: str, info: ValidationInfo) -> str:
    number = plain(value).upper()
    finding = resident_id_finding(number)
    if finding and not (finding.code == "check_digit" and number in getattr(info.context, "overridden", ())):
        raise PydanticCustomError(finding.code, finding.message)
    return number


def _born_and_known(number: str, today: date) -> Finding | None:
    birth = birth_of(number)
    if birth is None:
        return None
    if birth > today:
        return Finding("future_birth", "出生日期晚于今天")
    if number[0] not in "89" and not county_is_known(number[:6]):
        return Finding("unknown_county", "前6位是未收录的行政区划代码，请留意核对", doubt=True)
    return None


ResidentId = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=40),
    AfterValidator(_resident_id),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{17}[0-9Xx]$"}),
    Sensitive("identity"),
    AtIntake(_born_and_known),
]


def _paper_number(value: str) -> str:
    number = plain(value).upper()
    if not re.fullmatch(r"[0-9A-Z()/\-]{4,30}", number):
        raise PydanticCustomError("format", "证件号码应为4至30位字母或数字")
    return number


IdNumber = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=40),
    AfterValidator(_paper_number),
    WithJsonSchema({"type": "string", "pattern": "^[0-9A-Za-z()/-]{4,30}$"}),
    Sensitive("identity"),
    AtIntake(_born_and_known),
]


def _matching(pattern: str, code: str, message: str, *, upper: bool = False) -> Callable[[str], str]:
    whole = re.compile(pattern)

    def check(value: str) -> str:
        value = plain(value).upper() if upper else plain(value)
        if not whole.fullmatch(value):
            raise PydanticCustomError(code, message)
        return value

    return check


DocumentNo = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=60),
    AfterValidator(_matching(r"[\w()\-/〔〕.]{1,60}", "format", "编号只能由文字、字母、数字和连接号组成")),
    WithJsonSchema({"type": "string", "pattern": "^[0-9A-Za-z()/.-]{1,60}$"}),
]
PermitNo = Annotated[DocumentNo, Sensitive("document")]


# --- organisations ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _credit_code(value: str) -> str:
    code = plain(value).upper()
    if not re.fullmatch(r"[0-9A-HJ-NPQRTUWXY]{18}", code):
        raise PydanticCustomError("format", "统一社会信用代码应为18位，不含字母I、O、S、V、Z")
    if not uscc.is_valid(code):
        raise PydanticCustomError("check_digit", "统一社会信用代码校验不符，请核对")
    return code


CreditCode = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=40),
    AfterValidator(_credit_code),
    WithJsonSchema({"type": "string", "pattern": "^[0-9A-HJ-NPQRTUWXY]{18}$"}),
]

_NATURES = {
    "11": EmployerNature.GOVERNMENT,
    "12": EmployerNature.INSTITUTION,
    "13": EmployerNature.MASS_ORGANISATION,
    "91": EmployerNature.ENTERPRISE,
    "92": EmployerNature.INDIVIDUAL,
    "93": EmployerNature.COOPERATIVE,
}


def nature_of(code: str) -> EmployerNature:
    """Return what a credit code (统一社会信用代码) says its holder is, GB 32100—2015."""
    return EmployerNature.SOCIAL_ORGANISATION if code[0] == "5" else _NATURES.get(code[:2], EmployerNature.OTHER)


# --- contact and money -----------------------------------------------------------------------------------------------

Mobile = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=30),
    AfterValidator(_matching(r"1[3-9][0-9]{9}", "mobile", "应为11位手机号码")),
    WithJsonSchema({"type": "string", "pattern": "^1[3-9][0-9]{9}$"}),
    Sensitive("mobile"),
]


def _digits(count: str, code: str, message: str) -> tuple[Any, ...]:
    return (
        AfterValidator(_matching(f"[0-9]{count}", code, message)),
        WithJsonSchema({"type": "string", "pattern": f"^[0-9]{count}$"}),
    )


PostalCode = Annotated[str, StringConstraints(max_length=20), *_digits("{6}", "postal_code", "邮政编码应为6位数字")]
RegionCode = Annotated[str, StringConstraints(max_length=20), *_digits("{6}", "region", "行政区划代码应为6位数字")]
BankCode = Annotated[str, StringConstraints(max_length=40), *_digits("{12}", "bank_code", "联行号应为12位数字")]


def luhn(digits: str) -> bool:
    """Whether a card number keeps the Luhn check (ISO/IEC 7812-1)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[::-2]) + sum(doubled)) % 10 == 0


def _luhn_doubt(value: str, _today: date) -> Finding | None:
    return None if luhn(value) else Finding("luhn", "银行卡号校验位不符，请与持卡人核对", doubt=True)


BankCard = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(_matching("[0-9]{16,19}", "bank_card", "银行卡号应为16至19位数字")),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{16,19}$"}),
    Sensitive("bank"),
    AtIntake(_luhn_doubt),
]

# --- names and text --------------------------------------------------------------------------------------------------

# control characters, and marks that turn or hide what stands around them
_TURNING = r"\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
CONTROL = re.compile(rf"[\x00-\x1f{_TURNING}\ud800-\udfff]")
_LINE_PATTERN = rf"^[^\x00-\x1f{_TURNING}]*$"
_LINES_PATTERN = rf"^[^\x00-\x09\x0b-\x1f{_TURNING}]*$"
_DOTS = str.maketrans(dict.fromkeys("•‧∙・●.．｡", "·"))


def _person_name(value: str) -> str:
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", value)).strip().translate(_DOTS)
    if CONTROL.search(value) or not re.fullmatch(r"[^\W\d_]+(?:[·' \-][^\W\d_]+)*", name):
        raise PydanticCustomError("name", "姓名只能由汉字或字母组成，少数民族姓名中间用“·”")
    if not 2 <= len(name) <= 30:
        raise PydanticCustomError("name", "姓名应为2至30个字")
    return name


PersonName = Annotated[
    str,
    StringConstraints(max_length=60),
    AfterValidator(_person_name),
    WithJsonSchema({"type": "string", "pattern": "^[一-龥]{1,15}·?[一-龥]{1,14}$"}),
]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30, pattern=_LINE_PATTERN)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=_LINE_PATTERN)]
LongText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=_LINES_PATTERN),
]
FileId = Annotated[
    str, StringConstraints(pattern=r"^[0-9A-Za-z_\-]{1,80}$"), Field(json_schema_extra={"x-kind": "file"})
]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9a-z_]{1,40}$")]
YesNo = Annotated[bool, Field(strict=True)]

# --- dates -----------------------------------------------------------------------------------------------------------


def _day(value: object) -> object:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = date.min
        if 1900 <= day.year <= 2199:
            return day
    raise PydanticCustomError("date", "应为真实的日期，如 2026-09-18")


def _not_future(value: date, today: date) -> Finding | None:
    return Finding("future_date", "不能晚于今天") if value > today else None


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
PastDay = Annotated[Day, AtIntake(_not_future)]
SchoolYear = Annotated[int, Field(strict=True, ge=2000, le=2100)]
Month = Annotated[
    str,
    StringConstraints(max_length=20),
    AfterValidator(_matching(r"(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])", "month", "应为年月，如 2026-09")),
    WithJsonSchema({"type": "string", "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])$", "x-kind": "month"}),
]
