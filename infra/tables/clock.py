"""Limits, what was raised because of them, and what is to be told to whom (时限、预警、督办、通知)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import SQLModel

from infra.tables import columns as c

_WHOSE = ("region", "department", "matter", "clock")
_ORDERED = ("region", "state", "reply_due", "matter")
_CARDS = ("yellow_on", "red_on", "ended_at")


class Limit(SQLModel, table=True):
    """A limit of a case or a task (时限): its budget, and its days as projected from calendar and pauses.

    `subject` is the number of the case or task. The days are projections, never flags: they move with pauses,
    extensions and the calendar. `next_on` is the day on which the sweep has to look at it again; a limit that ended
    late keeps it until its cards are out. `event` is the step after which it runs; `deems` says that its last day has
    an effect of its own, which a pass brings about. A limit in office hours (签收、退回分办) has its `days` in minutes
    from `started_at` and is due at `due_at`. What has ended keeps the days it was judged by, and `judged_by`: the
    calendar of that moment, by its last loaded year and its last local day.
    """

    __tablename__ = "limits"
    __table_args__ = (
        # a case and its first limits are written in one transaction, the limits first
        ForeignKeyConstraint(["case_id"], ["cases.id"], deferrable=True, initially="DEFERRED"),
        Index("limits_case", "case_id"),
        # what the sweep has to look at, and what turns yellow or red next, whoever's it is
        Index("limits_ahead", "next_on", "id", *_WHOSE, *_CARDS, postgresql_where=text("next_on IS NOT NULL")),
        # what is late
        Index("limits_running", "due_on", "id", *_WHOSE, postgresql_where=text("ended_at IS NULL")),
        Index("limits_deems", "due_on", "id", postgresql_where=text("deems AND ended_at IS NULL")),
    )

    id: int | None = c.key()
    case_id: int = c.big()
    subject: str = c.text()
    clock: str = c.text()
    runs: str = c.text()
    days: int
    extension: int = 0
    basis: str | None = c.text(None, null=True)
    what: str = c.text("")
    matter: str = c.text()
    department: str = c.text()
    region: str = c.text()
    started_on: date
    started_at: datetime | None = c.moment()
    fixed_on: date | None = None
    event: str | None = c.text(None, null=True)
    deems: bool = False
    rungs: list[Any] = c.json()
    due_on: date | None = None
    due_at: datetime | None = c.moment()
    amber_on: date | None = None
    yellow_on: date | None = None
    red_on: date | None = None
    provisional: bool = False
    stopped: bool = False
    fired: list[str] = c.texts()
    next_on: date | None = None
    armed_at: datetime = c.moment(null=False)
    ended_at: datetime | None = c.moment()
    ended_on: date | None = None
    judged_by: list[int] | None = c.integers(null=True)


class Alarm(SQLModel, table=True):
    """A rung that was reached (预警、黄牌、红牌): once per limit and rung, claimed by a unique insert."""

    __tablename__ = "alarms"
    __table_args__ = (
        UniqueConstraint("limit_id", "rung"),
        Index("alarms_list", "region", "id"),
        Index("alarms_case", "case_id"),
        Index("alarms_department", "department", "region", "id"),
        Index("alarms_rung", "rung", "region", "id"),
        Index("alarms_contested", "state", "region", "matter", "id", postgresql_where=text("state <> 'issued'")),
    )

    id: int | None = c.key()
    limit_id: int = c.big(foreign_key="limits.id")
    case_id: int = c.big(foreign_key="cases.id")
    subject: str = c.text()
    clock: str = c.text()
    rung: str = c.text()
    reached_on: date
    fired_at: datetime = c.moment(null=False)
    matter: str = c.text()
    department: str = c.text()
    region: str = c.text()
    state: str = c.text("issued")
    appeal: dict[str, Any] | None = c.json(null=True)


class Notice(SQLModel, table=True):
    """Something to be told to somebody (通知), written with the act that causes it and sent afterwards, each once.

    `key` names cause and addressee, so that nobody is told twice. A row of channel `in_app` is read on the platform;
    from it the sender makes a row for every channel outside. `next_at` of such a row is by the machine's clock.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("notices_due", "next_at", "id", postgresql_where=text("sent_at IS NULL AND given_up_at IS NULL")),
        Index("notices_inbox", "addressee", "id"),
        Index("notices_unread", "addressee", "id", postgresql_where=text("channel = 'in_app' AND read_at IS NULL")),
        Index("notices_fresh", "id", postgresql_where=text("channel = 'in_app' AND sent_at IS NULL")),
        Index("notices_case", "case_id"),
    )

    id: int | None = c.key()
    key: str = c.text()
    addressee: str = c.text()
    channel: str = c.text()
    title: str = c.text()
    content: dict[str, Any] = c.json()
    case_id: int | None = c.big(null=True, foreign_key="cases.id")
    created_at: datetime = c.moment(null=False)
    next_at: datetime = c.moment(null=False)
    tries: int = 0
    sent_at: datetime | None = c.moment()
    read_at: datetime | None = c.moment()
    given_up_at: datetime | None = c.moment()
    error: str | None = c.text(None, null=True)


class Order(SQLModel, table=True):
    """An order of supervision (督办单), GB/T 39046—2020 表 11: opened by a red card or by a manager, answered, closed.

    `alarm_id` is empty where a manager opened it; `reminded` is the last rung told of its lacking reply.
    """

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("alarm_id"),
        Index("orders_list", "region", "id"),
        Index("orders_department", "department", "region", "id"),
        Index("orders_open", "reply_due", postgresql_where=text("state = 'open'")),
        Index("orders_unsettled", *_ORDERED, postgresql_where=text("state <> 'closed'")),
    )

    id: int | None = c.key()
    no: str = c.Field(unique=True)
    alarm_id: int | None = c.big(null=True, foreign_key="alarms.id")
    case_id: int = c.big(foreign_key="cases.id")
    subject: str = c.text()
    matter: str = c.text()
    department: str = c.text()
    region: str = c.text()
    content: str = c.text()
    rule: str = c.text()
    state: str = c.text("open")
    sent_at: datetime = c.moment(null=False)
    reply_due: date
    reminded: int = c.Field(0, sa_column_kwargs={"server_default": "0"})
    reply: str | None = c.text(None, null=True)
    replied_by: str | None = c.text(None, null=True)
    replied_at: datetime | None = c.moment()
    result: str | None = c.text(None, null=True)
    closed_by: str | None = c.text(None, null=True)
    closed_at: datetime | None = c.moment()
