"""Index of paused tasks: they are few, and a manager asks for them alone.

While it runs the version before it may still serve: add first, fill, remove a release later.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = '0021'
down_revision: str | None = '0020'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

PAUSED = sa.text("paused AND status IN ('pending', 'returned', 'received', 'reviewing')")


def upgrade() -> None:
    op.create_index('tasks_paused', 'tasks', ['due_on', 'id'], unique=False, postgresql_where=PAUSED)


def downgrade() -> None:
    op.drop_index('tasks_paused', table_name='tasks', postgresql_where=PAUSED)
