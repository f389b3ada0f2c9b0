"""子女入学（入园）: by wish for talents, nearby after settling, or with a residence permit.

平发〔2022〕22号 第20条.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from forms.base import Context, MatterForm, Wrong, ask, rule
from forms.fields import (
    Day,
    DocumentNo,
    LongText,
    Mobile,
    PermitNo,
    PersonName,
    ResidentId,
    SchoolYear,
    Text,
    YesNo,
    birth_of,
)
from forms.materials import (
    CONTRACT,
    HOUSEHOLD_BOOK,
    ID_CARD,
    INSURANCE_RECORD,
    KINSHIP,
    PROPERTY,
    TALENT_CERTIFICATE,
    Material,
)
from forms.talent import must_hold
from forms.terms import Kinship
from forms.vocabulary import Term


class Stage(Term):
    """Stages of schooling (学段)."""

    KINDERGARTEN = "kindergarten", "幼儿园"
    PRIMARY = "primary", "小学"
    MIDDLE = "middle", "初中"
    HIGH = "high", "高中（协调）"


class EntryType(Term):
    """How a child comes in (入学方式)."""

    START = "start", "起始年级"
    TRANSFER = "transfer", "转学"


class Placement(Term):
    """By which right a place is given (安置途径), 平发〔2022〕22号 第20条; 义务教育法 第12条."""

    TALENT = "talent", "人才子女按意愿安排"
    SETTLED = "settled", "落户后就近安排"
    RESIDENCE = "residence", "居住证随迁就读"


class Guardianship(Term):
    """What the applicant is to the child (与子女关系), 民法典 第27条."""

    FATHER = "father", "父亲"
    MOTHER = "mother", "母亲"
    GUARDIAN = "guardian", "其他监护人"


_AGES = {Stage.KINDERGARTEN: 3, Stage.PRIMARY: 6}
_GRADES = {Stage.KINDERGARTEN: 3, Stage.PRIMARY: 6, Stage.MIDDLE: 3, Stage.HIGH: 3}

MATERIALS = (
    ID_CARD,
    Material("child_identity", "子女户口簿页或出生医学证明", shared_from="household", core=True),
    KINSHIP,
    TALENT_CERTIFICATE.but(note="按人才子女意愿安排的", when=lambda applicant, form: form.route == Placement.TALENT),
    HOUSEHOLD_BOOK.but(result_of="settlement", note="落户后就近安排的",
                       when=lambda applicant, form: form.route == Placement.SETTLED),
    PROPERTY,
    Material("residence_permit", "居住证", shared_from="household", note="持居住证随迁就读的",
             when=lambda applicant, form: form.route == Placement.RESIDENCE),
    CONTRACT.but(note="持居住证随迁就读的", when=lambda applicant, form: form.route == Placement.RESIDENCE),
    INSURANCE_RECORD.but(note="持居住证随迁就读的", when=lambda applicant, form: form.route == Placement.RESIDENCE),
    Material("school_record", "学籍证明（转学申请表）", shared_from="school_roll", note="中小学转学的",
             when=lambda applicant, form: form.entry_type == EntryType.TRANSFER and form.stage != Stage.KINDERGARTEN),
    Material("graduation_record", "小学毕业学籍信息", shared_from="school_roll", note="小学升初中的",
             when=lambda applicant, form: form.entry_type == EntryType.START and form.stage == Stage.MIDDLE),
    Material("vaccination", "预防接种查验证明", shared_from="vaccination", gap_allowed=True, note="入园、入小学的",
             when=lambda applicant, form: form.stage in _AGES),
)  # fmt: skip


class SchoolingForm(MatterForm):
    """子女入学（入园）申请; the applicant is the child's guardian."""

    code = "schooling"
    title = "子女入学（入园）"
    materials = MATERIALS
    consents = ("child_data",)

    child_id: ResidentId = ask("子女身份证号码", "没有身份证的填写户口簿上的公民身份号码", section="子女信息")
    child_name: PersonName | None = ask("子女姓名", "“家庭成员”中已填写的不必再填", section="子女信息", default=None)
    guardian_relation: Guardianship = ask("申请人是子女的", section="子女信息")
    guardian2_name: PersonName | None = ask("另一监护人姓名", section="子女信息", default=None)
    guardian2_id: ResidentId | None = ask("另一监护人身份证号码", section="子女信息", default=None)
    guardian2_mobile: Mobile | None = ask("另一监护人手机号码", section="子女信息", default=None)
    special_needs: LongText | None = ask("特殊需要", "如随班就读、行动不便", section="子女信息", default=None)
    route: Placement = ask("安置途径", section="入学意愿")
    stage: Stage = ask("学段", section="入学意愿")
    entry_type: EntryType = ask("入学方式", section="入学意愿")
    entry_year: SchoolYear = ask("入学年份", "如2026，指当年秋季学期", section="入学意愿")
    grade: Annotated[int, Field(strict=True, ge=1, le=6)] | None = ask(
        "年级", "转学填写", section="入学意愿", default=None, when=("entry_type", ("transfer",))
    )
    wishes: Annotated[list[Text], Field(min_length=1, max_length=3)] = ask("志愿学校", "最多三所", section="入学意愿")
    sibling_school: Text | None = ask("兄弟姐妹就读学校", section="入学意愿", default=None)
    current_school: Text | None = ask("现就读学校", "转学、升初中填写", section="学籍", default=None)
    school_roll_no: DocumentNo | None = ask(
        "学籍号", "转学填写", section="学籍", default=None, when=("entry_type", ("transfer",))
    )
    home_address: LongText = ask("家庭住址", section="居住")
    hukou_in_district: YesNo = ask("子女户籍是否在本地", section="居住")
    residence_permit_no: PermitNo | None = ask(
        "居住证号码", "居住证随迁就读填写", section="居住", default=None, when=("route", ("residence",))
    )
    residence_permit_until: Day | None = ask(
        "居住证有效期止", "居住证随迁就读填写", section="居住", default=None, when=("route", ("residence",))
    )

    @classmethod
    def subject(cls, form: Any, applicant: Any) -> str | None:
        """Return the child: one open application per child."""
        return str(form.child_id)

    @rule("child_id", "stage", "entry_type", "entry_year")
    def the_child_is_old_enough_by_31_august(self, context: Context) -> Iterator[Wrong]:
        """Six years are full by 31 August of the entry year for primary school, three for kindergarten.

        义务教育法 第11条; 幼儿园工作规程 第4条. Whoever is past seven needs to be asked about the delay.
        """
        born = birth_of(self.child_id)
        age = _AGES.get(self.stage)
        if self.entry_type != EntryType.START or age is None or born is None:
            return
        if born > date(self.entry_year - age, 8, 31):
            yield Wrong("child_id", f"{self.entry_year}年8月31日前未满{age}周岁，不能入{self.stage.label}", "too_young")
        elif self.stage == Stage.PRIMARY and born < date(self.entry_year - 7, 8, 31):
            yield Wrong("child_id", "已超过7周岁，请核对是否经批准延缓入学", "late_start", doubt=True)

    @rule("entry_type", "entry_year")
    def the_entry_year_is_near(self, context: Context) -> Iterator[Wrong]:
        """A start is for this school year or the next; a transfer may fall into the year that began last autumn."""
        first = context.today.year - (self.entry_type == EntryType.TRANSFER)
        if not first <= self.entry_year <= context.today.year + 1:
            yield Wrong("entry_year", f"入学年份应在{first}至{context.today.year + 1}年之间", "range")

    @rule("stage", "entry_type", "grade")
    def the_grade_belongs_to_the_stage(self, context: Context) -> Iterator[Wrong]:
        """A start is in grade one; a transfer says the grade."""
        if self.entry_type == EntryType.START and self.grade not in (None, 1):
            yield Wrong("grade", "起始年级入学应为一年级（小班）", "grade")
        elif self.entry_type == EntryType.TRANSFER and self.grade is None:
            yield Wrong("grade", "转学请填写年级", "required")
        elif self.grade and self.grade > _GRADES[self.stage]:
            yield Wrong("grade", f"{self.stage.label}没有这一年级", "grade")

    @rule("stage", "entry_type", "current_school", "school_roll_no")
    def transfers_come_with_a_school_record(self, context: Context) -> Iterator[Wrong]:
        """A transfer needs the present school and the 学籍号, 中小学生学籍管理办法 第12条."""
        transfer = self.entry_type == EntryType.TRANSFER
        if (transfer or self.stage in (Stage.MIDDLE, Stage.HIGH)) and not self.current_school:
            yield Wrong("current_school", "请填写现就读学校", "required")
        if transfer and self.stage != Stage.KINDERGARTEN and not self.school_roll_no:
            yield Wrong("school_roll_no", "转学请填写学籍号", "required")

    @rule("wishes")
    def wishes_are_different_schools(self, context: Context) -> Iterator[Wrong]:
        """Up to three different schools are wished for."""
        for position, wish in enumerate(self.wishes):
            if wish in self.wishes[:position]:
                yield Wrong(f"wishes/{position}", "志愿学校不能重复", "duplicate")

    @rule("child_id", "child_name", "guardian_relation", "applicant.family")
    def the_child_is_the_applicants(self, context: Context) -> Iterator[Wrong]:
        """The child is named once, in the family or here; the guardian's relation must be provable, 民法典 第27条."""
        member = context.applicant.relative(self.child_id)
        if member is None:
            if not self.child_name:
                yield Wrong("child_name", "请填写子女姓名，或在“家庭成员”中填写该子女", "required")
            return
        if self.child_name and self.child_name != member.name:
            yield Wrong("child_name", "与“家庭成员”中填写的姓名不一致", "mismatch")
        allowed = (
            {Kinship.CHILD} if self.guardian_relation != Guardianship.GUARDIAN else set(Kinship) - {Kinship.SPOUSE}
        )
        if member.relation not in allowed:
            yield Wrong("guardian_relation", "与“家庭成员”中填写的关系不一致", "mismatch")

    @rule("child_id", "applicant.id_number")
    def the_child_is_not_the_applicant(self, context: Context) -> Iterator[Wrong]:
        """The guardian applies for the child."""
        if self.child_id == context.applicant.id_number:
            yield Wrong("child_id", "子女不能是申请人本人", "same_person")

    @rule("child_id", "guardian2_id", "applicant.id_number")
    def the_guardians_are_two_people(self, context: Context) -> Iterator[Wrong]:
        """The other guardian is neither the applicant nor the child."""
        if self.guardian2_id and self.guardian2_id in (self.child_id, context.applicant.id_number):
            yield Wrong("guardian2_id", "另一监护人不能是申请人或子女本人", "same_person")

    @rule("guardian_relation", "applicant.id_type", "applicant.id_number", "applicant.sex")
    def father_and_mother_are_what_their_numbers_say(self, context: Context) -> Iterator[Wrong]:
        """A father is a man and a mother a woman, as the number says."""
        sex = context.applicant.sex_stated
        expected = {Guardianship.FATHER: "male", Guardianship.MOTHER: "female"}.get(self.guardian_relation)
        if sex and expected and sex != expected:
            yield Wrong("guardian_relation", "与申请人性别不一致", "mismatch")

    @rule("route", "applicant.talent")
    def placement_by_wish_needs_a_valid_class(self, context: Context) -> Iterator[Wrong]:
        """Talents' children are placed by wish while the certificate holds, 平发〔2022〕22号 第20条."""
        if self.route == Placement.TALENT:
            yield from must_hold(context)

    @rule("route", "hukou_in_district", "residence_permit_no")
    def nearby_placement_follows_the_household(self, context: Context) -> Iterator[Wrong]:
        """Nearby is where the household is registered: already, or by settlement in the same application.

        平发〔2022〕22号 第20条 (人才落户后子女可就近安排); 义务教育法 第12条.
        """
        if self.route == Placement.SETTLED and not self.hukou_in_district and "settlement" not in context.matters:
            yield Wrong("hukou_in_district", "户籍不在本地的，请同时申请人才落户，或改选其他安置途径", "not_settled")

    @rule("route", "residence_permit_no", "residence_permit_until")
    def residents_have_a_valid_permit(self, context: Context) -> Iterator[Wrong]:
        """Children from elsewhere come in with a valid residence permit, 义务教育法 第12条; 居住证暂行条例 第12条."""
        if self.route == Placement.RESIDENCE:
            for name, words in (("residence_permit_no", "居住证号码"), ("residence_permit_until", "居住证有效期止")):
                if getattr(self, name) is None:
                    yield Wrong(name, f"居住证随迁就读，请填写{words}", "required")
        if self.residence_permit_until and self.residence_permit_until < context.today:
            yield Wrong("residence_permit_until", "居住证已过有效期", "expired")

    @rule("route", "applicant.employment", "applicant.insurance")
    def residents_work_here(self, context: Context) -> Iterator[Wrong]:
        """Who comes in with a permit works or is insured here, 义务教育法 第12条 (工作或者居住地)."""
        applicant = context.applicant
        if self.route == Placement.RESIDENCE and applicant.employment is None and applicant.insurance is None:
            yield Wrong("/applicant/employment", "居住证随迁就读，请填写就业信息或社会保险信息", "required")

    @rule("route", "stage")
    def high_school_is_arranged_for_talents_only(self, context: Context) -> Iterator[Wrong]:
        """Beyond compulsory education places are only coordinated, for talents, 平发〔2022〕22号 第20条."""
        if self.stage == Stage.HIGH and self.route != Placement.TALENT:
            yield Wrong("stage", "高中阶段只为人才子女协调入学", "stage")
