"""What a mail server's refusal is about: the mailbox, or anything else that may pass.

Only an answer that says that there is no such mailbox (5.1.x, 5.2.1 or its words) is about the address. A full
mailbox, a blacklist, a policy (5.7.x) or a message that is too long say nothing of tomorrow.
"""

from __future__ import annotations

import re

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
#: Of 5.1.x these speak of the sender's address (RFC 3463).
_ABOUT_SENDER = ("5.1.7", "5.1.8")
#: Statuses that say no more than "no": the words decide.
_VAGUE = ("5.0.0", "5.5.0")
_NO_MAILBOX = re.compile(
    r"no such (?:user|mailbox|recipient|address|person|account)|no mailbox (?:here|by that name)"
    r"|(?:user|recipient|mailbox|address|account|alias)\b[^.;]{0,60}?\b"
    r"(?:unknown|not found|does(?: not|n't) exist|not exist|no longer exists|not listed|disabled|deactivated|closed)"
    r"|(?:unknown|invalid|non-?existent|inexistent) (?:user|recipient|mailbox|address|account|local part|alias)"
    r"|not a valid (?:user|recipient|mailbox)|not our customer"
    r"|(?:domain|host)(?: name)? (?:not found|does(?: not|n't) exist)",
    re.IGNORECASE,
)
_ABOUT_US = re.compile(r"sender|blacklist|blocklist|block list|listed at|spam|policy|relay|quota|full\b", re.IGNORECASE)


def status_of(text: str) -> str:
    """The enhanced status (RFC 3463) that the answer begins with or names; empty for none."""
    found = _STATUS.search(text)
    return found.group(1) if found else ""


def says_no_mailbox(status: str, words: str) -> bool:
    """Whether a final refusal of a recipient says that there is no such mailbox."""
    if status and status not in _VAGUE:
        return (status.startswith("5.1.") and status not in _ABOUT_SENDER) or status == "5.2.1"
    return _NO_MAILBOX.search(words) is not None and _ABOUT_US.search(words) is None
