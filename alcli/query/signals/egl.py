"""Expected gradient length of the last layer (Settles, Craven & Ray, 2008)."""

from alcli.core.types import Floats
from alcli.numerics.gradients import expected_gradient_length
from alcli.query.signals import signal


@signal("probs", "last_layer_norm")
def egl(probs: Floats, last_layer_norm: Floats) -> Floats:
    """Return sum_c p_c ||p - e_c|| sqrt(||h||^2 + 1): expected gradient length.

    h is the input of a softmax layer with a bias (of a linear model: the features), for
    which this is exact. After `train --calibrate temperature` it is that of the
    calibrated loss, times the temperature.
    """
    return expected_gradient_length(probs, last_layer_norm)
