"""Passwords: argon2 hashes and the rules for a new one."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from taskflow.domain.errors import Invalid
from taskflow.domain.typed import password_form
from taskflow.domain.units import plain

MIN_LENGTH = 10
#: Longer ones would only make the server work.
MAX_LENGTH = 200

#: OWASP's recommendation for argon2id (19 MiB, two passes): eight sign-ins at once stay under 160 MB.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

#: What people choose when ten characters are asked for (compared without accents, case and spaces).
COMMON = frozenset(
    """
    0123456789 01234567890 0987654321 1111111111 1122334455 123123123123 1234512345 1234567890 12345678910
    1234567891 123456789a 123456789q 123456abcd 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 9876543210 987654321a
    a123456789 aa123456789 abc123456789 abcd123456 abcd1234567 abcdefghij abcdefghijk admin12345 admin123456
    administrator anhyeuem123 anhyeuemnhieu asdfghjkl1 asdfghjklz chaobanh123 congchuc123 congvien123 daubepgioi
    doimatkhau emyeuanh123 hanoi123456 hoilamgi123 iloveyou123 iloveyou1234 khongbiet123 khongcomatkhau letmein123
    matkhau123 matkhau1234 matkhau12345 matkhau123456 matkhaumoi matkhaumoi1 minhyeuem123 nhiemvu123 p@ssw0rd123
    pass123456 passw0rd123 password12 password123 password1234 password12345 password123456 qazwsxedcr qwerty1234
    qwerty12345 qwerty123456 qwertyuiop qwertyuiop123 quantri123 quantri1234 quantri12345 taskflow123 taskflow1234
    theodoinhiemvu trustno1trustno1 ubnd123456 ubndxa1234 ubndxa123456 vanphong123 vanphong1234 vietnam123
    vietnam1234 vietnam12345 vietnamvodich welcome123 welcome1234 xinchao123 xinchao1234 yeuvietnam zaq12wsxcde
    """.split()  # noqa: SIM905 - a list with quotes round a hundred words cannot be read
)


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return _HASHER.hash(password_form(password))


@cache
def _nobody() -> str:
    """The hash that is compared when there is no account, so that the answer takes as long."""
    return _HASHER.hash("nobody's password")


def verify(stored: str | None, password: str) -> bool:
    """Whether the password fits the stored hash; an account without one costs the same work and never fits."""
    typed = password[: MAX_LENGTH + 1]
    # Hashes of earlier releases were made of what was typed, as it was typed.
    for form in dict.fromkeys((password_form(typed), typed)):
        try:
            return _HASHER.verify(stored or _nobody(), form.encode("utf-8", "replace")) and stored is not None
        except (VerificationError, InvalidHashError):
            continue
    return False


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def check_new(password: str, *, email: str, field: str = "password") -> None:
    """Raise ``Invalid`` (``password.short``, ``.long``, ``.email``, ``.common``) for a password that is too easy."""
    if len(password) < MIN_LENGTH:
        raise Invalid("password.short", field, min=MIN_LENGTH)
    if len(password) > MAX_LENGTH:
        raise Invalid("password.long", field, max=MAX_LENGTH)
    bare = plain(password).replace(" ", "")
    address = email.lower()
    if bare in (address, address.partition("@")[0]):
        raise Invalid("password.email", field)
    if bare in COMMON or len(set(bare)) <= 2:
        raise Invalid("password.common", field)
