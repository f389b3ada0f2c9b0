"""A change of an office's names the document it rests on.

While it runs the version before it may still serve: add first, fill, remove a release later.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = '0016'
down_revision: str | None = '0015'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column('overrides', sa.Column('basis', sa.Text(), server_default='', nullable=False))


def downgrade() -> None:
    op.drop_column('overrides', 'basis')
