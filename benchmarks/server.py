"""The application for measuring: served by waitress, with a floor view beside each measured page.

A floor view knows no sign-in: it runs one indexed query and renders the very same HTML with Jinja, from the
template and the values that the real page rendered. What a real page costs above it is ours.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from typing import Any

from flask import Blueprint, Flask, Response, redirect, request, template_rendered
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import text
from waitress import serve

from taskflow.extensions import WRITE_INTENT, db
from taskflow.factory import create_app
from taskflow.models.org import User
from taskflow.web.guards import public

#: What the floor asks the database for each page: one query that an index answers.
QUERIES = {
    "list": (
        "SELECT t.id, t.code, t.content, u.short_name, t.due_on, t.state FROM task t "
        "JOIN unit u ON u.id = t.lead_unit_id "
        "WHERE t.is_open = :yes AND t.sort_due_on < :today ORDER BY t.sort_due_on, t.id LIMIT 50"
    ),
    "task": "SELECT * FROM task WHERE id = :task",
    "statistic": (
        "SELECT lead_unit_id, fixed_cell, count(*), sum(CASE WHEN counted_due_on < :today THEN 1 ELSE 0 END) FROM task "
        "WHERE office_unit_id = :office AND shape IN ('single', 'member') AND (fixed_cell IS NULL OR fixed_cell < 5) "
        "GROUP BY office_unit_id, shape, lead_unit_id, fixed_cell"
    ),
    "search": (
        "SELECT t.id, t.code, t.content FROM task_search s JOIN task t ON t.id = s.rowid "
        "WHERE s.task_search MATCH :words AND t.is_open = :yes ORDER BY s.rowid DESC LIMIT 50"
    ),
}
SEARCH_ON_POSTGRESQL = (
    "SELECT id, code, content FROM task WHERE to_tsvector('simple', search_text) @@ to_tsquery('simple', :tsquery) "
    "AND is_open = :yes ORDER BY id DESC LIMIT 50"
)


def floor_views(app: Flask) -> Blueprint:
    """The floor of each page, at /floor/<name>; a page must have been rendered once before."""
    floor = Blueprint("floor", __name__, url_prefix="/floor")
    rendered: dict[str, tuple[Any, dict[str, Any]]] = {}

    def keep(_sender: Flask, template: Any, context: dict[str, Any], **_: Any) -> None:
        name = request.headers.get("X-Floor")
        if name and name not in rendered:
            items, arrived = context["navigation"](), context["arrived_count"]()
            frame = {"navigation": lambda: items, "arrived_count": lambda: arrived}
            rendered[name] = (template, {**context, **frame, "office_name": str(context["office_name"])})

    template_rendered.connect(keep, app, weak=False)

    @floor.get("/<name>")
    @public
    def page(name: str) -> str:
        _query(name)
        template, context = rendered[name]
        html: str = template.render(context)
        return html

    @floor.post("/change")
    @public
    def change() -> Response:
        token = WRITE_INTENT.set(True)
        try:
            with db.engine.begin() as connection:
                connection.execute(
                    text("UPDATE task SET percent = :n, version = version + 1 WHERE id = :task"),
                    {"n": 10, "task": int(request.args["task"])},
                )
        finally:
            WRITE_INTENT.reset(token)
        return redirect("/floor/task?task=" + request.args["task"], 303)  # type: ignore[return-value] # werkzeug's own class

    def _query(name: str) -> None:
        query = QUERIES[name]
        if name == "search" and db.engine.dialect.name == "postgresql":
            query = SEARCH_ON_POSTGRESQL
        values = {
            "yes": True,
            "today": date.fromisoformat(os.environ["BENCH_TODAY"]),
            "task": request.args.get("task", type=int),
            "office": request.args.get("office", type=int),
            "words": '"giao"* AND "duc"*',
            "tsquery": "giao:* & duc:*",
        }
        used = {key: value for key, value in values.items() if f":{key}" in query}
        db.session.execute(text(query), used).fetchall()

    return floor


def session_cookie(app: Flask, user_id: int) -> str:
    """A session of this person, signed as the application signs it."""
    with app.app_context():
        epoch = db.session.get_one(User, user_id).session_epoch
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    if signer is None:
        raise RuntimeError("the application has no secret key")
    return f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps({'_user_id': f'{user_id}:{epoch}', '_fresh': True})}"


def main(port: int, user_id: int) -> None:
    """Serve until killed; the first line printed is the cookie of the signed-in person."""
    app = create_app()
    app.config["WTF_CSRF_ENABLED"] = False  # the floor has none; checking a token costs microseconds
    app.register_blueprint(floor_views(app))
    print(session_cookie(app, user_id), flush=True)
    serve(app, host="127.0.0.1", port=port, threads=4, clear_untrusted_proxy_headers=True, _quiet=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
