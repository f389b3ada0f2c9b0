"""Orders that a manager opens have no card behind them.

While it runs the version before it may still serve: add first, fill, remove a release later.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = '0009'
down_revision: str | None = '0008'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.alter_column('orders', 'alarm_id', existing_type=sa.BIGINT(), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM orders WHERE alarm_id IS NULL")  # the version before knows none; the record keeps them
    op.alter_column('orders', 'alarm_id', existing_type=sa.BIGINT(), nullable=False)
