"""What the records of runs have in common."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

LOOP = Path(__file__).parents[2] / "examples/loop"
PYTHON = f"{os.cpu_count()} cores, Python {platform.python_version()}"


def measured(expression, argument):
    code = (
        "import sys; from pathlib import Path; from measured import *; import json; "
        f"print(json.dumps({expression}(Path(sys.argv[1]))))"
    )
    call = [sys.executable, "-c", code, argument]
    done = subprocess.run(call, cwd=LOOP, capture_output=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("processor\t: 0\nmodel name\t: A: 9\nmodel name\t: B\n", "A: 9"),
        ("processor\t: 0\nCPU part\t: 0xd0c\n", None),  # as ARM has it
        (None, None),
    ],
)
def test_a_processor_has_some_name_everywhere(tmp_path, told, name):
    if told:
        (tmp_path / "cpuinfo").write_text(told)
    name = name or platform.processor() or platform.machine()

    assert measured("machine", tmp_path / "cpuinfo") == f"{name}, {PYTHON}"


def test_seconds_are_the_medians_of_steps_that_did_their_work(tmp_path):
    for number, (spent, status) in enumerate([(1, 0), (2.004, 1), (9, 0), (99, 3)]):
        report = {"command": "train", "seconds": spent, "status": status}
        (tmp_path / f"{number}.json").write_text(json.dumps(report))

    assert measured("seconds", tmp_path) == {"train": 2.0}
