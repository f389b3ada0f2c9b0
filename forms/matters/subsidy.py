"""人才补贴: living subsidies, one-off grants and employers' awards (平发〔2022〕22号 第3、5、8、11、12条)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from forms.base import Context, MatterForm, Wrong, ask, rule
from forms.benefits import Hire, OtherBenefit
from forms.fields import BankCard, BankCode, Day, Month, PastDay, Text, YesNo
from forms.materials import (
    BANK_CARD,
    CONTRACT,
    DEGREE,
    ID_CARD,
    INSURANCE_RECORD,
    LICENCE,
    SKILL_CERTIFICATE,
    TITLE_CERTIFICATE,
    EvidenceGrade,
    Material,
)
from forms.subsidy_rules import CAP_MONTHS, CONDITIONS, IN_FORCE
from forms.terms import EmployerNature, SkillGrade, SubsidyRule, TitleGrade
from forms.vocabulary import ApplicantKind

_PUBLIC = {EmployerNature.GOVERNMENT, EmployerNature.INSTITUTION}
_SKILLS = {SkillGrade.SENIOR_TECHNICIAN, SkillGrade.TECHNICIAN, SkillGrade.ADVANCED}
_OF_EMPLOYERS = tuple(code for code in SubsidyRule if CONDITIONS[code].employer)
_OF_PERSONS = tuple(code for code in SubsidyRule if not CONDITIONS[code].employer)
_MONTHLY = tuple(code for code in SubsidyRule if CONDITIONS[code].monthly)
_TITLES = {TitleGrade.SENIOR, TitleGrade.ASSOCIATE, TitleGrade.INTERMEDIATE}


def _is_employer(applicant: Any) -> bool:
    return bool(applicant.kind == ApplicantKind.EMPLOYER)


def _runs_a_business(applicant: Any, form: Any) -> bool:
    return _is_employer(applicant) or bool(applicant.employment and applicant.employment.self_employed)


MATERIALS = (
    ID_CARD.but(note="个人申请的", when=lambda applicant, form: not _is_employer(applicant)),
    BANK_CARD,
    CONTRACT.but(note="在单位就业的", when=lambda applicant, form: not _runs_a_business(applicant, form)),
    LICENCE.but(note="自主创业的，或者用人单位申请的", when=_runs_a_business),
    DEGREE.but(note="按学历享受补贴的", when=lambda applicant, form: CONDITIONS[form.rule_id].level is not None),
    SKILL_CERTIFICATE.but(note="技能人才生活补贴", when=lambda applicant, form: form.rule_id == SubsidyRule.P5A),
    TITLE_CERTIFICATE.but(note="专业技术人才生活补贴、卫生人才安家补贴",
                          when=lambda applicant, form: form.rule_id in (SubsidyRule.P5B, SubsidyRule.P8B)),
    INSURANCE_RECORD.but(note="须在本地参加职工社会保险的补贴",
                         when=lambda applicant, form: CONDITIONS[form.rule_id].insured),
    Material("school_letter", "学校实习推荐函", note="岗位实习学生一次性补贴",
             when=lambda applicant, form: form.rule_id == SubsidyRule.P5C),
    Material("employer_assessment", "实习单位考核意见", grade=EvidenceGrade.D, note="岗位实习学生一次性补贴",
             when=lambda applicant, form: form.rule_id == SubsidyRule.P5C),
    Material("hospital_proof", "三级甲等医院任职证明", core=True, note="卫生人才安家补贴",
             when=lambda applicant, form: form.rule_id == SubsidyRule.P8B),
    Material("hire_list", "引进人才名册", grade=EvidenceGrade.D, note="用人单位申请的",
             when=lambda applicant, form: _is_employer(applicant)),
)  # fmt: skip


def month_of(day: date) -> str:
    """Return the month of a day, as 2026-09."""
    return f"{day:%Y-%m}"


class SubsidyForm(MatterForm):
    """人才补贴申请; amounts are never typed, they are computed."""

    code = "subsidy"
    title = "人才补贴"
    materials = MATERIALS
    applies_to = frozenset({ApplicantKind.PERSON, ApplicantKind.EMPLOYER})

    rule_id: SubsidyRule = ask("补贴项目", section="补贴项目")
    first_employed_on: PastDay | None = ask(
        "首次在本地就业（创业）日期", "个人补贴填写", section="就业参保", default=None, when=("rule_id", _OF_PERSONS)
    )
    first_time_declaration: YesNo = ask(
        "声明此前未在本地就业参保",
        "生活补贴限首次来本地就业创业的人员",
        section="就业参保",
        default=False,
        when=("rule_id", _MONTHLY),
    )
    insured_months: Annotated[list[Month], Field(max_length=240)] = ask(
        "本地实际缴纳职工社保的月份", "如 2026-03", section="就业参保", default=[], when=("rule_id", _OF_PERSONS)
    )
    from_month: Month | None = ask(
        "申请起始月份", "按月补贴填写", section="申请金额", default=None, when=("rule_id", _MONTHLY)
    )
    months: Annotated[int, Field(strict=True, ge=0, le=CAP_MONTHS)] | None = ask(
        "申请月数", "按月补贴填写，累计不超过36个月", section="申请金额", default=None, when=("rule_id", _MONTHLY)
    )
    months_before: Annotated[int, Field(strict=True, ge=0, le=CAP_MONTHS)] = ask(
        "此前已享受月数", section="申请金额", default=0, when=("rule_id", _MONTHLY)
    )
    other_benefits: Annotated[list[OtherBenefit], Field(max_length=20)] = ask(
        "已享受的其他政策", section="申请金额", default=[]
    )
    placement_school: Text | None = ask(
        "实习学生就读院校", "岗位实习补贴填写", section="其他条件", default=None, when=("rule_id", (SubsidyRule.P5C,))
    )
    placement_from: Day | None = ask(
        "实习起始日期", "岗位实习补贴填写", section="其他条件", default=None, when=("rule_id", (SubsidyRule.P5C,))
    )
    previous_hospital: Text | None = ask(
        "原任职三级甲等医院",
        "卫生人才安家补贴填写",
        section="其他条件",
        default=None,
        when=("rule_id", (SubsidyRule.P8B,)),
    )
    hires: Annotated[list[Hire], Field(max_length=100)] = ask(
        "引进人员", "用人单位填写", section="引进人员", default=[], when=("rule_id", _OF_EMPLOYERS)
    )
    bank_name: Text = ask("开户银行", section="收款账户")
    bank_code: BankCode | None = ask("联行号", section="收款账户", default=None)
    account_no: BankCard = ask("银行账号", "建议使用社会保障卡账户", section="收款账户")
    account_name: Text = ask("账户名称", "须与申请人一致", section="收款账户")

    @classmethod
    def subject(cls, form: Any, applicant: Any) -> str | None:
        """Return the applicant with the rule: one open application per person and rule."""
        return f"{applicant.id_number}:{form.rule_id.value}"

    @rule("account_name", "applicant.name")
    def the_payee_is_the_applicant(self, context: Context) -> Iterator[Wrong]:
        """Money goes to the applicant's own account, never to a third party's."""
        if _same_text(self.account_name) != _same_text(context.applicant.name):
            yield Wrong("account_name", "账户名称须与申请人一致", "payee")

    @rule("rule_id", "applicant.kind")
    def the_rule_is_for_this_kind_of_applicant(self, context: Context) -> Iterator[Wrong]:
        """Awards for bringing talents in go to employers, the rest to persons, 平发〔2022〕22号 第11条、第12条."""
        if _is_employer(context.applicant) != CONDITIONS[self.rule_id].employer:
            who = "用人单位" if CONDITIONS[self.rule_id].employer else "个人"
            yield Wrong("rule_id", f"“{self.rule_id.label}”由{who}申请", "wrong_applicant")

    @rule("rule_id", "applicant.employment")
    def the_employer_is_not_a_public_body(self, context: Context) -> Iterator[Wrong]:
        """Living subsidies are for employers other than 机关事业单位, 平发〔2022〕22号 第3条、第5条."""
        if not CONDITIONS[self.rule_id].private:
            return
        employment = context.applicant.employment
        if employment is None:
            yield Wrong("/applicant/employment", f"申请“{self.rule_id.label}”，请填写就业信息", "required")
        elif employment.natures & _PUBLIC:
            basis = CONDITIONS[self.rule_id].basis
            yield Wrong("/applicant/employment/nature", f"机关事业单位不在补贴范围内（{basis}）", "public_employer")
        elif CONDITIONS[self.rule_id].enterprise and EmployerNature.ENTERPRISE not in employment.natures:
            yield Wrong(
                "/applicant/employment/nature", "岗位实习补贴限在企业实习（平发〔2022〕22号第5条）", "not_enterprise"
            )

    @rule("rule_id", "applicant.uscc", "applicant.nature")
    def public_bodies_get_no_award(self, context: Context) -> Iterator[Wrong]:
        """Awards are for enterprises or for employers other than 机关事业单位, 平发〔2022〕22号 第11条、第12条."""
        asks, natures = CONDITIONS[self.rule_id], context.applicant.natures
        if asks.private and natures & _PUBLIC:
            yield Wrong("/applicant/nature", f"机关事业单位不在奖励范围内（{asks.basis}）", "public_employer")
        elif asks.enterprise and EmployerNature.ENTERPRISE not in natures:
            yield Wrong("/applicant/nature", f"该奖励限企业申请（{asks.basis}）", "not_enterprise")

    @rule("rule_id", "applicant.education")
    def the_degree_fits_the_rule(self, context: Context) -> Iterator[Wrong]:
        """Doctors, masters and bachelors have their rates; domestic degrees are full-time, 平发〔2022〕22号 第3条."""
        education, wanted = context.applicant.education, CONDITIONS[self.rule_id].level
        if wanted is None:
            return
        if education is None:
            yield Wrong("/applicant/education", f"申请“{self.rule_id.label}”，请填写学历信息", "required")
        elif not education.level.reaches(wanted):
            yield Wrong("/applicant/education/level", f"学历未达到{wanted.label}（平发〔2022〕22号第3条）", "level")
        elif not education.overseas and not education.full_time:
            yield Wrong(
                "/applicant/education/full_time", "国内学历限全日制毕业生（平发〔2022〕22号第3条）", "full_time"
            )
        elif self.rule_id != SubsidyRule.P3D and education.level != wanted:
            yield Wrong("rule_id", f"按{education.level.label}可申请更高标准", "better_rule", doubt=True)

    @rule("rule_id", "applicant.id_type", "applicant.nationality")
    def foreigners_have_their_own_rule(self, context: Context) -> Iterator[Wrong]:
        """P3d is for foreigners and people of Hong Kong, Macao and Taiwan, 平发〔2022〕22号 第3条."""
        if self.rule_id == SubsidyRule.P3D and not context.applicant.from_abroad:
            yield Wrong("rule_id", "该项补贴限外籍及港澳台高校毕业生申请", "not_foreign")

    @rule("rule_id", "applicant.skill", "applicant.professional_title")
    def the_certificate_fits_the_rule(self, context: Context) -> Iterator[Wrong]:
        """Skills from 高级工, titles from 中级; a senior title for health staff, 平发〔2022〕22号 第5条、第8条."""
        skill, title = context.applicant.skill, context.applicant.professional_title
        if self.rule_id == SubsidyRule.P5A and (skill is None or skill.grade not in _SKILLS):
            yield Wrong("/applicant/skill", "须有高级工及以上职业技能等级（平发〔2022〕22号第5条）", "required")
        if self.rule_id == SubsidyRule.P5B and (title is None or title.grade not in _TITLES):
            yield Wrong("/applicant/professional_title", "须有中级及以上职称（平发〔2022〕22号第5条）", "required")
        if self.rule_id == SubsidyRule.P8B and (
            title is None or title.grade not in _TITLES - {TitleGrade.INTERMEDIATE}
        ):
            yield Wrong("/applicant/professional_title", "须有高级职称（平发〔2022〕22号第8条）", "required")

    @rule("rule_id", "applicant.professional_title", "applicant.insurance")
    def the_title_was_held_when_insurance_began(self, context: Context) -> Iterator[Wrong]:
        """The title is held already when insurance is first paid here, 平发〔2022〕22号 第5条 (已具有)."""
        title, insurance = context.applicant.professional_title, context.applicant.insurance
        if self.rule_id == SubsidyRule.P5B and title and insurance and title.got_on > insurance.started_on:
            yield Wrong(
                "/applicant/professional_title/got_on", "职称须在本地参保前已取得（平发〔2022〕22号第5条）", "too_late"
            )

    @rule("rule_id", "applicant.insurance")
    def insurance_is_paid_here(self, context: Context) -> Iterator[Wrong]:
        """Employee insurance is paid here; P3d is free of it, 平发〔2022〕22号 第3条、第5条."""
        if not CONDITIONS[self.rule_id].insured:
            return
        insurance = context.applicant.insurance
        if insurance is None:
            yield Wrong("/applicant/insurance", f"申请“{self.rule_id.label}”，请填写社会保险信息", "required")
        elif context.region and insurance.place != context.region:
            yield Wrong(
                "/applicant/insurance/place",
                f"须在本地缴纳职工社会保险（{CONDITIONS[self.rule_id].basis}）",
                "not_here",
            )

    @rule("rule_id", "first_employed_on", "first_time_declaration")
    def it_is_the_first_employment_here(self, context: Context) -> Iterator[Wrong]:
        """Only the first employment here counts; old people keep the old rules, 平发〔2022〕22号 第3条、附则."""
        if not CONDITIONS[self.rule_id].monthly:
            return
        if self.first_employed_on is None:
            yield Wrong("first_employed_on", "请填写首次在本地就业（创业）日期", "required")
        elif self.first_employed_on < IN_FORCE:
            yield Wrong(
                "first_employed_on", "2022年10月1日前来本地就业的按原政策执行，转人工核定", "old_rules", doubt=True
            )
        if not self.first_time_declaration:
            yield Wrong("first_time_declaration", "生活补贴限首次来本地就业创业的人员，请作声明", "first_time")

    @rule("first_employed_on", "applicant.employment")
    def first_employment_is_not_after_the_present_one(self, context: Context) -> Iterator[Wrong]:
        """The first employment here cannot begin after the present one."""
        employment = context.applicant.employment
        if employment and self.first_employed_on and self.first_employed_on > employment.started_on:
            yield Wrong("first_employed_on", "首次就业日期不能晚于现单位入职日期", "order")

    @rule("insured_months")
    def insured_months_are_past_and_different(self, context: Context) -> Iterator[Wrong]:
        """A month counts once, and only when it was really paid."""
        seen: set[str] = set()
        for position, month in enumerate(self.insured_months):
            if month in seen:
                yield Wrong(f"insured_months/{position}", "参保月份重复", "duplicate")
            if month > month_of(context.today):
                yield Wrong(f"insured_months/{position}", "参保月份不能晚于本月", "future_date")
            seen.add(month)

    @rule("rule_id", "from_month", "months", "months_before", "insured_months")
    def months_are_insured_and_at_most_36(self, context: Context) -> Iterator[Wrong]:
        """At most 36 months in all, and none without insurance, 平发〔2022〕22号 第3条、第5条."""
        if not CONDITIONS[self.rule_id].monthly:
            return
        for name, words in (("from_month", "申请起始月份"), ("months", "申请月数")):
            if not getattr(self, name):
                yield Wrong(name, f"按月补贴请填写{words}", "required")
        if self.months and self.months + self.months_before > CAP_MONTHS:
            yield Wrong("months", "累计享受不超过36个月（平发〔2022〕22号第3条、第5条）", "over_36")
        if self.months and self.from_month and CONDITIONS[self.rule_id].insured:
            paid = {month for month in self.insured_months if month >= self.from_month}
            if self.months > len(paid):
                yield Wrong("months", f"申请月数多于起始月份以来的参保月数（{len(paid)}个月）", "over_insured")

    @rule("rule_id", "from_month", "first_employed_on")
    def months_begin_with_the_employment(self, context: Context) -> Iterator[Wrong]:
        """No month before the first employment here is paid."""
        first = self.first_employed_on
        if CONDITIONS[self.rule_id].monthly and self.from_month and first and self.from_month < month_of(first):
            yield Wrong("from_month", "申请起始月份早于首次就业月份", "order")

    @rule("from_month", "other_benefits")
    def overlapping_benefits_are_pointed_out(self, context: Context) -> Iterator[Wrong]:
        """Crossing policies are paid 从优从高 and not twice, 平发〔2022〕22号 附则; the department compares."""
        for position, other in enumerate(self.other_benefits):
            if self.from_month and (other.to_month is None or other.to_month >= self.from_month):
                yield Wrong(f"other_benefits/{position}", "与所申请月份重叠，按从优从高核定", "overlap", doubt=True)

    @rule("rule_id", "placement_school", "placement_from", "previous_hospital", "hires")
    def one_off_grants_have_their_particulars(self, context: Context) -> Iterator[Wrong]:
        """Placements, health staff and awards each need their own facts, 平发〔2022〕22号 第5、8、11、12条."""
        wanted: tuple[tuple[str, str], ...] = ()
        if self.rule_id == SubsidyRule.P5C:
            wanted = (("placement_school", "实习学生就读院校"), ("placement_from", "实习起始日期"))
        elif self.rule_id == SubsidyRule.P8B:
            wanted = (("previous_hospital", "原任职三级甲等医院"),)
        elif CONDITIONS[self.rule_id].employer:
            wanted = (("hires", "引进人员"),)
        for name, words in wanted:
            if not getattr(self, name):
                yield Wrong(name, f"申请“{self.rule_id.label}”，请填写{words}", "required")

    @rule("hires")
    def everybody_is_hired_once(self, context: Context) -> Iterator[Wrong]:
        """Nobody is counted twice."""
        numbers = [hire.id_number for hire in self.hires]
        for position, number in enumerate(numbers):
            if number in numbers[:position]:
                yield Wrong(f"hires/{position}/id_number", "引进人员重复", "duplicate")


def _same_text(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("(", "（").replace(")", "）")
