"""What a backend compiles of a network: asking it, a step of training, its slope."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.models.backend import keras, ops

if keras.backend.backend() == "tensorflow":
    import tensorflow
    from tensorflow.python.eager import context


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


def forget() -> None:
    """Free what TensorFlow keeps of every program that ran, of networks long gone too.

    What is still asked for is made again. Keras' `clear_session` does this as well, but
    forgets the settings of whoever called us.
    """
    if keras.backend.backend() == "tensorflow":
        context.context().clear_kernel_cache()


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
