"""By chance: every record is as likely as any other."""

from alcli.query.strategies import Floats, Scored, pointwise


@pointwise()
def random(scored: Scored) -> Floats:
    """Return a number that depends on the seed and the record's id alone."""
    return scored.noise
