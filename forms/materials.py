"""Papers (申请材料): what each matter wants, where data sharing replaces it, what may be promised; asked for once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from forms.vocabulary import Term

if TYPE_CHECKING:
    from forms.base import MatterForm


class EvidenceGrade(Term):
    """How far a paper can be trusted (证明材料等级), 国办函〔2016〕108号."""

    A = "A", "签发机关提供"
    B = "B", "窗口核验原件"
    C = "C", "申请人上传，须核对原件"
    D = "D", "申请人自制，以承诺为据"


@dataclass(frozen=True, slots=True)
class Material:
    """A paper that a matter wants.

    `shared_from` names the registry whose data replaces it; `core` papers prove identity or eligibility, or are a
    consent that the law wants beforehand, and can never be promised; `gap_allowed` ones may be (容缺受理,
    青岛市优化营商环境条例 第24条); `result_of` is the matter whose result replaces it within one bundle;
    `when(applicant, form)` says whether it is wanted at all.
    """

    code: str
    title: str
    shared_from: str | None = None
    gap_allowed: bool = False
    core: bool = False
    required: bool = True
    result_of: str | None = None
    grade: EvidenceGrade = EvidenceGrade.C
    when: Callable[[Any, Any], bool] | None = None
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a paper that proves identity or eligibility and yet may be promised."""
        if self.core and self.gap_allowed:
            raise ValueError(f"{self.title}: proof of identity or eligibility can never be promised")

    @property
    def barred(self) -> str:
        """Say why no office may let the paper be promised, nothing where it may."""
        if self.core:
            return "属于主要材料，不得容缺（青岛市优化营商环境条例 第24条）"
        return "" if self.required else "是选交材料，无须容缺"

    def but(self, **changes: Any) -> Material:
        """Return the same paper with other conditions, as one matter wants it."""
        return replace(self, **changes)

    def wanted(self, applicant: object, form: object) -> bool:
        """Whether this application has to bring the paper."""
        return self.when is None or bool(self.when(applicant, form))


ID_CARD = Material("id_card", "身份证件", shared_from="household", core=True, grade=EvidenceGrade.B)
HOUSEHOLD_BOOK = Material("household_book", "居民户口簿（首页及本人页）", shared_from="household", core=True)
DEGREE = Material("degree", "学历学位证书（国（境）外学历附留学服务中心认证书）", shared_from="degree", core=True)
TITLE_CERTIFICATE = Material("title_certificate", "专业技术职务资格证书", shared_from="title", core=True)
SKILL_CERTIFICATE = Material("skill_certificate", "职业资格（职业技能等级）证书", shared_from="title", core=True)
CONTRACT = Material("contract", "劳动（聘用）合同", shared_from="social_insurance", gap_allowed=True)
LICENCE = Material("business_licence", "营业执照", shared_from="employer")
INSURANCE_RECORD = Material("insurance_record", "职工社会保险缴纳记录", shared_from="social_insurance")
TALENT_CERTIFICATE = Material("talent_certificate", "人才证书（人才卡）", shared_from="talent_class", core=True)
KINSHIP = Material("kinship", "亲属关系证明（结婚证、出生医学证明等）", shared_from="household")
PROPERTY = Material("property", "不动产权证书或经备案的租赁合同", shared_from="residence")
PHOTO = Material("photo", "近期免冠证件照", gap_allowed=True)
BANK_CARD = Material("bank_card", "社会保障卡或银行卡复印件", gap_allowed=True)
GUARDIAN_CONSENT = Material("guardian_consent", "监护人同意书", core=True, grade=EvidenceGrade.D)
"""Asked for beforehand (个人信息保护法 第31条), so that it cannot follow."""


def promisable_of(materials: Iterable[Material], codes: Collection[str] | None) -> frozenset[str]:
    """Return which of a matter's papers may be promised: `codes` as the office has set them, None as defined.

    What may never be promised is not among them, whatever was set.
    """
    return frozenset(
        one.code for one in materials if (one.gap_allowed if codes is None else one.code in codes and not one.barred)
    )


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """A paper on the common list of one application: for which of its matters, and which of them require it."""

    material: Material
    matters: tuple[str, ...]
    required_by: tuple[str, ...]

    @property
    def required(self) -> bool:
        """Whether any matter cannot go on without it."""
        return bool(self.required_by)


def checklist(applicant: object, forms: Mapping[str, MatterForm]) -> list[ChecklistItem]:
    """Merge the lists of all matters of an application: each paper once, results of a sister matter not at all.

    安阳市政务服务条例 第23条: a paper taken in one step is not asked for again. What may be promised must be promisable
    in every matter that wants it.
    """
    merged: dict[str, ChecklistItem] = {}
    for code, form in forms.items():
        for material in type(form).materials:
            if material.result_of in forms or not material.wanted(applicant, form):
                continue
            needs = (code,) if material.required else ()
            before = merged.get(material.code)
            if before is None:
                merged[material.code] = ChecklistItem(material, (code,), needs)
                continue
            both = before.material.but(
                gap_allowed=before.material.gap_allowed and material.gap_allowed,
                core=before.material.core or material.core,
                required=before.material.required or material.required,
            )
            merged[material.code] = ChecklistItem(both, (*before.matters, code), before.required_by + needs)
    return list(merged.values())
