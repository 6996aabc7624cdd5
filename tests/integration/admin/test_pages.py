"""Every page of the administration: administrators see it, nobody else does."""

from __future__ import annotations

import pytest
from flask import Flask

from taskflow.domain.permissions import Role
from tests.integration.account.test_sign_in import post

#: Path variables of pages with one.
VALUES = {"unit_id": 1, "user_id": 1, "group_id": 1, "year": 2026}


def pages(app: Flask) -> list[str]:
    """Addresses of all pages of the administration that are fetched."""
    adapter = app.url_map.bind("localhost")
    return sorted(
        adapter.build(rule.endpoint, {name: VALUES[name] for name in rule.arguments})
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.") and "GET" in (rule.methods or ()) and rule.arguments <= VALUES.keys()
    )


@pytest.fixture
def office(factories):
    """An administrator and something of everything."""
    administrator = factories.user(Role.ADMINISTRATOR, full_name="Lê Thị Sen", password="mưa rào tháng sáu")
    head = factories.user(Role.HEAD, full_name="Trần Văn Lúa")
    factories.group("các sở, ban, ngành", members=[head.memberships[0].unit])
    factories.task(unit=head.memberships[0].unit, person_id=head.id)
    return administrator


def test_administrator_sees_every_page(app, client, office, sign_in):
    sign_in(client, office)
    addresses = pages(app)
    assert len(addresses) >= 15
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        if answer.mimetype == "text/html":
            assert "Quản trị" in answer.get_data(as_text=True)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.HEAD, Role.LEADER])
def test_nobody_else_sees_any(app, client, office, factories, sign_in, role):
    sign_in(client, factories.user(role))
    for address in pages(app):
        assert client.get(address).status_code == 403, address


def test_whoever_is_not_signed_in_is_asked_to(app, client, office):
    for address in pages(app):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in")


def test_settings_are_saved_and_recorded(app, client, office, sign_in):
    from taskflow.extensions import db
    from taskflow.models.system import AuditEntry
    from taskflow.services import settings
    from taskflow.web.admin.settings import ELSEWHERE, SECTIONS

    listed = {spec.key for _title, specs in SECTIONS for spec in specs}
    assert listed | ELSEWHERE == settings.SPECS.keys(), "every setting stands on the page or has a page of its own"
    assert not listed & ELSEWHERE
    sign_in(client, office)
    values = {
        spec.key.replace(".", "_"): list(value) if isinstance(value := spec.default, tuple) else str(value)
        for _title, specs in SECTIONS
        for spec in specs
    }
    refused = post(client, "/admin/settings", **{**values, "soon_days": "90"})
    assert refused.status_code == 422
    assert "từ 0 đến 60" in refused.get_data(as_text=True)
    assert (
        post(client, "/admin/settings", **{**values, "soon_days": "5", "office_name": "UBND tỉnh"}).status_code == 303
    )
    unknown = post(client, "/admin/settings", **{**values, "evidence_types": ["pdf", "exe"]})
    assert unknown.status_code == 422
    entries = {entry.subject_id: entry.data["new"] for entry in db.session.query(AuditEntry)}
    assert entries == {"soon_days": 5, "office.name": "UBND tỉnh"}
    log = client.get("/admin/audit").get_data(as_text=True)
    assert "Lê Thị Sen" in log
    assert "Số ngày làm việc trước hạn được coi là sắp đến hạn" in log


def test_one_entry_at_the_side_is_marked(client, office, sign_in):
    sign_in(client, office)
    for address, label in (
        ("/admin/", "Tổng quan"),
        ("/admin/units/1", "Đơn vị"),
        ("/admin/people/1/move", "Người dùng"),
        ("/admin/delegations", "Phân công làm thay"),
        ("/account/password", "Đổi mật khẩu"),
    ):
        side = client.get(address).get_data(as_text=True).split('class="side-nav"')[1].split("</nav>")[0]
        marked = [part for part in side.split("<li>") if 'aria-current="page"' in part]
        assert len(marked) == 1, address
        assert label in marked[0], address
