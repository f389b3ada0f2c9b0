"""The shared head (统一申请表): what is asked of every applicant once, whatever the matters are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from forms.base import Context, Form, Wrong, ask, rule
from forms.fields import (
    CreditCode,
    Day,
    DocumentNo,
    FileId,
    LongText,
    Mobile,
    PastDay,
    PersonName,
    PostalCode,
    RegionCode,
    ResidentId,
    ShortText,
    Text,
    YesNo,
    nature_of,
)
from forms.people import FROM_ABROAD, Identity, Relative
from forms.terms import (
    Degree,
    DeliveryMode,
    EducationLevel,
    EmployerNature,
    Kinship,
    MandateKind,
    SkillGrade,
    TalentClass,
    TitleGrade,
)
from forms.vocabulary import ApplicantKind


class Education(Form):
    """The highest education (最高学历)."""

    level: EducationLevel = ask("学历层次")
    school: Text = ask("毕业院校")
    major: Text | None = ask("所学专业", default=None)
    degree: Degree | None = ask("学位", default=None)
    graduated_on: PastDay = ask("毕业日期")
    certificate_no: DocumentNo | None = ask("学历证书编号", default=None)
    full_time: YesNo = ask("是否全日制", default=True)
    overseas: YesNo = ask("是否国（境）外学历", default=False)
    recognition_no: DocumentNo | None = ask("留学服务中心认证书编号", "国（境）外学历填写", default=None)

    @rule("overseas", "recognition_no")
    def foreign_degrees_are_recognised(self, context: Context) -> Iterator[Wrong]:
        """A degree from abroad counts once the 教育部留学服务中心 has recognised it, 平发〔2022〕22号 第3条."""
        if self.overseas and not self.recognition_no:
            yield Wrong("recognition_no", "国（境）外学历须填写留学服务中心认证书编号", "required")


class ProfessionalTitle(Form):
    """A professional title (专业技术职务资格)."""

    grade: TitleGrade = ask("职称等级")
    name: ShortText = ask("职称名称")
    certificate_no: DocumentNo = ask("职称证书编号")
    got_on: PastDay = ask("取得日期")


class Skill(Form):
    """A vocational skill (职业资格、职业技能等级)."""

    grade: SkillGrade = ask("技能等级")
    occupation: ShortText = ask("职业（工种）")
    certificate_no: DocumentNo = ask("技能证书编号")
    got_on: PastDay = ask("取得日期")


class Talent(Form):
    """A recognised talent class (人才类别)."""

    talent_class: TalentClass = ask("人才类别")
    certificate_no: DocumentNo = ask("人才证书编号")
    issued_by: Text = ask("发证单位")
    valid_from: PastDay = ask("有效期起")
    valid_to: Day = ask("有效期止")

    @rule("valid_from", "valid_to")
    def validity_runs_forward(self, context: Context) -> Iterator[Wrong]:
        """A certificate ends after it begins; whether it is still valid is each matter's rule."""
        if self.valid_to < self.valid_from:
            yield Wrong("valid_to", "有效期止不能早于有效期起", "order")


class Employment(Form):
    """Where the applicant works (就业情况), an own business included."""

    employer_name: Text = ask("用人单位名称", "自主创业的填写创办企业")
    uscc: CreditCode = ask("统一社会信用代码")
    district: RegionCode | None = ask("单位所在区划代码", default=None)
    nature: EmployerNature | None = ask("单位性质", "可不填，由信用代码得出", default=None)
    started_on: Day = ask("入职（创业）日期")
    contract_until: Day | None = ask("合同到期日", "无固定期限的不填", default=None)
    self_employed: YesNo = ask("是否自主创业", default=False)

    @property
    def natures(self) -> set[EmployerNature]:
        """What the employer is, as stated and as its code says."""
        return {nature_of(self.uscc), *([self.nature] if self.nature else [])}

    @rule("started_on", "contract_until")
    def contract_runs_forward(self, context: Context) -> Iterator[Wrong]:
        """A contract ends after it begins; one that has ended is pointed out."""
        if self.contract_until and self.contract_until < self.started_on:
            yield Wrong("contract_until", "合同到期日不能早于入职日期", "order")
        elif self.contract_until and self.contract_until < context.today:
            yield Wrong("contract_until", "劳动合同已到期，请核对是否续签", "expired", doubt=True)

    @rule("uscc", "nature")
    def nature_agrees_with_the_code(self, context: Context) -> Iterator[Wrong]:
        """The nature stated is compared with the one in the credit code, GB 32100—2015."""
        if self.nature and self.nature != nature_of(self.uscc):
            yield Wrong("nature", f"信用代码显示该单位为{nature_of(self.uscc).label}，请核对", "mismatch", doubt=True)


class Insurance(Form):
    """Employee social insurance (职工社会保险)."""

    number: DocumentNo = ask("社会保险编号")
    place: RegionCode = ask("参保地区划代码")
    started_on: PastDay = ask("参保起始日期")


class Delivery(Form):
    """How results are handed over (取件方式)."""

    mode: DeliveryMode = ask("取件方式", default=DeliveryMode.WINDOW)
    recipient: PersonName | None = ask("收件人", default=None)
    mobile: Mobile | None = ask("收件人手机号码", default=None)
    address: LongText | None = ask("收件地址", default=None)
    postal_code: PostalCode | None = ask("邮政编码", default=None)

    @rule("mode", "address")
    def post_needs_an_address(self, context: Context) -> Iterator[Wrong]:
        """What goes by post needs an address."""
        if self.mode == DeliveryMode.EMS and not self.address:
            yield Wrong("address", "选择邮政快递的，请填写收件地址", "required")


_Family = Annotated[list[Relative], Field(max_length=20)]


class Person(Identity):
    """A person who applies (个人申请人)."""

    kind: Literal["person"] = ask("申请主体", section="基本信息")
    mobile: Mobile = ask("手机号码", section="基本信息")
    nationality: ShortText = ask("国籍（地区）", section="基本信息", default="中国")
    ethnicity: ShortText | None = ask("民族", section="基本信息", default=None)
    address: LongText | None = ask("通信地址", section="基本信息", default=None)
    education: Education | None = ask("学历信息", section="学历与资格", default=None)
    professional_title: ProfessionalTitle | None = ask("职称信息", section="学历与资格", default=None)
    skill: Skill | None = ask("职业技能信息", section="学历与资格", default=None)
    talent: Talent | None = ask("人才称号信息", section="学历与资格", default=None)
    employment: Employment | None = ask("就业信息", section="就业与社保", default=None)
    insurance: Insurance | None = ask("社会保险信息", section="就业与社保", default=None)
    family: _Family = ask("家庭成员", "配偶、子女等，各事项共用，只填一次", section="家庭成员", default=[])
    delivery: Delivery = ask("取件信息", section="取件", default=Delivery())

    @property
    def from_abroad(self) -> bool:
        """Whether the applicant is a foreigner or comes from Hong Kong, Macao or Taiwan."""
        return self.nationality != "中国" or self.id_type in FROM_ABROAD or self.id_number[:2] in ("81", "82", "83")

    def relative(self, id_number: str) -> Relative | None:
        """Return the family member with that number."""
        return next((member for member in self.family if member.id_number == id_number), None)

    @rule("family", "id_number")
    def family_members_are_different_people(self, context: Context) -> Iterator[Wrong]:
        """Nobody is listed twice, nor the applicant among the family; there is one spouse, 民法典 第1041条."""
        seen = {self.id_number}
        spouses = 0
        for position, member in enumerate(self.family):
            if member.id_number in seen:
                yield Wrong(f"family/{position}/id_number", "与申请人或其他家庭成员的证件号码重复", "duplicate")
            seen.add(member.id_number)
            spouses += member.relation == Kinship.SPOUSE
            if spouses > 1 and member.relation == Kinship.SPOUSE:
                yield Wrong(f"family/{position}/relation", "配偶只能填写一人", "duplicate")


class Employer(Form):
    """An employer who applies (用人单位)."""

    kind: Literal["employer"] = ask("申请主体", section="单位信息")
    name: Text = ask("单位名称", section="单位信息")
    uscc: CreditCode = ask("统一社会信用代码", section="单位信息")
    nature: EmployerNature | None = ask("单位性质", "可不填，由信用代码得出", section="单位信息", default=None)
    district: RegionCode | None = ask("所在区划代码", section="单位信息", default=None)
    address: LongText | None = ask("单位地址", section="单位信息", default=None)
    contact_name: PersonName = ask("联系人", section="联系人")
    mobile: Mobile = ask("联系人手机号码", section="联系人")
    delivery: Delivery = ask("取件信息", section="取件", default=Delivery())

    @property
    def natures(self) -> set[EmployerNature]:
        """What the employer is, as stated and as its code says."""
        return {nature_of(self.uscc), *([self.nature] if self.nature else [])}

    @property
    def id_number(self) -> str:
        """What identifies the applicant, as a person's number does."""
        return self.uscc


class Mandate(Form):
    """Somebody who files for the applicant (代办): free of charge, with a mandate."""

    kind: MandateKind = ask("代办类型", default=MandateKind.AGENT)
    name: PersonName = ask("代办人姓名")
    id_number: ResidentId = ask("代办人身份证号码")
    mobile: Mobile = ask("代办人手机号码")
    file: FileId | None = ask("授权委托书", default=None)


APPLICANTS: dict[str, type[Person] | type[Employer]] = {ApplicantKind.PERSON: Person, ApplicantKind.EMPLOYER: Employer}
