"""Every view says who may use it: ``@public``, ``@signed_in`` or ``@requires(permission)``.

The decorators mark the view and do the first check; the service checks again for the very thing
that is touched. A guard test walks the URL map and fails on a view without a mark.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import abort

from taskflow.domain.permissions import Permission, has, offices_of
from taskflow.edges import ACCESS_ATTRIBUTE
from taskflow.web.session import current_actor, require_sign_in

__all__ = ["ACCESS_ATTRIBUTE", "public", "requires", "signed_in"]

P = ParamSpec("P")
R = TypeVar("R")


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Anybody may use this view."""
    setattr(view, ACCESS_ATTRIBUTE, "public")
    return view


def signed_in(view: Callable[P, R]) -> Callable[P, Any]:
    """Everybody with an account; what they see depends on their scope."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
        response = require_sign_in()
        return response if response is not None else view(*args, **kwargs)

    setattr(guarded, ACCESS_ATTRIBUTE, "signed_in")
    return guarded


def requires(permission: Permission, *, of_office: bool = False) -> Callable[[Callable[P, R]], Callable[P, Any]]:
    """People who hold this permission by some post of theirs.

    ``of_office``: only those who hold it for a coordinating office; for others who hold it the page does not exist,
    as the navigation says.
    """

    def mark(view: Callable[P, R]) -> Callable[P, Any]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            response = require_sign_in()
            if response is not None:
                return response
            actor = current_actor()
            if not has(actor, permission) and not offices_of(actor, permission):
                abort(403)
            if of_office and not offices_of(actor, permission):
                abort(404)
            return view(*args, **kwargs)

        setattr(guarded, ACCESS_ATTRIBUTE, permission.value)
        return guarded

    return mark
