"""Settings of `topics`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from alcli.core.settings import seed_setting, setting
from alcli.features.topics.methods import methods


@dataclass(frozen=True)
class TopicSettings:
    """Method, inputs and log of a fit of topics, or of an assignment of saved ones.

    method, subsample, seed: without effect on saved topics.
    """

    method: str = setting(
        "lda", plugins=methods, help="Topic or cluster method, listed below."
    )
    load: str | None = setting(
        None, file=True, help="Assign the topics that --save wrote to FILE."
    )
    vectors: tuple[str, ...] = setting(
        (),
        file=True,
        help="Arrow file of vectors by id, from `alcli score --vectors`, for cluster "
        "methods (repeatable).",
    )
    subsample: int | None = setting(
        None, metavar="N", minimum=1, help="Fit on a random sample of N records."
    )
    words: int = setting(
        0,
        metavar="N",
        minimum=0,
        show_default=False,
        help="Log the N most probable words of each topic on stderr.",
    )
    seed: int = seed_setting()


class TopicParameters(TypedDict, total=False):
    """Parameters of the methods, for editors; a method of one's own may have others."""

    # lda
    topics: int
    max_iter: int  # kmeans, too
    learning_offset: float
    learning_decay: float
    min_count: int
    max_share: float
    stopwords: str
    # kmeans
    clusters: int
    # dbscan
    eps: float
    min_samples: int  # hdbscan, too
    # hdbscan
    min_cluster_size: int
    epsilon: float
