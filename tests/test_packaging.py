"""The wheel: it holds all of alcli, and what it installs runs by itself, anywhere, and
writes nothing but the files that are named.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
POOL = [
    {"text": "کیفیت دوربین عالی است"},
    {"text": "کیفیت دوربین عالی است"},  # a duplicate
    {"text": "باتری‌اش زود تمام می‌شود"},
    {"text": "بد نبود، ولی گران بود"},
]
PLAIN_ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def pip(*args: str | Path) -> None:
    """Run pip, without a look at the network."""
    quiet = ("-qq", "--disable-pip-version-check", "--no-index", "--no-deps")
    command, *rest = args
    subprocess.run([sys.executable, "-m", "pip", command, *quiet, *rest], check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Build from a copy: what an earlier build left in the tree would get in."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    caches = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "alcli", source / "alcli", ignore=caches)
    # setuptools is there, as a dependency of TensorFlow
    pip("wheel", "--no-build-isolation", "--wheel-dir", source / "dist", source)
    (built,) = (source / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """Install the wheel into a folder of its own."""
    folder = tmp_path_factory.mktemp("installed")
    pip("install", "--target", folder, wheel)
    return folder


@pytest.fixture
def run(installed, tmp_path):
    """Return what runs a line of shell, with little more than PATH in its environment.

    HOME is not there and cannot be made, for its parent is a file.
    """
    for name in ("work", "temporary"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").touch()
    paths = [installed / "bin", Path(sys.executable).parent, "/usr/bin", "/bin"]

    def shell(line: str, **env: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["bash", "-c", f"set -o pipefail; {line}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=tmp_path / "work",
            env={
                "PATH": os.pathsep.join(map(str, paths)),
                "PYTHONPATH": str(installed),
                "PYTHONDONTWRITEBYTECODE": "1",  # pip has written it
                "HOME": str(tmp_path / "file/home"),
                "TMPDIR": str(tmp_path / "temporary"),
                "LANG": "C",
                **env,
            },
        )

    return shell


def contents(*folders: Path) -> dict[Path, bytes]:
    """Return all that is in the folders; what is not a file is empty."""
    paths = [path for folder in folders for path in folder.rglob("*")]
    return {path: path.read_bytes() if path.is_file() else b"" for path in paths}


def test_every_file_of_alcli_is_in_the_wheel(wheel):
    present = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "alcli").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"alcli/py.typed", "alcli/commands/select.py"} <= present
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    info = f"alcli-{version('alcli')}.dist-info/"
    assert {name for name in names if not name.startswith(info)} == present
    assert f"{info}licenses/LICENSE" in names


def test_it_is_the_installed_one_that_runs(run, installed):
    where = run('python -c "import alcli; print(alcli.__file__)"')
    assert where.stdout.decode().strip() == str(installed / "alcli/__init__.py")
    assert run("type -P alcli").stdout.decode().strip() == str(installed / "bin/alcli")


@pytest.mark.parametrize("command", ["alcli", "python -m alcli"])
def test_help_and_version(run, command):
    done = run(f"{command} --version")
    assert done.stdout.decode() == f"alcli {version('alcli')}\n"
    done = run(f"{command} --help")
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.startswith(b"Usage: alcli ")


@pytest.mark.parametrize(
    "locale", [{}, PLAIN_ASCII, {"LC_ALL": "C.UTF-8"}], ids=["C", "ASCII", "UTF-8"]
)
def test_a_pipeline_writes_the_named_file_alone(run, installed, tmp_path, locale):
    lines = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in POOL)
    (tmp_path / "work/pool.jsonl").write_text(lines, encoding="utf-8")
    before = contents(tmp_path, installed)
    done = run(
        "alcli normalize pool.jsonl | alcli clean | "
        "alcli select -s random -n 2 -o گزیده.jsonl",
        **locale,
    )
    assert done.returncode == 0, done.stderr.decode()
    after = contents(tmp_path, installed)
    chosen = after.pop(tmp_path / "work/گزیده.jsonl")
    assert after == before
    texts = [record["text"] for record in map(json.loads, chosen.splitlines())]
    assert len(set(texts)) == 2
    assert set(texts) < {record["text"] for record in POOL}


def test_an_error_is_one_line_in_any_locale(run):
    done = run("alcli clean نیست.jsonl", **PLAIN_ASCII)
    assert done.returncode == 3
    assert done.stderr.startswith(b"alcli clean: ")
    assert done.stderr.count(b"\n") == 1
