"""Access of annotators, their names, and the environment."""

import hmac

import pytest

from alcli.annotation.telegram.access import TRIES, Invitation, pseudonym, read_secrets
from alcli.core.errors import SurroundingsError, UsageError

GIVEN = {"ALCLI_TELEGRAM_TOKEN": " 12:ab-_ \n", "ALCLI_TELEGRAM_KEY": "k" * 16}


def test_a_name_depends_on_person_and_key():
    names = {pseudonym(user, key) for user in (1, 2, 3) for key in ("a", "b")}
    expected = hmac.new(b"a", b"1", "sha256").hexdigest()[:16]

    assert len(names) == 6
    assert pseudonym(1, "a") == f"tg-{expected}"


def test_secrets_are_read_from_the_environment():
    found = read_secrets(GIVEN)
    assert found.token == "12:ab-_"
    assert found.fresh
    assert len(found.secret) == 32
    assert read_secrets(GIVEN).secret != found.secret
    given = read_secrets(GIVEN | {"ALCLI_TELEGRAM_SECRET": "x" * 64})
    assert (given.secret, given.fresh) == ("x" * 64, False)


def test_repr_contains_no_secret():
    assert "12" not in f"{read_secrets(GIVEN)!r} {read_secrets(GIVEN)}"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"ALCLI_TELEGRAM_TOKEN": " "}, UsageError),
        ({"ALCLI_TELEGRAM_TOKEN": "12:ab/getMe"}, SurroundingsError),
        ({"ALCLI_TELEGRAM_TOKEN": "12:ab\nx"}, SurroundingsError),
        ({"ALCLI_TELEGRAM_KEY": "k" * 15}, UsageError),
        ({"ALCLI_TELEGRAM_SECRET": "x" * 15}, UsageError),
        ({"ALCLI_TELEGRAM_SECRET": "x" * 65}, UsageError),
        ({"ALCLI_TELEGRAM_SECRET": "x" * 20 + " y"}, UsageError),
    ],
)
def test_invalid_environment_variables_are_errors(change, error):
    with pytest.raises(error) as raised:
        read_secrets(GIVEN | change)
    assert "ab" not in str(raised.value)


def test_the_secret_admits_a_person_for_good():
    door = Invitation("secret", known=["ann"])

    assert door.admits("ann", "")
    assert not door.admits("bob", "")
    assert not door.admits("bob", "secre")
    assert door.admits("bob", "secret")
    assert door.admits("bob", "wrong")
    assert not door.admits("cid", "")


def test_wrong_secrets_are_limited_and_missing_ones_do_not_count():
    door = Invitation("secret")
    for n in range(TRIES):
        assert not door.admits("ann", "")
        assert not door.admits("eve", f"{n}")
        assert not door.ignores("eve")

    assert not door.admits("eve", "secret")
    assert door.ignores("eve")
    assert not door.ignores("ann")
    assert not door.admits("ann", "")
    assert door.ignores("ann")
    assert door.admits("ann", "secret")
