"""Reports that the unit took back by itself, apart from those that were returned to it

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("progress_report", sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()))
    # The event that took a report back knows which one it was.
    event = sa.table("task_event", sa.column("kind"), sa.column("data", sa.JSON()))
    report = sa.table("progress_report", sa.column("id"), sa.column("withdrawn"))
    connection = op.get_bind()
    for (data,) in connection.execute(sa.select(event.c.data).where(event.c.kind == "withdrawn")).all():
        if data and data.get("report"):
            connection.execute(report.update().where(report.c.id == int(data["report"])).values(withdrawn=True))


def downgrade() -> None:
    with op.batch_alter_table("progress_report") as batch_op:
        batch_op.drop_column("withdrawn")
