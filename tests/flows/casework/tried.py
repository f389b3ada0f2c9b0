"""What random officers try: acts with fields that may do, and those that fit a task's status."""

from __future__ import annotations

from typing import Any

from tests.kit.hall import REFUSAL

ID_CARD = {"code": "id_card"}
TERMINAL = {
    "not_required", "not_accepted", "closed_ok", "closed_refused", "closed_no_supplement", "closed_forwarded",
    "withdrawn", "void", "delivered",
}  # fmt: skip
OPEN_TASK = {"blocked", "pending", "returned", "received", "reviewing"}
CASE_ACTS: dict[str, list[dict[str, Any]]] = {
    "accept": [{}],
    "decline": [{"kind": "not_required", "reason_code": "local", "reason": "无需办理"}],
    "request-supplement": [{"items": [ID_CARD, {"code": "contract"}]}, {"items": [ID_CARD]}],
    "supplement": [
        {"items": [{"code": "id_card", "shared": True}]},
        {"items": [{"code": "talent_certificate", "shared": True}, {"code": "contract", "shared": True}]},
        {"patch": {"form": {"address_option": 4, "why_not_higher": [
            {"option": 1, "reason": "no_home"}, {"option": 2, "reason": "no_relative"},
            {"option": 3, "reason": "no_unit_household"}]}}},
    ],
    "correct": [{"patch": {"applicant": {"address": "平度市人民路1号"}}}],
    "suspend": [{"kind": "hearing", "ground": "行政许可法 第46条", "until": "2027-06-30"}],
    "resume": [{}],
    "withdraw": [{"reason": "改变主意"}],
    "void": [{"reason": "数据错误"}],
    "lapse": [{}],
    "forward": [{"department": "青岛市", "reason": "属上级权限"}],
    "deliver": [{}],
    "add-task": [{"department": "health", "reason": "请核验"},
                 {"department": "housing", "reason": "征求意见", "kind": "opinion"}],
    "reopen": [{"reason": "复议"}],
    "urge": [{}],
    "copy": [{"department": "public_security", "reason": "知悉"}, {"department": "health", "reason": "知悉"}],
}  # fmt: skip
TASK_ACTS: dict[str, list[dict[str, Any]]] = {
    "claim": [{}],
    "release": [{}],
    "approve": [{}],
    "refuse": [REFUSAL],
    "return": [{"reason": "误派"}],
    "dispatch": [{}, {"department": "talent_centre"}],
    "transfer": [{"office": "pd-dongge-pcs"}, {"officer": "pd.hr.wang"}],
    "hand-over": [{"officer": "pd.hr.wang", "reason": "出差"}],
    "urge": [{}],
    "send-back": [{"reason": "不清"}],
    "retract": [{}],
    "forward": [{"department": "青岛市", "reason": "属上级权限"}],
    "recheck": [{}],
    "suspend": [{"kind": "expert_review", "ground": "行政许可法 第45条", "until": "2027-06-30"}],
    "resume": [{}],
    "request-supplement": [{"items": [{"code": "id_card"}]}],
}
FITTING = {
    "pending": ["claim", "return", "suspend", "request-supplement"],
    "received": ["release", "return", "suspend", "resume", "request-supplement"],
    "reviewing": ["send-back", "claim", "release", "retract", "resume"],
    "returned": ["dispatch"],
    "approved": ["retract"],
    "refused": ["retract"],
}
RARE = {"withdraw", "void", "forward", "refuse", "lapse", "decline"}
