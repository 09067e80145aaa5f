"""The one door to Keras, and to the package that computes for it.

`KERAS_BACKEND` names that package (tensorflow, jax, torch), `ALCLI_DEVICE` the device
(`cpu` keeps off a GPU). Nothing else in the environment changes a result: Keras' own
configuration file is neither read nor written.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob

from alcli.core.errors import MissingExtra, SurroundingsError

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # stderr is for our messages
if os.environ.get("ALCLI_DEVICE") == "cpu":
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    os.environ["JAX_PLATFORMS"] = "cpu"


@contextmanager
def _silence() -> Iterator[None]:
    """Keep what C++ libraries say while they load off stderr; errors still raise."""
    saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


@contextmanager
def _without_matplotlib() -> Iterator[None]:
    """Let Keras find no matplotlib: it would write a font cache into HOME."""
    absent = "matplotlib" not in sys.modules
    if absent:
        sys.modules["matplotlib"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if absent:
            del sys.modules["matplotlib"]


os.environ["KERAS_HOME"] = tempfile.mkdtemp(prefix="alcli-keras-")
try:
    with _silence(), _without_matplotlib():
        try:
            import keras
            from keras import ops
        except ImportError as error:
            name = os.environ["KERAS_BACKEND"]
            raise MissingExtra(name, "jax" if name == "jax" else "all") from error

        if keras.backend.backend() == "tensorflow":
            import tensorflow

            for gpu in tensorflow.config.list_physical_devices("GPU"):
                tensorflow.config.experimental.set_memory_growth(gpu, True)
finally:
    shutil.rmtree(os.environ["KERAS_HOME"], ignore_errors=True)

__all__ = ["device", "enough_memory", "keras", "ops", "unused_gpu"]


@contextmanager
def enough_memory(remedy: str) -> Iterator[None]:
    """Turn what any backend raises when memory runs out into a SurroundingsError."""
    try:
        yield
    except Exception as error:
        names = ("ResourceExhaustedError", "OutOfMemoryError", "MemoryError")
        if type(error).__name__ in names or "RESOURCE_EXHAUSTED" in str(error):
            raise SurroundingsError(f"out of memory; {remedy}") from error
        raise


def unused_gpu() -> str | None:
    """Return a line for people where there is a GPU that the backend cannot use."""
    if keras.distribution.list_devices("gpu") or not glob("/dev/nvidia[0-9]*"):
        return None
    if os.environ.get("ALCLI_DEVICE") == "cpu":
        return None
    name = keras.backend.backend()
    extra = "jax" if name == "jax" else "gpu"
    return f"there is a GPU that {name} cannot use; run: pip install 'alcli[{extra}]'"


def device() -> str:
    """Return what computes, for people: backend and device."""
    gpus = keras.distribution.list_devices("gpu")
    return f"{keras.backend.backend()} on {', '.join(gpus) if gpus else 'cpu'}"
