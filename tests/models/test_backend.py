"""Keras and its backend: devices, missing packages, files left behind."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

pytestmark = pytest.mark.slow  # loads Keras


@pytest.mark.parametrize(
    ("found", "device", "warning"),
    [
        (["/dev/nvidia0"], "", " cannot use the GPU; run: pip install "),
        (["/dev/nvidia0"], "cpu", None),
        ([], "", None),
    ],
)
def test_an_unused_gpu_is_reported(monkeypatch, found, device, warning):
    from alcli.models import backend

    monkeypatch.setattr(backend, "glob", lambda pattern: found)
    monkeypatch.setenv("ALCLI_DEVICE", device)

    if warning:
        assert warning in backend.unused_gpu_warning()
    else:
        assert backend.unused_gpu_warning() is None
    assert backend.describe_device().endswith(" on cpu")


@pytest.mark.parametrize(
    ("name", "wanted"), [("torch", "torch"), ("jax", "'alcli[jax]'")]
)
def test_a_missing_backend_names_the_package_to_install(alcli, name, wanted):
    if find_spec(name):
        pytest.skip(f"{name} is installed")
    done = alcli("info", "--devices", env={"KERAS_BACKEND": name})

    assert done.returncode == 5
    message = f"alcli info: {name} is not installed; run: pip install {wanted}\n"
    assert done.stderr.decode() == message


KILLED = """
import os, signal, sys

def kill(event, args):
    if event == "import" and args[0] == "keras.src.layers":
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill)
import alcli.models.backend
"""


@pytest.mark.parametrize("code", ["import alcli.models.backend", KILLED])
def test_keras_leaves_no_files_even_if_killed_while_loading(tmp_path, code):
    env = os.environ | {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=env)

    assert done.returncode == (-9 if code is KILLED else 0)
    assert list(tmp_path.iterdir()) == []


SAVED = """
import sys
from alcli.models.backend import keras
layer = keras.layers.Dense(2)
layer.build((None, 3))
model = keras.models.clone_model(keras.Sequential([keras.Input((3,)), layer]))
model.save(sys.argv[1])
keras.saving.load_model(sys.argv[1])
print("tensorflow" in sys.modules)
import tensorflow
"""


@pytest.mark.skipif(not find_spec("jax"), reason="jax is not installed")
def test_jax_neither_loads_nor_hides_tensorflow(tmp_path):
    call = [sys.executable, "-c", SAVED, str(tmp_path / "m.keras")]
    env = os.environ | {"KERAS_BACKEND": "jax", "ALCLI_DEVICE": "cpu"}
    done = subprocess.run(call, env=env, capture_output=True, text=True)

    assert (done.stdout, done.returncode) == ("False\n", 0)
