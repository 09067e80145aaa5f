"""One person who answers `alcli label`: at the page, at a terminal, to a bot.

    python person.py web alcli label batch.jsonl --with web --append votes.jsonl ...

Runs the command, answers in turn with each of its classes and a skip, passes on what it
says, and ends with its status. `terminal` has the keys first: `terminal 12s alcli ...`.
"""

from __future__ import annotations

import http.client
import json
import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from itertools import cycle, pairwise

from tests.annotation.telegram.api import TOKEN, BotApi, Person

SECRET = "a-secret-of-many-letters"


def main(how: str, *command: str) -> int:
    """Answer, and return the status of the command."""
    os.environ |= {"ALCLI_WEB_SECRET": SECRET, "ALCLI_TELEGRAM_SECRET": SECRET}
    os.environ |= {"ALCLI_TELEGRAM_TOKEN": TOKEN, "ALCLI_TELEGRAM_KEY": SECRET}
    people: dict[str, Callable[..., int]]
    people = {"web": web, "terminal": terminal, "telegram": telegram}
    return people[how](*command)


def classes(command: tuple[str, ...]) -> list[str]:
    """Return what the options --class of a command say."""
    return [b for a, b in pairwise(command) if a == "--class"]


def web(*command: str) -> int:
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        said = ""
        while not (link := re.search(r"http://(\S+):(\d+)/#", said)):
            said += process.stderr.readline()
            if process.poll() is not None:
                break
        if link:
            page = http.client.HTTPConnection(link[1], int(link[2]), timeout=20)
            answer_all(page, cycle([*classes(command), None]))
        print(said + process.stderr.read(), end="", file=sys.stderr)
    return process.returncode


def answer_all(page: http.client.HTTPConnection, answers: cycle[str | None]) -> None:
    def ask(what: str, **more: object) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {SECRET}"}
        body = json.dumps({"annotator": "ann"} | more)
        page.request("POST", f"/api/{what}", body, headers)
        return dict(json.loads(page.getresponse().read()))

    state = ask("next")
    while item := state.get("item"):
        assert isinstance(item, dict)
        label = next(answers)
        more = {"label": label} if label else {"label": None, "reason": "skipped"}
        state = ask("answer", ticket=item["ticket"], **more)


def terminal(keys: str, *command: str) -> int:
    process, screen = pty.fork()
    if not process:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(int(os.environ["PERSON_STDERR"]), 2)
        os.execvp(command[0], command)
    seen = b""
    try:
        while data := os.read(screen, 1 << 16):
            seen += data
            if keys and b"q quit" in re.sub(rb"\x1b\[[0-9;]*m", b"", seen):
                os.write(screen, keys.encode())
                keys = ""
    except OSError:  # the other end is closed
        pass
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def telegram(*command: str) -> int:
    api = BotApi()
    line = [word.replace("API", api.url) for word in command]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        someone, answers, asked = Person(api, 77000), cycle(classes(command)), None
        someone.say(f"/start {SECRET}")
        over = threading.Thread(target=process.wait)
        over.start()
        while over.is_alive():
            now = someone.asked()
            if now is not None and now != asked:
                someone.press(asked := now, next(answers))
            over.join(0.05)
        said = process.stderr.read().replace(api.url, "API")
        print(said, end="", file=sys.stderr)
    api.close()
    return process.returncode


if __name__ == "__main__":
    os.environ["PERSON_STDERR"] = str(os.dup(2))
    os.set_inheritable(int(os.environ["PERSON_STDERR"]), True)
    sys.exit(main(*sys.argv[1:]))
