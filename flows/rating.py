"""Ratings (好差评) as rules: what is a bad one, until when one may rate, and what follows a bad one. Pure.

Five grades, the last two are bad (鲁政办发〔2020〕10号; GB/T 39046—2020 附录 A.8). A bad one is contacted and verified
within a working day (上海市优化营商环境条例 第30条、安阳市政务服务条例 第52条 as models), then put right at once, on a
ledger with a deadline, or explained; an error or malice is appealed and, if upheld, not counted (国办发〔2019〕51号).
Every bad one is called back before its public reply closes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from forms.errors import Conflict
from forms.vocabulary import RatingState

S = RatingState

BAD_FROM = 4
"""Grades from here on are bad (差评)."""

RATE_DAYS = 5
"""Working days after the end of the handling in which it may be rated (鲁政办发〔2020〕10号)."""

CONTACT_DAYS = 1
"""Days of office hours in which the one who rated badly is contacted: from the moment of the rating, from the next
opening where it was given outside them."""

FIX_DAYS, LEDGER_DAYS = 5, 15
"""Working days in which a bad rating is put right: usually, and at most where it stands on the ledger."""

BASIS = "国办发〔2019〕51号"

FOLLOW: Final[Mapping[tuple[RatingState, str], RatingState]] = {
    (S.BAD, "contact"): S.CONTACTED,
    (S.CONTACTED, "fix-now"): S.FIX_NOW,
    (S.CONTACTED, "ledger"): S.LEDGER,
    (S.CONTACTED, "explain"): S.EXPLAINED,
    (S.CONTACTED, "appeal"): S.APPEALED,
    (S.APPEALED, "uphold"): S.EXCLUDED,
    (S.APPEALED, "reject"): S.CONTACTED,
    (S.FIX_NOW, "fix"): S.FIXED,
    (S.LEDGER, "fix"): S.FIXED,
    (S.FIXED, "call-back"): S.CALLED_BACK,
    (S.EXPLAINED, "call-back"): S.CALLED_BACK,
    (S.CALLED_BACK, "ledger"): S.LEDGER,
    (S.CALLED_BACK, "close"): S.CLOSED,
}
"""(state, act) → state, as data; every pair that is not here is a Conflict. Who is still not content goes on the ledger
once more; nothing is closed that was not called back."""

ENDED: Final = frozenset({S.GOOD, S.CLOSED, S.EXCLUDED})


def is_bad(grade: int) -> bool:
    """Whether a grade is a bad rating (差评)."""
    return grade >= BAD_FROM


def begin(grade: int) -> RatingState:
    """Return where a fresh rating stands."""
    return S.BAD if is_bad(grade) else S.GOOD


def follow(state: str, act: str) -> RatingState:
    """Return where a rating stands after `act`; Conflict where this may not be done now."""
    try:
        return FOLLOW[S(state), act]
    except KeyError:
        raise Conflict(f"该评价当前为“{S(state).label}”，不能进行此项办理。", state=state, act=act) from None


def acts_from(state: str) -> list[str]:
    """Return the acts that may follow a state, as they cross the API (both judgements are `judge`)."""
    acts = [act for (before, act) in FOLLOW if before == state]
    return list(dict.fromkeys("judge" if act in ("uphold", "reject") else act for act in acts))
