"""Random sampling: every record is equally likely."""

from alcli.core.types import Floats
from alcli.query.strategies import Scored, pointwise


@pointwise()
def random(scored: Scored) -> Floats:
    """Return a number that depends on the seed and the record's id alone."""
    return scored.noise
