"""Calling who rated badly (差评联系电话): for whoever follows the rating up, for nobody who had a hand in the case."""

from __future__ import annotations

from flows import access
from flows.casework import ratings, secrets
from flows.casework.standing import by_turns
from flows.casework.trace import leave
from flows.rating import BAD_FROM
from flows.record import Desk
from forms.errors import Conflict, NotFound
from infra.store import dossier
from infra.store import ratings as store

_REASON = "差评联系、回访"


@by_turns
def telephone(desk: Desk, key: int) -> str:
    """Return the telephone number of who rated badly, "" where none was given; a trace of it is left.

    NotFound for a rating that is not the officer's to see, NotAllowed for who does not follow it up or handled the
    case, Conflict where nobody has to call any more. 国办发〔2019〕51号: every bad rating is called back.
    """
    scope = access.scope(desk.actor)
    row = store.one(desk.conn, scope, key)
    case = dossier.case(desk.conn, scope, row["case_no"]) if row is not None else None
    if row is None or case is None:
        raise NotFound
    access.may(desk.actor, "follow-rating", case=case)
    ratings.impartial(desk, case)
    if row["grade"] < BAD_FROM or row["closed_at"] is not None:
        raise Conflict("这件评价不需要再联系。", code="no_call")
    leave(desk, "reveal", case.application_id, case.no, _REASON)
    return secrets.opened(desk, case.application_id, case.position).get("/applicant/mobile", "")
