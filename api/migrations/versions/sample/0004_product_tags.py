"""Tags of products; older code that does not know them goes on working."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("products", sa.Column("tags", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("products", "tags")
