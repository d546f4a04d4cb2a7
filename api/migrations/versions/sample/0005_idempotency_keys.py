"""Nothing any more: core_0001 brings the idempotency keys, unless this revision once has."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Leave the table to core_0001."""


def downgrade() -> None:
    """Leave the table to core_0001."""
