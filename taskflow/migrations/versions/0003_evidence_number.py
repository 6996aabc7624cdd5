"""Numbers of evidence as they are compared, so that another spelling of a number is found as well

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from taskflow.domain.units import fold

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("evidence") as batch_op:
        batch_op.add_column(sa.Column("number_folded", sa.String(length=300), nullable=False, server_default=""))
        batch_op.drop_index("ix_evidence_number")
        batch_op.create_index("ix_evidence_number_folded", ["number_folded"], unique=False)
    evidence = sa.table("evidence", sa.column("id"), sa.column("number"), sa.column("number_folded"))
    connection = op.get_bind()
    numbered = connection.execute(sa.select(evidence.c.number).where(evidence.c.number != "").distinct()).scalars().all()
    for number in numbered:
        connection.execute(
            evidence.update().where(evidence.c.number == number).values(number_folded=fold(number))
        )
    with op.batch_alter_table("evidence") as batch_op:
        batch_op.alter_column("number_folded", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("evidence") as batch_op:
        batch_op.drop_index("ix_evidence_number_folded")
        batch_op.create_index("ix_evidence_number", ["number"], unique=False)
        batch_op.drop_column("number_folded")
