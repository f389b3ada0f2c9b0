"""The conditions of the subsidies as data (补贴条件): whom each is for and what it asks; amounts stand in flows/money.

P rules: 平发〔2022〕22号; Q rules: 青政字〔2021〕22号 专栏6.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from forms.terms import EducationLevel, SubsidyRule

CAP_MONTHS = 36
"""Living subsidies run for at most 36 months, 平发〔2022〕22号 第3条、第5条."""

IN_FORCE = date(2022, 10, 1)
"""平发〔2022〕22号 is in force from this day; who came before keeps the old rules (老人老办法、新人新办法)."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a subsidy asks: `insured` employee insurance paid here, `private` an employer other than 机关事业单位."""

    basis: str
    employer: bool = False
    monthly: bool = False
    insured: bool = False
    private: bool = False
    enterprise: bool = False
    level: EducationLevel | None = None


def _p(item: int, **asks: object) -> Conditions:
    return Conditions(f"平发〔2022〕22号第{item}条", **asks)  # type: ignore[arg-type]


CONDITIONS: dict[SubsidyRule, Conditions] = {
    SubsidyRule.P3A: _p(3, monthly=True, insured=True, private=True, level=EducationLevel.DOCTOR),
    SubsidyRule.P3B: _p(3, monthly=True, insured=True, private=True, level=EducationLevel.MASTER),
    SubsidyRule.P3C: _p(3, monthly=True, insured=True, private=True, level=EducationLevel.BACHELOR),
    SubsidyRule.P3D: _p(3, monthly=True, private=True, level=EducationLevel.BACHELOR),
    SubsidyRule.P5A: _p(5, monthly=True, insured=True, private=True),
    SubsidyRule.P5B: _p(5, monthly=True, insured=True, private=True),
    SubsidyRule.P5C: _p(5, insured=True, private=True, enterprise=True),
    SubsidyRule.P8B: _p(8),
    SubsidyRule.P11C: _p(11, employer=True, private=True, enterprise=True),
    SubsidyRule.P12B: _p(12, employer=True, private=True),
    SubsidyRule.Q1: Conditions("青政字〔2021〕22号专栏6", employer=True),
    SubsidyRule.Q2: Conditions("青政字〔2021〕22号专栏6", employer=True),
}
