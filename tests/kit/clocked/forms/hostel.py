"""人才驿站设立: a hostel for talents."""

from __future__ import annotations

from forms.base import MatterForm, ask
from forms.fields import ShortText
from forms.materials import ID_CARD


class HostelForm(MatterForm):
    """人才驿站设立申请."""

    code = "hostel"
    title = "人才驿站设立"
    materials = (ID_CARD,)

    beds: ShortText = ask("床位数", section="驿站")
