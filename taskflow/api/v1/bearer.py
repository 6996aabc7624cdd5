"""``@bearer``: a view of the API. It is for the owner of a valid access key and for nobody else.

The session's cookie is not looked at, so that no other site can make a browser act here; that is why
the blueprint needs no token against forged forms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Response, abort, g, request
from pydantic import BaseModel, ValidationError

from taskflow.api.v1 import problems
from taskflow.clock import now, today
from taskflow.domain.errors import DomainError, Invalid
from taskflow.domain.permissions import Actor, Permission, has, offices_of
from taskflow.edges import ACCESS_ATTRIBUTE
from taskflow.services import api_tokens, submissions
from taskflow.services.actors import actor_of
from taskflow.services.submissions import Claim, Repeated, digest

P = ParamSpec("P")
B = TypeVar("B", bound=BaseModel)

#: Mark of access of these views.
BEARER = "bearer"
CONTRACT_ATTRIBUTE = "taskflow_contract"
#: Bodies are text that people wrote.
MAX_BODY = 256 * 1024
#: Longest ``Idempotency-Key``.
MAX_KEY = 255


@dataclass(frozen=True, slots=True)
class Contract:
    """What a view takes and gives, for the OpenAPI document. ``query`` names parameters of the address."""

    answer: type[BaseModel] | None
    body: type[BaseModel] | None = None
    query: tuple[str, ...] = ()


def bearer(
    answer: type[BaseModel] | None,
    *,
    body: type[BaseModel] | None = None,
    query: tuple[str, ...] = (),
    needs: Permission | None = None,
) -> Callable[[Callable[P, BaseModel | Response]], Callable[P, Response]]:
    """Authenticate, check the permission that some post of the owner must carry, and write the answer as JSON."""

    def mark(view: Callable[P, BaseModel | Response]) -> Callable[P, Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
            actor = _authenticate()
            if actor is None:
                return problems.refusal(401)
            if needs is not None and not has(actor, needs) and not offices_of(actor, needs):
                return problems.refusal(403)
            try:
                given = _once(lambda: view(*args, **kwargs))
            except Repeated as error:
                return problems.repeated(error)
            except DomainError as error:
                return problems.domain_problem(error, actor)
            except ValidationError as error:
                return problems.value_problem(error)
            if isinstance(given, Response):
                return given
            answer_text = given.model_dump_json()
            key = g.pop("carried_out", None)
            if key is not None:
                submissions.keep_answer(key, {"body": answer_text})
            return json(answer_text)

        setattr(guarded, ACCESS_ATTRIBUTE, BEARER)
        setattr(guarded, CONTRACT_ATTRIBUTE, Contract(answer, body, query))
        return guarded

    return mark


def json(text: str) -> Response:
    """A good answer."""
    return Response(text, content_type="application/json; charset=utf-8")


def caller() -> Actor:
    """The owner of the key of this request."""
    actor: Actor = g.api_actor
    return actor


def read_body(model: type[B]) -> B:
    """The body of the request. Raises ``ValidationError``, or aborts with 413, 415."""
    request.max_content_length = MAX_BODY
    if not request.is_json:
        abort(415)
    return model.model_validate_json(request.get_data())


def _once(call: Callable[[], BaseModel | Response]) -> BaseModel | Response:
    """Carry a request with an ``Idempotency-Key`` out once. Raises ``Invalid`` for a key that is none."""
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST" or key is None:
        return call()
    if not key.isascii() or not key.isprintable() or not 1 <= len(key) <= MAX_KEY:
        raise Invalid("submission.key_invalid", "Idempotency-Key")
    user_id = caller().user_id
    name = digest("api", str(user_id), request.path, key)
    claim = Claim(name, digest(request.get_data()), user_id)
    submissions.check_repeated(claim)  # before the view refuses what the first request has changed
    with submissions.once(claim, now=now()):
        given = call()
    g.carried_out = name
    return given


def _authenticate() -> Actor | None:
    given: Any = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        return None
    token = api_tokens.find_valid(given.token, now=now())
    if token is None:
        return None
    token_id, user_id = token.id, token.user_id
    if request.method == "POST":  # reading writes nothing
        api_tokens.note_use(token_id=token_id, now=now())
    g.api_actor = actor_of(user_id, on=today())
    return caller()
