"""The OpenAPI document, made from the route table, the contracts of the views and the pydantic schemas."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import current_app
from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode
from werkzeug.routing import Rule

from taskflow.api.v1.bearer import BEARER, CONTRACT_ATTRIBUTE, Contract
from taskflow.api.v1.problems import MEDIA_TYPE
from taskflow.api.v1.schemas import Problem
from taskflow.domain.task_filter import TaskFilter
from taskflow.domain.transitions import Action

_REFERENCE = "#/components/schemas/{model}"
_REFUSALS = {
    "400": "The body is no JSON.",
    "401": "No valid access key.",
    "403": "Visible, but not allowed.",
    "404": "Not there, or not visible to the caller.",
    "409": "Not from this state, or changed meanwhile; with the present version.",
    "413": "The body is too large.",
    "415": "The body is not sent as JSON.",
    "422": "Values are wrong; each is named.",
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any text of yours for one request; sent again within 7 days it is carried out once, and answered"
    " as the first time (with Idempotency-Replayed: true).",
    "schema": {"type": "string", "maxLength": 255},
}
_WITH_BODY = ("400", "409", "413", "415")


def document(prefix: str) -> str:
    """The document of the routes under the prefix, as JSON text that is always the same for the same code."""
    routes = [
        (rule, getattr(current_app.view_functions[rule.endpoint], CONTRACT_ATTRIBUTE))
        for rule in sorted(current_app.url_map.iter_rules(), key=lambda rule: rule.rule)
        if rule.rule.startswith(f"{prefix}/")
    ]
    schemas, components = _schemas([contract for _rule, contract in routes])
    paths: dict[str, dict[str, Any]] = {}
    for rule, contract in routes:
        path = paths.setdefault(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), {})
        path["post" if "POST" in (rule.methods or ()) else "get"] = _operation(rule, contract, schemas)
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "taskflow", "version": "1"},
        "security": [{BEARER: []}],
        "paths": paths,
        "components": {"securitySchemes": {BEARER: {"type": "http", "scheme": "bearer"}}, "schemas": components},
    }
    return json.dumps(whole, ensure_ascii=False, sort_keys=True)


def _schemas(contracts: list[Contract]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """References by thing, and the schemas that they lead to."""
    wanted: list[tuple[Any, JsonSchemaMode]] = [(Problem, "serialization"), (Action, "validation")]
    wanted.append((TaskFilter, "validation"))
    for contract in contracts:
        if contract.answer is not None:
            wanted.append((contract.answer, "serialization"))
        if contract.body is not None:
            wanted.append((contract.body, "validation"))
    found, rest = TypeAdapter.json_schemas(
        [(thing, mode, TypeAdapter(thing)) for thing, mode in dict.fromkeys(wanted)], ref_template=_REFERENCE
    )
    return {thing: schema for (thing, _mode), schema in found.items()}, rest["$defs"]


def _operation(rule: Rule, contract: Contract, schemas: dict[Any, Any]) -> dict[str, Any]:
    left_out = set(_WITH_BODY) if contract.body is None else set()
    if contract.body is None and not contract.query:
        left_out.add("422")
    good = {"type": "object"} if contract.answer is None else schemas[contract.answer]
    view = current_app.view_functions[rule.endpoint]
    operation: dict[str, Any] = {
        "operationId": rule.endpoint.rpartition(".")[2],
        "summary": (view.__doc__ or "").strip(),
        "responses": {
            "200": {"description": "Done.", "content": {"application/json": {"schema": good}}},
            **{
                status: {"description": text, "content": {MEDIA_TYPE: {"schema": schemas[Problem]}}}
                for status, text in _REFUSALS.items()
                if status not in left_out
            },
        },
    }
    parameters = [_in_path(name, schemas) for name in sorted(rule.arguments)]
    parameters += [_in_query(name) for name in contract.query]
    if contract.body is not None:
        parameters.append(_IDEMPOTENCY_KEY)
    if parameters:
        operation["parameters"] = parameters
    if contract.body is not None:
        body = {"application/json": {"schema": schemas[contract.body]}}
        operation["requestBody"] = {"required": True, "content": body}
    return operation


def _in_path(name: str, schemas: dict[Any, Any]) -> dict[str, Any]:
    schema = schemas[Action] if name == "action" else {"type": "integer", "minimum": 1}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _in_query(name: str) -> dict[str, Any]:
    known = {"$ref": f"{_REFERENCE.format(model='TaskFilter')}/properties/{name}"}
    schema = {"type": "integer", "minimum": 1} if name == "before" else known
    return {"name": name, "in": "query", "required": False, "schema": schema}
