"""What the applicant does on the pages (申请人办理): takes an application back, rates what has ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from api.frame import page
from api.pages.applicant import mine
from api.pages.applicant.mine import Errors
from api.parameters import CaseNo
from api.visits import Seen, Sent, Visit, done
from flows.registry import matters
from forms.errors import Invalid
from forms.vocabulary import CASE_OPEN, Satisfaction

ROUTER = APIRouter(prefix="/progress/cases/{no}")


# taking back


@ROUTER.get("/withdraw")
def ask_back(no: CaseNo, visit: Seen) -> Response:
    """What it means to take an application back, before it is done."""
    return _withdrawal(visit, no)


@ROUTER.post("/withdraw")
def take_back(no: CaseNo, visit: Sent) -> Response:
    """The application for this matter is taken back; the others go on."""
    case = mine.case_for(mine.facts(visit), no, "withdraw")
    reason = visit.text("reason")[:2000]
    errors: Errors = {}
    if not reason:
        errors["reason"] = ["请写明撤回的原因"]
    if visit.text("sure") != "yes":
        errors["sure"] = ["请勾选确认"]
    if not errors:
        try:
            mine.do(visit, {"act": "withdraw", "case": no, "reason": reason})
        except Invalid as wrong:
            errors = {"reason": [error.message for error in wrong.errors]}
        else:
            return done(visit, mine.HOME, f"已撤回“{case['title']}”的申请。")
    return _withdrawal(visit, no, reason, errors)


def _withdrawal(visit: Visit, no: str, reason: str = "", errors: Errors | None = None) -> Response:
    facts = mine.facts(visit)
    case = mine.case_for(facts, no, "withdraw")
    found = errors or {}
    return page(
        visit,
        "applicant/withdraw.html",
        status=422 if found else 200,
        case=case,
        waiting=_waiting(facts, case),
        others=len(facts["cases"]) - 1,
        reason=reason,
        errors=found,
        summary=mine.summary(found),
    )


def _waiting(facts: Mapping[str, Any], case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the open matters of the application that wait for the result of this one, and whether they go on."""
    known = matters()
    return [
        {"title": other["title"], "goes_on": edge.fallback is not None}
        for other in facts["cases"]
        if other["status"] in {status.value for status in CASE_OPEN} and other["matter"] in known
        for edge in known[other["matter"]].edges
        if edge.matter == case["matter"]
    ]


# rating


@ROUTER.get("/rate")
def ask_rating(no: CaseNo, visit: Seen) -> Response:
    """Five grades and room for words."""
    return _rating(visit, mine.case_for(mine.facts(visit), no, "rate"))


@ROUTER.post("/rate")
def rate(no: CaseNo, visit: Sent) -> Response:
    """The case is rated, once; a bad rating is followed up."""
    case = mine.case_for(mine.facts(visit), no, "rate")
    grade, comment = visit.text("grade"), visit.text("comment")[:2000]
    if grade not in {one.value for one in Satisfaction}:
        return _rating(visit, case, grade, comment, {"grade": ["请选择满意程度"]})
    try:
        mine.do(visit, {"act": "rate", "case": no, "grade": int(grade), **({"comment": comment} if comment else {})})
    except Invalid as wrong:
        return _rating(visit, case, grade, comment, {"comment": [error.message for error in wrong.errors]})
    return done(visit, mine.HOME, "感谢您的评价。")


def _rating(
    visit: Visit, case: Mapping[str, Any], grade: str = "", comment: str = "", errors: Errors | None = None
) -> Response:
    found = errors or {}
    return page(
        visit,
        "applicant/rate.html",
        status=422 if found else 200,
        case=case,
        grades=[(one.value, one.label) for one in Satisfaction],
        grade=grade,
        comment=comment,
        errors=found,
        summary=mine.summary(found),
    )
