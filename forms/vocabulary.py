"""Every stored code with its Chinese label (代码与名称): one place, so that no page and no rule spells its own."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Term(StrEnum):
    """A stored code with the words the offices use for it."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        """Keep the label beside the code."""
        term = str.__new__(cls, code)
        term._value_ = code
        term.label = label
        return term


class CaseStatus(Term):
    """Where a case (办件) stands; an application (申请) uses the same words and derives its own."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待预审"
    SUPPLEMENT = "supplement", "待补正"
    NOT_REQUIRED = "not_required", "不受理（无需办理）"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    IN_PROGRESS = "in_progress", "办理中"
    CLOSED_OK = "closed_ok", "办结（通过）"
    CLOSED_PARTIAL = "closed_partial", "办结（部分通过）"
    CLOSED_REFUSED = "closed_refused", "办结（不予）"
    CLOSED_NO_SUPPLEMENT = "closed_no_supplement", "补正不来办结"
    CLOSED_FORWARDED = "closed_forwarded", "转报办结"
    WITHDRAWN = "withdrawn", "已撤回"
    VOID = "void", "作废"
    DELIVERED = "delivered", "已送达"


class TaskStatus(Term):
    """Where a department's task (部门任务) stands."""

    BLOCKED = "blocked", "待前置"
    PENDING = "pending", "待签收"
    RETURNED = "returned", "退回分办"
    RECEIVED = "received", "已签收"
    REVIEWING = "reviewing", "审核中"
    APPROVED = "approved", "通过"
    REFUSED = "refused", "不予通过"
    NOT_APPLICABLE = "not_applicable", "不涉及"
    FORWARDED = "forwarded", "转报"


class Outcome(Term):
    """How a case, a task or an application ended."""

    APPROVED = "approved", "通过"
    PARTIAL = "partial", "部分通过"
    REFUSED = "refused", "不予"
    NO_SUPPLEMENT = "no_supplement", "补正不来"
    FORWARDED = "forwarded", "转报"
    WITHDRAWN = "withdrawn", "撤回"
    VOID = "void", "作废"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    NOT_REQUIRED = "not_required", "无需办理"


class GapLate(Term):
    """What becomes of a case whose promised papers (容缺) do not come in time."""

    WITHDRAWN = "withdrawn", "视为撤回申请"
    REFUSED = "refused", "作出不予通过的决定"


class Department(Term):
    """The departments (部门) of the matters; which office stands for one in a region is data."""

    HUMAN_RESOURCES = "human_resources", "人力资源和社会保障局"
    TALENT_CENTRE = "talent_centre", "人才服务中心"
    ORGANISATION = "organisation", "市委组织部"
    PUBLIC_SECURITY = "public_security", "公安局户政部门"
    POLICE_STATION = "police_station", "公安派出所"
    EDUCATION = "education", "教育和体育局"
    SCHOOL = "school", "学校（幼儿园）"
    HEALTH = "health", "卫生健康局"
    HOSPITAL = "hospital", "定点医院"
    MEDICAL_INSURANCE = "medical_insurance", "医疗保障局"
    SOCIAL_INSURANCE = "social_insurance", "社会保险经办机构"
    FINANCE = "finance", "财政局"
    NATURAL_RESOURCES = "natural_resources", "自然资源局"
    HOUSING = "housing", "住房和城乡建设局"
    MARKET_REGULATION = "market_regulation", "市场监督管理局"
    YOUTH_LEAGUE = "youth_league", "团市委"
    INDUSTRY = "industry", "工业和信息化局"
    WINDOW = "window", "综合服务窗口"
    SUPERVISION = "supervision", "督办机构"


class Role(Term):
    """What somebody may be in a department (角色), 行政许可法 第34条 and the offices' own rules of 承办、审核、批准."""

    WINDOW = "window", "综合窗口"
    HANDLER = "handler", "承办人"
    REVIEWER = "reviewer", "审核人"
    APPROVER = "approver", "批准人"
    CHIEF = "chief", "首席事务代表"
    COORDINATOR = "coordinator", "牵头部门协调员"
    SERVICE_OFFICER = "service_officer", "服务专员"
    MANAGER = "manager", "督办管理者"
    AGENCY_HEAD = "agency_head", "机关负责人"
    GOVERNMENT_HEAD = "government_head", "本级政府负责人"
    AUDITOR = "auditor", "审计"
    ADMINISTRATOR = "administrator", "系统管理员"


class ItemType(Term):
    """Kinds of administrative items (事项类型), GB/T 39046—2020 附录 A.1."""

    LICENCE = "01", "行政许可"
    BENEFIT = "05", "行政给付"
    CONFIRMATION = "07", "行政确认"
    AWARD = "08", "行政奖励"
    OTHER_POWER = "10", "其他行政权力"
    PUBLIC_SERVICE = "20", "公共服务"


class CaseKind(Term):
    """On the spot or promised (办件类型), GB/T 39046—2020 附录 A.6."""

    INSTANT = "1", "即办件"
    PROMISED = "2", "承诺件"


class Channel(Term):
    """How an application came in (申请渠道)."""

    WINDOW = "window", "窗口"
    ONLINE = "online", "网上"


class ApplicantKind(Term):
    """Who applies (申请主体)."""

    PERSON = "person", "个人"
    EMPLOYER = "employer", "用人单位"


class PauseKind(Term):
    """Kinds of pauses (暂停类型); the legal ground stands beside, 行政许可法 第45条."""

    SUPPLEMENT = "supplement", "受理后补正"
    HEARING = "hearing", "听证"
    TENDER = "tender", "招标"
    AUCTION = "auction", "拍卖"
    INSPECTION = "inspection", "检验"
    TESTING = "testing", "检测"
    QUARANTINE = "quarantine", "检疫"
    APPRAISAL = "appraisal", "鉴定"
    EXPERT_REVIEW = "expert_review", "专家评审"
    PUBLIC_NOTICE = "public_notice", "公示"
    SITE_CHECK = "site_check", "现场勘验"
    OTHER = "other", "其他"
    ALL_TASKS_PROMISED = "all_tasks_promised", "全部任务暂停（承诺时限）"
    ALL_TASKS_STATUTORY = "all_tasks_statutory", "全部任务暂停（法定时限）"


class MaterialState(Term):
    """How a paper (材料) is there: uploaded, from shared data, already on file, promised, or not at all."""

    FILE = "file", "已上传"
    SHARED = "shared", "数据共享"
    ON_FILE = "on_file", "已在档"
    PROMISED = "promised", "容缺承诺"
    MISSING = "missing", "未提供"


class DocumentKind(Term):
    """Documents (文书) that the platform issues; each has a number, a date and a hash."""

    RECEIPT = "receipt", "收件凭证"
    ACCEPTANCE = "acceptance", "受理通知书"
    NOT_REQUIRED = "not_required", "不受理通知书"
    NOT_ACCEPTED = "not_accepted", "不予受理通知书"
    SUPPLEMENT_NOTICE = "supplement_notice", "一次性告知（补正）书"
    GAP_PROMISE = "gap_promise", "容缺受理承诺书"
    SPECIAL_PROCEDURE = "special_procedure", "特别程序告知书"
    DECISION_OK = "decision_ok", "准予决定书"
    DECISION_REFUSED = "decision_refused", "不予决定书"
    CLOSING_NOTICE = "closing_notice", "办结通知书"
    FORWARD_NOTICE = "forward_notice", "转报告知书"
    WITHDRAWAL = "withdrawal", "撤回确认书"
    VOID_RECORD = "void_record", "作废记录"
    DELIVERY = "delivery", "送达回证"
    EXTENSION = "extension", "延期通知书"
    REOPENING = "reopening", "重新办理告知书"
    DEEMED_AGREEMENT = "deemed_agreement", "超时默认通知单"
    COMMITMENT = "commitment", "告知承诺书"
    GAP_NOTICE = "gap_notice", "容缺受理通知书"
    PUBLIC_NOTICE = "public_notice", "公示"
    DELAY_STATEMENT = "delay_statement", "超时办理情况说明"
    CLOSING_SUMMARY = "closing_summary", "办结一览表"
    ARCHIVE_LIST = "archive_list", "归档清单"
    SUPERVISION_ORDER = "supervision_order", "督办单"
    RATING_REPLY = "rating_reply", "差评整改反馈"


INTERNAL_DOCUMENTS = (DocumentKind.DEEMED_AGREEMENT, DocumentKind.ARCHIVE_LIST, DocumentKind.SUPERVISION_ORDER)
"""Documents between offices; the applicant is not given them."""


class CheckResult(Term):
    """What a registry (共享数据源) answers; only MATCH may decide, TIMEOUT is never a refusal."""

    MATCH = "match", "一致"
    MISMATCH = "mismatch", "不一致"
    NOT_FOUND = "not_found", "未查到"
    TIMEOUT = "timeout", "未应答"


class Satisfaction(Term):
    """Grades of a rating (满意度), GB/T 39046—2020 附录 A.8, 1 the best; the last two are bad, 鲁政办发〔2020〕10号."""

    VERY_SATISFIED = "1", "非常满意"
    SATISFIED = "2", "满意"
    FAIRLY_SATISFIED = "3", "基本满意"
    DISSATISFIED = "4", "不满意"
    VERY_DISSATISFIED = "5", "非常不满意"


class RatingState(Term):
    """Where the follow-up of a rating stands (差评整改), 国办发〔2019〕51号; a good rating needs none."""

    GOOD = "good", "已评价"
    BAD = "bad", "差评待联系"
    CONTACTED = "contacted", "已联系核实"
    FIX_NOW = "fix_now", "立行立改"
    LEDGER = "ledger", "建立台账限期整改"
    EXPLAINED = "explained", "已解释说明"
    APPEALED = "appealed", "申诉复核中"
    FIXED = "fixed", "已整改"
    CALLED_BACK = "called_back", "已回访"
    CLOSED = "closed", "已公开回复"
    EXCLUDED = "excluded", "申诉成立，不计入"


CASE_OPEN = (CaseStatus.SUBMITTED, CaseStatus.SUPPLEMENT, CaseStatus.IN_PROGRESS)
CASE_CLOSED = (
    CaseStatus.CLOSED_OK,
    CaseStatus.CLOSED_REFUSED,
    CaseStatus.CLOSED_NO_SUPPLEMENT,
    CaseStatus.CLOSED_FORWARDED,
)
TASK_IN_HAND = (TaskStatus.PENDING, TaskStatus.RETURNED, TaskStatus.RECEIVED, TaskStatus.REVIEWING)
TASK_OPEN = (TaskStatus.BLOCKED, *TASK_IN_HAND)
TASK_ENDED = (TaskStatus.APPROVED, TaskStatus.REFUSED, TaskStatus.NOT_APPLICABLE, TaskStatus.FORWARDED)
