"""Memory of many networks in one process, as in a long simulation."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow  # loads Keras

MANY = """
import ctypes, gc, os
import alcli
from alcli.core.threads import limit

limit(1)  # each thread takes memory

records = [
    {"id": i, "tokens": f"{word} w{i % 7}", "label": word}
    for i, word in enumerate(["bad", "good"] * 20)
]

def held():
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # free memory returns to the system
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 10

for number in range(26):
    params = {"filters": 8, "dim": 8}
    model = alcli.train(records, arch="cnn", params=params, epochs=1)
    list(alcli.score(records, model))
    if number in (9, 25):
        print(held())
"""


def test_dead_networks_take_no_memory_and_stderr_is_empty():
    call = [sys.executable, "-c", MANY]
    env = os.environ | {"MALLOC_ARENA_MAX": "1"}
    done = subprocess.run(call, capture_output=True, text=True, check=True, env=env)
    first, last = map(int, done.stdout.split())
    assert last - first < 11_000  # KB; 16,000 if each network leaves some
    assert done.stderr == ""
