"""Keras and its backend: the only module that imports them.

`KERAS_BACKEND` selects the backend (tensorflow, jax or torch), `ALCLI_DEVICE=cpu`
disables GPUs. Nothing else in the environment changes a result: Keras' configuration
file is neither read nor written.
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
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # leaves stderr to our messages
if os.environ.get("ALCLI_DEVICE") == "cpu":
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    os.environ["JAX_PLATFORMS"] = "cpu"


@contextmanager
def _silence() -> Iterator[None]:
    """Discard stderr, on which C++ libraries write while they load.

    The file descriptor is redirected, for they do not write through `sys.stderr`.
    """
    saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


@contextmanager
def _hide_packages(*packages: str) -> Iterator[None]:
    """Hide packages from Keras, which imports every optional one that it finds."""
    absent = [name for name in packages if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


# not a folder, so that Keras neither reads nor writes a configuration file
os.environ["KERAS_HOME"] = os.devnull
_name = os.environ["KERAS_BACKEND"]
# Matplotlib would write a font cache into HOME; scikit-learn takes half a second to
# import, and TensorFlow two seconds where it is not the backend.
_unused = {"matplotlib", "sklearn", "tensorflow"} - {_name}
with _silence(), _hide_packages(*_unused):
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
    else:  # the first call imports TensorFlow if it can; later ones do not try
        keras.saving.serialize_keras_object(keras.DTypePolicy("float32"))

__all__ = [
    "accepts_any_width",
    "describe_device",
    "explain_out_of_memory",
    "keras",
    "ops",
    "unused_gpu_warning",
]


def accepts_any_width() -> bool:
    """Return True if one compiled program accepts batches of every width.

    JAX compiles one for each width, so there the number of widths must stay small.
    """
    return bool(keras.backend.backend() != "jax")


@contextmanager
def explain_out_of_memory(remedy: str) -> Iterator[None]:
    """Convert the out-of-memory errors of all backends to a SurroundingsError.

    remedy: end of the message, an imperative.

    Raises:
        SurroundingsError: the memory of the device or of the machine ran out.
    """
    try:
        yield
    except Exception as error:
        names = ("ResourceExhaustedError", "OutOfMemoryError", "MemoryError")
        if type(error).__name__ in names or "RESOURCE_EXHAUSTED" in str(error):
            raise SurroundingsError(f"out of memory; {remedy}") from error
        raise


def unused_gpu_warning() -> str | None:
    """Return a warning if the machine has a GPU that the backend cannot use."""
    if _gpus() or not glob("/dev/nvidia[0-9]*"):
        return None
    if os.environ.get("ALCLI_DEVICE") == "cpu":
        return None
    name = keras.backend.backend()
    extra = "jax" if name == "jax" else "gpu"
    return f"{name} cannot use the GPU; run: pip install 'alcli[{extra}]'"


def describe_device() -> str:
    """Return the backend and its devices as text, such as `tensorflow on cpu`."""
    gpus = _gpus()
    return f"{keras.backend.backend()} on {', '.join(gpus) if gpus else 'cpu'}"


def _gpus() -> list[str]:
    if keras.backend.backend() == "torch":
        import torch  # type: ignore[import-not-found]

        return [f"gpu:{number}" for number in range(torch.cuda.device_count())]
    try:
        return list(keras.distribution.list_devices("gpu"))
    except RuntimeError:  # raised by JAX if there is none
        return []
