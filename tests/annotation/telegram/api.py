"""A Bot API on loopback, and people who press its buttons."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict, deque
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

TOKEN = "12345:not-a-real-token-but-it-has-the-form"


class Refused(Exception):
    """What the API answers instead."""

    def __init__(self, status, description, **parameters):
        self.answer = {"ok": False, "error_code": status, "description": description}
        if parameters:
            self.answer["parameters"] = parameters
        self.status = status


class BotApi:
    """Keeps what was sent; `troubles[METHOD]` are how its next calls fail.

    A trouble is "cut" (the connection), "html" (no JSON), or (status, description,
    parameters).
    """

    def __init__(self):
        self.changed = threading.Condition()
        self.updates, self.sent, self.calls = [], {}, []
        self._number = 1000  # of the last update
        self.troubles = defaultdict(deque)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/bot"
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(0.02,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def update(self, **what):
        with self.changed:
            self._number += 1
            self.updates.append({"update_id": self._number, **what})
            self.changed.notify_all()

    def until(self, holds):
        """Wait until something holds, and return it."""
        with self.changed:
            return self.changed.wait_for(holds)

    def count(self, method):
        return sum(name == method for name, _, _ in self.calls)

    def call(self, method, given):
        with self.changed:
            self.calls.append((method, given, time.monotonic()))
            self.changed.notify_all()
            return getattr(self, method)(**given)

    def trouble(self, method):
        with self.changed:
            self.changed.notify_all()
            return self.troubles[method].popleft() if self.troubles[method] else None

    def getMe(self):
        return {"id": 1, "is_bot": True, "first_name": "B", "username": "a_test_bot"}

    def deleteWebhook(self, **_):
        return True

    def setMyCommands(self, commands):
        return True

    def getUpdates(self, timeout=0, offset=0, allowed_updates=None):
        self.updates = [u for u in self.updates if u["update_id"] >= offset]
        self.changed.wait_for(lambda: self.updates, timeout)
        return self.updates

    def sendMessage(self, chat_id, text, reply_markup=None, **_):
        if not text.strip() or len(text.encode("utf-16-le")) > 2 * 4096:
            raise Refused(400, "Bad Request: message text is empty or too long")
        number = len(self.sent) + 1
        self.sent[number] = {
            "chat": chat_id,
            "text": text,
            "rows": (reply_markup or {}).get("inline_keyboard", []),
        }
        self.changed.notify_all()
        return self._message(number)

    def editMessageText(self, chat_id, message_id, text, **_):
        self._change(chat_id, message_id, text=text)
        return self._message(message_id)

    def editMessageReplyMarkup(self, chat_id, message_id):
        self._change(chat_id, message_id)
        return self._message(message_id)

    def answerCallbackQuery(self, callback_query_id, text=""):
        return True

    def _change(self, chat, number, **what):
        message = self.sent[number]
        assert message["chat"] == chat
        if not message["rows"] and what.get("text", message["text"]) == message["text"]:
            raise Refused(400, "Bad Request: message is not modified")
        message |= {"rows": [], **what}
        self.changed.notify_all()

    def _message(self, number):
        message = self.sent[number]
        chat = {"id": message["chat"], "type": "private"}
        return {"message_id": number, "date": 1, "chat": chat, "text": message["text"]}


class Person:
    """Somebody with Telegram; what comes of it is read from the API."""

    def __init__(self, api, number, name="Somebody Secret"):
        self.api, self.number = api, number
        self._user = {
            "id": number,
            "is_bot": False,
            "first_name": name,
            "username": f"user_{number}",
        }

    def say(self, text, chat_type="private"):
        chat = {"id": self.number, "type": chat_type}
        message = {"message_id": 1, "date": 1, "chat": chat, "text": text}
        self.api.update(message=message | {"from": self._user})

    def press(self, number, said):
        """Press the button of a message that says so, or carries that data."""
        rows = self.api.sent[number]["rows"]
        data = {b["text"]: b["callback_data"] for row in rows for b in row}
        self.press_data(number, data.get(said, said))
        return data.get(said)

    def press_data(self, number, data):
        query = {"id": f"q{time.monotonic_ns()}", "chat_instance": "c", "data": data}
        message = self.api._message(number)
        query |= {"from": self._user, "message": message}
        self.api.update(callback_query=query)

    def texts(self):
        mine = list(self.api.sent.values())
        return [m["text"] for m in mine if m["chat"] == self.number]

    def hears(self, part):
        """Wait for a message that has this part, and return its text."""
        return self.api.until(
            lambda: next((t for t in self.texts() if part in t), None)
        )

    def asked(self):
        """Return the number of the message that asks by its buttons, or None."""
        mine = [
            number
            for number, message in self.api.sent.items()
            if message["chat"] == self.number and len(message["rows"] or []) > 1
        ]
        return mine[-1] if mine else None

    def asks(self, other_than=None):
        """Wait for a message with buttons, and return its number."""
        return self.api.until(
            lambda: None if self.asked() == other_than else self.asked()
        )


def _handler(api):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            size = int(self.headers.get("Content-Length") or 0)
            given = {
                name: _value(name, values[0])
                for name, values in parse_qs(self.rfile.read(size).decode()).items()
            }
            bot, _, method = self.path.removeprefix("/bot").rpartition("/")
            trouble = api.trouble(method)
            if trouble == "cut":
                self.close_connection = True
                return
            try:
                if bot != TOKEN:
                    raise Refused(401, "Unauthorized")
                if trouble and trouble != "html":
                    status, description, parameters = trouble
                    raise Refused(status, description, **parameters)
                answer = {"ok": True, "result": api.call(method, given)}
                status = 200
            except Refused as refused:
                answer, status = refused.answer, refused.status
            body = b"<html>" if trouble == "html" else json.dumps(answer).encode()
            with suppress(ConnectionError):  # who asked was killed
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


def _value(name, text):
    return text if name in ("text", "callback_query_id") else json.loads(text)
