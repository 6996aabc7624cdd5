"""Full-text search of tasks: FTS5 kept by triggers on SQLite, an expression index on PostgreSQL

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX task_search ON task USING gin (to_tsvector('simple', search_text)) WITH (fastupdate = off)")
        return
    op.execute(
        "CREATE VIRTUAL TABLE task_search USING fts5("
        "search_text, content='task', content_rowid='id', detail='full', prefix='2 3')"
    )
    op.execute("INSERT INTO task_search(task_search) VALUES ('rebuild')")
    op.execute(
        "CREATE TRIGGER task_search_insert AFTER INSERT ON task BEGIN "
        "INSERT INTO task_search(rowid, search_text) VALUES (new.id, new.search_text); END"
    )
    op.execute(
        "CREATE TRIGGER task_search_delete AFTER DELETE ON task BEGIN "
        "INSERT INTO task_search(task_search, rowid, search_text) VALUES ('delete', old.id, old.search_text); END"
    )
    op.execute(
        "CREATE TRIGGER task_search_update AFTER UPDATE OF search_text ON task BEGIN "
        "INSERT INTO task_search(task_search, rowid, search_text) VALUES ('delete', old.id, old.search_text); "
        "INSERT INTO task_search(rowid, search_text) VALUES (new.id, new.search_text); END"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX task_search")
        return
    for trigger in ("task_search_insert", "task_search_delete", "task_search_update"):
        op.execute(f"DROP TRIGGER {trigger}")
    op.execute("DROP TABLE task_search")
