"""People in Telegram, by a bot and its buttons."""

from __future__ import annotations

import os
from collections.abc import Iterable
from logging import WARNING

from alcli.annotation.labelers import Save, Task, labeler
from alcli.annotation.queue import QueueSettings
from alcli.annotation.queue.session import LabellingSession
from alcli.annotation.queue.task_queue import LEASE, TaskQueue
from alcli.annotation.telegram.access import SECRET, Invitation, read_secrets
from alcli.annotation.telegram.texts import BUTTONS
from alcli.core.errors import MissingExtra, UsageError
from alcli.core.log import log
from alcli.core.params import check_range

try:
    from alcli.annotation.telegram.bot import FAREWELL, STOP, TelegramBot
except ModuleNotFoundError as error:
    raise MissingExtra("python-telegram-bot", "telegram") from error

_MORE = 3  # buttons beside the classes


@labeler(people=True)
def telegram(
    tasks: Iterable[Task],
    save: Save,
    *,
    settings: QueueSettings,
    lease: float = LEASE,
    pause: float = 30.0,
    api: str = "https://api.telegram.org/bot",
) -> None:
    """Run a bot for annotators until every task is answered.

    The token of the bot is in ALCLI_TELEGRAM_TOKEN. Annotators enter by a link with a
    secret, ALCLI_TELEGRAM_SECRET or a new random one, and are named by a hash of their
    numbers with the key in ALCLI_TELEGRAM_KEY. lease: seconds after which an item
    without an answer goes to another annotator. pause: seconds after the last answer in
    which it can be undone. api: address of the Bot API, for a server of one's own.

    Raises:
        UsageError: no token, no key, a bad secret, an annotator, too many classes, or
            -q hides a new random secret.
        SurroundingsError: a wrong token, or Telegram cannot be reached at the start.
        MissingExtra: python-telegram-bot is not installed.
    """
    check_range(api.startswith(("http://", "https://")), "api", api, "http(s)://...")
    if settings.annotator:
        raise UsageError("--annotator does not go with --with telegram: it is for many")
    secrets = read_secrets(os.environ)
    if secrets.fresh and not log.isEnabledFor(WARNING):
        raise UsageError(f"-q hides the invitation; omit it, or set {SECRET}")
    if len(settings.classes) > BUTTONS - _MORE:
        raise UsageError(f"a Telegram message has {BUTTONS} buttons: too many --class")
    queue = TaskQueue(tasks, settings, lease=lease)
    if queue.done:
        return
    session = LabellingSession(queue, save, pause=pause)
    invitation = Invitation(secrets.secret, settings.past_annotators)
    base = api.rstrip("/").removesuffix("/bot") + "/bot"
    bot = TelegramBot(session, secrets, invitation, base)
    session.run(bot.serve, seconds=STOP, farewell=FAREWELL)
