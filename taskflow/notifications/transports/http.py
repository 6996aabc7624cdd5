"""JSON over HTTPS to a provider: one request, no redirects, a time-out, and failures in our two words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2

from taskflow.notifications.transports.base import TransientError

TIMEOUT = 10.0


class JsonClient:
    """Keeps its connection until ``close``; every failure of the network is a ``TransientError``."""

    def __init__(self, base_url: str, *, timeout: float = TIMEOUT) -> None:
        self._base_url = base_url
        self._timeout = timeout
        self._client: httpx2.Client | None = None

    def post(
        self,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """The answer's JSON object, whatever its status: providers answer 200 with an error inside, or 4xx with one."""
        try:
            response = self._connected().post(
                path, json=json, data=form, headers=headers, timeout=TIMEOUT if timeout is None else timeout
            )
        except httpx2.HTTPError as error:
            raise TransientError("unreachable", f"{type(error).__name__}: {error}") from error
        return _object(response)

    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The answer's JSON object."""
        try:
            response = self._connected().get(path, headers=headers)
        except httpx2.HTTPError as error:
            raise TransientError("unreachable", f"{type(error).__name__}: {error}") from error
        return _object(response)

    def close(self) -> None:
        """Let go of the connection; the next request opens another."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _connected(self) -> httpx2.Client:
        if self._client is None:  # a client of httpx that was closed stays closed
            self._client = httpx2.Client(base_url=self._base_url, timeout=self._timeout, follow_redirects=False)
        return self._client


def _object(response: httpx2.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError as error:
        raise TransientError(str(response.status_code), "the answer is not JSON") from error
    if not isinstance(answer, dict):
        raise TransientError(str(response.status_code), "the answer is not an object")
    return answer
