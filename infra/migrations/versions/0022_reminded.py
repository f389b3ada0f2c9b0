"""How often an order was told on that nobody answers: a rung each, once.

While it runs the version before it may still serve: add first, fill, remove a release later.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = '0022'
down_revision: str | None = '0021'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column('orders', sa.Column('reminded', sa.Integer(), server_default='0', nullable=False))


def downgrade() -> None:
    op.drop_column('orders', 'reminded')
