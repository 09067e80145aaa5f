"""Refusals before memory runs out."""

import resource
import subprocess
import sys

import pytest

from alcli.core import memory
from alcli.core.errors import MemoryRefused


def test_available_memory_can_be_ensured():
    memory.ensure(memory.available() // 2, remedy="")


def test_exceeding_the_limit_is_refused_with_numbers_and_the_remedy():
    with pytest.raises(MemoryRefused, match=r"needs 999999\.0 GB .* GB are .*; try K"):
        memory.ensure(999_999 * 10**9, remedy="try K")


@pytest.mark.parametrize("room", [2, 5])
def test_the_smallest_limit_counts(monkeypatch, tmp_path, room):
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text(f"{9 * 10**6 + room}\n")
    (tmp_path / "memory.current").write_text("9100000\n")
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 100000\n")
    assert memory.available() == room


def test_a_container_without_a_limit_has_the_machine(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.available() > 10**6


def test_the_limit_of_the_process_counts():
    limit = 3 * 10**9

    def lower():
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    code = "from alcli.core.memory import available; print(available())"
    run = subprocess.run(
        [sys.executable, "-c", code], preexec_fn=lower, capture_output=True, check=True
    )
    assert 0 < int(run.stdout) < limit


def test_unknown_limits_refuse_nothing(monkeypatch):
    for name in ("_machine", "_container", "_process"):
        monkeypatch.setattr(memory, name, lambda: None)
    memory.ensure(10**18, remedy="")
