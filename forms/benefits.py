"""What is stated where money is applied for (补贴填报项): people brought in, benefits already received."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from forms.base import Context, Form, Wrong, ask, rule
from forms.fields import IdNumber, Month, PastDay, PersonName, Text, YesNo
from forms.terms import EducationLevel


class Hire(Form):
    """Somebody an employer brought in (引进人员)."""

    name: PersonName = ask("姓名")
    id_number: IdNumber = ask("证件号码")
    level: EducationLevel = ask("学历层次")
    hired_on: PastDay = ask("入职日期")
    overseas: YesNo = ask("是否留学人员", default=False)
    key_school: YesNo = ask("是否重点高校毕业生", "世界前200名高校、自然指数前100高校（机构）或双一流", default=False)
    insured_years: Annotated[int, Field(strict=True, ge=0, le=60)] = ask("在本单位连续参保满年数", default=0)


class OtherBenefit(Form):
    """Another benefit already received (已享受的其他政策)."""

    name: Text = ask("政策名称")
    from_month: Month = ask("起始月份")
    to_month: Month | None = ask("截止月份", "仍在享受的不填", default=None)

    @rule("from_month", "to_month")
    def it_runs_forward(self, context: Context) -> Iterator[Wrong]:
        """A benefit ends after it begins."""
        if self.to_month and self.to_month < self.from_month:
            yield Wrong("to_month", "截止月份不能早于起始月份", "order")
