"""Random records, equally many of each topic: for a first batch."""

from alcli.core.types import Floats
from alcli.query.strategies import Scored, pointwise


@pointwise(stratify="topic", shares="equal")
def per_topic(scored: Scored) -> Floats:
    """Return a number that depends on the seed and the record's id alone."""
    return scored.noise
