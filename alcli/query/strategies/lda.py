"""Largest entropy within each LDA topic, topics in proportion to their size."""

from alcli.core.types import Floats
from alcli.numerics.uncertainty import entropy
from alcli.query.strategies import Scored, pointwise


@pointwise("probs", stratify="topic")
def lda(scored: Scored) -> Floats:
    """Return the entropy; each topic gives its share of the unlabelled records.

    The LDA-sampling study on MirasOpinion: n * |U_t| / |U| records of topic t, by
    largest remainder.
    """
    return entropy(scored.probs)
