"""How every mail reads: subject, text, HTML, and the short form for chat, kept as snapshots."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from html.parser import HTMLParser
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from syrupy.assertion import SnapshotAssertion

from taskflow.config import Settings
from taskflow.models.outbox import ChannelKind
from taskflow.notifications.letters import Letter, LetterGroup, LetterItem
from taskflow.notifications.messages import EVENTS, render
from taskflow.notifications.transports.base import Parcel, Rendered
from taskflow.notifications.transports.email import EmailTransport, compose

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

NOW = datetime(2026, 3, 25, 1, 0, tzinfo=UTC)
ITEM = LetterItem(
    title="Xây dựng kế hoạch triển khai học bạ số cấp tiểu học trên địa bàn tỉnh",
    code="NV-2026-000017",
    unit="Sở GD&ĐT",
    due=date(2026, 3, 20),
    note="quá hạn 3 ngày làm việc",
    text="Thiếu biểu số 2 & 3 <phụ lục>",
    by="Lê Văn Đức",
    url="http://localhost/l/token",
    for_name="Hoàng Minh Châu",
)
DIGEST = Letter(
    kind="digest",
    name="Trần Thị Mai",
    office="Văn phòng UBND tỉnh Sơn Hà",
    home_url="http://localhost/",
    settings_url="http://localhost/channels/",
    unsubscribe_url="http://localhost/u/token",
    groups=(
        LetterGroup("overdue", 14, (ITEM,)),
        LetterGroup("soon", 1, (LetterItem(title="Rà soát dữ liệu", code="NV-2026-000018", due=date(2026, 3, 30)),)),
    ),
)
DATA = {
    "link": "http://localhost/password/secret",
    "expires": "26/03/2026 08:00",
    "code": "482913",
    "minutes": 15,
    "sentence": "Bộ nhắc việc không chạy.",
}


def _letter(kind: str, *items: LetterItem) -> Letter:
    return Letter(kind=kind, name="Trần Thị Mai", home_url="http://localhost/", items=items, data=DATA)


def test_the_digest(app: Flask, snapshot: SnapshotAssertion) -> None:
    assert render(DIGEST) == snapshot


@pytest.mark.parametrize("kind", ["invitation", "password_reset", "link_code", "alarm", "test"])
def test_messages_about_accounts_and_the_machine(app: Flask, snapshot: SnapshotAssertion, kind: str) -> None:
    assert render(_letter(kind)) == snapshot


@pytest.mark.parametrize("kind", [*EVENTS, "something_new"])
def test_messages_about_events(app: Flask, snapshot: SnapshotAssertion, kind: str) -> None:
    found = render(_letter(kind, ITEM))
    assert (found.subject, found.text) == snapshot
    assert render(_letter(kind, ITEM, ITEM)).subject == snapshot(name="of two")


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._skip = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skip = tag in ("style", "title", "h1")

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.text += data


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {value or "" for name, value in attrs if tag == "a" and name == "href"}


@pytest.mark.parametrize("letter", [DIGEST, _letter("returned", ITEM), _letter("returned", ITEM, ITEM)])
def test_text_and_html_lead_to_the_same_places(app: Flask, letter: Letter) -> None:
    found = render(letter)
    links = _Links()
    links.feed(found.html)
    assert links.found == set(re.findall(r"http://\S+", found.text))


def test_text_and_html_say_the_same(app: Flask) -> None:
    found = render(DIGEST)
    words = _Words()
    words.feed(found.html)
    for part in ("Trần Thị Mai", ITEM.title, ITEM.code, ITEM.note, ITEM.text, "Hoàng Minh Châu", "13", "20/03/2026"):
        assert part in found.text, part
        assert part in words.text, part


def test_a_mail_about_one_task_opens_that_task(app: Flask) -> None:
    one, two = render(_letter("returned", ITEM)).html, render(_letter("returned", ITEM, ITEM)).html
    assert (one.count(f'href="{ITEM.url}"'), "Mở nhiệm vụ" in one, "Mở danh sách" in one) == (2, True, False)
    assert "Mở danh sách" in two


def test_a_remark_of_several_lines_stays_with_its_task(app: Flask) -> None:
    found = render(_letter("returned", replace(ITEM, text="Thiếu biểu số 2\nThiếu chữ ký")))
    lines = found.text.splitlines()
    first = lines.index("  Lê Văn Đức: Thiếu biểu số 2")
    assert lines[first - 3].startswith("- Xây dựng")
    assert lines[first + 1] == "  Thiếu chữ ký"
    assert "white-space:pre-line" in found.html


def test_chat_holds_counts_titles_dates_and_a_link_only(app: Flask) -> None:
    chat = render(DIGEST).chat
    assert "http://localhost/" in chat
    assert ITEM.title[:60] in chat
    for private in (ITEM.text, ITEM.by, ITEM.code, ITEM.unit):
        assert private not in chat


def test_urgent_work_is_named_in_subject_text_page_and_chat(app: Flask) -> None:
    express, urgent = replace(ITEM, mark="express"), replace(ITEM, mark="urgent", title="Phòng, chống bão số 5")
    alone = render(_letter("returned", express))
    assert alone.subject.startswith("[HỎA TỐC] Nhiệm vụ NV-2026-000017: Xây dựng")
    assert "[HỎA TỐC] Kết quả bị trả lại" in alone.html
    assert alone.chat.startswith("[HỎA TỐC] Kết quả bị trả lại")
    among = render(replace(DIGEST, groups=(LetterGroup("today", 3, (urgent, express, ITEM)),)))
    assert among.subject.startswith("[có việc HỎA TỐC] Nhắc việc")
    words = _Words()
    words.feed(among.html)
    for part in (among.text, " ".join(words.text.split()), among.chat):
        assert part.count("HỎA TỐC") >= 1
        assert "[KHẨN] Phòng" in part or "KHẨN Phòng" in part
    assert "[HỎA TỐC] Xây dựng" in among.text
    assert "KHẨN" not in render(DIGEST).text


def test_all_mails_about_one_task_make_one_conversation(app: Flask) -> None:
    """Gmail groups what has equal subjects and headers that refer to the same mail."""
    mails = []
    for number, kind in enumerate((*EVENTS, "something_new")):
        settings, parcel = _mail(id=number, kind=kind, task_id=17, rendered=render(_letter(kind, ITEM)))
        mails.append(_read(compose(parcel, settings, now=NOW)))
    assert {mail["Subject"] for mail in mails} == {
        "Nhiệm vụ NV-2026-000017: Xây dựng kế hoạch triển khai học bạ số cấp tiểu học trên địa bàn tỉnh"
    }
    assert {(mail["References"], mail["In-Reply-To"]) for mail in mails} == {("<task-17@sonha.example>",) * 2}
    assert len({mail["Message-ID"] for mail in mails}) == len(mails)
    headlines = {re.search(r"<h1[^>]*>(.*?)</h1>", render(_letter(kind, ITEM)).html)[1] for kind in EVENTS}  # type: ignore[index] # it has one
    assert len(headlines) == len(EVENTS), "the first line of the page says what happened"


def test_nothing_is_left_in_english(app: Flask) -> None:
    for kind in (*EVENTS, "something_new"):
        found = render(_letter(kind, ITEM))
        assert not any(
            word in found.subject + found.text + found.chat for word in ("Dear", " the ", "tasks", "Open ")
        ), kind


def _mail(**changes: object) -> tuple[Settings, Parcel]:
    subject = "Nhắc việc: " + "quá hạn nhiều việc của đơn vị " * 6
    rendered = Rendered(subject, text="Đến hạn\n", html="<p>Đến hạn</p>")
    settings = Settings(mail_from="nhac-viec@sonha.example", secret_key="x")  # type: ignore[arg-type] # pydantic makes a SecretStr of it
    values: dict[str, object] = {"id": 12, "channel": ChannelKind.EMAIL, "address": "mai@sonha.example"}
    return settings, Parcel(**(values | {"rendered": rendered} | changes))  # type: ignore[arg-type] # fields by name


def _read(content: bytes) -> EmailMessage:
    found = message_from_bytes(content, policy=SMTP)
    assert isinstance(found, EmailMessage)
    return found


def test_headers_survive_folding_and_coding(app: Flask) -> None:
    settings, parcel = _mail(task_id=5, urgent=True, unsubscribe_url="http://localhost/u/x")
    content = compose(parcel, settings, now=NOW)
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")
    mail = _read(content)
    assert mail["Subject"] == " ".join(parcel.rendered.subject.split())
    assert mail["From"] == "Theo dõi nhiệm vụ <nhac-viec@sonha.example>"
    assert mail["References"] == "<task-5@sonha.example>"
    assert mail["Importance"] == "high"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]  # type: ignore[union-attr] # parts are messages
    assert mail.get_body(("plain",)).get_content() == "Đến hạn\n"  # type: ignore[union-attr] # it has one


@pytest.mark.parametrize("name", ["Văn phòng HĐND và UBND xã Sơn Hà " * 4, 'UBND "Son Ha", Van phong', "Sở Y tế"])
def test_a_senders_name_survives_in_words_of_75_characters(app: Flask, name: str) -> None:
    settings, parcel = _mail()
    settings = settings.model_copy(update={"mail_from_name": name.strip()})
    content = compose(parcel, settings, now=NOW)
    head = content.partition(b"To:")[0]
    assert max(map(len, head.split())) <= 75
    assert max(map(len, head.splitlines())) <= 78
    # Not the library's address parser: it keeps the space between two encoded words, which counts for nothing.
    written = str(make_header(decode_header(message_from_bytes(content)["From"].replace("\r\n", ""))))
    assert parseaddr(written) == (name.strip(), "nhac-viec@sonha.example")


def test_an_address_with_vietnamese_letters_stays_as_it_is(app: Flask) -> None:
    settings, parcel = _mail(address="mai.trần@sởgd.example")
    assert "To: mai.trần@sởgd.example\r\n".encode() in compose(parcel, settings, now=NOW)


@pytest.mark.parametrize("address", ["mai", "mai@", "a@b\r\nBcc: c@d", "a b@c", "a@b, c@d", "<a@b>"])
def test_what_is_no_address_never_reaches_a_header(app: Flask, address: str) -> None:
    settings, parcel = _mail(address=address)
    with pytest.raises(ValueError, match="not an e-mail address"):
        compose(parcel, settings, now=NOW)


def test_a_line_break_in_a_title_makes_no_header(app: Flask) -> None:
    settings, parcel = _mail(rendered=Rendered("Việc\r\nBcc: x@y.example", "t"))
    assert "Bcc" not in _read(compose(parcel, settings, now=NOW))


def test_a_message_is_signed_with_dkim(app: Flask, tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path = tmp_path / "dkim.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    settings, parcel = _mail(unsubscribe_url="http://localhost/u/x")
    signing = settings.model_copy(update={"dkim_domain": "sonha.example", "dkim_key_file": path})
    signed = EmailTransport(signing).signed(compose(parcel, signing, now=NOW))
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    assert dkim.verify(signed, dnsfunc=lambda *_args, **_kwargs: record)
    assert not dkim.verify(signed.replace(b"To: mai@", b"To: moi@"), dnsfunc=lambda *_args, **_kwargs: record)
