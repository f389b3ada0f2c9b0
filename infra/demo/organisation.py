"""The demo organisation (演示机构): two districts, every department with its offices, and the officers in them.

Data only; who writes it to the database decides what a second time means. Telephone numbers begin with 0532-000,
which no exchange gives out; officers' names are made up from lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from forms.vocabulary import Department, Role

PINGDU, LAIXI = "370283", "370285"
EVERY_REGION = "*"
PASSWORD = "lianban-demo-1"
"""The password of every demo officer, shown on the demo's sign-in page; there are none outside demo mode."""


@dataclass(frozen=True, slots=True)
class DemoRegion:
    """A district (行政区划); `short` begins the usernames of its officers."""

    code: str
    name: str
    short: str


@dataclass(frozen=True, slots=True)
class DemoOffice:
    """An office (机构) that stands for a department in a region; code "" takes what names no office."""

    department: Department
    region: str
    code: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class DemoMembership:
    """A role in a department of a region ("*" every one), with `office` in that office only."""

    role: Role
    department: Department
    region: str
    office: str | None = None


@dataclass(frozen=True, slots=True)
class DemoOfficer:
    """An officer (人员) with a username to sign in, a made-up name and at least one membership."""

    username: str
    name: str
    memberships: tuple[DemoMembership, ...]


REGIONS = (DemoRegion(PINGDU, "平度市", "pd"), DemoRegion(LAIXI, "莱西市", "lx"))

_SHORT: dict[Department, tuple[str, str]] = {
    Department.HUMAN_RESOURCES: ("hr", "{region}人力资源和社会保障局"),
    Department.TALENT_CENTRE: ("talent", "{region}人才服务中心"),
    Department.ORGANISATION: ("org", "中共{region}委组织部"),
    Department.PUBLIC_SECURITY: ("hukou", "{region}公安局户政管理大队"),
    Department.POLICE_STATION: ("police", "{region}公安局派出所分办席"),
    Department.EDUCATION: ("edu", "{region}教育和体育局"),
    Department.SCHOOL: ("school", "{region}教育和体育局学校分办席"),
    Department.HEALTH: ("health", "{region}卫生健康局"),
    Department.HOSPITAL: ("hospital", "{region}定点医院分办席"),
    Department.MEDICAL_INSURANCE: ("medins", "{region}医疗保障局"),
    Department.SOCIAL_INSURANCE: ("socins", "{region}社会保险服务中心"),
    Department.FINANCE: ("finance", "{region}财政局"),
    Department.NATURAL_RESOURCES: ("land", "{region}自然资源局"),
    Department.HOUSING: ("housing", "{region}住房和城乡建设局"),
    Department.MARKET_REGULATION: ("market", "{region}市场监督管理局"),
    Department.YOUTH_LEAGUE: ("youth", "共青团{region}委员会"),
    Department.INDUSTRY: ("industry", "{region}工业和信息化局"),
    Department.WINDOW: ("window", "{region}政务服务中心人才服务综合窗口"),
    Department.SUPERVISION: ("watch", "{region}政务服务督办中心"),
}

_BRANCHES: dict[str, tuple[tuple[Department, str, str], ...]] = {
    PINGDU: (
        (Department.POLICE_STATION, "pd-dongge-pcs", "平度市公安局东阁派出所"),
        (Department.POLICE_STATION, "pd-liyuan-pcs", "平度市公安局李园派出所"),
        (Department.SCHOOL, "pd-shiyan-yey", "平度市实验幼儿园"),
        (Department.SCHOOL, "pd-shiyan-xx", "平度市实验小学"),
        (Department.SCHOOL, "pd-chengdong-xx", "平度市城东小学"),
        (Department.SCHOOL, "pd-kaifaqu-zx", "平度市开发区中学"),
        (Department.SCHOOL, "pd-yizhong", "平度市第一中学"),
        (Department.HOSPITAL, "pd-renmin-yy", "平度市人民医院"),
        (Department.HOSPITAL, "pd-zhongyi-yy", "平度市中医医院"),
    ),
    LAIXI: (
        (Department.POLICE_STATION, "lx-shuiji-pcs", "莱西市公安局水集派出所"),
        (Department.POLICE_STATION, "lx-wangcheng-pcs", "莱西市公安局望城派出所"),
        (Department.SCHOOL, "lx-shiyan-yey", "莱西市实验幼儿园"),
        (Department.SCHOOL, "lx-shiyan-xx", "莱西市实验小学"),
        (Department.SCHOOL, "lx-shiyan-zx", "莱西市实验中学"),
        (Department.HOSPITAL, "lx-renmin-yy", "莱西市人民医院"),
        (Department.HOSPITAL, "lx-zhongyi-yy", "莱西市中医医院"),
    ),
}

_DESK = (Role.HANDLER, Role.HANDLER, Role.REVIEWER, Role.APPROVER)
_BRANCH_DESK = (Role.HANDLER, Role.APPROVER)
_BESIDES: dict[Department, tuple[Role, ...]] = {
    Department.HUMAN_RESOURCES: (Role.COORDINATOR, Role.CHIEF),
    Department.PUBLIC_SECURITY: (Role.COORDINATOR, Role.CHIEF),
    Department.EDUCATION: (Role.COORDINATOR, Role.CHIEF),
    Department.HEALTH: (Role.COORDINATOR, Role.CHIEF),
    Department.TALENT_CENTRE: (Role.SERVICE_OFFICER,),
}
LEADS = (Department.HUMAN_RESOURCES, Department.PUBLIC_SECURITY, Department.EDUCATION, Department.HEALTH)
"""The departments that lead a matter; each has a head who may lengthen its limits."""

_WITHOUT_DESK: dict[Department, tuple[Role, ...]] = {
    Department.WINDOW: (Role.WINDOW, Role.WINDOW, Role.WINDOW),
    Department.SUPERVISION: (Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR),
}

_SURNAMES = """
王 wang 李 li 张 zhang 刘 liu 陈 chen 杨 yang 赵 zhao 黄 huang 周 zhou 吴 wu 徐 xu 孙 sun 胡 hu 朱 zhu 高 gao
林 lin 何 he 郭 guo 马 ma 罗 luo 梁 liang 宋 song 郑 zheng 谢 xie 韩 han 唐 tang 冯 feng 于 yu 董 dong 萧 xiao
程 cheng 曹 cao 袁 yuan 邓 deng 叶 ye 傅 fu 沈 shen 曾 zeng 彭 peng 吕 lv
"""
_GIVEN = """
文博 雅静 志远 晓琳 建业 思敏 海涛 玉洁 明哲 佳宁 立新 春燕 国栋 雨桐 正阳 若溪 承志 慧敏 长风 静怡
凯旋 书瑶 振华 欣然 卫东 梦洁 少峰 秋月 永康 子涵 德胜 云霞 学勤 可欣 广义 素芬 启明
"""


@cache
def offices() -> tuple[DemoOffice, ...]:
    """Return every office of both districts; each department has the one with code "" in each."""
    return tuple(_offices())


@cache
def officers() -> tuple[DemoOfficer, ...]:
    """Return every officer; usernames read district.department.surname, as in pd.hr.wang."""
    return tuple(_officers())


def officers_of(
    role: Role, department: Department, region: str = PINGDU, office: str | None = None
) -> tuple[DemoOfficer, ...]:
    """Return who holds exactly that role at that seat, in a fixed order."""
    seat = DemoMembership(role, department, region, office)
    return tuple(officer for officer in officers() if seat in officer.memberships)


def _offices() -> Iterator[DemoOffice]:
    for region in REGIONS:
        named = [(department, "", name.format(region=region.name)) for department, (_, name) in _SHORT.items()]
        for position, (department, code, name) in enumerate([*named, *_BRANCHES[region.code]], start=1):
            yield DemoOffice(department, region.code, code, name, f"0532-000{region.code[-1]}0{position:03d}")


def _officers() -> Iterator[DemoOfficer]:
    people = _people()
    for region in REGIONS:
        for department, (short, _) in _SHORT.items():
            roles = _WITHOUT_DESK.get(department, (*_DESK, *_BESIDES.get(department, ())))
            for role in roles:
                yield _officer(people, f"{region.short}.{short}", DemoMembership(role, department, region.code))
        for department, code, _ in _BRANCHES[region.code]:
            for role in _BRANCH_DESK:
                yield _officer(people, code.replace("-", "."), DemoMembership(role, department, region.code, code))
    for role in _WITHOUT_DESK[Department.SUPERVISION]:
        yield _officer(people, "qd.watch", DemoMembership(role, Department.SUPERVISION, EVERY_REGION))
    for region in REGIONS:  # who may lengthen a limit (行政许可法 第42条)
        for department in LEADS:
            head = DemoMembership(Role.AGENCY_HEAD, department, region.code)
            yield _officer(people, f"{region.short}.{_SHORT[department][0]}.head", head)
        head = DemoMembership(Role.GOVERNMENT_HEAD, Department.SUPERVISION, region.code)
        yield _officer(people, f"{region.short}.gov.head", head)


def _officer(people: Iterator[tuple[str, str]], prefix: str, membership: DemoMembership) -> DemoOfficer:
    pinyin, name = next(people)
    return DemoOfficer(f"{prefix}.{pinyin}", name, (membership,))


def _people() -> Iterator[tuple[str, str]]:
    """Yield surnames in pinyin with full names, none twice (the two lists' lengths have no common factor)."""
    words, given = _SURNAMES.split(), _GIVEN.split()
    surnames = list(zip(words[::2], words[1::2], strict=True))
    for turn in range(len(surnames) * len(given)):
        surname, pinyin = surnames[turn % len(surnames)]
        yield pinyin, surname + given[turn % len(given)]
