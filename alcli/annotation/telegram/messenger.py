"""Messages and buttons of the bot in the chats of annotators."""

from __future__ import annotations

from contextlib import suppress

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
)
from telegram.error import BadRequest, Forbidden

from alcli.annotation.telegram.texts import ButtonRows
from alcli.core.log import log


class RecipientUnreachable(Exception):
    """Error: the person has blocked the bot, or deleted the account."""


class Messenger:
    """Sender of messages."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def send(self, chat: int, text: str, rows: ButtonRows | None = None) -> int:
        """Send a message, and return its number.

        Raises:
            RecipientUnreachable: the chat does not exist any more.
        """
        try:
            sent = await self._bot.send_message(
                chat,
                text,
                reply_markup=_keyboard(rows),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        except (BadRequest, Forbidden) as error:
            if isinstance(error, BadRequest):
                log.warning("a message could not be sent: %s", error.message)
            raise RecipientUnreachable from error
        return sent.message_id

    async def close(self, chat: int, message: int, text: str | None = None) -> None:
        """Remove the buttons of a message, and replace its text by a new one."""
        with suppress(BadRequest, Forbidden):  # it is deleted, or closed already
            if text is None:
                await self._bot.edit_message_reply_markup(chat, message)
            else:
                await self._bot.edit_message_text(text, chat, message)

    async def reply(self, query: str, text: str | None = None) -> None:
        """Acknowledge the press of a button, with a text if there is one."""
        with suppress(BadRequest, Forbidden):  # too old, after 15 seconds or so
            await self._bot.answer_callback_query(query, text)


def _keyboard(rows: ButtonRows | None) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(t, callback_data=data) for t, data in r] for r in rows]
    )
