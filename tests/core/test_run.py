"""Steps run over blocks: the same lines in the same order, whatever the processes."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest

from alcli.core import jsonl
from alcli.core.errors import InputError, WorkerDied
from alcli.core.jsonl import blocks, to_blocks
from alcli.core.members import splice
from alcli.core.report import Report
from alcli.core.run import LOOK_AHEAD, collect_files, run, run_files, run_records
from alcli.core.run_options import RunOptions
from alcli.core.step import Result
from tests.waiting import until

POOL = [{"id": i, "text": "t" * (i % 17)} for i in range(300)]


@dataclass(frozen=True)
class Number:
    """Adds `n`: how many records this worker was given before; late where asked."""

    waits: float = 0.0
    kills: int = -1

    def start(self):
        decoder = msgspec.json.Decoder(dict)

        def work(block):
            rows = block.decode(decoder)
            time.sleep(self.waits * (block.first // 10 % 3))
            if any(row["id"] == self.kills for row in rows):
                os.kill(os.getpid(), signal.SIGKILL)
            lines = [splice(line, b'"n":%d' % len(line)) for line in block.lines]
            return Result(lines, {"read": len(rows)})

        return work


@dataclass(frozen=True)
class Overlapping(Number):
    """The same, in two threads."""

    overlaps: ClassVar[bool] = True


def in_blocks(size=10):
    return to_blocks(POOL, size=size)


@pytest.fixture
def pool(tmp_path, monkeypatch):
    monkeypatch.setattr(jsonl, "BLOCK_BYTES", 300)
    path = tmp_path / "pool.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in POOL))
    return path


def test_results_are_in_order_despite_uneven_work():
    alone = list(run(Number(), in_blocks()))
    assert list(run(Number(waits=0.01), in_blocks(), jobs=3)) == alone
    assert list(run(Overlapping(waits=0.01), in_blocks())) == alone
    assert sum(result.counts["read"] for result in alone) == 300


@pytest.mark.parametrize("jobs", [1, 2])
def test_reading_is_bounded_ahead_of_the_workers(jobs):
    pulled = []

    def watched():
        for block in in_blocks(1):
            pulled.append(block)
            yield block

    results = run(Number(), watched(), jobs=jobs)
    assert pulled == []
    for done in range(1, 9):
        next(results)
        assert len(pulled) <= done + LOOK_AHEAD * jobs - (jobs == 1)
    results.close()
    assert len(pulled) < 30


def test_two_blocks_are_processed_at_a_time():
    together = threading.Barrier(2)

    @dataclass(frozen=True)
    class Met:
        overlaps: ClassVar[bool] = True

        def start(self):
            def work(block):
                if block.first > 10:  # the first is worked on alone
                    together.wait()
                return Result(block.lines)

            return work

    assert len(list(run(Met(), in_blocks(60)))) == 5


def test_threads_raise_the_first_error_after_earlier_results():
    def work(block):
        if block.first > 100:
            raise InputError(f"block {block.first}")
        return Result(block.lines)

    class Overlapping:
        overlaps = True

        def start(self):
            return work

    found = run(Overlapping(), in_blocks(50))

    assert [len(next(found).lines) for _ in range(2)] == [50, 50]
    with pytest.raises(InputError, match=r"block 101$"):
        next(found)


def test_a_killed_worker_is_an_error():
    with pytest.raises(WorkerDied, match=r"out of memory, or killed.*fewer --jobs"):
        list(run(Number(kills=123), in_blocks(), jobs=2))


@pytest.mark.parametrize("jobs", [1, 2])
def test_errors_in_workers_name_the_line(pool, jobs):
    lines = pool.read_text().splitlines()
    lines[200] = "x"
    pool.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError, match=r"pool\.jsonl:201: not JSON") as caught:
        list(run(Number(), blocks([str(pool)]), jobs=jobs))
    assert (caught.value.source, caught.value.line) == (str(pool), 201)


@pytest.mark.parametrize("jobs", [1, 2])
def test_rejects_are_the_same_with_workers(pool, tmp_path, jobs):
    lines = pool.read_text().splitlines()
    lines[50:50] = ["x", "[]"]
    lines[200:200] = ["{"]
    pool.write_text("\n".join(lines) + "\n")
    report, files = Report(), [str(tmp_path / name) for name in ("out", "bad")]
    run_files(
        Number(),
        [str(pool)],
        files[0],
        RunOptions(report, jobs=jobs, skip_invalid=True, rejects=files[1]),
    )
    ids = [json.loads(line)["id"] for line in Path(files[0]).read_text().splitlines()]
    assert ids == list(range(300))
    assert Path(files[1]).read_text() == "x\n[]\n{\n"
    assert report.counts == {"read": 303, "written": 300, "invalid": 3}


@pytest.mark.parametrize("jobs", [1, 2, 3])
@pytest.mark.parametrize("block", [None, 1, 7, 1000])
def test_the_bytes_do_not_depend_on_processes_and_blocks(pool, tmp_path, jobs, block):
    target = tmp_path / "out.jsonl"
    report = Report()
    run_files(Number(), [str(pool)], str(target), RunOptions(report, jobs, block))
    expected = [dict(r, n=len(json.dumps(r))) for r in POOL]
    assert [json.loads(line) for line in target.read_text().splitlines()] == expected
    assert report.counts == {"read": 300, "written": 300}


@dataclass(frozen=True)
class Greedy:
    """Holds 300 MB for a moment, in whatever process it works."""

    def start(self):
        return lambda block: Result([b"x"] * len(bytearray(300 << 20)[:1]))


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_report_has_the_memory_of_workers(pool, tmp_path, jobs):
    report = Report()
    few = {"jobs": jobs, "block": 100}  # blocks of 300 MB each
    run_files(Greedy(), [str(pool)], str(tmp_path / "out"), RunOptions(report, **few))
    peak = report.as_dict(status=0, error=None)["peak_memory_worker"]
    assert (peak >= 300 << 20) == (jobs == 2)
    assert peak < 600 << 20


def test_run_records_gives_the_records_of_run_files(pool, tmp_path):
    target = tmp_path / "out.jsonl"
    pool.write_bytes(b"".join(block.data for block in in_blocks()))
    run_files(Number(), [str(pool)], str(target), RunOptions(Report()))
    found = [json.loads(line) for line in target.read_text().splitlines()]
    assert list(run_records(Number(), iter(POOL))) == found


def test_run_records_is_lazy():
    def endless():
        while True:
            yield {"id": 1}

    assert next(run_records(Number(), endless())) == {"id": 1, "n": 8}


def test_a_collector_has_the_records_of_files(pool):
    class Lines(list):
        def add(self, block):
            self.extend(block.lines)
            return Result([], {"read": len(block.lines)})

    report = Report()
    assert len(collect_files(Lines(), [str(pool)], RunOptions(report))) == 300
    assert (report.counts["read"], report.counts["written"]) == (300, 0)


def test_nothing_is_written_if_a_record_is_bad(pool, tmp_path):
    pool.write_text(pool.read_text() + "x\n")
    (tmp_path / "out").write_text("old")
    with pytest.raises(InputError):
        run_files(Number(), [str(pool)], str(tmp_path / "out"), RunOptions(Report()))
    assert (tmp_path / "out").read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "pool.jsonl"]


@pytest.fixture
def two_workers(tmp_path):
    """A command at work in two processes, with its input still open."""
    command = "normalize --language any --jobs 2 -o out.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-m", "alcli", *command.split()],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    )
    with process:
        process.stdin.write(b'{"text":"a b"}\n' * 90_000)  # more than two blocks
        process.stdin.flush()
        until(lambda: len(workers(process.pid)) == 2, process.poll)
        yield process, workers(process.pid)
        process.kill()


def workers(pid):
    """Return the processes that were forked from the fork server of another."""
    return [worker for child in children(pid) for worker in children(child)]


def children(pid):
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(n) for task in tasks for n in (task / "children").read_text().split()]


def alive(pids):
    def state(pid):
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return "gone"

    return [pid for pid in pids if state(pid) not in ("gone", "Z", "X")]


needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@needs_proc
def test_status_5_when_a_worker_is_killed(two_workers, tmp_path):
    process, workers = two_workers
    os.kill(workers[1], signal.SIGKILL)
    _, said = process.communicate(b'{"text":"a b"}\n' * 90_000)
    assert process.returncode == 5
    assert b"normalize: a worker process died" in said
    assert list(tmp_path.iterdir()) == []
    until(lambda: not alive(workers))


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_do_not_outlive_the_command(two_workers, number):
    process, workers = two_workers
    assert len(alive(workers)) == 2
    process.send_signal(number)
    assert process.wait() == -number
    until(lambda: not alive(workers))
