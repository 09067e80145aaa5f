"""Random records, equally many of each topic: for a first batch."""

from alcli.core.types import Floats
from alcli.query.strategies import Scored, pointwise


@pointwise(stratify="topic", shares="equal")
def per_topic(scored: Scored) -> Floats:
    """Return a random number of seed and id alone."""
    return scored.noise
