"""Many people at once, by a Telegram bot and its buttons."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from logging import WARNING

from alcli.annotation.queue import Answer, LabellingSettings, Task
from alcli.annotation.queue.task_queue import LEASE, TaskQueue
from alcli.annotation.queue.vote_channel import VoteChannel
from alcli.annotation.telegram.access import SECRET, Invitation, read_secrets
from alcli.annotation.telegram.texts import BUTTONS
from alcli.core.errors import MissingExtra, UsageError
from alcli.core.params import check_range
from alcli.core.report import log

_MORE = 3  # buttons beside the classes


def telegram(
    tasks: Iterable[Task],
    *,
    settings: LabellingSettings,
    lease: float = LEASE,
    pause: float = 30.0,
    api: str = "https://api.telegram.org/bot",
) -> Iterator[tuple[Task, Answer]]:
    """Yield the answers of people to a bot, until no task is left.

    The bot is that of the token in ALCLI_TELEGRAM_TOKEN. People come by a link with a
    secret, ALCLI_TELEGRAM_SECRET or one for this run, and have names that are made of
    their numbers by the key in ALCLI_TELEGRAM_KEY. lease: seconds for which somebody
    who is silent keeps an item. pause: seconds after the last answer, in which it can
    be undone. api: where the Bot API is, of a server of one's own.

    Raises:
        UsageError: no token, no key, a bad secret, an annotator, too many classes; a
            fresh secret that -q would hide.
        SurroundingsError: a wrong token; Telegram cannot be reached at the start.
        MissingExtra: python-telegram-bot is not installed.
    """
    check_range(api.startswith(("http://", "https://")), "api", api, "http(s)://...")
    if settings.annotator:
        raise UsageError("--annotator does not go with --with telegram: it asks many")
    secrets = read_secrets(os.environ)
    if secrets.fresh and not log.isEnabledFor(WARNING):
        raise UsageError(f"-q hides the invitation; leave it out, or fix {SECRET}")
    if find_spec("telegram") is None:
        raise MissingExtra("python-telegram-bot", "telegram")
    from alcli.annotation.telegram.bot import Telegram

    if len(settings.classes) > BUTTONS - _MORE:
        raise UsageError(f"a Telegram message has {BUTTONS} buttons: too many --class")
    queue, channel = TaskQueue(tasks, settings, lease=lease), VoteChannel()
    if queue.done:
        return
    door = Invitation(secrets.secret, settings.past_annotators)
    base = api.rstrip("/").removesuffix("/bot") + "/bot"
    bot = Telegram(queue, settings, channel.keep, secrets, door, base)

    def watch() -> None:
        if bot.why:
            raise bot.why

    try:
        yield from channel.votes(queue, watch=watch, pause=pause)
        bot.close(farewell=True)
    finally:
        channel.close()
        bot.close()
