"""Collectors: objects that accumulate state over the blocks of their inputs."""

from typing import Protocol

from alcli.core.step import Block, Result


class Collector(Protocol):
    """Object to which blocks are added in order, and which has a result afterwards.

    The ledger of votes, the selectors, a training set and an evaluation are collectors.
    """

    def add(self, block: Block) -> Result:
        """Add the records of a block; return their counts.

        Raises:
            InputError: a record is invalid; the state is as before the call.
        """
        ...
