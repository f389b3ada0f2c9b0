"""Whether a talent certificate (人才证书) still holds on the day of the service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from forms.base import Context, Wrong

WARN_BEFORE = timedelta(days=30)


def must_hold(context: Context) -> Iterator[Wrong]:
    """The class is valid on the day of service; its last thirty days are pointed out, 平发〔2022〕22号 第20条."""
    talent = context.applicant.talent
    if talent is None:
        yield Wrong("/applicant/talent", "请填写人才称号信息", "required")
    elif context.today < talent.valid_from:
        yield Wrong("/applicant/talent/valid_from", "人才证书尚未生效", "not_yet_valid")
    elif context.today > talent.valid_to:
        yield Wrong("/applicant/talent/valid_to", "人才证书已过有效期", "expired")
    elif context.today > talent.valid_to - WARN_BEFORE:
        yield Wrong("/applicant/talent/valid_to", "人才证书将在30日内到期，请提醒续期", "expires_soon", doubt=True)
