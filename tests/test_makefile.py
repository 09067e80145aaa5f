"""The Makefile: which Python it takes, and that it installs what is needed, once.

Nothing is installed here: shell scripts stand in for Python, and are all that PATH has.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text()

# runs the code that it is given, as a Python in disguise
DISGUISED = """#!/bin/sh
exec {real} -I -c "import sys; {disguise}; exec(sys.argv[1])" "$2"
"""
FITS = "sys.version_info = (3, 12, 1); sys.modules['ensurepip'] = sys"
DEBIAN_12 = "sys.version_info = (3, 11, 2); sys.modules['ensurepip'] = sys"
TOO_NEW = "sys.version_info = (3, 14, 0); sys.modules['ensurepip'] = sys"
NO_ENSUREPIP = "sys.version_info = (3, 12, 1); sys.modules['ensurepip'] = None"

# writes what it is asked into log.txt; two installers at once are an error
LOGGING = """#!/bin/sh
case "$1 $2" in
"-c "*) echo 3 {minor}; exit ;;
"-m venv") mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
"-m pip") mkdir installing || exit; sleep 0.03; rmdir installing ;;
esac
echo "$0 $*" >> log.txt
case "$*" in *"${{FAIL:-nothing}}"*) exit 1 ;; esac
"""


class Project:
    """A folder with the Makefile, and another that is all that PATH has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "somebody's project"
        self.path = folder / "path"
        self.path.mkdir()
        for name in ("sh", "echo", "mkdir", "cp", "sed", "touch", "sleep", "rmdir"):
            self.path.joinpath(name).symlink_to(shutil.which(name) or name)
        self.folder.joinpath("examples/reviews").mkdir(parents=True)
        self.write("Makefile", MAKEFILE)
        self.write("pyproject.toml", "")
        self.write("constraints.txt", "")
        self.write("examples/reviews/Makefile", 'demo:\n\t@echo "$$ALCLI $$PYTHON"\n')

    def write(self, name: str, text: str) -> None:
        self.folder.joinpath(name).write_text(text)

    def python(self, name: str, script: str, **values: object) -> Path:
        path = self.path / name
        path.write_text(script.format(real=sys.executable, **values))
        path.chmod(0o755)
        return path

    def make(self, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [shutil.which("make") or "make", *args],
            capture_output=True,
            cwd=self.folder,
            env={"PATH": str(self.path), **env},  # nothing of a make that runs us
            text=True,
        )

    def installed(self) -> list[str]:
        """Return what was installed, oldest first."""
        log = (self.folder / "log.txt").read_text()
        return re.findall(r"-m pip .* '?(pip>=|\.\[report\]|alcli\[all\])", log)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


EVERYTHING = ["pip>=", ".[report]", "alcli[all]"]


def test_the_first_that_fits(project):
    project.python("python", DISGUISED, disguise=FITS)
    assert project.make("python").stdout == "python\n"
    project.python("python3", DISGUISED, disguise=FITS)
    assert project.make("python").stdout == "python3\n"
    project.python("python3.13", DISGUISED, disguise=FITS)
    assert project.make("python").stdout == "python3.13\n"
    project.python("python3.12", DISGUISED, disguise=FITS)
    assert project.make("python").stdout == "python3.12\n"


@pytest.mark.parametrize("disguise", [NO_ENSUREPIP, DEBIAN_12, TOO_NEW])
def test_unsuitable_pythons_are_skipped(project, disguise):
    project.python("python3.12", DISGUISED, disguise=disguise)
    project.python("python3", DISGUISED, disguise=FITS)
    assert project.make("python").stdout == "python3\n"


@pytest.mark.parametrize("target", ["demo", "test", "check", "python"])
def test_none_fits(project, target):
    project.python("python3", DISGUISED, disguise=DEBIAN_12)
    done = project.make(target)
    assert done.returncode != 0
    assert done.stdout.count("\n") == 0
    assert re.fullmatch(
        r".*there is no Python 3\.12 or 3\.13.* apt install python3-venv.*\n",
        done.stderr,
    )


def test_a_named_python_wins(project):
    project.python("python3.12", DISGUISED, disguise=FITS)
    named = project.python("python3.11", DISGUISED, disguise=FITS)
    assert project.make("python", f"PYTHON={named}").stdout == f"{named}\n"
    assert project.make("python", PYTHON="python3.11").stdout == "python3.11\n"


@pytest.mark.parametrize("name", ["python3", "no-such-python"])
def test_a_named_python_that_does_not_fit(project, name):
    project.python("python3.12", DISGUISED, disguise=FITS)
    project.python("python3", DISGUISED, disguise=DEBIAN_12)
    done = project.make("demo", f"PYTHON={name}")
    assert done.returncode != 0
    assert re.fullmatch(rf".* {name} is not Python 3\.12.*install.*\n", done.stderr)


def test_the_demo_gets_the_installed_command(project):
    project.python("python3.12", LOGGING, minor=12)
    done = project.make("demo")
    assert done.returncode == 0, done.stderr
    assert project.installed() == EVERYTHING[:2]
    bin = project.folder / ".venv/bin"
    assert done.stdout.splitlines()[-1] == f"{bin}/alcli {bin}/python"


def test_every_test_runs_in_one_call(project):
    project.python("python3.12", LOGGING, minor=12)
    assert project.make("test").returncode == 0
    assert project.installed() == EVERYTHING
    calls = (project.folder / "log.txt").read_text().splitlines()
    (call,) = (call for call in calls if "-m pytest" in call)
    assert "--dist loadfile" in call
    assert "slow" not in call


def test_nothing_is_installed_twice_without_need(project):
    project.python("python3.12", LOGGING, minor=12)
    for targets in (["demo"], ["test"], ["demo", "test"]):
        assert project.make(*targets).returncode == 0
    assert project.installed() == EVERYTHING


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_changed_requirements_are_installed_again(project, name):
    project.python("python3.12", LOGGING, minor=12)
    assert project.make("test").returncode == 0
    later = time.time() + 1
    os.utime(project.folder / name, (later, later))
    assert project.make("test").returncode == 0
    assert project.installed() == EVERYTHING * 2


@pytest.mark.parametrize(
    ("broken", "again"),
    [
        ("pip>=", EVERYTHING),
        (".[report]", EVERYTHING),
        ("alcli[all]", EVERYTHING[2:]),
    ],
)
def test_a_broken_installation_is_taken_up_again(project, broken, again):
    project.python("python3.12", LOGGING, minor=12)
    assert project.make("test", FAIL=broken).returncode != 0
    first = project.installed()
    assert first[-1] == broken
    assert project.make("test").returncode == 0
    assert project.installed() == first + again


def test_two_jobs_do_not_install_at_once(project):
    project.python("python3.12", LOGGING, minor=12)
    done = project.make("-j2", "test", "demo", "fast")
    assert done.returncode == 0, done.stderr
    assert project.installed() == EVERYTHING


def test_another_version_makes_another_venv(project):
    project.python("python3.12", LOGGING, minor=12)
    project.python("python3.13", LOGGING, minor=13)

    def made() -> int:
        assert project.make("demo", "PYTHON=python3.13").returncode == 0
        return (project.folder / "log.txt").read_text().count("-m venv")

    assert project.make("demo").returncode == 0
    assert made() == 2
    assert made() == 2


def test_help_lists_every_target(project):
    targets = re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)
    assert {"demo", "test", "check", "bench", "help", "clean"} <= set(targets)
    listed = project.make("help").stdout.splitlines()
    assert [line.split("\t")[0] for line in listed] == targets
    assert all(line.split("\t")[1] for line in listed)
    phony = re.findall(r"^\.PHONY: (.*)", MAKEFILE, re.MULTILINE)
    assert phony == [" ".join(targets)]


@pytest.mark.parametrize("name", [".ci/run", "README.md"])
def test_targets_that_are_named_exist(name):
    text = (ROOT / name).read_text()
    named = re.findall(r"(?:^ *|`)make ([a-z]+)", text, re.MULTILINE)
    assert set(named) <= set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))


def test_ci_runs_make_test_without_input(project):
    make = project.path / "make"
    make.write_text('#!/bin/sh\nread line; echo "$* $CI $PWD $line."\n')
    make.chmod(0o755)
    for name in ("bash", "dirname"):
        project.path.joinpath(name).symlink_to(shutil.which(name) or name)
    done = subprocess.run(
        [ROOT / ".ci/run"],
        input=b"something",
        capture_output=True,
        cwd=project.folder,
        env={"PATH": str(project.path), "HOME": str(project.folder)},
        check=True,
    )
    assert done.stdout.decode() == f"test true {ROOT} .\n"
