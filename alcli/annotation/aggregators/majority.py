"""Every vote counts the same; the belief in a label is its share of the votes."""

from alcli.annotation.aggregators import Beliefs, Votes


def majority(votes: Votes) -> Beliefs:
    """Return the shares of the votes, (items, C); annotators are not judged."""
    return votes.shares(), None
