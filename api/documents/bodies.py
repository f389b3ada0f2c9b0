"""What the notices and decisions say (通知、决定正文): one function for each kind, from the stored content alone."""

from __future__ import annotations

from typing import Any

from api.documents.blocks import Block, Content, facts, listed, named, paragraphs, section, table
from api.documents.words import plain_day, sentence
from api.rows import label
from flows.limit import length
from flows.matter import SILENCE_OF_A_LICENCE
from forms.vocabulary import CaseStatus, Outcome

INTAKE = "《中华人民共和国行政许可法》第三十二条"
JOINT = "有关部门并联办理，结果由综合窗口统一送达。"


def about(content: Content) -> str:
    """Name the case: 你（单位）申请的“人才落户”（办件编号：…）."""
    return f"你（单位）申请的“{content.get('title', '')}”（办件编号：{content.get('case', '')}）"


def _law(content: Content) -> str:
    """Name the rules of the matter: 依据A、B."""
    rules = content.get("rules") or []
    return "、".join(rules)


def acceptance(content: Content) -> list[Block]:
    """受理通知书, 行政许可法 第32条第（五）项; deemed acceptance says so (第（四）项)."""
    received = plain_day(content.get("received_on"))
    on = f"，已于{received}收到" if received else ""
    if content.get("deemed"):
        basis = content["deemed"]  # documents issued before matters named it say no more than that it was so
        by = f"{INTAKE}第一款第（四）项" if basis in (True, SILENCE_OF_A_LICENCE) else basis
        why = f"因未在五个工作日内一次性告知补正内容，依据{by}，自收到申请材料之日起即为受理。"
    else:
        why = f"经审查，申请材料齐全、符合法定形式（或者已按规定承诺容缺补交），依据{INTAKE}的规定，决定予以受理。"
    limits = [
        (f"{one['what']}，" if one.get("what") else "") + f"{length(one)}{_starts(one)}"
        for one in content.get("limits", [])
        if one.get("days") or one.get("on")
    ]
    due = plain_day(content.get("due_on"))
    promised = f"承诺办结日期为{due}（遇依法不计入办理期限的情形相应顺延）。" if due else ""
    return [
        *paragraphs(f"{about(content)}{on}。{why}{JOINT}"),
        *paragraphs("承诺办结时限：" + "；".join(limits) + f"。{promised}" if limits else promised),
        *named("办理依据", sentence(_law(content))),
        *named("办件类型", content.get("case_kind")),
    ]


def _starts(limit: Content) -> str:
    """Say from when a limit runs that does not run from acceptance."""
    if limit.get("season"):
        return "（自招生报名截止之日起）"
    return "（自前一环节办结之日起）" if limit.get("event") else ""


def not_required(content: Content) -> list[Block]:
    """不受理通知书: the matter needs no approval, 行政许可法 第32条第一款第（一）项."""
    return [
        *paragraphs(f"{about(content)}，经审查，依法不需要办理，依据{INTAKE}第一款第（一）项的规定，不予受理。"),
        *_grounds(content),
    ]


def not_accepted(content: Content) -> list[Block]:
    """不予受理通知书: another authority's, which is named, 行政许可法 第32条第一款第（二）项."""
    where = content.get("where")
    to = f"请向{where}申请。" if where else ""
    said = f"经审查，不属于本机关职权范围，依据{INTAKE}第一款第（二）项的规定，决定不予受理。{to}"
    return [*paragraphs(f"{about(content)}，{said}"), *_grounds(content)]


def _grounds(content: Content) -> list[Block]:
    return [
        *named("理由", sentence(content.get("reason"))),
        *named("依据", sentence(content.get("basis"))),
        *named("救济途径", sentence(content.get("remedies"))),
    ]


def supplement(content: Content) -> list[Block]:
    """一次性告知（补正）书: everything at once, 行政许可法 第32条第一款第（四）项."""
    until = plain_day(content.get("until"))
    items = [
        str(item.get("title") or item["code"]) + (f"：{item['note']}" if item.get("note") else "")
        for item in content.get("items", [])
        if not item.get("handed_at")
    ]
    return [
        *paragraphs(
            f"{about(content)}，申请材料不齐全或者不符合法定形式。依据{INTAKE}第一款第（四）项的规定，"
            f"现将需要补正的全部内容一次性告知如下："
        ),
        *listed(items),
        *paragraphs(f"请于{until}前补正。逾期未补正的，视为撤回申请。"),
        *named("说明", sentence(content.get("reason"))),
    ]


def gap_notice(content: Content) -> list[Block]:
    """容缺受理通知书: what may come later, by when, and what follows if it does not (青岛市优化营商环境条例 第24条)."""
    return [
        *paragraphs(
            f"{about(content)}，基本条件具备、主要材料齐全，依据《青岛市优化营商环境条例》第二十四条的规定，"
            "准予容缺受理。以下次要材料请按承诺补交："
        ),
        *listed(str(item["title"]) for item in content.get("items", [])),
        *paragraphs(f"补交期限：{plain_day(content.get('deadline'))}。{sentence(content.get('if_late'))}"),
        *paragraphs("补交期间办理时限不停止计算；材料补齐并审查合格的，按期办结。"),
    ]


def special(content: Content) -> list[Block]:
    """特别程序告知书: the time needed is told in writing, 行政许可法 第45条."""
    step = f"的“{content['task']}”环节" if content.get("task") else ""
    until = plain_day(content.get("until"))
    planned = f"预计于{until}前完成，" if until else ""
    days = content.get("days")
    needs = f"{planned}所需时间为{days}个工作日，该时间" if days else f"{planned}所需时间"
    return [
        *paragraphs(
            f"{about(content)}{step}，依法需要{content.get('kind', '')}，{needs}不计算在办理期限内。"
            "依据《中华人民共和国行政许可法》第四十五条的规定，现书面告知。"
        ),
        *named("依据", sentence(content.get("ground"))),
    ]


def extension(content: Content) -> list[Block]:
    """延期通知书: reason, who approved, the new day, 行政许可法 第42条."""
    due = plain_day(content.get("due_on"))
    new = f"，延长后的承诺办结日期为{due}" if due else ""
    return [
        *paragraphs(f"{about(content)}，因故不能在期限内办结，经批准延长{content.get('days', '')}个工作日{new}。"),
        *named("延期理由", sentence(content.get("reason"))),
        *named("批准人", content.get("approved_by")),
        *named("依据", sentence(content.get("basis"))),
    ]


def decision_ok(content: Content) -> list[Block]:
    """准予决定书: what was granted, on which ground."""
    law = _law(content)
    by = f"依据{law}，" if law else ""
    reason = content.get("reason")
    return [
        *paragraphs(f"{about(content)}，经审查，符合规定条件。{by}决定准予。"),
        *section("决定内容", facts(*_granted(content), *((s["title"], s["value"]) for s in content.get("stated", [])))),
        *named("审查意见", sentence(reason)),
        *named("补充依据", sentence(content.get("basis"))),
        *_late(content),
        *paragraphs(
            "如不服本决定，可以自收到本决定书之日起六十日内依法申请行政复议，也可以自收到之日起六个月内依法提起行政诉讼。"
        ),
    ]


def _granted(content: Content) -> list[tuple[str, Any]]:
    computed = content.get("computed") or {}
    return [
        ("适用条款", computed.get("rule_title")),
        ("标准", f"{computed['amount']}元" if computed.get("amount") else None),
        ("期限", f"{computed['months']}个月" if computed.get("months") else None),
        ("合计", f"{computed['total']}元" if computed.get("total") else None),
    ]


def decision_refused(content: Content) -> list[Block]:
    """不予决定书: reason, basis and both remedies with their time limits, 行政许可法 第38条."""
    return [
        *paragraphs(f"{about(content)}，经审查，不符合规定条件，决定不予。"),
        *named("理由", sentence(content.get("reason"))),
        *named("依据", sentence(content.get("basis") or _law(content))),
        *_late(content),
        *named("救济途径", sentence(content.get("remedies"))),
    ]


def _late(content: Content) -> list[Block]:
    """The delay stands in the decision itself, 优化营商环境条例 第36条."""
    over = content.get("late_by")
    return named("超时说明", f"本件超过承诺时限{over}个工作日。{sentence(content.get('explanation'))}") if over else []


def delay(content: Content) -> list[Block]:
    """超时办理情况说明: overdue is publicly explained, 优化营商环境条例 第36条."""
    return [
        *paragraphs(f"{about(content)}，超过承诺办结时限{content.get('late_by', '')}个工作日办结。现将原因说明如下："),
        *paragraphs(sentence(content.get("explanation"))),
        *paragraphs("依据《优化营商环境条例》第三十六条的规定，本说明向申请人告知并向社会公开。"),
    ]


def public_notice(content: Content) -> list[Block]:
    """公示: who is to get what, until when one may object; personal data hidden (行政许可法 第40条)."""
    until = plain_day(content.get("until"))
    days = content.get("days")
    period = (f"公示期{days}个工作日" if days else "公示期") + (f"，至{until}止" if until else "")
    law = _law(content)
    return [
        *paragraphs(f"根据{law}，经审核，拟对下列申请予以办理，现予公示。" if law else "经审核，现予公示。"),
        *facts(
            ("公示对象", content.get("subject")),
            ("事项", content.get("title")),
            ("办件编号", content.get("case")),
            *_granted(content),
        ),
        *paragraphs(
            f"{period}。公示期内如有异议，请以书面或者电话形式向{content.get('office', '')}"
            f"（电话：{content.get('office_phone') or '见文末'}）实名反映，并提供必要的证据材料。"
        ),
    ]


def closing(content: Content) -> list[Block]:
    """办结通知书: what was asked for did not come (补正不来), as good as withdrawn."""
    until = plain_day(content.get("deadline"))
    by = f"未在{until}前补正" if until else "未在期限内补正"
    return [
        *paragraphs(f"{about(content)}，因{by}，本件按补正不来办结。"),
        *named("理由", sentence(content.get("reason"))),
        *paragraphs("材料备齐后，可以重新提出申请。"),
    ]


def forwarding(content: Content) -> list[Block]:
    """转报告知书: another authority has the case now, 行政许可法 第43条."""
    return [*paragraphs(f"{about(content)}，依规定已转报{content.get('to') or '有权机关'}办理。"), *_grounds(content)]


def withdrawal(content: Content) -> list[Block]:
    """撤回确认书: the applicant took the application back."""
    return [
        *paragraphs(f"{about(content)}，已按你（单位）的申请撤回，本件终止办理。"),
        *named("撤回原因", sentence(content.get("reason"))),
    ]


def void_record(content: Content) -> list[Block]:
    """作废记录: the data were wrong; who manages says why."""
    return [*paragraphs(f"{about(content)}，因业务数据有误作废。"), *named("作废理由", sentence(content.get("reason")))]


def reopening(content: Content) -> list[Block]:
    """重新办理告知书: the case lives on as a new one."""
    return [
        *paragraphs(
            f"{about(content)}，决定重新办理，新的办件编号为{content.get('new_case', '')}。原办件结果以新办件为准。"
        ),
        *named("理由", sentence(content.get("reason"))),
    ]


def summary(content: Content) -> list[Block]:
    """办结一览表: the results of all matters of one application, with the last of them."""
    rows = [
        [
            place,
            one["title"],
            one["no"],
            label(Outcome, one.get("outcome")) or label(CaseStatus, one.get("status")),
            plain_day(one.get("closed_on")),
        ]
        for place, one in enumerate(content.get("results", []), start=1)
    ]
    return [
        *paragraphs("你（单位）一次提交的各事项均已办结，结果如下："),
        *table(("序号", "事项", "办件编号", "结果", "办结日期"), rows, (2, 5, 11, 3, 6)),
        *paragraphs("各事项的决定书等文书由综合窗口一并送达，也可以凭申请编号和查询码查看。"),
    ]


def rating_reply(content: Content) -> list[Block]:
    """差评整改反馈: what was found and done about a bad rating, 国办发〔2019〕51号."""
    return [
        *paragraphs(
            f"你（单位）对“{content.get('title', '')}”（办件编号：{content.get('case', '')}）的评价已经核实处理。"
        ),
        *named("评价", content.get("grade_label") or content.get("grade")),
        *named("核实情况", sentence(content.get("found"))),
        *named("整改情况", sentence(content.get("done") or content.get("measures"))),
        *named("回复", sentence(content.get("reply"))),
        *paragraphs("感谢你（单位）的监督。"),
    ]
