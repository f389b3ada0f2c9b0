"""Indexes of lights and of an office's own cases: counted without a look at the rows, walked matter by matter.

While it runs the version before it may still serve: add first, fill, remove a release later.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = '0018'
down_revision: str | None = '0017'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INVOLVED = sa.text("status <> 'not_applicable'")
IN_HAND = sa.text("status IN ('pending', 'returned', 'received', 'reviewing')")
OPEN_CASE = sa.text("status IN ('submitted', 'supplement', 'in_progress')")
TO_DELIVER = sa.text("status IN ('closed_ok', 'closed_refused', 'closed_no_supplement', 'closed_forwarded') AND delivered_at IS NULL")
HELD = sa.text('officer_id IS NOT NULL')
RUNS = sa.text('ended_at IS NULL')
CONTESTED = sa.text("state <> 'issued'")
UNSETTLED = sa.text("state <> 'closed'")
WHOSE = ['region', 'department', 'matter']
LIT = ['red_on', 'yellow_on', 'amber_on', 'due_on', 'stopped']


def upgrade() -> None:
    op.create_index('applications_filed_by', 'applications', ['created_by', 'id'], unique=False)
    op.create_index('cases_of_lead', 'cases', ['lead', 'matter', 'id'], unique=False)
    op.create_index('cases_lights', 'cases', ['region', 'lead', 'matter', *LIT], unique=False, postgresql_where=OPEN_CASE)
    op.create_index('cases_waiting', 'cases', ['due_on', 'id', 'region', 'lead', 'matter'], unique=False, postgresql_where=TO_DELIVER)
    op.create_index('tasks_officer', 'tasks', ['officer_id', 'id'], unique=False, postgresql_where=HELD)
    op.create_index('tasks_lights', 'tasks', ['department', 'region', 'office', 'matter', 'step', 'status', 'officer_id', *LIT], unique=False, postgresql_where=IN_HAND)
    op.drop_index('tasks_department', table_name='tasks')
    op.create_index('tasks_department', 'tasks', ['department', 'region', 'id', 'matter'], unique=False)
    op.drop_index('tasks_seat', table_name='tasks')
    op.create_index('tasks_seat', 'tasks', ['department', 'region', 'matter', 'case_id', 'office'], unique=False, postgresql_where=INVOLVED)
    op.drop_index('tasks_of_department', table_name='tasks')
    op.create_index('tasks_of_department', 'tasks', ['department', 'matter', 'case_id'], unique=False, postgresql_where=INVOLVED)
    op.drop_index('limits_due', table_name='limits')
    op.create_index('limits_due', 'limits', ['due_on', 'id', *WHOSE], unique=False, postgresql_where=RUNS)
    op.create_index('limits_yellow', 'limits', ['yellow_on', 'id', *WHOSE], unique=False, postgresql_where=RUNS)
    op.create_index('limits_red', 'limits', ['red_on', 'id', *WHOSE], unique=False, postgresql_where=RUNS)
    op.create_index('alarms_rung', 'alarms', ['rung', 'region', 'id'], unique=False)
    op.create_index('alarms_state', 'alarms', ['state', 'region', 'id'], unique=False, postgresql_where=CONTESTED)
    op.create_index('orders_standing', 'orders', ['region', 'state', 'reply_due'], unique=False, postgresql_where=UNSETTLED)


def downgrade() -> None:
    op.drop_index('orders_standing', table_name='orders', postgresql_where=UNSETTLED)
    op.drop_index('alarms_state', table_name='alarms', postgresql_where=CONTESTED)
    op.drop_index('alarms_rung', table_name='alarms')
    op.drop_index('limits_red', table_name='limits', postgresql_where=RUNS)
    op.drop_index('limits_yellow', table_name='limits', postgresql_where=RUNS)
    op.drop_index('limits_due', table_name='limits', postgresql_where=RUNS)
    op.create_index('limits_due', 'limits', ['due_on'], unique=False, postgresql_where=RUNS)
    op.drop_index('tasks_of_department', table_name='tasks')
    op.create_index('tasks_of_department', 'tasks', ['department', 'case_id'], unique=False, postgresql_where=INVOLVED)
    op.drop_index('tasks_seat', table_name='tasks')
    op.create_index('tasks_seat', 'tasks', ['department', 'region', 'case_id'], unique=False, postgresql_where=INVOLVED)
    op.drop_index('tasks_department', table_name='tasks')
    op.create_index('tasks_department', 'tasks', ['department', 'region', 'id'], unique=False)
    op.drop_index('tasks_lights', table_name='tasks', postgresql_where=IN_HAND)
    op.drop_index('tasks_officer', table_name='tasks', postgresql_where=HELD)
    op.drop_index('cases_waiting', table_name='cases', postgresql_where=TO_DELIVER)
    op.drop_index('cases_lights', table_name='cases', postgresql_where=OPEN_CASE)
    op.drop_index('cases_of_lead', table_name='cases')
    op.drop_index('applications_filed_by', table_name='applications')
