"""Compiled functions of a network: prediction, training step, gradient."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.core.types import Float32s, Floats, Indices
from alcli.models.backend import keras, ops

if keras.backend.backend() == "tensorflow":
    import tensorflow
    from tensorflow.python.eager import context


class CompiledPredict:
    """Compiled prediction of a network: input rows -> outputs, (n, d) each.

    model: a network with one input. widths: number of columns of each output.
    """

    def __init__(self, model: keras.Model) -> None:
        self.widths = [output.shape[-1] for output in model.outputs]
        self._predict = model.predict_on_batch
        if keras.backend.backend() == "tensorflow":
            # one graph for all shapes; Keras' own is traced again for new shapes
            [rows] = model.inputs
            self._predict = tensorflow.function(
                lambda rows: model(rows, training=False),
                input_signature=[tensorflow.TensorSpec(rows.shape, rows.dtype)],
                autograph=False,
            )

    def __call__(self, rows: NDArray[Any]) -> list[Float32s]:
        """Return an array for each output, (n, d), from input rows, (n, width)."""
        found = self._predict(rows)
        parts = found if len(self.widths) > 1 else [found]
        return [ops.convert_to_numpy(part) for part in parts]


class TrainStep:
    """Compiled training step: one optimiser update on the weighted cross-entropy."""

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
        targets: Indices,
        weights: Floats,
    ) -> float:
        """Update the weights; return the loss before the update.

        rows: word indices, (n, width). targets: class indices, (n,). weights: sample
        weights, (n,).
        """
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


def clear_kernel_cache() -> None:
    """Free TensorFlow's cache of compiled kernels, which keeps those of dead networks.

    Kernels still in use are compiled again. Keras' `clear_session` clears this cache
    too, but resets the caller's settings.
    """
    if keras.backend.backend() == "tensorflow":
        context.context().clear_kernel_cache()


def compile_gradient(model: keras.Model) -> Callable[..., Float32s]:
    """Return the compiled gradient of a network's output in its second input.

    model: a network of two inputs; each output row must depend on the same input rows
    alone. The function takes `(first, second, number)`, with number the index of an
    output column, and returns d output[:, number] / d second, of the shape of second.
    """
    name = keras.backend.backend()
    if name == "tensorflow":
        gradient = _tensorflow_gradient(model)
    elif name == "jax":
        gradient = _jax_gradient(model)
    else:
        gradient = _torch_gradient(model)
    return lambda *arrays: ops.convert_to_numpy(gradient(*arrays))


def _tensorflow_gradient(model: keras.Model) -> Callable[..., Any]:
    def gradient(first: Any, second: Any, number: Any) -> Any:
        with tensorflow.GradientTape() as tape:
            tape.watch(second)
            output = model([first, second], training=False)
            column = tensorflow.gather(output, number, axis=1)
        return tape.gradient(column, second)

    signature = [tensorflow.TensorSpec(x.shape, x.dtype) for x in model.inputs]
    signature.append(tensorflow.TensorSpec((), "int32"))
    return tensorflow.function(gradient, input_signature=signature, autograph=False)  # type: ignore[no-any-return]


def _jax_gradient(model: keras.Model) -> Callable[..., Any]:
    import jax  # type: ignore[import-not-found]

    def column_sum(second: Any, first: Any, number: Any, *values: Any) -> Any:
        found, _ = model.stateless_call(*values, [first, second], training=False)
        return found[:, number].sum()

    gradient = jax.jit(jax.grad(column_sum))
    kinds = (model.trainable_variables, model.non_trainable_variables)
    values = [[variable.value for variable in kind] for kind in kinds]
    return lambda first, second, number: gradient(second, first, number, *values)


def _torch_gradient(model: keras.Model) -> Callable[..., Any]:
    import torch  # type: ignore[import-not-found]

    def gradient(first: Any, second: Any, number: int) -> Any:
        vectors = ops.convert_to_tensor(second).requires_grad_()
        found = model([ops.convert_to_tensor(first), vectors], training=False)
        return torch.autograd.grad(found[:, number].sum(), vectors)[0]

    return gradient
