"""How far a label would move the vector of a word (Zhang, Lease & Wallace, 2017)."""

from alcli.query.signals import Floats, signal


@signal("slopes")
def egl_word(slopes: Floats) -> Floats:
    """Return max_w sum_c p_c ||d(-log p_c) / d vector of w|| over a text's words w.

    Of a text without known words, 0.
    """
    return slopes.max(axis=1, initial=0)
