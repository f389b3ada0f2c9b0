"""What a subsidy comes to (补贴核定): conditions, rates, months, and which of several standards is paid.

P rules: 平发〔2022〕22号; Q rules: 青政字〔2021〕22号 专栏6. Amounts are whole yuan and are computed here only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from flows.facts import Facts, Hired, facts_of
from forms.head import Employer, Person
from forms.subsidy_rules import CAP_MONTHS, CONDITIONS, IN_FORCE
from forms.terms import EducationLevel, EmployerNature, SkillGrade, SubsidyRule, TitleGrade
from forms.vocabulary import Term


class Stacking(Term):
    """How money of the district and of the city go together (平度与青岛政策叠加); no document says, a city sets it."""

    MANUAL = "manual", "人工核定"
    BEST = "best", "从优从高"
    SUM = "sum", "可叠加"


_PUBLIC = frozenset({EmployerNature.GOVERNMENT, EmployerNature.INSTITUTION})
_DEGREE_MONTHLY = {EducationLevel.DOCTOR: 3000, EducationLevel.MASTER: 2000, EducationLevel.BACHELOR: 1000}
_SKILL_MONTHLY = {SkillGrade.SENIOR_TECHNICIAN: 2000, SkillGrade.TECHNICIAN: 1000, SkillGrade.ADVANCED: 500}
_TITLE_MONTHLY = {TitleGrade.SENIOR: 2000, TitleGrade.ASSOCIATE: 1000, TitleGrade.INTERMEDIATE: 500}
_STAY_AWARD = {EducationLevel.DOCTOR: 15000, EducationLevel.MASTER: 10000, EducationLevel.BACHELOR: 5000}
_HIRE_FUNDS = {EducationLevel.DOCTOR: 10000, EducationLevel.MASTER: 5000, EducationLevel.BACHELOR: 3000}
_PLACEMENT, _SETTLING, _OVERSEAS_CAP, _YOUNG_DOCTOR = 5000, 100_000, 100_000, 50_000
_PLACEMENT_MONTHS = 6
_STAY_YEARS = 5
_YOUNG = 35
"""35岁以下 includes thirty-five itself, 民法典 第1259条."""

_BY_DEGREE = {SubsidyRule.P3A, SubsidyRule.P3B, SubsidyRule.P3C, SubsidyRule.P3D}
"""The rates of item 3: one degree meets one standard, by whichever of them."""

_SENIOR = frozenset({TitleGrade.SENIOR, TitleGrade.ASSOCIATE})
_MONTHLY = tuple(rule for rule, asks in CONDITIONS.items() if asks.monthly)


@dataclass(frozen=True, slots=True)
class Forgone:
    """A standard that is met too but not paid, with what it would have come to and why."""

    rule: SubsidyRule
    total: int
    reason: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one rule comes to: `amount` yuan a month for `months`, or once with `months` 0; `total` in yuan.

    `reasons` say why nothing is paid, quoting the clause; `notes` what the officer should look at.
    """

    rule: SubsidyRule
    basis: str
    amount: int = 0
    months: int = 0
    total: int = 0
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    forgone: tuple[Forgone, ...] = ()
    manual_review: bool = False

    @property
    def eligible(self) -> bool:
        """Whether the conditions are met."""
        return not self.reasons

    def data(self) -> dict[str, Any]:
        """Return the assessment as it is kept on the case, ready for JSON."""
        return {
            "rule": self.rule.value,
            "rule_title": self.rule.label,
            "basis": self.basis,
            "amount": self.amount,
            "months": self.months,
            "total": self.total,
            "reasons": list(self.reasons),
            "notes": list(self.notes),
            "manual_review": self.manual_review,
            "forgone": [{"rule": one.rule.value, "total": one.total, "reason": one.reason} for one in self.forgone],
        }


def assess(rule: SubsidyRule, facts: Facts, *, from_month: str | None = None, months: int | None = None) -> Assessment:
    """Assess one rule; of several monthly standards that are met the highest is paid and the rest are on record.

    平发〔2022〕22号 附则: 同时符合多项扶持标准的，按最高扶持标准执行.
    """
    own = _alone(rule, facts, from_month, months)
    if not own.eligible or not own.total or rule not in _MONTHLY:
        return own
    others = (_alone(other, facts, from_month, months) for other in _MONTHLY if other != rule)
    met = [own, *(other for other in others if other.total)]
    best = max(met, key=lambda one: one.total)
    lost = tuple(
        Forgone(one.rule, one.total, f"按最高标准“{best.rule.label}”执行（平发〔2022〕22号附则）")
        for one in met
        if one.rule != best.rule and not {one.rule, best.rule} <= _BY_DEGREE
    )
    notes = () if best is own else (f"申请“{rule.label}”，按最高标准“{best.rule.label}”核定",)
    return replace(best, forgone=lost, notes=best.notes + notes)


def reasons_against(rule: SubsidyRule, facts: Facts) -> tuple[str, ...]:
    """Return why a rule does not apply, each with its clause; empty when it does."""
    asks = CONDITIONS[rule]
    found: list[str] = []
    if asks.private and facts.natures & _PUBLIC:
        found.append("机关事业单位不在范围内")
    if asks.private and not asks.employer and not facts.natures:
        found.append("未就业或创业")
    if asks.enterprise and facts.natures and EmployerNature.ENTERPRISE not in facts.natures:
        found.append("限企业")
    if asks.insured and (facts.insured_from is None or not facts.insured_months):
        found.append("未在本地缴纳职工社会保险")
    if asks.monthly and not facts.first_time:
        found.append("非首次来本地就业创业")
    found += _own_reasons(rule, facts)
    return tuple(f"{words}（{asks.basis}）" for words in found)


def _own_reasons(rule: SubsidyRule, facts: Facts) -> Iterable[str]:
    wanted = CONDITIONS[rule].level
    if wanted and rule == SubsidyRule.P3D:
        if not facts.from_abroad:
            yield "限外籍及港澳台高校毕业生"
        if facts.level is None or not facts.level.reaches(wanted):
            yield "未取得本科以上学历"
    elif wanted:
        if facts.level != wanted:
            yield f"学历不是{wanted.label}"
        elif not facts.full_time and not facts.overseas:
            yield "国内学历限全日制毕业生"
    if rule == SubsidyRule.P5A and facts.skill not in _SKILL_MONTHLY:
        yield "未取得高级工及以上职业技能等级"
    if rule == SubsidyRule.P5B:
        if facts.title not in _TITLE_MONTHLY:
            yield "未取得中级及以上职称"
        elif facts.title_on and facts.insured_from and facts.title_on > facts.insured_from:
            yield "参保时尚未取得职称"
    if rule == SubsidyRule.P5C:
        if not facts.on_placement:
            yield "不是企业岗位实习学生"
        elif longest_run(facts.insured_months) < _PLACEMENT_MONTHS:
            yield "连续缴纳职工社会保险未满6个月"
    if rule == SubsidyRule.P8B and not (facts.from_top_hospital and facts.title in _SENIOR):
        yield "不是三级甲等医院高级职称卫生人才"
    if CONDITIONS[rule].employer and not any(_per_hire(rule, hire) for hire in facts.hires):
        yield "没有符合条件的引进人员"


def _alone(rule: SubsidyRule, facts: Facts, from_month: str | None, months: int | None) -> Assessment:
    """Assess one rule by itself."""
    asks = CONDITIONS[rule]
    against = reasons_against(rule, facts)
    if against:
        return Assessment(rule, asks.basis, reasons=against)
    notes = ("已享受其他政策，按从优从高核定，不重复享受（平发〔2022〕22号附则）",) if facts.other_benefits else ()
    if not asks.monthly:
        return _once(rule, facts, notes)
    if facts.first_employed_on is None or facts.first_employed_on < IN_FORCE:
        words = "2022年10月1日前来本地就业的执行原政策（平发〔2018〕12号），转人工核定"
        return Assessment(rule, asks.basis, notes=(*notes, words), manual_review=True)
    amount = _monthly(rule, facts)
    counted = countable_months(rule, facts, from_month, months)
    return Assessment(rule, asks.basis, amount, counted, amount * counted, notes=notes, manual_review=bool(notes))


def _monthly(rule: SubsidyRule, facts: Facts) -> int:
    if rule == SubsidyRule.P5A and facts.skill:
        return _SKILL_MONTHLY[facts.skill]
    if rule == SubsidyRule.P5B and facts.title:
        return _TITLE_MONTHLY[facts.title]
    return _DEGREE_MONTHLY[facts.level] if facts.level else 0


def _once(rule: SubsidyRule, facts: Facts, notes: tuple[str, ...]) -> Assessment:
    basis = CONDITIONS[rule].basis
    if rule == SubsidyRule.P5C:
        amount, words = _PLACEMENT, ""
    elif rule == SubsidyRule.P8B:
        amount, words = _SETTLING, "不低于10万元，具体标准人工核定"
    else:
        amount = sum(_per_hire(rule, hire) for hire in facts.hires)
        words = {
            SubsidyRule.P12B: "按引进数量质量核定，最高10万元，人工核定",
            SubsidyRule.Q2: "限市属企事业单位，且与培养经费是否重复须人工核定",
        }.get(rule, "")
        if rule == SubsidyRule.P12B:
            amount = min(amount, _OVERSEAS_CAP)
    notes = (*notes, words) if words else notes
    return Assessment(rule, basis, amount, 0, amount, notes=notes, manual_review=bool(notes))


def _per_hire(rule: SubsidyRule, hire: Hired) -> int:
    """Return what one hire brings; for P12b no rate is published, so each counts up to the cap."""
    if rule == SubsidyRule.P11C:
        return _STAY_AWARD.get(hire.level, 0) if hire.insured_years >= _STAY_YEARS else 0
    if rule == SubsidyRule.P12B:
        return _OVERSEAS_CAP if hire.overseas else 0
    if rule == SubsidyRule.Q2:
        young = hire.age is not None and hire.age <= _YOUNG
        return _YOUNG_DOCTOR if young and hire.level == EducationLevel.DOCTOR else 0
    return _HIRE_FUNDS.get(hire.level, 0) if hire.key_school else 0


def countable_months(rule: SubsidyRule, facts: Facts, from_month: str | None, claimed: int | None) -> int:
    """Return how many months are paid: really insured here, since the first employment, 36 in all.

    Months between are not lost: they only count later. Without insurance (P3d) the months claimed count.
    """
    left = max(0, CAP_MONTHS - facts.months_before)
    claimed = left if claimed is None else max(0, claimed)
    if not CONDITIONS[rule].insured:
        return min(claimed, left)
    first = f"{facts.first_employed_on:%Y-%m}" if facts.first_employed_on else ""
    since = max(from_month or "", first)
    return min(claimed, left, sum(month >= since for month in facts.insured_months))


def longest_run(months: Iterable[str]) -> int:
    """Return the length of the longest unbroken run of months."""
    numbers = sorted({int(month[:4]) * 12 + int(month[5:7]) for month in months})
    best = run = 0
    for position, number in enumerate(numbers):
        run = run + 1 if position and number == numbers[position - 1] + 1 else 1
        best = max(best, run)
    return best


def overlap(months: Iterable[str], paid: Iterable[str]) -> frozenset[str]:
    """Return the months claimed that were paid already under the same rule."""
    return frozenset(months) & frozenset(paid)


def choose(assessments: Iterable[Assessment], stacking: Stacking = Stacking.MANUAL) -> tuple[Assessment, ...]:
    """Return what is paid of everything one payee is eligible for, best first, with what is forgone on the first.

    Inside 平发〔2022〕22号 the highest standard (附则); district and city money by the city's setting, since
    no document answers it: `MANUAL` leaves both and asks for a person's review.
    """
    met = sorted((one for one in assessments if one.eligible), key=lambda one: -one.total)
    district = [one for one in met if one.rule.value.startswith("P")]
    city = [one for one in met if one.rule.value.startswith("Q")]
    paid = [group[0] for group in (district, city) if group]
    if stacking == Stacking.BEST:
        paid = sorted(paid, key=lambda one: -one.total)[:1]
    lost = tuple(
        Forgone(one.rule, one.total, "从优从高，不重复享受（平发〔2022〕22号附则）") for one in met if one not in paid
    )
    unclear = len(paid) > 1 and stacking == Stacking.MANUAL
    return tuple(
        replace(one, forgone=one.forgone + (lost if first else ()), manual_review=one.manual_review or unclear)
        for first, one in ((position == 0, one) for position, one in enumerate(paid))
    )


def assess_form(applicant: Person | Employer, form: Any) -> Assessment:
    """Assess the rule that an application asks for (自动测算), for the officer to confirm."""
    return assess(form.rule_id, facts_of(applicant, form), from_month=form.from_month, months=form.months)
