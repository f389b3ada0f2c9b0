"""Days that offices set for a matter (各地自定的期限): how many usually, how many at most, and as pinned on a case.

`supplement_days`: the applicant's for what is missing, where nobody names a day. `appeal_days`: an office's to appeal
against a card, `reply_days` to answer an order (GB/T 39046—2020 表 11 督办单; the days are this platform's own).
`fix_days`: to put a bad rating right, at most as long as one on the ledger may take (国办发〔2019〕51号; five working
days in 德州市). Working days, all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flows.rating import FIX_DAYS, LEDGER_DAYS

SUPPLEMENT, APPEAL, REPLY, FIX = "supplement_days", "appeal_days", "reply_days", "fix_days"
USUAL: Final[Mapping[str, int]] = {SUPPLEMENT: 10, APPEAL: 3, REPLY: 1, FIX: FIX_DAYS}
MOST: Final[Mapping[str, int]] = {SUPPLEMENT: 60, APPEAL: 30, REPLY: 15, FIX: LEDGER_DAYS}


def pinned(plan: Mapping[Any, Any], name: str) -> int:
    """Return the days as they held when the case was received: of its plan, or of a row that has them of its plan."""
    return int(plan.get(name) or USUAL[name])
