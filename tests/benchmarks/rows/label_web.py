"""The page of `label --with web`: how long people wait for the next item.

Twenty annotators on loopback answer after about a second each, faster than anybody
reads. What is timed is the whole request: the answer is on disk when the next is shown.
"""

import http.client
import json
import random
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

from tests.benchmarks.measure import Row, alcli, judged, start

GOAL = 50  # milliseconds
ITEMS, PEOPLE, ANSWERS = 100_000, 20, 50  # answers of each
PAUSES = (0.5, 1.5)  # seconds
CLASSES = ("negative", "neutral", "positive")


def rows(runs: int) -> Iterator[Row]:
    """Yield the 99th percentile of response times; one run is enough."""
    with tempfile.TemporaryDirectory() as folder:
        waits = sorted(_waits(Path(folder)))
    p50, p99 = (waits[int(share * len(waits))] for share in (0.5, 0.99))
    yield Row(
        f"label --with web, next item of {ITEMS:,}, {PEOPLE} annotators",
        f"p99 < {GOAL} ms",
        judged(p99 < GOAL),
        note=f"p99 {p99:.1f} ms, median {p50:.1f}, most {waits[-1]:.1f}",
        runs={"milliseconds": waits},
    )


def _waits(folder: Path) -> list[float]:
    batch, errors = folder / "batch.jsonl", folder / "errors"
    with batch.open("w") as file:
        for number in range(ITEMS):
            file.write(json.dumps({"id": number, "text": f"text {number} " * 8}) + "\n")
    classes = [word for name in CLASSES for word in ("--class", name)]
    ledger = ("--append", folder / "votes.jsonl")
    command = alcli("label", batch, "--with", "web", *classes, *ledger)
    with errors.open("wb") as out:
        process = start(command, stderr=out)
        try:
            return _asked(*_link(process, errors))
        finally:
            process.terminate()
            process.wait()


def _link(process: subprocess.Popen[bytes], errors: Path) -> tuple[str, int, str]:
    while not (link := re.search(r"http://(\S+):(\d+)/#(\S+)", errors.read_text())):
        if process.poll() is not None:
            raise RuntimeError(errors.read_text())
        time.sleep(0.05)
    return link[1], int(link[2]), link[3]


def _asked(host: str, port: int, secret: str) -> list[float]:
    waits: list[list[float]] = [[] for _ in range(PEOPLE)]
    threads = [
        Thread(target=_answer, args=(host, port, secret, f"annotator-{number}", mine))
        for number, mine in enumerate(waits)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if any(len(mine) < ANSWERS for mine in waits):
        raise RuntimeError("some answers were not taken")
    return [wait for mine in waits for wait in mine]


def _answer(host: str, port: int, secret: str, name: str, waits: list[float]) -> None:
    connection = http.client.HTTPConnection(host, port)
    headers = {"Authorization": f"Bearer {secret}"}

    def ask(what: str, **more: str) -> str:
        body = json.dumps({"annotator": name} | more).encode()
        connection.request("POST", f"/api/{what}", body, headers)
        ticket: str = json.loads(connection.getresponse().read())["item"]["ticket"]
        return ticket

    ticket = ask("next")
    rng = random.Random(name)
    for number in range(ANSWERS):
        time.sleep(rng.uniform(*PAUSES))
        begin = time.perf_counter()
        ticket = ask("answer", ticket=ticket, label=CLASSES[number % len(CLASSES)])
        waits.append(1000 * (time.perf_counter() - begin))
    connection.close()
