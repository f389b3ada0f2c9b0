"""What receipts, promises and lists say (凭证、承诺书、清单正文): tables and lines to sign, from the stored content."""

from __future__ import annotations

from typing import Any

from api.documents.blocks import Block, Content, blanks, facts, listed, named, paragraphs, section, table
from api.documents.words import plain_day, sentence
from api.rows import label
from forms.vocabulary import Department, DocumentKind, MaterialState, Outcome

_WAYS = {"window": "窗口领取", "ems": "邮寄送达", "e_licence": "电子证照送达"}


def receipt(content: Content) -> list[Block]:
    """收件凭证: number, matters, the papers as they came; acceptance is told apart (行政许可法 第32条)."""
    rows = [
        [place, one["title"], label(MaterialState, one["state"])]
        for place, one in enumerate(content.get("materials", []), start=1)
    ]
    return [
        *paragraphs("你（单位）提交的下列申请及材料已收到。本凭证仅证明收件，是否受理另行告知。"),
        *facts(
            ("申请编号", content.get("application")),
            ("申请人", content.get("applicant")),
            ("代办人", content.get("agent")),
            ("申请事项", "、".join(content.get("matters", []))),
            ("收件人", content.get("received_by")),
        ),
        *section("材料清单", table(("序号", "材料名称", "提交方式"), rows, (1, 8, 3))),
        *paragraphs("办理进度可以凭申请编号和收件时领取的查询码查询。查询码不在本凭证上，请妥善保管，不要告诉他人。"),
    ]


def commitment(content: Content) -> list[Block]:
    """告知承诺书: each text as it was read and signed, with its basis (国办发〔2020〕42号; 个人信息保护法 第17条)."""
    said: list[Block] = []
    for one in content.get("items", []):
        said += section(one["title"], [*paragraphs(one["text"]), *named("依据", sentence(one.get("basis")))])
    return [
        *paragraphs(f"申请编号：{content.get('application', '')}。提交申请时，已向申请人告知并由申请人作出如下承诺："),
        *said,
        *blanks("申请人（签名或者盖章）", "日期"),
    ]


def gap_promise(content: Content) -> list[Block]:
    """容缺受理承诺书: the signed promise that stays on file, the second copy of two."""
    return [
        *paragraphs(
            f"本人（单位）申请“{content.get('title', '')}”（办件编号：{content.get('case', '')}），因下列材料暂缺，"
            "申请容缺受理，并承诺按期补交，所补材料真实、有效："
        ),
        *listed(str(item["title"]) for item in content.get("items", [])),
        *paragraphs(f"补交期限：{plain_day(content.get('deadline'))}。{sentence(content.get('if_late'))}"),
        *paragraphs("本承诺书一式两份，申请人、受理机关各执一份。"),
        *blanks("承诺人（签名或者盖章）", "日期"),
    ]


def delivery(content: Content) -> list[Block]:
    """送达回证: what was handed over, how, by whom; the recipient signs (行政许可法 第44条)."""
    return [
        *facts(
            ("送达事项", content.get("title")),
            ("办件编号", content.get("case")),
            ("办理结果", label(Outcome, content.get("outcome"))),
            ("受送达人", content.get("addressee")),
            ("送达方式", _WAYS.get(content.get("kind", ""), content.get("kind"))),
            ("送达人", content.get("delivered_by")),
            ("备注", content.get("reason")),
        ),
        *blanks("受送达人（签名或者盖章）", "收到日期"),
        *paragraphs("代收的，由代收人签名并写明与受送达人的关系。"),
    ]


def deemed_agreement(content: Content) -> list[Block]:
    """超时默认通知单: the office that said nothing in time is told what follows; it stays answerable."""
    office = label(Department, content.get("department")) or ""
    return [
        *paragraphs(
            f"{office}：你单位承办的“{content.get('task', '')}”（{content.get('title', '')}，办件编号："
            f"{content.get('case', '')}）应于{plain_day(content.get('due'))}前提出意见，"
            "期限届满未提出，按规定视为同意。"
        ),
        *paragraphs("视为同意不免除你单位的审查责任，请在一个工作日内补办书面意见。"),
        *named("依据", sentence(content.get("basis"))),
    ]


def archive(content: Content) -> list[Block]:
    """归档清单: papers, documents and the end of the record of a delivered case."""
    materials = [[n, m["title"], label(MaterialState, m["state"])] for n, m in _numbered(content, "materials")]
    documents = [[n, label(DocumentKind, d["kind"]), d["no"], d["on"]] for n, d in _numbered(content, "documents")]
    return [
        *facts(
            ("事项", content.get("title")),
            ("办件编号", content.get("case")),
            ("申请人", content.get("addressee")),
            ("收件日期", plain_day(content.get("received_on"))),
            ("办结日期", plain_day(content.get("closed_on"))),
            ("办理结果", label(Outcome, content.get("outcome"))),
        ),
        *section("申请材料", table(("序号", "名称", "形式"), materials, (1, 8, 3))),
        *section("文书", table(("序号", "名称", "文号", "日期"), documents, (2, 7, 12, 5))),
        *section(
            "办理过程",
            facts(("过程条数", content.get("events")), ("末条过程哈希", _halves(content.get("record_hash")))),
        ),
        *blanks("立卷人", "接收人", "归档日期"),
    ]


def _halves(digest: str | None) -> str | None:
    """Write a long hash so that it breaks in the middle."""
    return f"{digest[: len(digest) // 2]} {digest[len(digest) // 2 :]}" if digest else None


def _numbered(content: Content, name: str) -> list[tuple[int, Any]]:
    return list(enumerate(content.get(name, []), start=1))


def order(content: Content) -> list[Block]:
    """督办单, with the office's answer and the result where they are there (GB/T 39046—2020 表 11)."""
    answered = content.get("replied_on")
    reply = [
        *paragraphs(sentence(content.get("reply"))),
        *facts(("回复人", content.get("replied_by")), ("回复日期", plain_day(answered))),
    ]
    result = [
        *paragraphs(sentence(content.get("result"))),
        *facts(("办结人", content.get("closed_by")), ("办结日期", plain_day(content.get("closed_on")))),
    ]
    return [
        *paragraphs(sentence(content.get("text"))),
        *facts(
            ("督办事项", content.get("title")),
            ("办件（任务）编号", content.get("about")),
            ("监察规则", content.get("rule")),
            ("回复期限", plain_day(content.get("reply_due"))),
        ),
        *section("责任单位回复", reply if answered else blanks("回复人", "回复日期")),
        *section("处理结果", result if content.get("result") else []),
    ]
