"""配偶就业跟踪服务: the spouse of a talent is helped to work, and looked after for a while."""

from __future__ import annotations

from forms.base import MatterForm, ask
from forms.fields import ShortText
from forms.materials import ID_CARD


class FollowForm(MatterForm):
    """配偶就业跟踪服务申请."""

    code = "follow"
    title = "配偶就业跟踪服务"
    materials = (ID_CARD,)

    wish: ShortText = ask("求职意向", section="就业")
