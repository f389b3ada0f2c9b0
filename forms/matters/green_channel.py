"""医疗绿色通道: care for recognised talents, an adviser and a liaison (平发〔2022〕22号 第20条)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from forms.base import Context, MatterForm, Wrong, ask, rule
from forms.fields import IdNumber, Mobile, PersonName, SchoolYear, ShortText, Text, YesNo
from forms.materials import CONTRACT, ID_CARD, KINSHIP, PHOTO, TALENT_CERTIFICATE, Material
from forms.talent import must_hold
from forms.terms import Kinship, TalentClass
from forms.vocabulary import Term


class InsuredType(Term):
    """Kinds of medical insurance (参保类型), 社会保险法 第三章."""

    EMPLOYEE = "employee", "职工基本医疗保险"
    RESIDENT = "resident", "城乡居民基本医疗保险"
    OTHER = "other", "其他"


class CareService(Term):
    """What the channel offers (服务内容)."""

    EXPERT = "expert", "预约专家"
    ACCOMPANIED = "accompanied", "陪诊"
    INPATIENT = "inpatient", "住院"
    CHECK_UP = "check_up", "体检"


FAMILY_CLASSES = frozenset({TalentClass.A, TalentClass.B, TalentClass.C})
"""Classes whose family is looked after too; no source gives the classes, this is the platform's own default."""

COVERED_RELATIVES = frozenset({Kinship.SPOUSE, Kinship.PARENT, Kinship.CHILD})

MATERIALS = (
    ID_CARD,
    TALENT_CERTIFICATE,
    CONTRACT,
    PHOTO,
    Material("family_identity", "家属身份证件", shared_from="household", core=True, note="家属同享待遇的",
             when=lambda applicant, form: bool(form.family_covered)),
    KINSHIP.but(note="家属同享待遇的", when=lambda applicant, form: bool(form.family_covered)),
)  # fmt: skip


class GreenChannelForm(MatterForm):
    """医疗绿色通道申请; no medical record is asked for, 个人信息保护法 第6条."""

    code = "green_channel"
    title = "医疗绿色通道"
    materials = MATERIALS
    needs_head = frozenset({"talent", "employment"})

    insured_city: ShortText = ask("医疗保险参保地", section="参保情况")
    insured_type: InsuredType = ask("参保类型", section="参保情况")
    preferred_hospital: Text = ask("意向定点医院", section="服务需求")
    services: Annotated[list[CareService], Field(min_length=1, max_length=4)] = ask("服务内容", section="服务需求")
    urgent: YesNo = ask("是否急诊或正在住院", "急需的由联络员先行联系，手续后补", section="服务需求", default=False)
    check_up_year: SchoolYear | None = ask(
        "体检年度", "选择体检的填写", section="服务需求", default=None, when=("services", ("check_up",))
    )
    check_up_elsewhere: YesNo = ask(
        "该年度是否已由其他渠道安排体检",
        "选择体检的填写",
        section="服务需求",
        default=False,
        when=("services", ("check_up",)),
    )
    emergency_contact: PersonName = ask("紧急联系人", section="联系人")
    emergency_mobile: Mobile = ask("紧急联系人手机号码", section="联系人")
    family_covered: Annotated[list[IdNumber], Field(max_length=10)] = ask(
        "共同享受的家属", "在“家庭成员”中已填写的证件号码", section="家属", default=[], picked_from="/applicant/family"
    )

    @rule("applicant.talent")
    def the_class_is_valid(self, context: Context) -> Iterator[Wrong]:
        """The class holds on the day of service, 平发〔2022〕22号 第20条."""
        if context.applicant.talent:
            yield from must_hold(context)

    @rule("applicant.employment")
    def the_employer_is_in_the_city(self, context: Context) -> Iterator[Wrong]:
        """The channel is for talents who work in the city; an employer elsewhere is put before the department."""
        employment = context.applicant.employment
        if employment and employment.district and context.region and employment.district[:4] != context.region[:4]:
            yield Wrong("/applicant/employment/district", "用人单位不在本市，请核对", "outside_city", doubt=True)

    @rule("family_covered", "applicant.family", "applicant.talent")
    def family_is_covered_by_class_and_relation(self, context: Context) -> Iterator[Wrong]:
        """Spouse, parents and children share the channel where the class includes them."""
        talent = context.applicant.talent
        if self.family_covered and talent and talent.talent_class not in FAMILY_CLASSES:
            yield Wrong("family_covered", f"{talent.talent_class.label}的待遇不含家属", "class_without_family")
        for position, number in enumerate(self.family_covered):
            member = context.applicant.relative(number)
            if number in self.family_covered[:position]:
                yield Wrong(f"family_covered/{position}", "家属重复", "duplicate")
            elif member is None:
                yield Wrong(f"family_covered/{position}", "请先在“家庭成员”中填写该家属", "not_in_family")
            elif member.relation not in COVERED_RELATIVES:
                yield Wrong(f"family_covered/{position}", "共同享受的家属限于配偶、父母、子女", "relation")

    @rule("services")
    def services_are_listed_once(self, context: Context) -> Iterator[Wrong]:
        """Each service is chosen once."""
        for position, service in enumerate(self.services):
            if service in self.services[:position]:
                yield Wrong(f"services/{position}", "服务内容重复", "duplicate")

    @rule("services", "check_up_year", "check_up_elsewhere")
    def one_check_up_a_year(self, context: Context) -> Iterator[Wrong]:
        """One check-up a year, and none that another source already pays."""
        if CareService.CHECK_UP not in self.services:
            return
        if self.check_up_year is None:
            yield Wrong("check_up_year", "请填写体检年度", "required")
        elif not context.today.year <= self.check_up_year <= context.today.year + 1:
            yield Wrong("check_up_year", "体检年度应为今年或明年", "range")
        if self.check_up_elsewhere:
            yield Wrong("check_up_elsewhere", "该年度已由其他渠道安排体检，不重复安排", "check_up_used")
