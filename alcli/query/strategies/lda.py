"""Largest entropy within each LDA topic, topics in proportion to their size."""

from alcli.core.types import Floats
from alcli.numerics.uncertainty import entropy
from alcli.query.strategies import Scored, pointwise


@pointwise("probs", stratify="topic")
def lda(scored: Scored) -> Floats:
    """Return the entropy; topics share the batch in proportion to their sizes.

    The LDA-sampling study on MirasOpinion: n * |U_t| / |U| records of topic t, by
    largest remainder, U the unlabelled records.
    """
    return entropy(scored.probs)
