"""人才落户: who may settle, where in the fixed order, and with whom (平发〔2022〕22号 第19条)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from forms.base import Context, Form, MatterForm, Wrong, ask, rule
from forms.fields import Day, DocumentNo, IdNumber, LongText, PersonName, ResidentId, ShortText, Text
from forms.head import Person
from forms.materials import (
    DEGREE,
    GUARDIAN_CONSENT,
    HOUSEHOLD_BOOK,
    ID_CARD,
    KINSHIP,
    PHOTO,
    PROPERTY,
    SKILL_CERTIFICATE,
    TITLE_CERTIFICATE,
    EvidenceGrade,
    Material,
)
from forms.people import Relative
from forms.terms import NEAR_RELATIVES, EducationLevel, Kinship, MandateKind
from forms.vocabulary import Term


class Route(Term):
    """Who may settle (落户类别), 平发〔2022〕22号 第19条."""

    EDUCATION = "a", "国家承认的中专及以上学历人员"
    VOCATIONAL = "b", "技工院校、职业院校毕业生"
    TITLE = "c", "初级以上专业技术职务资格人员"
    STUDENT = "d", "国内普通大中专（技工学校）及以上在校学生"
    OVERSEAS_STUDENT = "e", "国（境）外高等院校专科及以上在校留学生"


class HouseholdType(Term):
    """Kinds of households (户别), 户口登记条例 第5条."""

    FAMILY = "family", "家庭户"
    COLLECTIVE = "collective", "集体户"


class WhyNot(Term):
    """Why a place higher in the order is not available (不能选择前序地址的原因)."""

    NO_HOME = "no_home", "无合法固定住所"
    HOME_NOT_REGISTERED = "home_not_registered", "住所未办理不动产登记或租赁备案"
    NO_RELATIVE = "no_relative", "无城镇近亲属家庭户"
    RELATIVE_DECLINES = "relative_declines", "近亲属户主不同意"
    NO_EMPLOYER = "no_employer", "未就业或单位不在本市"
    NO_UNIT_HOUSEHOLD = "no_unit_household", "单位未设立集体户"
    UNIT_DECLINES = "unit_declines", "单位集体户不予接收"
    CENTRE_DECLINES = "centre_declines", "市人才集体户不予接收"
    OTHER = "other", "其他（须说明）"


ADDRESS_OPTIONS = {1: "合法固定住所", 2: "城镇近亲属家庭户", 3: "单位集体户", 4: "市人才集体户", 5: "社区集体户"}

_ADULT = 18
_BELOW_COLLEGE = {EducationLevel.SECONDARY, EducationLevel.TECHNICAL}
_REASONS = {
    1: {WhyNot.NO_HOME, WhyNot.HOME_NOT_REGISTERED, WhyNot.OTHER},
    2: {WhyNot.NO_RELATIVE, WhyNot.RELATIVE_DECLINES, WhyNot.OTHER},
    3: {WhyNot.NO_EMPLOYER, WhyNot.NO_UNIT_HOUSEHOLD, WhyNot.UNIT_DECLINES, WhyNot.OTHER},
    4: {WhyNot.CENTRE_DECLINES, WhyNot.OTHER},
}
_STUDENTS = {Route.STUDENT, Route.OVERSEAS_STUDENT}


class HigherOption(Form):
    """Why one place higher in the order is not available (前序地址不可选的原因)."""

    option: Annotated[int, Field(strict=True, ge=1, le=4)] = ask("前序地址", options=ADDRESS_OPTIONS)
    reason: WhyNot = ask("原因")
    note: Text | None = ask("说明", "原因为“其他”时填写", default=None)

    @rule("option", "reason", "note")
    def the_reason_fits_the_place(self, context: Context) -> Iterator[Wrong]:
        """Each place has its own reasons; another one has to be explained."""
        if self.reason not in _REASONS[self.option]:
            yield Wrong("reason", f"该原因不适用于“{ADDRESS_OPTIONS[self.option]}”", "reason_does_not_fit")
        if self.reason == WhyNot.OTHER and not self.note:
            yield Wrong("note", "原因为“其他”的，请作说明", "required")


MATERIALS = (
    ID_CARD,
    HOUSEHOLD_BOOK,
    DEGREE.but(note="以学历落户的", when=lambda applicant, form: form.route in {Route.EDUCATION, Route.VOCATIONAL}),
    TITLE_CERTIFICATE.but(note="以职称落户的", when=lambda applicant, form: form.route == Route.TITLE),
    SKILL_CERTIFICATE.but(required=False, note="技工院校、职业院校毕业生，有证书的",
                          when=lambda applicant, form: form.route == Route.VOCATIONAL),
    Material("enrolment", "在校学生证明（学籍在线验证报告）", shared_from="degree", core=True, note="在校学生",
             when=lambda applicant, form: form.route in _STUDENTS),
    PROPERTY.but(note="落户到自有或者租住住所的", when=lambda applicant, form: form.address_option == 1),
    Material("host_household_book", "户主的居民户口簿", shared_from="household", note="落户到近亲属家庭户的",
             when=lambda applicant, form: form.address_option == 2),
    Material("host_consent", "户主同意落户声明", grade=EvidenceGrade.D, note="落户到近亲属家庭户的",
             when=lambda applicant, form: form.address_option == 2),
    KINSHIP.but(note="落户到近亲属家庭户，或者有近亲属随迁的",
                when=lambda applicant, form: form.address_option == 2 or bool(form.relatives)),
    Material("unit_consent", "单位同意落户证明及集体户首页", gap_allowed=True, note="落户到单位集体户的",
             when=lambda applicant, form: form.address_option == 3),
    Material("centre_acceptance", "市人才集体户接收意见", required=False,
             note="落户到市人才集体户的，由人才服务中心在办理中出具",
             when=lambda applicant, form: form.address_option == 4),
    Material("community_consent", "社区集体户同意接收证明", note="落户到社区集体户的",
             when=lambda applicant, form: form.address_option == 5),
    Material("marriage_certificate", "结婚证复印件", shared_from="household", gap_allowed=True, note="配偶随迁的",
             when=lambda applicant, form: any(member.relation == Kinship.SPOUSE for member in moving(applicant, form))),
    GUARDIAN_CONSENT.but(note="有未成年人随迁的", when=lambda applicant, form: bool(form.guardians)),
    PHOTO,
)  # fmt: skip


def moving(applicant: Person, form: SettlementForm) -> list[Relative]:
    """Return the family members who move along."""
    return [member for number in form.relatives if (member := applicant.relative(number))]


class SettlementForm(MatterForm):
    """人才落户申请."""

    code = "settlement"
    title = "人才落户"
    materials = MATERIALS

    route: Route = ask("落户类别", section="落户资格")
    enrolled_school: Text | None = ask(
        "就读院校", "在校学生填写", section="落户资格", default=None, when=("route", _STUDENTS)
    )
    enrolled_level: EducationLevel | None = ask(
        "就读层次", "在校学生填写", section="落户资格", default=None, when=("route", _STUDENTS)
    )
    student_no: DocumentNo | None = ask(
        "学号（学籍号）", "在校学生填写", section="落户资格", default=None, when=("route", _STUDENTS)
    )
    expected_graduation: Day | None = ask(
        "预计毕业日期", "在校学生填写", section="落户资格", default=None, when=("route", _STUDENTS)
    )
    current_hukou_province: ShortText = ask("现户籍所在省（自治区、直辖市）", section="现户籍")
    current_hukou_city: ShortText = ask("现户籍所在市", section="现户籍")
    current_hukou_county: ShortText | None = ask("现户籍所在县（市、区）", section="现户籍", default=None)
    hukou_type: HouseholdType = ask("现户别", section="现户籍")
    move_from_police: Text = ask("现户籍登记派出所", section="现户籍")
    address_option: Annotated[int, Field(strict=True, ge=1, le=5)] = ask(
        "落户地址类别", "依次选择，不能选择前面的须逐项说明原因", section="落户地址", options=ADDRESS_OPTIONS
    )
    why_not_higher: Annotated[list[HigherOption], Field(max_length=4)] = ask(
        "前序地址不可选的原因", section="落户地址", default=[], when=("address_option", (2, 3, 4, 5))
    )
    target_address: LongText = ask("拟落户地址", section="落户地址")
    target_police_station: Text = ask("拟落户派出所", section="落户地址")
    property_certificate_no: DocumentNo | None = ask(
        "不动产权证号（租赁备案号）",
        "选择合法固定住所的填写",
        section="落户地址",
        default=None,
        when=("address_option", (1,)),
    )
    host_name: PersonName | None = ask(
        "户主姓名", "选择近亲属家庭户的填写", section="落户地址", default=None, when=("address_option", (2,))
    )
    host_id: ResidentId | None = ask(
        "户主身份证号码", "选择近亲属家庭户的填写", section="落户地址", default=None, when=("address_option", (2,))
    )
    host_relation: Kinship | None = ask(
        "户主是申请人的", "选择近亲属家庭户的填写", section="落户地址", default=None, when=("address_option", (2,))
    )
    collective_household: Text | None = ask(
        "集体户名称", "选择单位或社区集体户的填写", section="落户地址", default=None, when=("address_option", (3, 5))
    )
    relatives: Annotated[list[IdNumber], Field(max_length=10)] = ask(
        "随迁近亲属", "在“家庭成员”中已填写的证件号码", section="随迁人员", default=[], picked_from="/applicant/family"
    )
    guardians: Annotated[list[PersonName], Field(max_length=4)] = ask(
        "随迁未成年人的监护人", "有未成年人随迁的，填写其全部监护人姓名", section="随迁人员", default=[]
    )

    @rule("route", "applicant.education", "applicant.professional_title")
    def the_route_has_its_certificate(self, context: Context) -> Iterator[Wrong]:
        """Each class of persons proves itself in its own way, 平发〔2022〕22号 第19条."""
        applicant = context.applicant
        if self.route == Route.TITLE and applicant.professional_title is None:
            yield Wrong("/applicant/professional_title", "以职称申请落户，请填写职称信息", "required")
        if self.route not in {Route.EDUCATION, Route.VOCATIONAL}:
            return
        education = applicant.education
        if education is None:
            yield Wrong("/applicant/education", "以学历申请落户，请填写学历信息", "required")
        elif not (education.certificate_no or education.recognition_no):
            yield Wrong("/applicant/education/certificate_no", "以学历申请落户，请填写学历证书编号", "required")

    @rule("route", "applicant.education")
    def vocational_graduates_come_from_vocational_schools(self, context: Context) -> Iterator[Wrong]:
        """Route b is for graduates of technical and vocational schools, 平发〔2022〕22号 第19条."""
        education = context.applicant.education
        if self.route == Route.VOCATIONAL and education and education.level.reaches(EducationLevel.BACHELOR):
            yield Wrong("route", "本科及以上学历请按“国家承认的中专及以上学历人员”申请", "route", doubt=True)

    @rule("route", "enrolled_school", "enrolled_level", "expected_graduation")
    def students_are_still_enrolled(self, context: Context) -> Iterator[Wrong]:
        """Routes d and e are for enrolled students, 平发〔2022〕22号 第19条; graduates take route a."""
        if self.route not in _STUDENTS:
            return
        for name, words in (("enrolled_school", "就读院校"), ("enrolled_level", "就读层次"),
                            ("expected_graduation", "预计毕业日期")):  # fmt: skip
            if getattr(self, name) is None:
                yield Wrong(name, f"在校学生请填写{words}", "required")
        if self.expected_graduation and self.expected_graduation < context.today:
            yield Wrong("expected_graduation", "预计毕业日期已过，毕业生请按学历类别申请", "graduated")
        if self.route == Route.OVERSEAS_STUDENT and self.enrolled_level in _BELOW_COLLEGE:
            yield Wrong("enrolled_level", "国（境）外在校学生须为专科及以上", "level")

    @rule("address_option", "why_not_higher")
    def the_order_of_places_is_kept(self, context: Context) -> Iterator[Wrong]:
        """The five places are chosen in order; every higher one that is passed over has its reason.

        平发〔2022〕22号 第19条 (可依次选择).
        """
        seen: set[int] = set()
        for position, higher in enumerate(self.why_not_higher):
            if higher.option >= self.address_option:
                yield Wrong(f"why_not_higher/{position}/option", "只需说明排在所选地址之前的类别", "not_higher")
            elif higher.option in seen:
                yield Wrong(f"why_not_higher/{position}/option", "同一类别只说明一次", "duplicate")
            seen.add(higher.option)
        for option in range(1, self.address_option):
            if option not in seen:
                yield Wrong("why_not_higher", f"请说明不能选择“{ADDRESS_OPTIONS[option]}”的原因", "order")

    @rule("address_option", "property_certificate_no", "host_name", "host_id", "host_relation", "collective_household")
    def the_place_has_its_particulars(self, context: Context) -> Iterator[Wrong]:
        """A home has its title, a relative's household its host, a collective one its name, 户口登记条例 第3条."""
        wanted = {
            1: (("property_certificate_no", "不动产权证号（租赁备案号）"),),
            2: (("host_name", "户主姓名"), ("host_id", "户主身份证号码"), ("host_relation", "户主与申请人的关系")),
            3: (("collective_household", "集体户名称"),),
            5: (("collective_household", "集体户名称"),),
        }
        for name, words in wanted.get(self.address_option, ()):
            if getattr(self, name) is None:
                yield Wrong(name, f"落户到“{ADDRESS_OPTIONS[self.address_option]}”，请填写{words}", "required")

    @rule("address_option", "host_relation")
    def the_host_is_a_near_relative(self, context: Context) -> Iterator[Wrong]:
        """Option ② is the household of a near relative, 民法典 第1045条."""
        if self.address_option == 2 and self.host_relation and self.host_relation not in NEAR_RELATIVES:
            yield Wrong("host_relation", "户主应为申请人的近亲属", "relation")

    @rule("address_option", "host_id", "applicant.id_number")
    def the_host_is_somebody_else(self, context: Context) -> Iterator[Wrong]:
        """Nobody is the host of a relative's household for himself."""
        if self.address_option == 2 and self.host_id and self.host_id == context.applicant.id_number:
            yield Wrong("host_id", "户主不能是申请人本人", "same_person")

    @rule("address_option", "applicant.employment")
    def a_unit_household_needs_the_unit(self, context: Context) -> Iterator[Wrong]:
        """Option ③ is the collective household of the applicant's own employer."""
        if self.address_option == 3 and context.applicant.employment is None:
            yield Wrong("/applicant/employment", "落户到单位集体户，请填写就业信息", "required")

    @rule("relatives", "applicant.family")
    def those_who_move_along_are_near_relatives(self, context: Context) -> Iterator[Wrong]:
        """The applicant's near relatives may move along, 平发〔2022〕22号 第19条; 民法典 第1045条."""
        for position, number in enumerate(self.relatives):
            member = context.applicant.relative(number)
            if number in self.relatives[:position]:
                yield Wrong(f"relatives/{position}", "随迁人员重复", "duplicate")
            elif member is None:
                yield Wrong(f"relatives/{position}", "请先在“家庭成员”中填写该随迁人员", "not_in_family")
            elif member.relation not in NEAR_RELATIVES:
                yield Wrong(f"relatives/{position}", "随迁人员应为近亲属", "relation")

    @rule("relatives", "guardians", "applicant.family")
    def minors_move_with_their_guardians_consent(self, context: Context) -> Iterator[Wrong]:
        """A minor acts through the guardians, and both parents are, 民法典 第17条、第23条、第27条."""
        members = [context.applicant.relative(number) for number in self.relatives]
        ages = [member.age_on(context.today) for member in members if member]
        if not self.guardians and any(age is not None and age < _ADULT for age in ages):
            yield Wrong("guardians", "有未成年人随迁，请填写其全部监护人姓名，并提交监护人同意书", "guardian")

    @rule("applicant.id_type", "applicant.id_number", "applicant.birth_date", "intake.mandate")
    def a_minor_applies_through_a_guardian(self, context: Context) -> Iterator[Wrong]:
        """Who is under eighteen is represented by the guardian, 民法典 第17条、第23条."""
        age = context.applicant.age_on(context.today)
        if age is not None and age < _ADULT and getattr(context.mandate, "kind", None) != MandateKind.GUARDIAN:
            yield Wrong("/mandate", "申请人未满18周岁，须由监护人代为申请", "guardian")
