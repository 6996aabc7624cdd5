"""The list from which one came, with its filter: kept in the session, so that pages and forms lead back to it."""

from __future__ import annotations

from flask import request, session, url_for

from taskflow.domain.permissions import Actor, offices_of
from taskflow.i18n import _

_KEY = "task_list"
#: Longer addresses are not kept: the session travels in a cookie.
_LONGEST = 700


def remember_list() -> None:
    """Keep the address of the list that is being shown."""
    here = request.full_path.rstrip("?")
    if len(here) <= _LONGEST and session.get(_KEY) != here:
        session[_KEY] = here


def own_list() -> str:
    """The unit's own work as it was last looked at."""
    address = url_for("tasks.mine")
    kept = str(session.get(_KEY, ""))
    return kept if kept.partition("?")[0] == address else address


def way_back(actor: Actor) -> tuple[str, str]:
    """(name, address) of the list that was last looked at; else the office's, or the unit's own."""
    mine, all_tasks = url_for("tasks.mine"), url_for("tasks.index")
    kept = str(session.get(_KEY, ""))
    path = kept.partition("?")[0]
    if path not in (mine, all_tasks):
        path = kept = all_tasks if offices_of(actor) else mine
    return (_("My unit's work") if path == mine else _("Tasks")), kept
