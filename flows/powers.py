"""What each role may do and where (权限表): act → who, as data; what is not in it is refused to everybody."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from forms.vocabulary import Role


class At(StrEnum):
    """Where a role counts: in the case's region, in its lead department, at the task's own seat, or anywhere."""

    REGION = "region"
    LEAD = "lead"
    SEAT = "seat"
    ANY_SEAT = "any_seat"
    ANYWHERE = "anywhere"


Grant = tuple[Role, At]
_WINDOW: Final = ((Role.WINDOW, At.REGION),)
_HELPED: Final = ((Role.WINDOW, At.REGION), (Role.SERVICE_OFFICER, At.REGION))
_MANAGER: Final = ((Role.MANAGER, At.REGION),)
_LEAD: Final = ((Role.COORDINATOR, At.LEAD),)
_DESK: Final = tuple((role, At.SEAT) for role in (Role.HANDLER, Role.REVIEWER, Role.APPROVER, Role.CHIEF))
_ANY_DESK: Final = tuple((role, At.ANY_SEAT) for role in (Role.HANDLER, Role.REVIEWER, Role.APPROVER, Role.CHIEF))
_ADMIN: Final = ((Role.ADMINISTRATOR, At.ANYWHERE),)

ACTS: Final[Mapping[str, tuple[Grant, ...]]] = {
    # the window's acts: 综合窗口 may register, check, accept and hand over, never decide
    "receive": _HELPED,
    "upload": (*_HELPED, *((role, At.ANYWHERE) for role in (Role.HANDLER, Role.REVIEWER, Role.APPROVER))),
    "correct": _WINDOW,
    "accept": _WINDOW,
    "decline": _WINDOW,
    "supplement": _HELPED,
    "withdraw": _HELPED,
    "deliver": _WINDOW,
    "renew-code": _HELPED,
    # the list of what is missing: before acceptance the window's, after it the asking department's
    "request-supplement": _WINDOW,
    "ask-supplement": _DESK,
    "ask-supplement-again": _MANAGER,
    # acts on a case of those who answer for the whole
    "suspend-case": (*_MANAGER, *_LEAD),
    "resume-case": (*_MANAGER, *_LEAD),
    "lapse": (*_MANAGER, *_LEAD, *_WINDOW),
    "forward-case": _LEAD,
    "void": _MANAGER,
    # who may lengthen a limit is named by the law: the agency's head, for joint handling the government's (第42条)
    "extend-agency": ((Role.AGENCY_HEAD, At.LEAD),),
    "extend-government": ((Role.GOVERNMENT_HEAD, At.REGION),),
    "reopen": (*_MANAGER, *_LEAD),
    # cards and orders: who received them appeals and answers, who watches judges and closes
    **dict.fromkeys(("appeal-card", "reply-order"), (*_DESK, *_LEAD, (Role.WINDOW, At.SEAT))),
    **dict.fromkeys(("judge-appeal", "open-order", "close-order"), _MANAGER),
    # ratings (好差评): followed up by who answers for the whole, judged and closed by the manager, never by a handler
    "read-ratings": (*_MANAGER, *_LEAD, *_HELPED, (Role.AUDITOR, At.REGION)),
    "follow-rating": (*_MANAGER, *_LEAD, (Role.SERVICE_OFFICER, At.REGION)),
    **dict.fromkeys(("judge-rating", "close-rating"), _MANAGER),
    "read-measures": (*_MANAGER, *_LEAD, (Role.AUDITOR, At.REGION)),
    "add-task": (*_LEAD, (Role.HANDLER, At.ANY_SEAT), (Role.REVIEWER, At.ANY_SEAT), (Role.APPROVER, At.ANY_SEAT)),
    "dispatch": _LEAD,
    # whoever holds a task hands it over; besides, those who answer for the seat or for the whole
    "hand-over": (*((role, At.SEAT) for role in (Role.REVIEWER, Role.APPROVER, Role.CHIEF)), *_LEAD, *_MANAGER),
    "urge": (*_MANAGER, *_LEAD, *_WINDOW),
    "copy": (*_MANAGER, *_LEAD, *_WINDOW, *_ANY_DESK),
    "propose-extension": (*_MANAGER, *_LEAD),
    # a department's acts on its own task; the level's role is checked besides
    **{
        act: _DESK
        for act in (
            "claim",
            "release",
            "return",
            "transfer",
            "approve",
            "refuse",
            "send-back",
            "forward",
            "retract",
            "suspend",
            "resume",
            "recheck",
        )
    },
    # reading what is masked, the people, the offices
    "reveal": (*_WINDOW, *((role, At.ANY_SEAT) for role in (Role.HANDLER, Role.REVIEWER, Role.APPROVER))),
    "read-board": (*_MANAGER, *_LEAD, (Role.AUDITOR, At.REGION), *_WINDOW, *_DESK),
    "read-traces": ((Role.AUDITOR, At.REGION),),
    "administer": _ADMIN,
    # who stands in for somebody else is said by the head of that department, or by who keeps the accounts
    "name-standin": (*_ADMIN, (Role.AGENCY_HEAD, At.SEAT)),
}
"""Act → the roles that may, and where. An act that is not here is refused to everybody."""
