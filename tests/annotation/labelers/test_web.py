"""`alcli label --with web`: a server on loopback, its annotators, a ledger."""

from __future__ import annotations

import http.client
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest

pytestmark = pytest.mark.slow

CLASSES = ("--class", "no", "--class", "yes")


class Server:
    """`alcli label --with web` in a process of its own; a context manager."""

    def __init__(self, folder, *args, env=None, before=None):
        line = ["label", "batch.jsonl", "--with", "web", "--append", "votes.jsonl"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "alcli", *line, *CLASSES, "--set", "pause=0", *args],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | (env or {}),
            preexec_fn=before,
        )
        self.folder, self.said, self.people = folder, "", []
        while not (link := re.search(r"http://(\S+):(\d+)/#(\S+)", self.said)):
            line = self.process.stderr.readline().decode()
            assert line, self.said
            self.said += line
        self.host, self.port = link[1], int(link[2])
        known = (env or {}).get("ALCLI_WEB_SECRET", "")
        self.secret = link[3].replace("$ALCLI_WEB_SECRET", quote(known, safe=""))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for person in self.people:
            person.connection.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def ends(self):
        """Return the status and the last line of stderr."""
        out, err = self.process.communicate()
        assert out == b""
        return self.process.returncode, err.decode()

    def votes(self):
        text = (self.folder / "votes.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]


class Person:
    """Asks as the page does, over one connection."""

    def __init__(self, server, name="ann", secret=None):
        self.name, self.secret = name, secret or server.secret
        host = server.host.strip("[]")
        self.connection = http.client.HTTPConnection(host, server.port)
        server.people.append(self)

    def post(self, what, status=200, **more):
        """Return the answer; status: the one, or those, that it may have."""
        body = json.dumps({"annotator": self.name} | more)
        headers = {"Authorization": f"Bearer {self.secret}"}
        self.connection.request("POST", f"/api/{what}", body, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        wanted = status if isinstance(status, tuple) else (status,)
        assert answer.status in wanted, data
        return json.loads(data)

    def answer(self, state, label="yes"):
        return self.post("answer", ticket=state["item"]["ticket"], label=label)

    def answers_all(self):
        try:
            state = self.post("next")
            while state["item"] or state["open"]:
                state = self.answer(state) if state["item"] else self.post("next")
        except (OSError, http.client.HTTPException):
            return  # the others have answered the rest


@pytest.fixture
def folder(tmp_path):
    make(tmp_path, 4)
    return tmp_path


def make(folder, n):
    lines = [json.dumps({"id": i, "text": f"text {i}"}) + "\n" for i in range(n)]
    (folder / "batch.jsonl").write_text("".join(lines))


def test_it_ends_by_itself_when_all_is_answered(folder):
    begin = time.monotonic()
    with Server(folder) as server:
        assert server.host == "127.0.0.1"
        assert len(server.secret) == 32
        person = Person(server)
        state = person.post("next")
        for n in range(4):
            assert state["item"]["text"] == f"text {n}"
            state = person.answer(state)
            assert len(server.votes()) == n + 1  # before the next is shown
        assert state["item"] is None
        assert server.ends() == (0, "alcli label: 4 votes on 4 records\n")
        vote = server.votes()[0]
        assert vote.pop("time").endswith("Z")
        assert 0 <= vote.pop("seconds") <= time.monotonic() - begin
        assert vote == {"id": 0, "text": "text 0", "label": "yes", "annotator": "ann"}


def test_an_answered_batch_needs_no_server(folder, alcli):
    (folder / "votes.jsonl").write_text(
        "".join(f'{{"id":{i},"label":"no"}}\n' for i in range(4))
    )
    args = ["batch.jsonl", "--with", "web", "--append", "votes.jsonl", *CLASSES]
    done = alcli("label", *args, cwd=folder, check=True)
    assert done.stderr == b"alcli label: 0 votes on 4 records\n"


def test_the_last_answer_may_be_undone_for_a_while(folder):
    with Server(folder, "--set", "pause=9000") as server:
        person = Person(server)
        person.answers_all()
        state = person.post("undo")
        assert state["item"]["text"] == "text 3"
        person.answer(state, "no")
        server.process.terminate()
        assert server.ends() == (-signal.SIGTERM, "")
        assert [vote["label"] for vote in server.votes()][-2:] == ["yes", "no"]


@pytest.mark.parametrize("redundancy", [1, 3])
def test_many_annotators_at_once(folder, redundancy):
    make(folder, 100)
    with Server(folder, "--redundancy", str(redundancy)) as server:
        people = [Person(server, f"p{n}") for n in range(8)]
        threads = [Thread(target=person.answers_all) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.ends()[0] == 0
        votes = Counter((vote["id"], vote["annotator"]) for vote in server.votes())
        assert set(votes.values()) == {1}
        assert set(Counter(id for id, _ in votes).values()) == {redundancy}
        assert len(votes) == 100 * redundancy


def test_a_restart_after_a_kill_continues(folder):
    with Server(folder) as server:
        person = Person(server)
        state = person.post("next")
        for _ in range(2):
            state = person.answer(state)
        server.process.kill()
        server.process.wait()
    with (folder / "votes.jsonl").open("a") as ledger:
        ledger.write('{"id":2,"label":"ye')  # as if it was killed in the middle
    with Server(folder) as server:
        assert "cut off a torn last line" in server.said
        person = Person(server)
        state = person.post("next")
        assert (state["item"]["text"], state["done"], state["mine"]) == ("text 2", 2, 2)
        person.answers_all()
        assert server.ends()[0] == 0
        assert [vote["id"] for vote in server.votes()] == [0, 1, 2, 3]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_and_keeps_the_answers(folder, number):
    with Server(folder) as server:
        person = Person(server)
        person.answer(person.post("next"))
        server.process.send_signal(number)
        status, err = server.ends()
        assert (status, err) == (-number, "")
        assert len(server.votes()) == 1


def test_a_single_annotator_may_finish_with_records_open(folder):
    with Server(folder, "--annotator", "sara") as server:
        person = Person(server, "")
        person.answer(person.post("next"))
        assert person.post("finish") == {}
        status, err = server.ends()
        assert (status, err) == (1, "alcli label: 1 votes on 4 records; 3 open\n")
        assert server.votes()[0]["annotator"] == "sara"


def test_a_full_disk_is_an_error_at_the_page_and_of_the_run(folder):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))

    with Server(folder, before=limit) as server:
        person = Person(server)
        state = person.answer(person.post("next"))
        ticket = state["item"]["ticket"]
        answer = person.post("answer", 503, ticket=ticket, label="yes")
        assert "this answer is lost" in answer["error"]
        status, err = server.ends()
        assert status == 5
        assert "votes.jsonl: File too large" in err
        assert len(server.votes()) == 1


def test_a_held_item_is_free_after_the_lease(folder):
    with Server(folder, "--set", "lease=1") as server:
        Person(server, "ann").post("next")
        Person(server, "bob").answers_all()  # waits for the last
        assert server.ends()[0] == 0
        assert {vote["annotator"] for vote in server.votes()} == {"bob"}


def test_a_thousand_wrong_secrets_do_not_block_the_right_one(folder):
    with Server(folder) as server:
        right, wrong = Person(server), Person(server, secret="wrong")
        state = right.post("next")
        for n in range(1000):
            # one more is forgiven after some seconds
            wrong.post("next", 401 if n < 10 else (429, 401))
        assert right.answer(state)["done"] == 1


def test_ten_megabytes_are_refused(folder):
    with Server(folder) as server:
        person = Person(server)
        body = b'{"annotator":"' + b"x" * 10_000_000 + b'"}'
        for headers in ({"Authorization": f"Bearer {server.secret}"}, {}):
            person.connection.request("POST", "/api/next", body, headers)
            answer = person.connection.getresponse()
            assert answer.status == 413
            assert b"longer than" in answer.read()
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        assert int(re.search(r"VmHWM:\s+(\d+)", status)[1]) < 200_000  # KB
        assert person.post("next")["item"]["text"] == "text 0"


def test_the_secret_may_come_from_the_environment(folder, alcli):
    secret = "s/cr#t of some length"
    with Server(folder, env={"ALCLI_WEB_SECRET": secret}) as server:
        assert server.said.endswith("/#$ALCLI_WEB_SECRET\n")
        Person(server, secret=secret).post("next")
    args = ["batch.jsonl", "--with", "web", "--append", "v", *CLASSES]
    for short in ("too short", "\x01" * 20, "é" * 20):
        env = {"ALCLI_WEB_SECRET": short}
        done = alcli("label", *args, cwd=folder, env=env)
        assert done.returncode == 2
        assert b"ALCLI_WEB_SECRET needs 16" in done.stderr


@pytest.mark.parametrize(
    ("more", "secret"), [([], ""), (["--port", "9"], ""), ([], "x" * 20)]
)
def test_quiet_with_a_new_link_is_an_error(folder, alcli, more, secret):
    args = ["batch.jsonl", "--with", "web", "--append", "v", "-q", *CLASSES, *more]
    done = alcli("label", *args, cwd=folder, env={"ALCLI_WEB_SECRET": secret})
    assert done.returncode == 2
    assert b"-q hides the link" in done.stderr


def test_a_port_in_use_is_an_error(folder, alcli):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        args = ["batch.jsonl", "--with", "web", "--append", "v", *CLASSES]
        done = alcli("label", *args, "--port", port, cwd=folder)
    assert done.returncode == 5
    assert f"cannot listen at 127.0.0.1, port {port}" in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1


def test_a_port_can_be_reused_at_once(folder):
    with Server(folder) as server:
        Person(server).post("next")
        port = server.port
    with Server(folder, "--port", str(port), "--host", "localhost") as server:
        assert (server.host, server.port) == ("localhost", port)
        Person(server).post("next")


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_the_server_answers_to_its_address_and_host_names(folder, host):
    if host == "::" and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    with Server(folder, "--host", host) as server:
        assert server.host not in (host, f"[{host}]", "localhost", "127.0.0.1")
        assert "not encrypted on the network" in server.said
        link, server.host = server.host, "::1" if host == "::" else "127.0.0.1"
        person = Person(server)
        machine = socket.gethostname()
        mdns = f"{machine.partition('.')[0]}.local"
        for name in (link, machine, socket.getfqdn(), mdns):
            person.connection.request("GET", "/", headers={"Host": name})
            answer = person.connection.getresponse()
            answer.read()
            assert answer.status == 200


def has_ipv6():
    try:
        socket.create_server(("::", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("package", ["starlette", "uvicorn"])
def test_a_missing_package_is_an_error_with_the_install_command(folder, package):
    code = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "from alcli.cli.main import main\n"
        "main(['label', 'batch.jsonl', '--with', 'web', '--append', 'v',"
        " '--class', 'a'])"
    )
    call = [sys.executable, "-c", code]
    done = subprocess.run(call, cwd=folder, capture_output=True)
    assert done.returncode == 5
    assert f"{package} is not installed; run: pip install 'alcli[web]'".encode() in (
        done.stderr
    )


@pytest.mark.parametrize("asks", [b"", b"POST /api/next HTTP/1.1\r\n"])
def test_silent_connections_above_the_limit_are_closed(folder, asks):
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))

    with (
        Server(folder, "--annotator", "me", before=limit) as server,
        ExitStack() as strangers,
    ):
        person = Person(server)
        state = person.post("next")
        for _ in range(320):
            address = ("127.0.0.1", server.port)
            silent = strangers.enter_context(socket.create_connection(address))
            silent.sendall(asks)
        assert Person(server).post("next")["item"]["text"] == "text 0"
        person.connection.close()  # as a browser does with what was closed
        assert person.answer(state)["done"] == 1
        person.post("finish")
        assert server.ends() == (1, "alcli label: 1 votes on 4 records; 3 open\n")


def test_invalid_http_is_refused_without_a_log_line(folder):
    with Server(folder, "--annotator", "me") as server:
        with socket.create_connection(("127.0.0.1", server.port)) as stranger:
            stranger.sendall(b"\x16\x03\x01 hello\r\n\r\n")
            assert b"400" in stranger.recv(1000)
        Person(server).post("finish")
        status, err = server.ends()
        assert (status, err.count("\n")) == (1, 1)
