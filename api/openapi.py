"""The contract in writing (接口说明): OpenAPI 3.1, complete enough to generate a client from."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api import shapes as s
from api.routers.clock import Move
from flows.registry import matters
from forms import messages as m
from forms.administration import (
    AlarmChange,
    AppealChange,
    FixChange,
    GapLateChange,
    MatterChange,
    OfficeIn,
    OfficerChange,
    OfficerIn,
    PromisableChange,
    RegionIn,
    ReplyChange,
    SupplementChange,
)
from forms.applicant import APPLICANT_ACTS
from forms.coordination import Several
from forms.drafts import DraftIn
from forms.ratings import RATING_ACTS
from forms.schema import SchemaWriter, merged_schema
from forms.standins import StandInIn
from forms.supervision import CARD_ACTS, ORDER_ACTS, OpenOrder
from forms.vocabulary import ApplicantKind

PROBLEM: Final = "application/problem+json"
REF: Final = "#/components/schemas/"

ANSWERS: Final[Mapping[str, type[BaseModel]]] = {
    "list_matters": s.MattersOut,
    "read_matter": s.GuideOut,
    "change_promise": s.PromiseAnswer,
    "read_settings": s.MatterSettingsOut,
    "change_promisable": s.SettingAnswer,
    "change_gap_late": s.SettingAnswer,
    "change_supplement_days": s.SettingAnswer,
    "change_appeal_days": s.SettingAnswer,
    "change_reply_days": s.SettingAnswer,
    "change_fix_days": s.SettingAnswer,
    "change_alarm": s.SettingAnswer,
    "receive": s.ReceivedOut,
    "save_draft": s.DraftOut,
    "list_drafts": s.Page[s.DraftOut],
    "read_draft": s.DraftWhole,
    "change_draft": s.DraftOut,
    "list_applications": s.Page[s.ApplicationOut],
    "read_application": s.ApplicationDossier,
    "list_cases": s.Page[s.CaseItem],
    "search_cases": s.Page[s.CaseItem],
    "read_case": s.CaseDossier,
    "read_events": s.Page[s.EventOut],
    "read_documents": s.Page[s.DocumentOut],
    "reveal": s.RevealedOut,
    "act_on_case": s.CaseDone,
    "inbox": s.Page[s.InboxItem],
    "read_task": s.TaskDossier,
    "act_on_task": s.TaskDone,
    "act_on_tasks": s.ResultsOut,
    "act_on_cases": s.ResultsOut,
    "upload": s.FileOut,
    "board": s.BoardOut,
    "progress": s.ProgressOut,
    "act_as_applicant": s.ApplicantDone,
    "upload_as_applicant": s.FileOut,
    "me": s.MeOut,
    "list_officers": s.Page[s.OfficerOut],
    "add_officer": s.OfficerOut,
    "change_officer": s.OfficerOut,
    "list_departments": s.Page[s.OfficeOut],
    "put_office": s.OfficeOut,
    "list_regions": s.Page[s.RegionOut],
    "put_region": s.RegionOut,
    "list_changes": s.Page[s.ChangeOut],
    "list_standins": s.Page[s.StandInOut],
    "name_standin": s.StandInOut,
    "revoke_standin": s.StandInOut,
    "list_traces": s.Page[s.TraceOut],
    "list_alarms": s.Page[s.CardOut],
    "read_alarm": s.CardOut,
    "act_on_alarm": s.CardOut,
    "list_ratings": s.Page[s.RatingOut],
    "published_ratings": s.Page[s.PublishedRating],
    "read_rating": s.RatingOut,
    "act_on_rating": s.RatingOut,
    "list_orders": s.Page[s.OrderOut],
    "open_order": s.OrderOut,
    "read_order": s.OrderOut,
    "act_on_order": s.OrderOut,
    "read_measures": s.MeasuresOut,
    "list_notices": s.Page[s.NoticeOut],
    "read_notice": s.NoticeOut,
    "read_clock": s.ClockOut,
    "move_clock": s.ClockOut,
    "live": s.LiveOut,
    "ready": s.ReadyOut,
}
"""Operation → the shape of its answer."""

BODIES: Final[Mapping[str, type[BaseModel]]] = {
    "search_cases": m.Search,
    "save_draft": DraftIn,
    "change_draft": DraftIn,
    "reveal": m.Reveal,
    "act_on_tasks": Several,
    "act_on_cases": Several,
    "add_officer": OfficerIn,
    "change_officer": OfficerChange,
    "put_office": OfficeIn,
    "put_region": RegionIn,
    "name_standin": StandInIn,
    "open_order": OpenOrder,
    "change_promise": MatterChange,
    "change_promisable": PromisableChange,
    "change_gap_late": GapLateChange,
    "change_supplement_days": SupplementChange,
    "change_appeal_days": AppealChange,
    "change_reply_days": ReplyChange,
    "change_fix_days": FixChange,
    "change_alarm": AlarmChange,
    "move_clock": Move,
}
"""Operation → the message it takes."""

ACTS: Final[Mapping[str, Mapping[str, type[m.Message]]]] = {
    "act_on_case": m.CASE_ACTS,
    "act_on_task": m.TASK_ACTS,
    "act_as_applicant": APPLICANT_ACTS,
    "act_on_alarm": CARD_ACTS,
    "act_on_order": ORDER_ACTS,
    "act_on_rating": RATING_ACTS,
}

_ERRORS: Final[Mapping[str, str]] = {
    "400": "请求有误",
    "401": "未登录",
    "403": "无权办理",
    "404": "没有找到，或者无权查看",
    "409": "有冲突",
    "412": "内容已变（If-Match）",
    "413": "内容过大",
    "415": "类型不符",
    "422": "填写有误：errors 列出全部问题",
    "429": "尝试次数过多（Retry-After）",
    "503": "暂时不可用，稍后再试（Retry-After）",
}
_HEADERS: Final[Mapping[str, str]] = {
    "Idempotency-Key": "同一键与内容只办一次，再次提交得到第一次的结果",
    "If-Match": "所见版本（详情的 ETag），已变则 412",
}
_TAKES: Final[Mapping[str, tuple[str, ...]]] = {
    "receive": ("Idempotency-Key",),
    "save_draft": ("Idempotency-Key",),
    "change_draft": ("If-Match",),
    "add_officer": ("Idempotency-Key",),
    "name_standin": ("Idempotency-Key",),
    "open_order": ("Idempotency-Key",),
    "act_on_case": ("Idempotency-Key", "If-Match"),
    "act_on_task": ("Idempotency-Key", "If-Match"),
    "act_on_tasks": ("Idempotency-Key",),
    "act_on_cases": ("Idempotency-Key",),
    "act_as_applicant": ("Idempotency-Key",),
    "act_on_alarm": ("Idempotency-Key",),
    "act_on_order": ("Idempotency-Key",),
    "act_on_rating": ("Idempotency-Key",),
}
"""Operation → the headers that a call reads besides."""
_WITH_VERSION = {
    "read_application", "read_case", "read_task", "act_on_case", "act_on_task", "read_draft", "change_draft",
}  # fmt: skip


PRINTED = frozenset({"print_document", "print_as_applicant", "print_order"})
"""Operations that answer with a PDF."""


def install(app: FastAPI) -> None:
    """Have the application describe itself by this module."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the whole description."""
    written = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes, openapi_version="3.1.0"
    )
    schemas = written.setdefault("components", {}).setdefault("schemas", {})
    schemas.clear()
    schemas.update(_schemas())
    for path, operations in written["paths"].items():
        for operation in operations.values():
            _complete(path, operation)
    return written


def _schemas() -> dict[str, Any]:
    """Return every schema that is referred to: answers, messages, and the whole intake of all matters."""
    answers: list[Any] = [s.ProblemDetails, *ANSWERS.values()]
    taken: list[Any] = [*BODIES.values(), *(kind for acts in ACTS.values() for kind in acts.values())]
    _, shown = models_json_schema([(model, "serialization") for model in answers], ref_template=REF + "{model}")
    _, read = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(taken)],
        ref_template=REF + "{model}",
        schema_generator=SchemaWriter,
    )
    intake = copy.deepcopy(merged_schema({code: matter.form for code, matter in matters().items()}))
    for name in ("$schema", "x-needs-head"):
        intake.pop(name, None)
    chosen = intake["properties"]["matters"]
    del chosen["required"]
    chosen["minProperties"] = 1
    defs = {**_employers(intake), **intake.pop("$defs")}
    return {**shown["$defs"], **read["$defs"], **_relocated({**defs, "Intake": intake})}


def _employers(intake: dict[str, Any]) -> dict[str, Any]:
    """Let an employer apply too: no bundle of all matters allows it, some matters alone do."""
    theirs = {code: x.form for code, x in matters().items() if ApplicantKind.EMPLOYER in x.form.applies_to}
    if not theirs:
        return {}
    intake["properties"]["applicant"] = {
        "title": "申请人",
        "oneOf": [{"$ref": f"#/$defs/{head}"} for head in ("Employer", "Person")],
    }
    found: dict[str, Any] = copy.deepcopy(merged_schema(theirs)["$defs"])
    return found


def _relocated(value: Any) -> Any:
    """Point references at the components."""
    if isinstance(value, dict):
        return {
            key: REF + entry.removeprefix("#/$defs/") if key == "$ref" and isinstance(entry, str) else _relocated(entry)
            for key, entry in value.items()
        }
    return [_relocated(entry) for entry in value] if isinstance(value, list) else value


def _complete(path: str, operation: dict[str, Any]) -> None:
    name = operation["operationId"]
    responses = operation.setdefault("responses", {})
    responses.pop("422", None)
    good = next((code for code in responses if code.startswith("2")), "200")
    responses[good] = {"description": "成功", **({} if good == "204" else _answer(name))}
    if name in _WITH_VERSION:
        responses[good]["headers"] = {"ETag": {"schema": {"type": "string"}, "description": "版本，用于 If-Match"}}
    if good == "201" and name != "upload_as_applicant":
        responses[good]["headers"] = {"Location": {"schema": {"type": "string"}, "description": "新资源的地址"}}
    if path.startswith("/api/"):
        for code, words in _ERRORS.items():
            responses[code] = _problem(words)
    if name == "ready":
        responses["503"] = {"description": "数据库不可用", **_answer(name)}
    responses["default"] = _problem("错误")
    operation.setdefault("parameters", []).extend(
        {"name": header, "in": "header", "description": _HEADERS[header], "schema": {"type": "string"}}
        for header in _TAKES.get(name, ())
    )
    body = _body(name)
    if body is not None:
        operation["requestBody"] = body


def _answer(name: str) -> dict[str, Any]:
    if name == "download":
        kinds = ("application/pdf", "image/jpeg", "image/png")
        return {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in kinds}}
    if name in PRINTED:
        return {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
    if name == "metrics":
        return {"content": {"text/plain": {"schema": {"type": "string"}}}}
    model = ANSWERS.get(name)
    schema = {"$ref": REF + _name(model)} if model is not None else {"type": "object"}
    return {"content": {"application/json": {"schema": schema}}}


def _name(model: type[BaseModel]) -> str:
    return model.__name__.replace("[", "_").replace("]", "_")


def _problem(words: str) -> dict[str, Any]:
    return {"description": words, "content": {PROBLEM: {"schema": {"$ref": REF + "ProblemDetails"}}}}


def _body(name: str) -> dict[str, Any] | None:
    schema: dict[str, Any]
    if name in ("upload", "upload_as_applicant"):
        part = {"type": "string", "format": "binary", "description": "PDF、JPG 或 PNG，不超过 10 MB"}
        schema = {"type": "object", "properties": {"file": part}, "required": ["file"], "additionalProperties": False}
        return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    if name in ACTS:
        mapping = {act: REF + kind.__name__ for act, kind in ACTS[name].items()}
        schema = {
            "oneOf": [{"$ref": reference} for reference in mapping.values()],
            "discriminator": {"propertyName": "act", "mapping": mapping},
        }
    elif name == "receive":
        schema = {"$ref": REF + "Intake"}
    elif name in BODIES:
        schema = {"$ref": REF + BODIES[name].__name__}
    else:
        return None
    return {"required": True, "content": {"application/json": {"schema": schema}}}
