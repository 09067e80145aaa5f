"""Costs in `make bench` are those of the measured process alone."""

import sys

import pytest

from tests.benchmarks.measure import once

MB = 1_000_000


def python(code):
    return [sys.executable, "-c", code]


def test_the_peak_excludes_the_memory_of_the_parent():
    held = b"x" * (200 * MB)
    small, large = once(python("pass")), once(python(f"b'x' * (120 * {MB})"))
    assert len(held) == 200 * MB
    assert small.peak < 60
    assert 120 < large.peak < 180


def test_children_are_counted_and_output_is_kept(tmp_path):
    loop = "import time\nwhile time.process_time() < 1: pass"
    nested = f"import subprocess; subprocess.run({python(loop)!r}, check=True)"
    with open(tmp_path / "out", "wb") as out:
        run = once(python(f"{nested}; print('done')"), stdout=out)
    assert (tmp_path / "out").read_text() == "done\n"
    assert run.cpu >= 1
    assert run.wall > 0


@pytest.mark.parametrize("code", ["raise SystemExit('no')", "print(1 / 0)"])
def test_a_failed_process_raises_its_error_output(code):
    with pytest.raises(RuntimeError, match=r"ended with 1: [\s\S]*(no|ZeroDivision)"):
        once(python(code))


def test_a_missing_command_raises():
    with pytest.raises(RuntimeError, match=r"nowhere ended with 1: [\s\S]*nowhere"):
        once(["/nowhere"])
