"""Share of the votes; all annotators have equal weights."""

from alcli.annotation.aggregators import Beliefs, Votes


def majority(votes: Votes) -> Beliefs:
    """Return the shares of the votes, (items, C), and no quality of annotators."""
    return votes.shares(), None
