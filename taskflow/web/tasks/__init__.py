"""Tasks: lists, the page of one task, what is done to it, alone or to many at once."""

from __future__ import annotations

from flask import Blueprint

tasks = Blueprint("tasks", __name__, url_prefix="/tasks")

from taskflow.web.tasks import bulk, create, detail, lists, papers, queue, saved  # noqa: E402 - views register on import

__all__ = ["bulk", "create", "detail", "lists", "papers", "queue", "saved", "tasks"]
