"""The README cannot drift: commands, statuses, the loop, and the examples that run."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from alcli.core import errors

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def block(mark):
    return re.search(rf"<!-- {mark} -->\n```bash\n(.*?)```", README, re.DOTALL)[1]


def test_every_command_is_in_the_readme():
    from alcli.cli import commands

    listed = re.findall(r"^\| `alcli ([a-z][\w-]*)`", README, re.MULTILINE)
    assert sorted(listed) == commands.names()


def test_the_loop_in_the_readme_is_the_loop_in_the_file():
    assert block("loop") in (ROOT / "examples/loop/loop.sh").read_text("utf-8")


def test_every_status_of_an_error_is_in_the_readme():
    listed = set(map(int, re.findall(r"^\| (\d+) \|", README, re.MULTILINE)))
    kinds = [k for k in vars(errors).values() if isinstance(k, type)]

    assert {k.status for k in kinds if issubclass(k, errors.AlcliError)} <= listed


def test_every_plugin_named_in_the_readme_exists():
    from alcli.strategies import strategies

    row = re.search(r"to label next: (.*), your own", README)[1]
    assert row.split(", ") == sorted(strategies.names(), key=row.index)


def test_commands_in_the_readme_have_options_that_exist(alcli):
    import click

    from alcli.cli import group

    for line in re.findall(r"alcli ([a-z-]+ [^`\n|]*)", README):
        name, *words = shlex.split(line.split("#")[0].split("||")[0], posix=False)
        command = group.get_command(click.Context(group), name)
        if command is None:
            continue
        known = {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
        used = {w.split("=")[0] for w in words if re.match(r"--?[a-z]", w)}
        assert used <= known | {"--help"}, (line, used - known)


@pytest.mark.slow
def test_the_ten_lines_with_a_script_of_ones_own_run(tmp_path):
    script = block("stand-in").replace("examples/", f"{ROOT}/examples/")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        capture_output=True,
    )

    assert done.returncode == 0, done.stderr.decode()
    assert len((tmp_path / "batch.jsonl").read_bytes().splitlines()) == 20
