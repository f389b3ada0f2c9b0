"""What an applicant agrees to (同意与承诺): each text with its version, so that the record keeps what was signed."""

from __future__ import annotations

from dataclasses import dataclass

from forms.terms import ConsentGiver


@dataclass(frozen=True, slots=True)
class Consent:
    """A text to agree to; `giver` is set where only that person can."""

    code: str
    title: str
    version: str
    text: str
    basis: str
    giver: ConsentGiver | None = None


CONSENTS: dict[str, Consent] = {
    consent.code: consent
    for consent in (
        Consent(
            "truth",
            "真实性承诺",
            "1",
            "本人（单位）承诺所填内容和所交材料真实、有效，复印件与原件一致；如有虚假，愿意承担相应法律责任。",
            "行政许可法 第31条；山东省人才发展促进条例 第58条",
        ),
        Consent(
            "personal_data",
            "个人信息告知",
            "1",
            "已知悉：为办理所申请事项，有关部门将依法核验本人的身份、户籍、学历、社会保险等信息，仅用于本次办理并依法保存。",
            "个人信息保护法 第17条、第34条、第35条",
        ),
        Consent(
            "child_data",
            "儿童个人信息处理同意",
            "1",
            "作为子女的监护人，同意教育、公安、卫健等部门为办理入学（入园）核验和使用其身份、户籍、学籍和预防接种信息，不作他用。",
            "个人信息保护法 第28条、第29条、第31条",
            ConsentGiver.GUARDIAN,
        ),
        Consent(
            "health_data",
            "健康服务信息处理同意",
            "1",
            "同意卫健、医保部门和定点医院为提供医疗绿色通道服务使用本人的参保和预约信息；病历由医院保管，不在本平台留存。",
            "个人信息保护法 第28条至第30条",
        ),
    )
}
