"""Fewer indexes on what moves with the calendar, each covering more; what a board counts is covered for a lead too.

While it runs the version before it may still serve: add first, fill, remove a release later.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = '0023'
down_revision: str | None = '0022'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INVOLVED = sa.text("status <> 'not_applicable'")
IN_HAND = sa.text("status IN ('pending', 'returned', 'received', 'reviewing')")
NOT_IN_HAND = sa.text("status NOT IN ('pending', 'returned', 'received', 'reviewing')")
FREE = sa.text("officer_id IS NULL AND status IN ('pending', 'reviewing')")
RUNS = sa.text('ended_at IS NULL')
AHEAD = sa.text('next_on IS NOT NULL')
CONTESTED = sa.text("state <> 'issued'")
UNSETTLED = sa.text("state <> 'closed'")
INBOX = ['department', 'region', 'due_on', 'id', 'office', 'matter', 'step', 'status', 'officer_id', 'red_on', 'yellow_on', 'amber_on', 'stopped']
LIT = ['red_on', 'yellow_on', 'amber_on', 'due_on', 'stopped']
WHOSE = ['region', 'department', 'matter']


def upgrade() -> None:
    op.create_index('tasks_in_hand', 'tasks', INBOX, unique=False, postgresql_where=IN_HAND)
    op.create_index('tasks_past', 'tasks', ['department', 'region', 'id', 'matter'], unique=False, postgresql_where=NOT_IN_HAND)
    op.create_index('tasks_involved', 'tasks', ['department', 'matter', 'case_id', 'region', 'office'], unique=False, postgresql_where=INVOLVED)
    op.create_index('limits_running', 'limits', ['due_on', 'id', *WHOSE, 'clock'], unique=False, postgresql_where=RUNS)
    op.create_index('limits_ahead', 'limits', ['next_on', 'id', *WHOSE, 'clock', 'yellow_on', 'red_on', 'ended_at'], unique=False, postgresql_where=AHEAD)
    op.create_index('alarms_contested', 'alarms', ['state', 'region', 'matter', 'id'], unique=False, postgresql_where=CONTESTED)
    op.create_index('orders_unsettled', 'orders', ['region', 'state', 'reply_due', 'matter'], unique=False, postgresql_where=UNSETTLED)
    op.create_unique_constraint('tasks_case_id_no_key', 'tasks', ['case_id', 'no'])
    op.drop_constraint('tasks_no_key', 'tasks', type_='unique')
    op.drop_constraint('tasks_case_id_position_key', 'tasks', type_='unique')
    op.drop_index('tasks_due', table_name='tasks', postgresql_where=IN_HAND)
    op.create_index('cases_beginnings', 'cases', ['no', 'id', 'application_id', 'region'], unique=False, postgresql_ops={'no': 'text_pattern_ops'})
    op.drop_index('cases_no_prefix', table_name='cases', postgresql_ops={'no': 'text_pattern_ops'})
    op.drop_index('tasks_inbox', table_name='tasks', postgresql_where=IN_HAND)
    op.drop_index('tasks_lights', table_name='tasks', postgresql_where=IN_HAND)
    op.drop_index('tasks_free', table_name='tasks', postgresql_where=FREE)
    op.drop_index('tasks_department', table_name='tasks')
    op.drop_index('tasks_seat', table_name='tasks', postgresql_where=INVOLVED)
    op.drop_index('tasks_of_department', table_name='tasks', postgresql_where=INVOLVED)
    op.drop_index('limits_due', table_name='limits', postgresql_where=RUNS)
    op.drop_index('limits_yellow', table_name='limits', postgresql_where=RUNS)
    op.drop_index('limits_red', table_name='limits', postgresql_where=RUNS)
    op.drop_index('limits_next', table_name='limits', postgresql_where=AHEAD)
    op.drop_index('alarms_state', table_name='alarms', postgresql_where=CONTESTED)
    op.drop_index('orders_standing', table_name='orders', postgresql_where=UNSETTLED)


def downgrade() -> None:
    op.create_index('cases_no_prefix', 'cases', ['no'], unique=False, postgresql_ops={'no': 'text_pattern_ops'})
    op.drop_index('cases_beginnings', table_name='cases', postgresql_ops={'no': 'text_pattern_ops'})
    op.create_index('tasks_due', 'tasks', ['due_on', 'id'], unique=False, postgresql_where=IN_HAND)
    op.create_unique_constraint('tasks_case_id_position_key', 'tasks', ['case_id', 'position'])
    op.create_unique_constraint('tasks_no_key', 'tasks', ['no'])
    op.drop_constraint('tasks_case_id_no_key', 'tasks', type_='unique')
    op.create_index('orders_standing', 'orders', ['region', 'state', 'reply_due'], unique=False, postgresql_where=UNSETTLED)
    op.create_index('alarms_state', 'alarms', ['state', 'region', 'id'], unique=False, postgresql_where=CONTESTED)
    op.create_index('limits_next', 'limits', ['next_on', 'id'], unique=False, postgresql_where=AHEAD)
    op.create_index('limits_red', 'limits', ['red_on', 'id', *WHOSE], unique=False, postgresql_where=RUNS)
    op.create_index('limits_yellow', 'limits', ['yellow_on', 'id', *WHOSE], unique=False, postgresql_where=RUNS)
    op.create_index('limits_due', 'limits', ['due_on', 'id', *WHOSE], unique=False, postgresql_where=RUNS)
    op.create_index('tasks_of_department', 'tasks', ['department', 'matter', 'case_id'], unique=False, postgresql_where=INVOLVED)
    op.create_index('tasks_seat', 'tasks', ['department', 'region', 'matter', 'case_id', 'office'], unique=False, postgresql_where=INVOLVED)
    op.create_index('tasks_department', 'tasks', ['department', 'region', 'id', 'matter'], unique=False)
    op.create_index('tasks_free', 'tasks', ['department', 'region'], unique=False, postgresql_where=FREE)
    op.create_index('tasks_lights', 'tasks', ['department', 'region', 'office', 'matter', 'step', 'status', 'officer_id', *LIT], unique=False, postgresql_where=IN_HAND)
    op.create_index('tasks_inbox', 'tasks', ['department', 'region', 'due_on', 'id'], unique=False, postgresql_where=IN_HAND)
    op.drop_index('orders_unsettled', table_name='orders', postgresql_where=UNSETTLED)
    op.drop_index('alarms_contested', table_name='alarms', postgresql_where=CONTESTED)
    op.drop_index('limits_ahead', table_name='limits', postgresql_where=AHEAD)
    op.drop_index('limits_running', table_name='limits', postgresql_where=RUNS)
    op.drop_index('tasks_involved', table_name='tasks', postgresql_where=INVOLVED)
    op.drop_index('tasks_past', table_name='tasks', postgresql_where=NOT_IN_HAND)
    op.drop_index('tasks_in_hand', table_name='tasks', postgresql_where=IN_HAND)
