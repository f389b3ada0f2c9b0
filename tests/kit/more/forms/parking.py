"""人才车位: a parking space with the flat."""

from __future__ import annotations

from forms.base import MatterForm, ask
from forms.fields import ShortText
from forms.materials import ID_CARD


class ParkingForm(MatterForm):
    """人才车位申请."""

    code = "parking"
    title = "人才车位"
    materials = (ID_CARD,)

    plate: ShortText = ask("车牌号码", section="车辆")
