"""Synthetic people (演示人员): persons, families, employers and accounts from a seed, the same every time.

Identity numbers are well made and meant to be nobody's: their sequence is 000, which offices do not give out, or 996 to
999, which the old numbers set apart for centenarians. Mobiles begin with 154, bank cards with 629999, neither in use.
Nobody is born on the last three days of a year unless asked for: there the demo registries answer otherwise
(`ODD_BIRTHDAYS`).
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from stdnum.cn import uscc

from forms.identity import check_character
from forms.terms import (
    Degree,
    EducationLevel,
    EmployerNature,
    IdType,
    Kinship,
    Sex,
    SkillGrade,
    TalentClass,
    TitleGrade,
)
from forms.vocabulary import CheckResult
from infra.demo import words
from infra.demo.organisation import PINGDU, REGIONS
from infra.demo.rows import (
    DemoAccount,
    DemoEducation,
    DemoEmployer,
    DemoEmployment,
    DemoInsurance,
    DemoPerson,
    DemoRelative,
    DemoSkill,
    DemoTalent,
    DemoTitle,
)

ODD_BIRTHDAYS = {(12, 29): CheckResult.NOT_FOUND, (12, 30): CheckResult.MISMATCH, (12, 31): CheckResult.TIMEOUT}

_SEQUENCES = {Sex.FEMALE: ("000", "998", "996"), Sex.MALE: ("999", "997")}
_DEGREES = {
    EducationLevel.BACHELOR: Degree.BACHELOR,
    EducationLevel.MASTER: Degree.MASTER,
    EducationLevel.DOCTOR: Degree.DOCTOR,
}
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


class People:
    """Draws people one after another; the same seed and day, the same calls, the same people."""

    def __init__(self, seed: int | str, today: date, region: str = PINGDU, *, beside: People | None = None) -> None:
        """Take the seed, the day on which the people apply, and the district they come to.

        Nobody is drawn who has been drawn `beside`, for another district of the same demo.
        """
        self._random = Random(seed)
        self._today = today
        self._region = region
        self._region_name = next(one.name for one in REGIONS if one.code == region)
        self._given_out: set[str] = beside._given_out if beside else set()

    def person(
        self,
        *,
        level: EducationLevel = EducationLevel.BACHELOR,
        sex: Sex | None = None,
        id_type: IdType = IdType.RESIDENT,
        overseas: bool = False,
        graduated: int | None = None,
        employer: DemoEmployer | None = None,
        works: bool = True,
        title: TitleGrade | None = None,
        skill: SkillGrade | None = None,
        talent: TalentClass | None = None,
        registries: CheckResult = CheckResult.MATCH,
    ) -> DemoPerson:
        """Draw a person with that education, who graduated in the year `graduated` (one to three years ago by default).

        With `works` the person is employed (by a new enterprise unless `employer` is given) and insured since then.
        `registries` is what the demo registries will answer about a resident.
        """
        year = self._today.year - self._random.randint(1, 3) if graduated is None else graduated
        finished = min(date(year, 6, 30), self._today - timedelta(days=1))
        born_in = year - words.GRADUATION_AGE[level] - self._random.randint(0, 1)
        sex = sex or self._random.choice((Sex.MALE, Sex.FEMALE))
        born = self._birthday(born_in, registries)
        hometown = self._random.choice(words.HOMETOWNS)
        started = self._between(finished + timedelta(days=10), self._today - timedelta(days=40))
        employment = self._employment(employer or self.employer(), started) if works or employer else None
        return DemoPerson(
            name=self.name(sex),
            id_type=id_type,
            id_number=self._paper(id_type, sex, born, hometown[0]),
            sex=sex,
            birth_date=born,
            mobile=self.mobile(),
            ethnicity=self._random.choice(words.ETHNICITIES) if id_type is IdType.RESIDENT else None,
            address=self.address(),
            education=self._education(level, finished, overseas),
            professional_title=DemoTitle(title, "工程师", self._serial("ZC", 10), finished) if title else None,
            skill=DemoSkill(skill, "电工", self._serial("JN", 10), finished) if skill else None,
            talent=self._talent(talent) if talent else None,
            employment=employment,
            insurance=DemoInsurance(self._serial("3702", 8), self._region, started) if employment else None,
            hometown=hometown,
        )

    def relative(
        self, person: DemoPerson, relation: Kinship, *, born: date | None = None, sex: Sex | None = None
    ) -> DemoRelative:
        """Draw somebody of the person's family; a child carries the person's surname, a spouse is of the other sex."""
        other = Sex.FEMALE if person.sex is Sex.MALE else Sex.MALE
        sex = sex or (other if relation is Kinship.SPOUSE else self._random.choice((Sex.MALE, Sex.FEMALE)))
        apart = {Kinship.CHILD: 27, Kinship.PARENT: -27, Kinship.GRANDPARENT: -52}.get(relation, 1)
        if born is None:
            year = min(person.birth_date.year + apart, self._today.year - 1)
            born = self._birthday(year, CheckResult.MATCH)
        surname = person.name[0] if relation in {Kinship.CHILD, Kinship.SIBLING} else None
        return DemoRelative(self.name(sex, surname), self._resident(sex, born, person.hometown[0]), relation)

    def child(self, parent: DemoPerson, born: date, *, sex: Sex | None = None) -> DemoRelative:
        """Draw a child of the person, born on that day."""
        return self.relative(parent, Kinship.CHILD, born=born, sex=sex)

    def employer(self, nature: EmployerNature = EmployerNature.ENTERPRISE) -> DemoEmployer:
        """Draw an employer of that nature in the district."""
        prefix, name = words.EMPLOYERS[nature]
        first, second = self._random.choice(words.FIRM_FIRST), self._random.choice(words.FIRM_SECOND)
        called = name.format(first=first, second=second, region=self._region_name)
        contact = self.name(self._random.choice((Sex.MALE, Sex.FEMALE)))
        return DemoEmployer(
            called, self._credit_code(prefix), nature, self._region, self.address(), contact, self.mobile()
        )

    def account(self, holder: DemoPerson | DemoEmployer) -> DemoAccount:
        """Draw a bank account in the name of the person or employer."""
        bank, code = self._random.choice(words.BANKS)
        digits = self._serial("629999", 12)
        doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[::-2])
        check = -(sum(int(digit) for digit in digits[-2::-2]) + sum(doubled)) % 10
        return DemoAccount(bank.format(region=self._region_name), code, f"{digits}{check}", holder.name)

    def name(self, sex: Sex, surname: str | None = None) -> str:
        """Draw a name of two or three characters."""
        given = words.GIVEN_MALE if sex is Sex.MALE else words.GIVEN_FEMALE
        length = self._random.choice((1, 2, 2, 2))
        return (surname or self._random.choice(words.SURNAMES)) + "".join(self._random.sample(given, length))

    def mobile(self) -> str:
        """Draw a mobile number that is well made and not given out."""
        return self._serial("154", 8)

    def address(self) -> str:
        """Draw an address in the district."""
        pick, number = self._random.choice, self._random.randint
        street, road, estate = pick(words.STREETS[self._region]), pick(words.ROADS), pick(words.ESTATES)
        return (
            f"山东省青岛市{self._region_name}{street}{road}{number(1, 299)}号"
            f"{estate}{number(1, 30)}号楼{number(1, 4)}单元{number(1, 18)}0{number(1, 4)}室"
        )

    def property_certificate_no(self) -> str:
        """Draw the number of a property certificate (不动产权证号)."""
        return self._serial(f"鲁〔{self._today.year - 1}〕{self._region_name}不动产权第", 7) + "号"

    def school_roll_no(self, child: DemoRelative) -> str:
        """Return a pupil's roll number (学籍号): G and the identity number."""
        return f"G{child.id_number}"

    def _serial(self, prefix: str, digits: int) -> str:
        while (drawn := f"{prefix}{self._random.randrange(10**digits):0{digits}d}") in self._given_out:
            continue
        self._given_out.add(drawn)
        return drawn

    def _between(self, first: date, last: date) -> date:
        return first + timedelta(days=self._random.randint(0, max(0, min((last - first).days, 200))))

    def _birthday(self, year: int, registries: CheckResult) -> date:
        usual = self._random.randint(1, 12), self._random.randint(1, 28)
        return date(year, *next((odd for odd, answer in ODD_BIRTHDAYS.items() if answer is registries), usual))

    def _paper(self, id_type: IdType, sex: Sex, born: date, area: str) -> str:
        if id_type is IdType.HMT_RESIDENCE:
            return self._resident(sex, born, "810000")
        return self._resident(sex, born, area) if id_type is IdType.RESIDENT else self._serial("X", 8)

    def _resident(self, sex: Sex, born: date, area: str) -> str:
        elsewhere = [] if area.startswith("8") else [town[0] for town in words.HOMETOWNS]
        for place in (area, *self._random.sample(elsewhere, len(elsewhere))):
            for sequence in _SEQUENCES[sex]:
                stem = f"{place}{born:%Y%m%d}{sequence}"
                if stem not in self._given_out:
                    self._given_out.add(stem)
                    return stem + check_character(stem)
        raise ValueError(f"too many people born on {born} for one seed")

    def _credit_code(self, prefix: str) -> str:
        organisation = self._serial("MA00" if prefix[0] == "9" else "000", 4 if prefix[0] == "9" else 5)
        weighted = sum(
            weight * int(character, 36) for weight, character in zip(_ORGANISATION_WEIGHTS, organisation, strict=True)
        )
        stem = f"{prefix}{self._region}{organisation}{'0123456789X0'[11 - weighted % 11]}"
        return stem + uscc.calc_check_digit(stem)

    def _education(self, level: EducationLevel, finished: date, overseas: bool) -> DemoEducation:
        school = self._random.choice(words.FOREIGN_SCHOOLS if overseas else words.SCHOOLS[level])
        certificate = None if overseas else self._serial(f"1{self._random.randint(1000, 9999)}1{finished.year}", 8)
        recognition = self._serial(f"教留服认〔{finished.year}〕", 6) + "号" if overseas else None
        major = self._random.choice(words.MAJORS)
        return DemoEducation(level, school, major, _DEGREES.get(level), finished, certificate, overseas, recognition)

    def _talent(self, talent_class: TalentClass) -> DemoTalent:
        since = self._today - timedelta(days=self._random.randint(60, 700))
        until = since.replace(year=since.year + 5, day=min(since.day, 28))
        return DemoTalent(
            talent_class, self._serial(f"QDRC{since.year}", 6), "青岛市人力资源和社会保障局", since, until
        )

    def _employment(self, employer: DemoEmployer, started: date) -> DemoEmployment:
        until = date(max(started.year + 3, self._today.year + 1), started.month, min(started.day, 28))
        return DemoEmployment(employer.name, employer.uscc, employer.district, employer.nature, started, until)
