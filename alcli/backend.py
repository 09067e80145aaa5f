"""The one door to Keras, and to the package that computes for it.

`KERAS_BACKEND` names that package (tensorflow, jax, torch), `ALCLI_DEVICE` the device
(`cpu` keeps off a GPU). Nothing else in the environment changes a result: Keras' own
configuration file is neither read nor written.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from glob import glob
from typing import Any

import numpy as np
from numpy.typing import NDArray

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

        for gpu in tensorflow.config.list_physical_devices("GPU"):
            tensorflow.config.experimental.set_memory_growth(gpu, True)
    else:  # on the first such call Keras looks for TensorFlow, and not again
        keras.saving.serialize_keras_object(keras.DTypePolicy("float32"))

__all__ = [
    "Asker",
    "Stepper",
    "any_width",
    "device",
    "enough_memory",
    "keras",
    "ops",
    "slope_of",
    "unused_gpu",
]


def any_width() -> bool:
    """Say whether one program runs on batches of every width; else each costs one."""
    return bool(keras.backend.backend() != "jax")


class Asker:
    """A network to be asked: rows of its only input -> its outputs, (n, d) each.

    TensorFlow's graph is built once, for all shapes; Keras' own would be built anew.
    """

    def __init__(self, model: keras.Model) -> None:
        self.widths = [output.shape[-1] for output in model.outputs]
        self._ask = model.predict_on_batch
        if keras.backend.backend() == "tensorflow":
            [rows] = model.inputs
            self._ask = tensorflow.function(
                lambda rows: model(rows, training=False),
                input_signature=[tensorflow.TensorSpec(rows.shape, rows.dtype)],
                autograph=False,
            )

    def __call__(self, rows: NDArray[Any]) -> list[NDArray[np.float32]]:
        """Return an array for each output."""
        found = self._ask(rows)
        parts = found if len(self.widths) > 1 else [found]
        return [ops.convert_to_numpy(part) for part in parts]


class Stepper:
    """A network in training: one step of an optimiser on the weighted cross-entropy."""

    def __init__(self, model: keras.Model, optimizer: keras.Optimizer) -> None:
        self.optimizer = optimizer
        loss = keras.losses.SparseCategoricalCrossentropy()
        if keras.backend.backend() == "tensorflow":
            self._step = _tensorflow_step(model, optimizer, loss)
        else:
            model.compile(optimizer, loss)
            self._step = lambda rows, targets, weights: model.train_on_batch(
                rows, targets, sample_weight=weights
            )

    def __call__(
        self,
        rows: NDArray[np.int32],
        targets: NDArray[np.intp],
        weights: NDArray[np.float64],
    ) -> float:
        """Return the loss before the step; rows (n, width), the others (n,)."""
        return float(
            self._step(rows, targets.astype(np.int32), weights.astype(np.float32))
        )


def _tensorflow_step(
    model: keras.Model, optimizer: keras.Optimizer, loss: keras.Loss
) -> Callable[..., Any]:
    optimizer.build(model.trainable_variables)
    scale = getattr(optimizer, "scale_loss", lambda value: value)

    def step(rows: Any, targets: Any, weights: Any) -> Any:
        with tensorflow.GradientTape() as tape:
            value = loss(targets, model(rows, training=True), sample_weight=weights)
            value += sum(model.losses)  # of regularisers
            scaled = scale(value)
        variables = [variable.value for variable in model.trainable_variables]
        optimizer.apply(tape.gradient(scaled, variables), model.trainable_variables)
        return value

    signature = [
        tensorflow.TensorSpec((None, None), "int32"),
        tensorflow.TensorSpec((None,), "int32"),
        tensorflow.TensorSpec((None,), "float32"),
    ]
    made: Callable[..., Any] = tensorflow.function(
        step, input_signature=signature, autograph=False
    )
    return made


def slope_of(model: keras.Model) -> Callable[..., NDArray[np.float32]]:
    """Return d output[:, number] / d second, for a network of two inputs.

    The function takes `(first, second, number)`, and returns the shape of the second. A
    row of the output must depend on the same row of the inputs alone.
    """
    name = keras.backend.backend()
    if name == "tensorflow":
        slope = _tensorflow_slope(model)
    elif name == "jax":
        slope = _jax_slope(model)
    else:
        slope = _torch_slope(model)
    return lambda *arrays: ops.convert_to_numpy(slope(*arrays))


def _tensorflow_slope(model: keras.Model) -> Callable[..., Any]:
    def slope(first: Any, second: Any, number: Any) -> Any:
        with tensorflow.GradientTape() as tape:
            tape.watch(second)
            told = model([first, second], training=False)
            told = tensorflow.gather(told, number, axis=1)
        return tape.gradient(told, second)

    signature = [tensorflow.TensorSpec(x.shape, x.dtype) for x in model.inputs]
    signature.append(tensorflow.TensorSpec((), "int32"))
    return tensorflow.function(slope, input_signature=signature, autograph=False)  # type: ignore[no-any-return]


def _jax_slope(model: keras.Model) -> Callable[..., Any]:
    import jax  # type: ignore[import-not-found]

    def told(second: Any, first: Any, number: Any, *values: Any) -> Any:
        found, _ = model.stateless_call(*values, [first, second], training=False)
        return found[:, number].sum()

    slope = jax.jit(jax.grad(told))
    kinds = (model.trainable_variables, model.non_trainable_variables)
    values = [[variable.value for variable in kind] for kind in kinds]
    return lambda first, second, number: slope(second, first, number, *values)


def _torch_slope(model: keras.Model) -> Callable[..., Any]:
    import torch  # type: ignore[import-not-found]

    def slope(first: Any, second: Any, number: int) -> Any:
        vectors = ops.convert_to_tensor(second).requires_grad_()
        found = model([ops.convert_to_tensor(first), vectors], training=False)
        return torch.autograd.grad(found[:, number].sum(), vectors)[0]

    return slope


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
        import torch

        return [f"gpu:{number}" for number in range(torch.cuda.device_count())]
    try:
        return list(keras.distribution.list_devices("gpu"))
    except RuntimeError:  # JAX's way to say that there is none
        return []
