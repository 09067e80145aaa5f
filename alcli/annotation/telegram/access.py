"""Access of annotators and their names; secrets from the environment."""

from __future__ import annotations

import hmac
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from alcli.core.errors import SurroundingsError, UsageError

TOKEN, KEY = "ALCLI_TELEGRAM_TOKEN", "ALCLI_TELEGRAM_KEY"
SECRET = "ALCLI_TELEGRAM_SECRET"
TRIES = 5  # wrong secrets per person
_KEY_LENGTH = 16
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,64}")  # characters of a deep link, up to 64


class BotSecrets(NamedTuple):
    """Secrets from the environment; none of them is ever written.

    token: token of the bot. key: key of the annotators' names. secret: secret of the
    invitation. fresh: True if the secret is new in this run.
    """

    token: str
    key: str
    secret: str
    fresh: bool

    def __repr__(self) -> str:
        return "BotSecrets(...)"


def read_secrets(environment: Mapping[str, str]) -> BotSecrets:
    """Read the secrets; the secret of the invitation is random if it is missing.

    Raises:
        UsageError: no token, no key of 16 characters, or an invalid secret.
        SurroundingsError: the token has not the form of one.
    """
    token, key, secret = (environment.get(n, "").strip() for n in (TOKEN, KEY, SECRET))
    if not token:
        raise UsageError(f"--with telegram needs the bot's token, in {TOKEN}")
    if not _TOKEN.fullmatch(token):
        raise SurroundingsError(f"{TOKEN} is not the token of a bot; ask @BotFather")
    if len(key) < _KEY_LENGTH:
        raise UsageError(
            f"--with telegram names annotators by a hash with a secret key, in {KEY}: "
            f"{_KEY_LENGTH} characters or more, the same in every run; "
            "`openssl rand -hex 32` makes one"
        )
    if secret and not _SECRET.fullmatch(secret):
        raise UsageError(f"{SECRET} needs 16 to 64 of the characters A-Z a-z 0-9 _ -")
    return BotSecrets(token, key, secret or secrets.token_urlsafe(24), not secret)


def pseudonym(user: int, key: str) -> str:
    """Return the name of an annotator, which depends on the person and the key alone.

    It is a keyed hash (HMAC-SHA256, RFC 2104, its first 64 bits): without the key the
    person cannot be found, not even by trying all user numbers of Telegram.

    >>> pseudonym(12345, "a key for examples")
    'tg-981573951726345b'
    """
    digest = hmac.digest(key.encode(), str(user).encode(), "sha256")
    return f"tg-{digest[:8].hex()}"


class Invitation:
    """Access control: by the secret, or by earlier access.

    known: names of annotators of earlier runs.
    """

    def __init__(self, secret: str, known: Iterable[str] = ()) -> None:
        self._secret, self._known = secret.encode(), set(known)
        self._wrong: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()

    def admits(self, name: str, offered: str) -> bool:
        """Check whether a person may answer. offered: a secret, or "" for none."""
        if name in self._known:
            return True
        right = hmac.compare_digest(offered.encode("utf-8", "replace"), self._secret)
        if right and self._wrong[name] < TRIES:
            self._known.add(name)
            return True
        self._wrong[name] += bool(offered)
        self._refused[name] += 1
        return False

    def ignores(self, name: str) -> bool:
        """Check whether a person was refused too often, and gets no reply."""
        return self._refused[name] > TRIES
