"""What is offered (可办事项): for each act that may be done now the form that asks for what it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from api.facts import asked
from api.pages.department.acts import ActForm, Ask, reason
from api.pages.department.sight import Sight
from flows import access, offers
from flows.access import Actor
from flows.casework.extend import CAPS
from flows.casework.papers import promised_if_late
from flows.casework.pause import OF_THE_ACT
from flows.explain import light_of
from flows.projection import STOPS
from flows.registry import matters
from flows.sla import Clock, Light
from forms.acts import RefusalReason
from forms.errors import NotAllowed
from forms.head import APPLICANTS
from forms.messages import EXPLANATION, REMEDIES
from forms.vocabulary import Department, GapLate, PauseKind
from infra.store.people import OfficerRow
from infra.store.rows import TaskRow

_DEPARTMENTS = [(one.value, one.label) for one in Department if one not in (Department.WINDOW, Department.SUPERVISION)]
_REASONS = [(one.value, one.label) for one in RefusalReason]


def _stops(kind: PauseKind) -> str:
    stopped = [clock.label for clock in (Clock.PROMISED, Clock.STATUTORY) if clock in STOPS[kind]]
    return f"停{'、'.join(stopped)}" if stopped else "不停时限"


_PAUSES = [(kind.value, f"{kind.label}（{_stops(kind)}）") for kind in PauseKind if kind not in OF_THE_ACT]
_LATE = (Light.YELLOW.value, Light.RED.value)


@dataclass(frozen=True, slots=True)
class Around:
    """What the forms of a task's acts choose from: colleagues, offices by result item, a day to propose."""

    colleagues: Sequence[OfficerRow] = ()
    offices: Sequence[tuple[str, str]] = ()
    offices_for: Mapping[str, Sequence[str]] = field(default_factory=dict)
    until: date | None = None


def task_forms(actor: Actor, sight: Sight, task: TaskRow, around: Around) -> list[ActForm]:
    """Return the forms of the acts that are offered on a task."""
    made: Mapping[str, Callable[[], ActForm]] = {
        "approve": lambda: _approve(sight, task, around),
        "refuse": lambda: _refuse(sight, task),
        "claim": lambda: ActForm("claim", key="c"),
        "release": lambda: ActForm("release", [reason("说明", required=False)]),
        "retract": lambda: ActForm("retract", [reason("说明", required=False)], tone="warn"),
        "recheck": lambda: ActForm("recheck", note="再次向共享数据源查询，结果会显示在“共享数据核验”中。"),
        "send-back": lambda: ActForm("send-back", [reason("退回理由")], note="退回承办人重新办理，各级重新签署意见。"),
        "return": lambda: ActForm(
            "return", [reason("退回理由")], note="不属于本部门办理的，退给牵头部门协调员重新分办。"
        ),
        "hand-over": lambda: _hand_over(task, around),
        "transfer": lambda: _transfer(around),
        "request-supplement": lambda: _supplement(sight, around),
        "suspend": suspend,
        "resume": lambda: resume(sight.stands.paused_as(task)),
        "forward": lambda: forward("转由上级或者其他机关办理；必办任务转报的，办件转报办结。"),
        "dispatch": lambda: _dispatch(around),
        "add-task": lambda: add_task("本任务须等意见办结后才能决定。"),
        "urge": lambda: _urge("提醒承办人或者承办席位，每个工作日一次。"),
    }
    offered = offers.on_task(actor, sight.stands, task)
    if not around.offices or task.level > 1 or task.paused:  # a colleague is handed the task, an office is given it
        offered = [act for act in offered if act != "transfer"]
    return [made[act]() for act in offered if act in made]


def case_forms(actor: Actor, sight: Sight) -> list[ActForm]:
    """Return the forms of the acts that are offered on a case."""
    made: Mapping[str, Callable[[], ActForm]] = {
        "suspend": suspend,
        "resume": lambda: resume(sight.stands.paused_as(None)),
        "extend": lambda: _extend(offers.extends(actor, sight.stands)),
        "add-task": lambda: add_task("计划之外再请一个部门办理或提出意见。", kinds=True),
        "propose-extension": _propose,
        "urge": lambda: _urge("提醒所有正在办理的任务，每个工作日一次。"),
        "copy": lambda: _copy(sight),
        "forward": lambda: forward("整个办件转由上级或者其他机关办理，转报办结。"),
        "lapse": lambda: _lapse(sight),
        "void": lambda: ActForm("void", [reason("作废理由")], tone="danger", confirm="作废后不能恢复，确定作废？"),
        "reopen": lambda: ActForm("reopen", [reason("重新办理的理由")], note="另立一件关联的新办件，原办件保持不变。"),
    }
    return [made[act]() for act in offers.on_case(actor, sight.stands) if act in made]


def _explanation(sight: Sight, task: TaskRow) -> Iterable[Ask]:
    """Ask why it took longer than promised, where the verdict may end a late case (优化营商环境条例 第36条)."""
    if light_of(sight.row, sight.stands.day) in _LATE and task.level >= task.levels:
        yield Ask("explanation", EXPLANATION, "textarea", help="办件已超过承诺时限，作出决定时须说明原因。",
                  attrs={"maxlength": 2000})  # fmt: skip


def _approve(sight: Sight, task: TaskRow, around: Around) -> ActForm:
    wants = task.wants or {}
    results = []
    for code, title in wants.get("results", {}).items():
        value = str((task.verdict or {}).get("items", {}).get(code) or wants.get("defaults", {}).get(code) or "")
        names = [*dict.fromkeys([*around.offices_for.get(code, ()), *([value] if value else [])])]
        choice = [(name, name) for name in names] if code in around.offices_for else []
        results.append(Ask(f"item-{code}", title, "results", value=value, options=choice, attrs={"maxlength": 200}))
    opinion = reason("意见", required=False, help="可不填")
    return ActForm("approve", [*results, opinion, *_explanation(sight, task)], key="a", tone="good")


def _refuse(sight: Sight, task: TaskRow) -> ActForm:
    basis = "；".join(sight.row.plan.get("basis", [])[:1])
    asks = [
        Ask("reason_code", "理由类别", "select", True, options=_REASONS),
        reason(help="写明事实和理由，申请人会看到。"),
        Ask("basis", "依据", "textarea", True, help="写明条款，如 平发〔2022〕22号 第19条。", value=basis,
            attrs={"maxlength": 2000}),
        Ask("remedies", "救济途径", "textarea", True, value=REMEDIES, attrs={"maxlength": 2000}),
        *_explanation(sight, task),
    ]  # fmt: skip
    return ActForm("refuse", asks, key="r", tone="danger")


def _transfer(around: Around) -> ActForm:
    asks = [Ask("office", "接手机构", "select", True, options=around.offices), reason("说明", required=False)]
    return ActForm("transfer", asks, title="转交其他机构", note="转到本部门另一机构的收件箱，由其重新签收。")


def _hand_over(task: TaskRow, around: Around) -> ActForm:
    people = [(one.username, one.name) for one in able(around.colleagues, task) if one.id != task.officer_id]
    asks = [Ask("officer", "接手人员", "select", True, options=people), reason("转交原因")]
    return ActForm("hand-over", asks, note="交给同一席位另一位有权办理此环节的同事，对方会收到通知。")


def _urge(note: str) -> ActForm:
    return ActForm("urge", [reason("催办内容", required=False)], note=note)


def _copy(sight: Sight) -> ActForm:
    involved = {task["department"]: task["department_label"] for task in sight.case["tasks"] if task["involved"]}
    involved |= {sight.case["department"]: sight.case["department_label"]}
    asks = [
        Ask("department", "抄送哪个部门", "select", True, options=list(involved.items())),
        Ask("officer", "人员账号", help="不填则告知部门席位。", attrs={"maxlength": 200}),
        reason("抄送内容"),
    ]
    return ActForm("copy", asks, note="告知本办件的其他部门；与本办件无关的部门请用加办。")


def able(colleagues: Sequence[OfficerRow], task: TaskRow) -> list[OfficerRow]:
    """Return the colleagues who may speak at the task's present level and have not spoken on it before."""
    found = []
    for one in colleagues:
        try:
            access.may_speak(access.officer(one.id, one.name, one.members, username=one.username), task)
        except NotAllowed:
            continue
        if one.id not in task.signers:
            found.append(one)
    return found


def _supplement(sight: Sight, around: Around) -> ActForm:
    papers = [(one["code"], one["title"]) for one in sight.row.plan.get("materials", [])]
    form = matters()[sight.row.matter].form if sight.row.matter in matters() else None
    head = APPLICANTS.get(str(sight.case["applicant"].get("kind")), APPLICANTS["person"])
    fields = [(f"form/{name}", title) for name, title in (asked(form) if form is not None else ())]
    fields += [(f"applicant/{name}", f"申请人：{title}") for name, title in asked(head)]
    until = around.until.isoformat() if around.until else ""
    asks = [
        Ask("items", "需要补正的全部内容", "items", True, help="一次写全；同一项只列一次。", options=papers,
            attrs={"fields": fields}),
        Ask("until", "补正期限", "date", True, value=until),
        reason("说明", required=False),
    ]  # fmt: skip
    return ActForm(
        "request-supplement",
        asks,
        note="受理后补正只停承诺时限；受理后只能提出一次，其他部门可以在同一份告知书上加项。",
    )


def _lapse(sight: Sight) -> ActForm:
    refuses = sight.stands.asked is None and sight.row.plan.get("gap_late") == GapLate.REFUSED
    told = promised_if_late(sight.row.plan)
    note = f"容缺补交期限已过，按告知申请人的办理：{told}。" if refuses else "补正期限已过，按补正不来办结。"
    return ActForm("lapse", [reason("说明", required=False)], note=note)


def suspend() -> ActForm:
    """Return the form that pauses a task or a case."""
    asks = [
        Ask("kind", "暂停类型", "select", True, options=_PAUSES),
        Ask("ground", "依据", "text", True, help="写明条款，如 行政许可法 第45条。", attrs={"maxlength": 200}),
        Ask("until", "预计恢复日期", "date", help="听证、招标、拍卖、检验、检测、检疫、鉴定、专家评审必填。"),
        reason("说明", required=False),
    ]
    return ActForm("suspend", asks, note="听证、检验、检测、鉴定、专家评审等须书面告知申请人所需时间，告知书自动生成。")


def resume(kinds: Sequence[PauseKind]) -> ActForm:
    """Return the form that ends a pause; where there are several it asks which."""
    which = [Ask("kind", "恢复哪一种暂停", "select", True, options=[(kind.value, kind.label) for kind in kinds])]
    return ActForm("resume", [*(which if len(kinds) > 1 else []), reason("说明", required=False)])


def forward(note: str) -> ActForm:
    """Return the form that sends a task or a case to another authority (转报)."""
    asks = [
        Ask("department", "转报机关", "text", True, attrs={"maxlength": 200}),
        reason(),
        reason("依据", required=False, name="basis"),
    ]
    return ActForm("forward", asks, note=note)


def _dispatch(around: Around) -> ActForm:
    asks = [
        Ask("department", "分给哪个部门", "select", options=_DEPARTMENTS, empty="仍为原部门"),
        Ask(
            "office",
            "机构",
            help="可以从提示中选；不填由部门分办席接收。",
            options=around.offices,
            attrs={"maxlength": 200, "autocomplete": "off"},
        ),
        reason("说明", required=False),
    ]
    return ActForm("dispatch", asks, key="d")


def add_task(note: str, *, kinds: bool = False) -> ActForm:
    """Return the form that asks a further department (加办、征求意见)."""
    asks = [
        Ask("department", "请哪个部门", "select", True, options=_DEPARTMENTS),
        Ask("reason", "办理内容", "text", True, attrs={"maxlength": 200}),
    ]
    if kinds:
        weight = [("blocking", "必须办结"), ("opinion", "仅供参考")]
        asks.append(Ask("kind", "是否必须办结", "select", options=weight, value="blocking", empty=None))
    return ActForm("add-task", asks, title="加办（征求意见）", note=note)


def _lengthening(kinds: Sequence[str], words: Ask) -> list[Ask]:
    named = {"agency": "本机关负责人", "government": "本级政府负责人"}
    options = [(kind, f"{named[kind]}（最多 {CAPS[kind]} 个工作日）") for kind in kinds]
    return [
        Ask("kind", "批准权限", "select", True, options=options, value=kinds[0], empty=None),
        Ask("days", "延长的工作日", "number", True, attrs={"min": 1, "max": max(CAPS[kind] for kind in kinds)}),
        words,
    ]


def _extend(kinds: Sequence[str]) -> ActForm:
    asks = _lengthening(kinds, reason("延期理由", help="写入延期通知书，告知申请人。"))
    return ActForm("extend", asks, note="只能在期限届满前延长一次（行政许可法 第42条）。")


def _propose() -> ActForm:
    asks = _lengthening(tuple(CAPS), reason("建议理由"))
    return ActForm("propose-extension", asks, note="提请有权的负责人批准延期；批准前期限不变。")
