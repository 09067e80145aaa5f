"""Expected gradient length of word vectors (Zhang, Lease & Wallace, 2017)."""

from alcli.core.types import Floats
from alcli.query.signals import signal


@signal("word_gradient_norms")
def egl_word(word_gradient_norms: Floats) -> Floats:
    """Return max_w sum_c p_c ||d(-log p_c) / d vector of w|| over a text's words w.

    0 for a text without known words.
    """
    return word_gradient_norms.max(axis=1, initial=0)
