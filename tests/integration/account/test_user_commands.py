"""``taskflow user``: the first administrator, the list, a link for a lost password."""

from __future__ import annotations

from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.org import Membership, Unit, User
from taskflow.services import passwords

PASSWORD = "gió mùa đông bắc về"


def test_create_administrator_asks_for_the_password(runner):
    result = runner(
        *("user", "create-administrator", "--email", "Sen@DongMay.example", "--name", "Lê Thị Sen"),
        *("--office", "UBND xã Đồng Mây"),
        input=f"{PASSWORD}\n{PASSWORD}\n",
    )
    assert result.exit_code == 0, result.stderr
    user = db.session.query(User).one()
    assert user.email == "sen@dongmay.example"
    assert passwords.verify(user.password_hash, PASSWORD)
    post = db.session.query(Membership).one()
    assert (post.role, post.unit_id) == (Role.ADMINISTRATOR, db.session.query(Unit).one().id)


def test_create_administrator_can_print_a_link_instead(runner, client):
    result = runner("user", "create-administrator", "--email", "sen@dongmay.example", "--name", "Lê Thị Sen", "--link")
    assert result.exit_code == 0
    link = result.stdout.splitlines()[-1]
    assert client.get(link.removeprefix("http://localhost")).status_code == 200
    assert db.session.query(User).one().password_hash is None


def test_create_administrator_uses_the_body_that_is_there(runner, factories):
    body = factories.body()
    runner(
        "user",
        "create-administrator",
        "--email",
        "a@sonha.example",
        "--name",
        "A",
        "--password-stdin",
        input=f"{PASSWORD}\n",
    )
    assert db.session.query(Membership).one().unit_id == body.id


def test_wrong_values_are_refused_in_one_sentence(runner, factories):
    factories.user(email="co@sonha.example")
    for arguments, given, sentence in (
        (("--email", "khong-phai", "--name", "A"), PASSWORD, "địa chỉ e-mail"),
        (("--email", "co@sonha.example", "--name", "A"), PASSWORD, "đã có tài khoản"),
        (("--email", "moi@sonha.example", "--name", "A"), "ngắn", "ít nhất 10 ký tự"),
    ):
        result = runner("user", "create-administrator", *arguments, "--password-stdin", input=f"{given}\n")
        assert result.exit_code == 1
        assert sentence in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1
    assert db.session.query(User).count() == 1


def test_list_and_reset_password(runner, factories, client):
    factories.user(Role.HEAD, email="mai@sonha.example", full_name="Trần Thị Mai")
    factories.user(email="cu@sonha.example", is_active=False)
    listed = runner("user", "list").stdout
    assert "mai@sonha.example\tTrần Thị Mai\t" in listed
    assert "cu@sonha.example" not in listed
    assert "cu@sonha.example" in runner("user", "list", "--all").stdout
    link = runner("user", "reset-password", "Mai@sonha.example").stdout.strip()
    assert client.get(link.removeprefix("http://localhost")).status_code == 200
    assert runner("user", "reset-password", "ai@sonha.example").exit_code == 1


def test_setup_code_only_while_there_is_nobody(runner, factories):
    assert len(runner("user", "setup-code").stdout.strip()) == 19
    factories.user()
    assert runner("user", "setup-code").stdout == ""
