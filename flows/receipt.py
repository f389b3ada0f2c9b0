"""When an application counts as received (收件时间): at its real moment, or with the next working day's opening.

Only what an applicant files online after the closing time or on an off day is received on the next working day, which
is then day zero (民法典 第201条、第203条); an officer's act always counts at its real moment.
"""

from __future__ import annotations

from datetime import datetime

from flows.arming import workdays_of
from flows.record import Desk
from forms.office_hours import CHINA


def received_at(desk: Desk, region: str, *, online: bool) -> datetime:
    """Return when what is handed in now at this desk is received; `online` where no officer takes it in."""
    workdays = workdays_of(desk, region)
    if not online or not workdays.hours.after_closing(desk.now, workdays):
        return desk.now
    day = workdays.add(desk.now.astimezone(CHINA).date(), 1)
    return datetime.combine(day, workdays.hours.spans[0][0], CHINA)
