"""The HTTP of the stand-in for Zalo: answers, silence, cut connections and garbage."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

#: Path, headers, body, query → status and JSON, or the name of a fault (``ZaloStub.answer``).
Answer = Callable[[str, dict[str, str], bytes, str], tuple[int, dict[str, Any] | str]]


def handler(answer: Answer) -> type[BaseHTTPRequestHandler]:
    """What serves the stand-in's connections, and plays the faults of the network."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self._serve(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        def do_GET(self) -> None:
            self._serve(b"")

        def _serve(self, body: bytes) -> None:
            parts = urlsplit(self.path)
            headers = {key.lower(): value for key, value in self.headers.items()}
            status, found = answer(parts.path, headers, body, parts.query)
            if isinstance(found, str):
                if found == "garbage":
                    self._write(200, b"<html>gateway</html>")
                elif found == "timeout":
                    threading.Event().wait(30)
                self.close_connection = True
                return
            self._write(status, json.dumps(found, ensure_ascii=False).encode())

        def _write(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the base class uses
            """Stay quiet: what was sent can be asked for."""

    return Handler


def success(data: object) -> dict[str, Any]:
    """The answer of a call that worked."""
    return {"error": 0, "message": "Success", "data": data}


def error(code: int, message: str) -> dict[str, Any]:
    """The answer of one that did not: HTTP 200 with a number inside."""
    return {"error": code, "message": message}


def json_of(body: bytes) -> dict[str, Any]:
    """The object of a body; empty for anything else."""
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
