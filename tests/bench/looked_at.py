"""What is looked at (看哪些页面): every page and call with a list, by who looks: opened, deep inside, empty, filtered.

In an address `{name}` is filled with a place deep in a list, so that the page begins there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Engine, text

from api.parameters import cursor

_WATCHED: Final = (
    "/watch", "/watch?matter=subsidy", "/watch?region=370283", "/watch?from=2026-01-01",
    *(f"/watch/cases?view={view}" for view in ("open", "oldest", "undelivered", "received", "closed", "late")),
    *(f"/watch/cases?light={light}" for light in ("red", "yellow", "amber", "green", "paused", "none")),
    "/watch/cases?view=open&department=finance", "/watch/cases?view=late&department=finance",
    "/watch/cases?view=closed&matter=subsidy&department=education", "/watch/cases?view=late&matter=subsidy",
    "/watch/cases?view=undelivered&light=none", "/watch/cases?view=closed&from=2020-01-01&to=2020-02-01",
    "/watch/cases?view=open&cursor={due}", "/watch/cases?view=oldest&cursor={received}",
    "/watch/cases?view=closed&from=2026-01-01&cursor={closed}",
    "/watch/cases?view=received&from=2020-01-01&cursor={key}",
    *(f"/watch/tasks?view={view}" for view in ("in_hand", "unclaimed", "returned", "paused", "decided")),
    *(f"/watch/tasks?light={light}" for light in ("red", "yellow", "amber", "green", "paused", "none")),
    "/watch/tasks?department=school", "/watch/tasks?department=finance&light=red", "/watch/tasks?step=approval",
    "/watch/tasks?view=decided&department=school", "/watch/tasks?view=decided&step=eligibility&department=finance",
    "/watch/tasks?cursor={due}", "/watch/tasks?view=decided&from=2026-01-01&cursor={closed}",
    "/watch/late", "/watch/late?department=school", "/watch/late?matter=subsidy&department=finance",
    "/watch/late?cursor={due}", "/watch/soon", "/watch/soon?department=school", "/watch/soon?cursor={due}",
    "/watch/orders", "/watch/orders?state=open", "/watch/orders?state=replied", "/watch/orders?state=closed",
    "/watch/orders?overdue=1", "/watch/orders?cursor={order}",
    "/watch/cards", "/watch/cards?rung=red", "/watch/cards?rung=amber", "/watch/cards?state=appealed",
    "/watch/cards?state=passed_up", "/watch/cards?rung=yellow&state=withdrawn", "/watch/cards?cursor={card}",
    "/watch/ratings", "/watch/ratings?all=1", "/watch/ratings?state=bad", "/watch/ratings?state=appealed",
    "/watch/ratings?overdue=1", "/watch/ratings?all=1&cursor={rating}", "/watch/report",
    "/watch/report?from=2026-01-01", "/watch/charts/weeks.svg", "/notices", "/notices?unread=1",
    "/notices?cursor={read}",
)  # fmt: skip
_SEARCHED: Final = (
    "/cases", *(f"/cases?status={status}" for status in ("submitted", "in_progress", "closed_refused", "void")),
    *(f"/cases?light={light}" for light in ("red", "yellow", "amber", "green", "paused")),
    *(f"/cases?matter={matter}" for matter in ("settlement", "schooling", "green_channel", "subsidy")),
    *(f"/cases?department={one}" for one in ("human_resources", "education", "health", "finance", "school", "housing")),
    "/cases?department=education&light=red", "/cases?department=school&status=void", "/cases?matter=subsidy&light=red",
    "/cases?matter=settlement&department=education&status=delivered", "/cases?status=delivered&light=red",
    "/cases?q=李想0042", "/cases?q=王没有", "/cases?q=RC-370283-20260918-0500", "/cases?q=RC-370285-20261231",
    "/cases?q=李想0042&department=education", "/cases?cursor={key}", "/cases?department=education&cursor={key}",
    "/cases?cursor={first}",
)  # fmt: skip

PAGES: Final[Mapping[str, Sequence[str]]] = {
    "handler": (
        "/inbox?clear=1", *(f"/inbox?light={light}" for light in ("red", "yellow", "amber", "green", "paused")),
        "/inbox?view=mine", "/inbox?view=new", "/inbox?view=done", "/inbox?view=done_mine",
        *(f"/inbox?matter={matter}" for matter in ("settlement", "schooling")), "/inbox?matter=schooling&view=done",
        "/inbox?q=李想0042", "/inbox?q=王没有", "/inbox?q=RC-370283-20260918-0500&view=done", "/inbox?q=RC-370285-2026",
        "/inbox?q=RC-370283-2026", "/inbox?q=RC-370283-20260918-0500",
        "/inbox?view=&cursor={due}", "/inbox?view=done&cursor={task}", "/inbox?view=done&light=paused&cursor={first}",
        *_SEARCHED, "/notices", "/notices?unread=1", "/notices?cursor={read}", "/standins", "/watch/orders",
        "/watch/cards",
    ),
    "seldom": (
        "/inbox?clear=1", "/inbox?light=red", "/inbox?view=new", "/inbox?view=done", "/inbox?q=RC-370283-2026",
        *_SEARCHED, "/notices", "/watch/orders", "/watch/orders?overdue=1", "/watch/cards", "/watch/cards?rung=red",
        "/watch/cards?cursor={card}",
    ),
    "clerk": ("/window", *(f"/window/waiting/{one}" for one in ("check", "supplement", "deliver")),
              "/window/waiting/deliver?cursor={due}", "/window/drafts", *_SEARCHED, "/notices", "/watch/orders"),
    "manager": (*_WATCHED, *_SEARCHED),
    "city": (*_WATCHED, *_SEARCHED),
    "lead": (*_WATCHED, *_SEARCHED, "/inbox?clear=1", "/inbox?view=done"),
    "auditor": ("/admin/traces", "/admin/traces?application=RC-370283-20260918-0500000-A", "/admin/traces?officer=无人",
                "/admin/traces?officer=王经办", "/admin/traces?cursor={key}"),
    "administrator": ("/admin", "/admin/officers", "/admin/officers?q=王经办7", "/admin/officers?q=无人",
                      "/admin/officers?q=crowd.02", "/admin/officers?role=chief", "/admin/officers?department=school",
                      "/admin/officers?role=chief&department=housing", "/admin/officers?cursor={officer}",
                      "/admin/sessions", "/admin/changes", "/admin/changes?cursor={officer}", "/admin/offices",
                      "/admin/regions", "/admin/matters", "/admin/calendar", "/admin/settings"),
    "": ("/guide", "/guide/settlement", "/guide/bundles/home", "/progress", "/sign-in"),
}  # fmt: skip
"""Pages by who looks at them; "" is somebody without an account."""

SEARCHES: Final[Mapping[str, Sequence[tuple[str, Mapping[str, str]]]]] = {
    "clerk": tuple(
        ("/window/search", {"q": q})
        for q in ("李想0042", "王没有", "0042", "9999", "RC-370283-20260918-0500000-A", "RC-370283-20260918-05",
                  "RC-370285-2027", "11010519491231002X")
    ),
}  # fmt: skip
"""What is looked for by a form, with the form."""

CALLS: Final[Mapping[str, Sequence[str]]] = {
    "handler": ("/tasks", "/tasks?light=red", "/tasks?status=pending", "/tasks?status=approved", "/tasks?mine=true",
                "/tasks?matter=schooling", "/tasks?status=returned", "/tasks?cursor={due}",
                "/tasks?status=approved&cursor={task}", "/cases", "/cases?department=education",
                "/cases?department=school&light=red", "/cases?cursor={key}", "/applications",
                "/applications?status=void",
                "/applications?q=王没有", "/breaches", "/breaches?cursor={due}", "/alarms", "/alarms?state=passed_up",
                "/orders", "/orders?overdue=true", "/notices", "/standins"),
    "seldom": ("/tasks", "/tasks?status=approved", "/cases", "/cases?department=education", "/applications",
               "/applications?status=void", "/applications?status=delivered", "/breaches", "/breaches?cursor={due}",
               "/alarms", "/alarms?rung=red", "/orders", "/orders?overdue=true", "/notices"),
    "clerk": ("/cases", "/cases?q=李想0042", "/applications", "/applications?q=李想0042", "/applications?status=void",
              "/applications?cursor={key}", "/drafts", "/notices", "/breaches"),
    "manager": ("/board", "/breaches", "/breaches?cursor={due}", "/tasks", "/tasks?department=school",
                "/cases?light=red",
                "/measures", "/measures?by=department", "/measures?by=month&from=2026-01-01", "/alarms",
                "/alarms?rung=red", "/alarms?state=passed_up", "/orders", "/orders?state=open", "/ratings",
                "/ratings?bad=true", "/ratings?overdue=true", "/ratings?matter=subsidy", "/notices"),
    "city": ("/board", "/breaches", "/tasks", "/measures", "/measures?by=region", "/alarms", "/orders", "/ratings"),
    "lead": ("/board", "/breaches", "/tasks", "/measures", "/cases?department=finance", "/alarms", "/orders",
             "/ratings"),
    "auditor": ("/traces", "/traces?application=RC-370283-20260918-0500000-A"),
    "administrator": ("/officers", "/departments", "/regions", "/changes"),
    "": ("/matters", "/ratings/published", "/ratings/published?matter=subsidy", "/calendar/2026"),
}  # fmt: skip
"""Calls of the interface by who makes them."""

_PLACES = {
    "first": "SELECT json_build_array(40)",
    "key": "SELECT json_build_array(max(id) / 2) FROM cases",
    "task": "SELECT json_build_array(max(id) / 2) FROM tasks",
    "due": "SELECT json_build_array(now()::date + 3, max(id) / 2) FROM cases",
    "received": "SELECT json_build_array(received_at, id) FROM cases WHERE id = (SELECT max(id) / 2 FROM cases)",
    "closed": "SELECT json_build_array(closed_at, id) FROM cases WHERE closed_at IS NOT NULL"
    " AND id > (SELECT max(id) * 2 / 3 FROM cases) ORDER BY id LIMIT 1",
    "order": "SELECT json_build_array(max(id) / 2) FROM orders",
    "card": "SELECT json_build_array(max(id) / 2) FROM alarms",
    "rating": "SELECT json_build_array(max(id) / 2) FROM ratings",
    "read": "SELECT json_build_array(1, max(id) / 2) FROM notices",
    "officer": "SELECT json_build_array(max(id) / 2) FROM officers",
}


class Places:
    """Places deep in the lists, as addresses carry them."""

    def __init__(self, engine: Engine) -> None:
        """Look them up."""
        with engine.connect() as conn:
            self._known = {name: cursor(conn.execute(text(query)).scalar_one()) for name, query in _PLACES.items()}

    def filled(self, path: str) -> str:
        """Return an address with its place put in."""
        return path.format_map(self._known)
