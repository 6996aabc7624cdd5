"""Attempts to deliver are counted by their time, for /metrics

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_delivery_attempt_at", "delivery_attempt", ["at"])


def downgrade() -> None:
    op.drop_index("ix_delivery_attempt_at", "delivery_attempt")
