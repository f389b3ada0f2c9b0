"""By which calendar a limit was judged that has ended: the version that held then, told with the limit ever after.

While it runs the version before it may still serve: add first, fill, remove a release later.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = '0020'
down_revision: str | None = '0018'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column('limits', sa.Column('judged_by', sa.ARRAY(sa.BigInteger()), nullable=True))


def downgrade() -> None:
    op.drop_column('limits', 'judged_by')
