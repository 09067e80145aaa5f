"""The one door to Keras, and to the package that computes for it.

`KERAS_BACKEND` names that package (tensorflow, jax, torch), `ALCLI_DEVICE` the device
(`cpu` keeps off a GPU). Nothing else in the environment changes a result: Keras' own
configuration file is neither read nor written.
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob

from alcli.core.errors import MissingExtra, SurroundingsError, UsageError

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
if os.environ["KERAS_BACKEND"] not in ("tensorflow", "jax", "torch"):
    raise UsageError("KERAS_BACKEND: expected tensorflow, jax or torch")
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
def _without(*packages: str) -> Iterator[None]:
    """Let Keras find none of these while it loads, though it uses what it finds."""
    absent = [name for name in packages if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


os.environ["KERAS_HOME"] = os.devnull  # no folder: nothing to read, nowhere to write
_name = os.environ["KERAS_BACKEND"]
# Matplotlib would write a font cache into HOME, scikit-learn takes half a second,
# TensorFlow two where another backend computes
_unused = {"matplotlib", "sklearn", "tensorflow"} - {_name}
with _silence(), _without(*_unused):
    try:
        import keras
        from keras import ops
    except ImportError as error:
        raise MissingExtra(_name, "jax" if _name == "jax" else None) from error

    if keras.backend.backend() == "tensorflow":
        import tensorflow

        logging.getLogger("tensorflow").setLevel(logging.ERROR)
        for gpu in tensorflow.config.list_physical_devices("GPU"):
            tensorflow.config.experimental.set_memory_growth(gpu, True)
    else:  # on the first such call Keras looks for TensorFlow, and not again
        keras.saving.serialize_keras_object(keras.DTypePolicy("float32"))

__all__ = ["any_width", "device", "enough_memory", "keras", "ops", "unused_gpu"]


def any_width() -> bool:
    """Say whether one program runs on batches of every width; else each costs one."""
    return bool(keras.backend.backend() != "jax")


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
    if _gpus() or not glob("/dev/nvidia[0-9]*"):
        return None
    if os.environ.get("ALCLI_DEVICE") == "cpu":
        return None
    name = keras.backend.backend()
    extra = "jax" if name == "jax" else "gpu"
    return f"there is a GPU that {name} cannot use; run: pip install 'alcli[{extra}]'"


def device() -> str:
    """Return what computes, for people: backend and device."""
    gpus = _gpus()
    return f"{keras.backend.backend()} on {', '.join(gpus) if gpus else 'cpu'}"


def _gpus() -> list[str]:
    if keras.backend.backend() == "torch":
        import torch  # type: ignore[import-not-found]

        return [f"gpu:{number}" for number in range(torch.cuda.device_count())]
    try:
        return list(keras.distribution.list_devices("gpu"))
    except RuntimeError:  # JAX's way to say that there is none
        return []
