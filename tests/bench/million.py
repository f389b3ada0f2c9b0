"""A million cases (百万办件): what a city has after years, made set by set, with everything that lists look into.

Four matters in two districts, one case in eight in hand; limits, cards, orders, ratings, notices, traces, acts and
people beside them.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

CASES = 1_000_000
OPEN_SHARE = 12
"""Of a hundred cases so many are in hand."""

_MATTER = "(ARRAY['settlement','schooling','green_channel','subsidy'])[1 + g % 4]"
_REGION = "(ARRAY['370283','370283','370285'])[1 + g % 3]"
_LEAD = "(ARRAY['public_security','education','health','human_resources'])[1 + g % 4]"
_DEPARTMENT = "(ARRAY['human_resources','education','health','finance'])[1 + g % 4]"
_NO = f"format('RC-%s-20260918-%s-A', {_REGION}, lpad(g::text, 7, '0'))"
_OPEN = f"(g * 7919) % 100 < {OPEN_SHARE}"
_STATUS = (
    f"CASE WHEN {_OPEN} THEN (ARRAY['in_progress','in_progress','in_progress','submitted','supplement'])[1 + g % 5]"
    " ELSE (ARRAY['delivered','delivered','delivered','closed_ok','closed_refused','withdrawn'])[1 + g % 6] END"
)
_OUTCOME = (
    f"CASE WHEN NOT ({_OPEN}) THEN"
    " (ARRAY['approved','approved','approved','approved','refused','withdrawn'])[1 + g % 6] END"
)
_AT = "now() - make_interval(mins => ((:cases - g) / 2)::int)"
_DUE = "(now()::date + (g % 23)::int - 9)"
_FROM = "FROM generate_series(1, CAST(:cases AS bigint)) g"
_RATED = f"NOT ({_OPEN}) AND g % 6 < 5 AND g % 9 < 2"
_BAD = "g % 53 = 0"
_GRADE = f"CASE WHEN {_BAD} THEN 4 + g % 2 ELSE 1 + g % 3 END"
_SAID = "jsonb_build_object('act', said, 'at', at, 'by', '王经办', 'words', '已说明')"
_CLERK = "(SELECT array_agg(officer_id) FROM memberships WHERE role = 'window')"
_STATEMENTS = (
    f"""
    INSERT INTO applications (id, no, region, channel, kind, name, status, outcome, head, overrides, person_key,
        code_hash, received_at, created_by, rating, version)
    SELECT g, {_NO}, {_REGION}, CASE g % 9 WHEN 0 THEN 'online' ELSE 'window' END, 'person',
        '李想' || lpad((g % 10000)::text, 4, '0'), {_STATUS}, {_OUTCOME},
        json_build_object('id_number', '370283********' || lpad((g % 9973)::text, 4, '0'))::jsonb, '[]',
        decode(md5(g::text), 'hex'), '', {_AT}, clerks[1 + g % cardinality(clerks)],
        CASE WHEN {_RATED} THEN {_GRADE} END, 1
    {_FROM} CROSS JOIN (SELECT {_CLERK} AS clerks) windows
    """,
    f"""
    INSERT INTO cases (id, no, application_id, position, matter, title, region, lead, kind, status, outcome, paused,
        form, computed, plan, fate, edges, routes, received_at, accepted_at, due_on, amber_on, yellow_on, red_on,
        stopped, closed_at, delivered_at, chain_seq, chain_hash, version)
    SELECT g, {_NO} || '-1B', g, 1, {_MATTER}, '人才服务', {_REGION}, {_LEAD}, '2', {_STATUS}, {_OUTCOME}, false,
        '{{}}', '{{}}', '{{"limits": []}}', 'cancel', '[]', '{{}}', {_AT}, {_AT}, {_DUE}, {_DUE} - 2, {_DUE} + 1,
        {_DUE} + 5, g % 200 = 3, CASE WHEN NOT ({_OPEN}) THEN {_AT} + interval '3 days' END,
        CASE WHEN NOT ({_OPEN}) AND (g % 6 < 3 OR g % 16 > 0) THEN {_AT} + interval '4 days' END, 0, '', 1 {_FROM}
    """,
    f"""
    INSERT INTO tasks (no, case_id, position, matter, step, title, department, region, status, outcome, paused, level,
        levels, signers, after, join_policy, mandatory, blocking, decides, ad_hoc, days, wants, check_auto, check_tries,
        officer_id, officer_name, opened_at, decided_at, due_on, amber_on, yellow_on, red_on, stopped, version)
    SELECT {_NO} || '-1B-' || lpad(k::text, 2, '0') || 'C', g, k, {_MATTER},
        CASE k WHEN 1 THEN 'eligibility' ELSE 'approval' END, CASE k WHEN 1 THEN '资格核验' ELSE '审批' END,
        CASE k WHEN 1 THEN {_DEPARTMENT} ELSE {_LEAD} END, {_REGION},
        CASE WHEN NOT ({_OPEN}) THEN 'approved' WHEN k = 2 THEN 'blocked'
             ELSE (ARRAY['pending','received','reviewing','pending','pending','returned'])[1 + g % 6] END,
        CASE WHEN NOT ({_OPEN}) THEN 'approved' END, false, 1, 1, '{{}}', '{{}}', '{{"kind": "all"}}', true,
        true, k = 2, false, 1, '{{}}', false, 0,
        CASE WHEN NOT ({_OPEN}) OR g % 6 IN (1, 2) THEN 1 + g % 2000 END,
        CASE WHEN NOT ({_OPEN}) OR g % 6 IN (1, 2) THEN '王经办' END,
        CASE WHEN k = 1 OR NOT ({_OPEN}) THEN {_AT} END,
        CASE WHEN NOT ({_OPEN}) THEN {_AT} + make_interval(days => k) END,
        CASE WHEN k = 1 THEN {_DUE} - 2 END, CASE WHEN k = 1 THEN {_DUE} - 3 END, CASE WHEN k = 1 THEN {_DUE} - 1 END,
        CASE WHEN k = 1 THEN {_DUE} + 3 END, k = 1 AND g % 200 = 3, 1
    {_FROM} CROSS JOIN generate_series(1, 2) k
    """,
    f"""
    INSERT INTO limits (case_id, subject, clock, runs, days, extension, what, matter, department, region, started_on,
        deems, rungs, due_on, amber_on, yellow_on, red_on, provisional, stopped, fired, next_on, armed_at, ended_at,
        ended_on)
    SELECT g, CASE k WHEN 0 THEN {_NO} || '-1B' ELSE {_NO} || '-1B-01C' END, 'promised', 'workdays', 10, 0, '',
        {_MATTER}, CASE k WHEN 0 THEN {_LEAD} ELSE {_DEPARTMENT} END, {_REGION}, due - 14, false, '[]', due, due - 2,
        due + 1, due + 5, false, false, '{{}}',
        CASE WHEN {_OPEN} THEN CASE WHEN due + 1 > now()::date THEN due + 1 WHEN due + 5 > now()::date THEN due + 5 END
        END, now(), CASE WHEN NOT ({_OPEN}) THEN {_AT} + interval '3 days' END,
        CASE WHEN NOT ({_OPEN}) THEN ({_AT})::date + 3 END
    {_FROM} CROSS JOIN generate_series(0, 1) k CROSS JOIN LATERAL (SELECT
        CASE WHEN {_OPEN} THEN {_DUE} - 2 * k ELSE ({_AT})::date + CASE g % 20 WHEN 0 THEN 2 ELSE 10 END END AS due) d
    WHERE {_OPEN} OR k = 0
    """,
    f"""
    INSERT INTO ratings (application_id, case_id, event, matter, lead, region, grade, comment, state, rated_at,
        contacted_at, fix_due, called_back_at, satisfied, closed_at, reply, history, version)
    SELECT g, g, 'handling', {_MATTER}, {_LEAD}, {_REGION}, {_GRADE}, CASE WHEN {_BAD} THEN '等候时间过长' END,
        CASE WHEN {_BAD} THEN (ARRAY['bad','contacted','closed'])[1 + step] ELSE 'good' END, at,
        CASE WHEN step > 0 THEN contacted END, CASE WHEN {_BAD} THEN at::date + 7 END,
        CASE WHEN step > 1 THEN contacted END, CASE WHEN step > 1 THEN g % 2 = 0 END,
        CASE WHEN step > 1 THEN contacted END, CASE WHEN step > 1 THEN '已向您说明办理依据，感谢监督。' END,
        (SELECT coalesce(jsonb_agg({_SAID}), '[]') FROM unnest(
            (ARRAY['contact','explain','call-back','close'])[1:CASE step WHEN 1 THEN 1 WHEN 2 THEN 4 ELSE 0 END]) said),
        1
    {_FROM} CROSS JOIN LATERAL (SELECT least({_AT} + interval '4 days', now()) AS at,
        CASE WHEN {_BAD} THEN g / 53 % 3 END AS step) r
    CROSS JOIN LATERAL (SELECT least(at + make_interval(hours => CASE g % 5 WHEN 0 THEN 30 ELSE 6 END), now())
        AS contacted) c
    WHERE {_RATED}
    """,
    """
    INSERT INTO limits (case_id, subject, clock, runs, days, extension, basis, what, matter, department, region,
        started_on, started_at, deems, rungs, due_on, due_at, amber_on, red_on, provisional, stopped, fired, next_on,
        armed_at, ended_at, ended_on)
    SELECT c.id, c.no, 'rating', 'hours', 480, 0, '国办发〔2019〕51号', '差评联系核实', c.matter, c.lead, c.region,
        r.rated_at::date, r.rated_at, false,
        '[{"light": "amber", "before": 0, "after": null}, {"light": "red", "before": null, "after": 0}]',
        due::date, due, due::date, due::date, false, false, '{}',
        CASE WHEN r.contacted_at IS NULL AND due > now() THEN due::date END, r.rated_at, r.contacted_at,
        r.contacted_at::date
    FROM ratings r JOIN cases c ON c.id = r.case_id CROSS JOIN LATERAL (SELECT r.rated_at + interval '1 day' AS due) d
    WHERE r.state <> 'good'
    """,
    """
    INSERT INTO alarms (limit_id, case_id, subject, clock, rung, reached_on, fired_at, matter, department, region,
        state)
    SELECT l.id, l.case_id, l.subject, l.clock, rung, l.due_on + 1, now(), l.matter, l.department, l.region,
        (ARRAY['issued','issued','issued','issued','appealed','withdrawn','rejected','issued'])[1 + l.id % 8]
    FROM limits l CROSS JOIN (VALUES ('yellow'), ('red')) r (rung)
    WHERE CASE rung WHEN 'yellow' THEN l.yellow_on ELSE l.red_on END <= coalesce(l.ended_on, now()::date)
        AND (l.due_at IS NULL OR l.due_at < coalesce(l.ended_at, now()))
    """,
    """
    INSERT INTO orders (no, alarm_id, case_id, subject, matter, department, region, content, rule, state, sent_at,
        reply_due, reply, replied_by, replied_at)
    SELECT 'DB-' || a.id, a.id, a.case_id, a.subject, a.matter, a.department, a.region, '请说明原因', '参考时限',
        (ARRAY['open','replied','closed','closed'])[1 + a.id % 4], now(), now()::date - (a.id % 9)::int + 3,
        '已整改', '王经办', now() FROM alarms a WHERE a.rung = 'red'
    """,
    f"""
    INSERT INTO notices (key, addressee, channel, title, content, case_id, created_at, next_at, tries, sent_at,
        read_at)
    SELECT 'made:' || g || ':' || k,
        format('seat:%s:%s:%s', {_REGION}, CASE k WHEN 0 THEN {_DEPARTMENT} ELSE 'window' END,
               CASE k WHEN 0 THEN 'handler' ELSE 'window' END),
        'in_app', '预警', jsonb_build_object('subject', {_NO} || '-1B', 'rung', 'amber', 'clock', 'promised'), g, {_AT},
        {_AT}, 0, {_AT}, CASE WHEN g % 10 > 0 THEN {_AT} END
    {_FROM} CROSS JOIN generate_series(0, 1) k WHERE g % 2 = 0
    """,
    f"""
    INSERT INTO traces (at, officer_id, officer_name, application_id, act, subject, reason, terminal)
    SELECT {_AT}, 1 + g % 2000, '王经办', g, 'read', {_NO} || '-1B', '', '127.0.0.1' {_FROM}
    """,
    f"""
    INSERT INTO events (case_id, seq, at, actor_kind, actor_name, department, act, subject, before, after, detail,
        terminal, hash)
    SELECT g, k, {_AT} + make_interval(hours => k), 'officer', '王经办', {_DEPARTMENT},
        (ARRAY['accept','open','open','approve'])[k],
        {_NO} || '-1B' || (ARRAY['','-01C','-02C','-01C'])[k], NULL, NULL, '{{}}', '', ''
    {_FROM} CROSS JOIN generate_series(1, 4) k WHERE g > :cases - 300000
    """,
    """
    INSERT INTO officers (username, name, active, created_at)
    SELECT format('crowd.%s', lpad(g::text, 5, '0')), '王经办' || g, true, now() FROM generate_series(1, 3000) g
    """,
    f"""
    INSERT INTO memberships (officer_id, role, department, region)
    SELECT o.id, 'handler', {_DEPARTMENT}, {_REGION} FROM officers o
    CROSS JOIN LATERAL (SELECT o.id AS g) one WHERE o.username LIKE 'crowd.%'
    """,
    """
    INSERT INTO sessions (hash, officer_id, terminal, created_at, seen_at, expires_at)
    SELECT sha256(o.id::text::bytea), o.id, '127.0.0.1', now(), now(), now() + interval '8 hours' FROM officers o
    WHERE o.username LIKE 'crowd.%'
    """,
    """
    INSERT INTO overrides (subject, version, value, by, at, reason)
    SELECT 'officer:' || o.username, 1, '{}', 1, now(), '新增' FROM officers o WHERE o.username LIKE 'crowd.%'
    """,
    "SELECT setval('applications_id_seq', max(id)), setval('cases_id_seq', max(id)) FROM cases",
)


def many_cases(conn: Connection, cases: int = CASES) -> None:
    """Have that many cases of the demo offices, who are there already."""
    conn.execute(text("SET LOCAL session_replication_role = replica"))
    for statement in _STATEMENTS:
        conn.execute(text(statement), {"cases": cases} if ":cases" in statement else {})
    conn.execute(text("SET LOCAL session_replication_role = origin"))
