"""人才公寓入住: a flat for talents."""

from __future__ import annotations

from forms.base import MatterForm, ask
from forms.fields import ShortText, YesNo
from forms.materials import CONTRACT, ID_CARD, PHOTO


class FlatForm(MatterForm):
    """人才公寓入住申请."""

    code = "flat"
    title = "人才公寓入住"
    materials = (ID_CARD, CONTRACT, PHOTO)

    estate: ShortText = ask("意向公寓", section="公寓")
    with_family: YesNo = ask("是否携家属", section="公寓", default=False)
