"""How far a label would move the last layer (Settles, Craven & Ray, 2008)."""

from alcli.metrics.gradients import expected_length
from alcli.signals import Floats, signal


@signal("probs", "vectors")
def egl(probs: Floats, vectors: Floats) -> Floats:
    """Return sum_c p_c ||p - e_c|| sqrt(||h||^2 + 1): expected gradient length.

    Exact for a softmax layer with a bias. After `train --calibrate temperature` it is
    that of the calibrated loss, times the temperature.
    """
    return expected_length(probs, vectors)
