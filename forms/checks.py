"""The checks (共享数据核验) that registries answer; a step of a matter names one by its code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """What is checked, who answers (数据来源), and which field of the question tells whom or what it is about."""

    code: str
    title: str
    source: str
    about: str = "id_number"


CHECKS: dict[str, Check] = {
    check.code: check
    for check in (
        Check("degree", "学历学位核验", "学信网／教育部留学服务中心"),
        Check("title", "职称、技能等级核验", "人力资源和社会保障局证书库"),
        Check("household", "户籍核验", "公安人口库"),
        Check("residence", "住所核验", "不动产登记与租赁备案库"),
        Check("social_insurance", "社会保险核验", "社会保险经办系统"),
        Check("employer", "用人单位核验", "市场主体登记库", about="uscc"),
        Check("talent_class", "人才类别核验", "人才库"),
        Check("medical_insurance", "医疗保险参保核验", "医疗保障信息平台"),
        Check("school_roll", "学籍核验", "中小学生学籍系统"),
        Check("vaccination", "预防接种核验", "免疫规划信息系统"),
        Check("duplicate_benefit", "重复享受比对", "惠民补贴发放台账"),
    )
}
