"""People and their papers (人员与证件): the applicant and the family are checked alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from forms.base import Context, Form, Wrong, ask, rule
from forms.fields import IdNumber, PastDay, PersonName, birth_of, resident_id_finding, sex_of
from forms.terms import IdType, Kinship, Sex

FROM_ABROAD = frozenset(
    {IdType.PASSPORT, IdType.HK_MACAO_PERMIT, IdType.TAIWAN_PERMIT, IdType.HMT_RESIDENCE, IdType.FOREIGN_RESIDENCE}
)
"""Papers that only foreigners and people of Hong Kong, Macao and Taiwan carry; Chinese passports are no local paper."""

# papers whose number is made like a resident identity number, GB 11643—1999
_SELF_CHECKING = {IdType.RESIDENT, IdType.HMT_RESIDENCE}


class Identity(Form):
    """Somebody with an identity paper: its number is checked by its kind, and against what was typed beside it."""

    name: PersonName = ask("姓名", "与证件一致", section="基本信息")
    id_type: IdType = ask("证件类型", section="基本信息", default=IdType.RESIDENT)
    id_number: IdNumber = ask("证件号码", section="基本信息")
    sex: Sex | None = ask("性别", "居民身份证可不填，由号码得出", section="基本信息", default=None)
    birth_date: PastDay | None = ask("出生日期", "居民身份证可不填，由号码得出", section="基本信息", default=None)

    @rule("id_type", "id_number")
    def number_fits_the_paper(self, context: Context) -> Iterator[Wrong]:
        """A resident's number keeps check character, birth date and province, GB 11643—1999."""
        finding = resident_id_finding(self.id_number) if self.id_type in _SELF_CHECKING else None
        if finding and not (finding.code == "check_digit" and self.id_number in context.overridden):
            yield Wrong("id_number", f"证件号码：{finding.message}", finding.code)

    @rule("id_type", "id_number", "sex", "birth_date")
    def typed_facts_agree_with_the_number(self, context: Context) -> Iterator[Wrong]:
        """Sex and date of birth are those of the number; papers that carry none have them typed."""
        if not self.carries_facts:
            if self.birth_date is None and self.id_type not in _SELF_CHECKING:
                yield Wrong("birth_date", "该类证件须填写出生日期", "required")
            return
        if self.sex and self.sex != sex_of(self.id_number):
            yield Wrong("sex", "性别与证件号码不一致", "mismatch")
        born = birth_of(self.id_number)
        if self.birth_date and born and self.birth_date != born:
            yield Wrong("birth_date", "出生日期与证件号码不一致", "mismatch")

    @property
    def carries_facts(self) -> bool:
        """Whether sex and date of birth can be read from the number."""
        return self.id_type in {*_SELF_CHECKING, IdType.HOUSEHOLD_BOOK} and birth_of(self.id_number) is not None

    @property
    def born_on(self) -> date | None:
        """The date of birth, from the number where it carries one."""
        return (birth_of(self.id_number) if self.carries_facts else None) or self.birth_date

    @property
    def sex_stated(self) -> Sex | None:
        """The sex, from the number where it carries one."""
        return (sex_of(self.id_number) if self.carries_facts else None) or self.sex

    def age_on(self, day: date) -> int | None:
        """Return the age in full years on a day (周岁); the birthday itself completes the year."""
        return age_between(self.born_on, day) if self.born_on else None


def age_between(born: date, day: date) -> int:
    """Return the full years between birth and a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


class Relative(Identity):
    """A family member (家庭成员), stated once; matters point to them by the number of their paper."""

    relation: Kinship = ask("与申请人关系")
