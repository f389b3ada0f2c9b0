"""A draft as it crosses the API (暂存): an intake that is not finished, with whatever is filled in so far."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from forms.messages import Message, Short

_NAME, _CODE, _MATTERS = 100, 64, 35


class DraftIn(Message):
    """暂存：填到一半的申请，留待继续填写；不检查是否填全。"""

    title: Short | None = Field(None, title="名称（不填则取申请人姓名）")
    body: dict[str, Any] = Field(title="已填写的内容，结构同一口受理的申请")


def summary(body: dict[str, Any]) -> tuple[str, str, list[str]]:
    """Return what a list of drafts shows of a body: the region, the applicant's name, the matters; "" where missing."""
    head = body.get("applicant")
    name = head.get("name") if isinstance(head, dict) else None
    matters = body.get("matters")
    codes = list(matters) if isinstance(matters, dict) else []
    region = body.get("region")
    return (
        region if isinstance(region, str) and len(region) <= _CODE else "",
        name.strip()[:_NAME] if isinstance(name, str) else "",
        [code for code in codes[:_MATTERS] if len(code) <= _CODE],
    )
