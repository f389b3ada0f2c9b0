"""The tables (数据表): validated in `forms/`, written by casework; here are only the database's own constraints."""

from infra.tables.applicants import CodeTries, Draft, Rating
from infra.tables.calendar import CalendarFollowed, CalendarOverride, CalendarYear
from infra.tables.cases import Application, Case, Consent, Evidence, Material, Pause, Secret, Supplement, Task
from infra.tables.clock import Alarm, Limit, Notice, Order
from infra.tables.people import Membership, Office, Officer, Region, StandIn, Token
from infra.tables.record import Clock, Document, Event, Idempotency, Nudge, Override, StoredFile, Trace
from infra.tables.signing import Session, SignInFailure

__all__ = [
    "Alarm",
    "Application",
    "CalendarFollowed",
    "CalendarOverride",
    "CalendarYear",
    "Case",
    "Clock",
    "CodeTries",
    "Consent",
    "Document",
    "Draft",
    "Event",
    "Evidence",
    "Idempotency",
    "Limit",
    "Material",
    "Membership",
    "Notice",
    "Nudge",
    "Office",
    "Officer",
    "Order",
    "Override",
    "Pause",
    "Rating",
    "Region",
    "Secret",
    "Session",
    "SignInFailure",
    "StandIn",
    "StoredFile",
    "Supplement",
    "Task",
    "Token",
    "Trace",
]
