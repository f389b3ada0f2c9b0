"""A case at the window (窗口办理): pre-check, accept, tell once what is missing, decline, withdraw, hand over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Response

from api import dossiers
from api.errors import status_of
from api.frame import page
from api.pages.window.seat import seated
from api.parameters import CaseNo
from api.rows import label
from api.visits import Seen, Sent, Visit, done
from flows import access
from flows.access import Actor
from flows.arming import silence_of
from flows.casework.acts import act_on_case
from flows.casework.supplement import usual_deadline
from flows.lifecycle import CASE
from flows.projection import local_day
from flows.record import Desk
from flows.registry import matters
from forms.errors import Conflict, Invalid, NotAllowed, Stale
from forms.head import APPLICANTS
from forms.messages import read_case_act
from forms.scope import Scope
from forms.terms import MandateKind
from forms.vocabulary import CaseStatus

ROUTER = APIRouter()

DONE: Final[Mapping[str, str]] = {
    "accept": "已受理，部门任务已分办。",
    "decline": "已决定不予受理，通知书已生成。",
    "decline-not_required": "已告知不受理，通知书已生成。",
    "request-supplement": "已一次性告知补正，告知书已生成。",
    "withdraw": "已按申请人意愿撤回。",
    "deliver": "已登记送达，送达回证已生成。",
    "lapse": "已按逾期未补交办结。",
}
_MOVES: Final[Mapping[str, str]] = {"decline": "decline-not-required"}
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "accept": ("until", "reason"),
    "decline": ("kind", "reason_code", "reason", "basis", "department"),
    "request-supplement": ("until", "reason"),
    "withdraw": ("reason",),
    "deliver": ("kind", "reason"),
    "lapse": ("reason",),
}
REASONS: Final = (
    ("not_needed", "依法不需要办理"),
    ("other_authority", "不属于本机关职权范围"),
    ("not_eligible", "明显不符合申请条件"),
    ("duplicate", "同一事项已经办理或者正在办理"),
    ("other", "其他"),
)


@dataclass(slots=True)
class Place:
    """Where a case lies, for the walls."""

    region: str
    lead: str


def may(actor: Actor, act: str, case: Mapping[str, Any]) -> bool:
    """Whether the officer may do an act on this case at all, whatever its status."""
    try:
        access.may(actor, act, case=Place(case["region"], case["department"]))
    except NotAllowed:
        return False
    return True


def offered(actor: Actor, case: Mapping[str, Any], today: date) -> set[str]:
    """Return the acts that this officer may do on this case as it stands now."""
    status = CaseStatus(case["status"])
    found = {
        act
        for act in ("accept", "decline", "request-supplement", "correct", "supplement", "withdraw", "deliver", "lapse")
        if (status, _MOVES.get(act, act)) in CASE and may(actor, act, case)
    }
    open_list = open_supplement(case)
    promised = promised_papers(case)
    if status is CaseStatus.SUBMITTED and may(actor, "supplement", case) and missing_papers(case):
        found.add("supplement")
    if status is CaseStatus.IN_PROGRESS and open_list is None and not promised:
        found.discard("supplement")
    if not _lapsed(case, today):
        found.discard("lapse")
    if status is CaseStatus.IN_PROGRESS:
        found.discard("request-supplement")  # after acceptance it is the asking department's
    return found


def open_supplement(case: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the open list of what is missing, None where there is none."""
    return next((one for one in case["supplements"] if one["status"] == "open"), None)


def promised_papers(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the promised papers (容缺) that have not come yet."""
    return [item for item in (case["gap"] or {}).get("items", []) if not item.get("handed_at")]


def missing_papers(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the papers that this case cannot be accepted without and that are not there."""
    return [one for one in case["materials"] if one["state"] == "missing" and case["matter"] in one["required_by"]]


def _lapsed(case: Mapping[str, Any], today: date) -> bool:
    asked = open_supplement(case)
    if asked is not None:
        return bool(today > asked["deadline"])
    return bool(promised_papers(case)) and today > date.fromisoformat(case["gap"]["deadline"])


@ROUTER.get("/window/cases/{no}")
def look(no: CaseNo, visit: Seen) -> Response:
    """A case as the window needs it: what is there, what is missing, what can be done now."""
    with visit.desk() as seat:
        return case_page(visit, seat, seated(visit, seat), no)


def case_page(
    visit: Visit,
    seat: Desk,
    scope: Scope,
    no: str,
    *,
    wrong: Mapping[str, list[str]] | None = None,
    given: Mapping[str, Any] | None = None,
    act: str = "",
    refused: str = "",
    status: int = 200,
) -> Response:
    """Return the page of a case, with what an act was refused for and everything that was typed."""
    case = dossiers.case(seat, scope, no)
    today = local_day(seat.now)
    return page(
        visit,
        "window/case.html",
        status=status,
        case=case,
        mandate_label=label(MandateKind, (case["mandate"] or {}).get("kind")),
        today=today,
        offers=offered(seat.actor, case, today),
        missing=missing_papers(case),
        promised=promised_papers(case),
        asked=open_supplement(case),
        titles=titles_of(case),
        papers_to_ask=_askable(case),
        facts_to_ask=_facts(case),
        documents=dossiers.documents(seat, scope, no),
        reasons=REASONS,
        until=usual_deadline(seat, case["region"], case["plan"]).isoformat(),
        silence=silence_of(case["plan"]),
        wrong=wrong or {},
        given=given or {},
        act=act,
        refused=refused,
    )


def _askable(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the papers of the matter's published list, those on this application's list first, with their state."""
    there = {one["code"]: one for one in case["materials"]}
    known = [
        {
            "code": one["code"],
            "title": one["title"],
            "state": there[one["code"]]["state_label"] if one["code"] in there else "",
            "missing": one["code"] in there and there[one["code"]]["state"] == "missing",
        }
        for one in case["plan"]["materials"]
    ]
    return sorted(known, key=lambda one: not one["state"])


def _facts(case: Mapping[str, Any]) -> list[tuple[str, str]]:
    form = matters()[case["matter"]].form
    head = APPLICANTS[case["applicant"]["kind"]]
    own = [(f"form/{name}", str(field.title)) for name, field in form.model_fields.items()]
    return [*own, *((f"applicant/{n}", f"申请人：{f.title}") for n, f in head.model_fields.items() if n != "kind")]


def titles_of(case: Mapping[str, Any]) -> dict[str, str]:
    """Return what each code that can be asked for is called."""
    papers = {one["code"]: str(one["title"]) for one in case["plan"]["materials"]}
    return papers | {one["code"]: str(one["title"]) for one in case["materials"]} | dict(_facts(case))


@ROUTER.post("/window/cases/{no}")
def act(no: CaseNo, visit: Sent) -> Response:
    """The act is done and on record, or the page says why not."""
    name = visit.text("act")
    if name not in _FIELDS:
        raise Invalid.one("/act", "没有这种办理动作", "unknown_act")
    given = _given(visit, name)
    try:
        with visit.desk() as seat:
            seated(visit, seat)
            act_on_case(seat, no, read_case_act(given), if_match=version_of(visit))
    except Invalid as refused:
        return _again(visit, no, name, given, wrong=_by_field(refused, name), status=422)
    except (Conflict, Stale) as refused:
        return _again(visit, no, name, given, refused=told(refused), status=status_of(refused))
    return done(visit, f"/window/cases/{no}", DONE.get(f"{name}-{given.get('kind')}", DONE[name]))


def version_of(visit: Visit) -> int | None:
    """Return the version of the case that the page showed."""
    version = visit.text("version")
    return int(version) if version.isdecimal() and len(version) < 10 else None


def told(refused: Conflict | Stale) -> str:
    """Return why an act was refused, with who did what meanwhile."""
    meanwhile = refused.facts.get("meanwhile")
    return refused.detail + (f"（最近一次办理：{meanwhile['actor']}）" if isinstance(meanwhile, dict) else "")


def _given(visit: Visit, act: str) -> dict[str, Any]:
    typed = {name: visit.text(f"{act}-{name}") for name in _FIELDS[act]}
    given: dict[str, Any] = {"act": act, **{name: value for name, value in typed.items() if value}}
    if act == "request-supplement":
        given["items"] = [
            {"code": code, **({"note": note} if (note := visit.text(f"note:{code}")) else {})}
            for code in visit.texts("request-supplement-items")
        ]
    return given


def _by_field(refused: Invalid, act: str) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    for error in refused.errors:
        wrong.setdefault(f"{act}-{error.field.split('/')[1] if error.field else 'reason'}", []).append(error.message)
    return wrong


def _again(
    visit: Visit,
    no: str,
    act: str,
    given: Mapping[str, Any],
    *,
    wrong: Mapping[str, list[str]] | None = None,
    refused: str = "",
    status: int,
) -> Response:
    with visit.desk() as seat:
        scope = seated(visit, seat)
        return case_page(visit, seat, scope, no, wrong=wrong, given=given, act=act, refused=refused, status=status)
