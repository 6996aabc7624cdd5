"""Outgoing requests to addresses that people typed: only to public ones, and to the very address that was checked."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from taskflow.notifications.transports.base import PermanentError, TransientError

TIMEOUT = 10.0
#: What is read of an answer: enough for its error text, not more.
MOST_ANSWER = 4096
#: IPv6 networks whose last 32 bits are an IPv4 address: NAT64 and the old "compatible" form.
_WRAPPING = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))


def split(url: str) -> tuple[SplitResult, str, int]:
    """The parts of an address, its host and its port. Raises ``PermanentError("bad_url")``."""
    try:
        parts = urlsplit(url)
        port = parts.port
        (parts.hostname or "").encode("idna")  # a name that no server can have
    except ValueError as error:
        raise PermanentError("bad_url", url) from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise PermanentError("bad_url", url)
    return parts, parts.hostname, port or (443 if parts.scheme == "https" else 80)


def resolve(host: str, port: int, *, allow_private: bool) -> str:
    """The address of a host. Raises ``PermanentError("private_address")`` when any of its addresses is not public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise TransientError("unreachable", f"{host}: {error}") from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if not allow_private and not is_public(address):
            raise PermanentError("private_address", host)
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether this is an address of the public network; an IPv4 address inside an IPv6 one counts as itself."""
    found = ipaddress.ip_address(address.partition("%")[0])
    checked = _inner(found) or found
    return bool(checked.is_global and not checked.is_multicast)


def _inner(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a translator or tunnel would reach by this IPv6 address."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if any(address in network for network in _WRAPPING):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def post(url: str, body: bytes, headers: dict[str, str], *, allow_private: bool) -> tuple[int, str]:
    """Send ``body``; status and the beginning of the answer. Redirects are not followed.

    The connection goes to the address that was checked, so that a name cannot point elsewhere a moment later.
    Raises ``TransientError`` (network) or ``PermanentError`` (not an address for this).
    """
    parts, host, port = split(url)
    address = resolve(host, port, allow_private=allow_private)
    connection = (_PinnedTls if parts.scheme == "https" else _Pinned)(host, port, address)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body=body, headers=headers)
        response = connection.getresponse()
        return response.status, response.read(MOST_ANSWER).decode("utf-8", "replace")
    except (OSError, HTTPException) as error:
        raise TransientError("unreachable", f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()


class _Pinned(HTTPConnection):
    """Speaks to ``address`` as if it were ``host``."""

    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), TIMEOUT)


class _PinnedTls(HTTPSConnection):
    def __init__(self, host: str, port: int, address: str) -> None:
        self._context_of_ours = ssl.create_default_context()
        super().__init__(host, port, timeout=TIMEOUT, context=self._context_of_ours)
        self._address = address

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), TIMEOUT)
        self.sock = self._context_of_ours.wrap_socket(plain, server_hostname=self.host)
