"""Random sampling: every record is equally likely."""

from alcli.core.types import Floats
from alcli.query.strategies import Scored, pointwise


@pointwise()
def random(scored: Scored) -> Floats:
    """Return a random number of seed and id alone."""
    return scored.noise
