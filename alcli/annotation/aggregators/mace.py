"""MACE: competence of annotators by variational EM with restarts."""

import numpy as np

from alcli.annotation.aggregators import Beliefs, Floats, Votes, run_em
from alcli.core.params import check_range

_COMPETENCE, _HABIT = 0.5, 10.0  # the paper's prior counts, Beta and Dirichlet


def mace(
    votes: Votes,
    *,
    restarts: int = 10,
    iterations: int = 50,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> Beliefs:
    """Return beliefs, (items, C), and the competence of annotators.

    Hovy et al. (2013), section 3: an annotator knows the answer, or else guesses from a
    distribution of his own. The priors are crowd-kit's. The first start has equal
    competences, the others random ones; the result of highest likelihood is kept.

    iterations, tolerance: see `run_em`. seed: of the restarts.
    """
    check_range(restarts >= 1, "restarts", restarts, "1 or more")
    kind = _kinds(votes)
    best: tuple[float, Floats, Floats] | None = None
    for restart in range(restarts):
        rng = np.random.default_rng([seed, restart])
        competence = rng.uniform(0.2, 0.8, kind.max(initial=0) + 1)[kind]
        model = _Model(votes, competence if restart else np.full(len(kind), 0.5))
        beliefs, _ = votes.posterior(model.logs())
        beliefs, likelihood = run_em(
            votes, model.step, beliefs, iterations=iterations, tolerance=tolerance
        )
        margin = tolerance * len(votes.item)  # a smaller gain is the same optimum
        if best is None or likelihood > best[0] + margin:
            best = likelihood, beliefs, model.knows / (model.knows + model.guesses)
    assert best is not None
    return best[1], votes.mean_by_annotator(best[2][votes.annotator])


class _Model:
    """Model; knows, guesses: (annotators,); habit: guesses, (annotators, C)."""

    def __init__(self, votes: Votes, knows: Floats) -> None:
        self.votes, self.knows, self.guesses = votes, knows, 1 - knows
        share = 1 / max(1, votes.classes)
        self.habit = np.full((votes.annotators, votes.classes), share)
        self.place = votes.annotator.astype(np.int64) * votes.classes + votes.label

    def logs(self) -> Floats:
        """Return log p(votes, class), (items, C)."""
        votes = self.votes
        guessed = (self.guesses[:, None] * self.habit).ravel()[self.place]
        known = self.knows[votes.annotator]
        self.knew = known / (known + guessed)  # if that label is right
        every = np.bincount(votes.item, np.log(guessed), votes.items)[:, None]
        right = votes.sum_by_class(np.log1p(known / guessed))
        found: Floats = right + every - np.log(max(1, votes.classes))
        return found

    def step(self, beliefs: Floats) -> Floats:
        from scipy.special import digamma

        votes = self.votes
        knew = beliefs.ravel()[votes.cells] * self.knew  # (votes,)
        knowing = np.bincount(votes.annotator, knew, votes.annotators)
        habit = np.bincount(self.place, 1 - knew, self.habit.size)
        habit = habit.reshape(self.habit.shape)
        guessing = habit.sum(axis=1)
        total = digamma(knowing + guessing + 2 * _COMPETENCE)
        self.knows = np.exp(digamma(knowing + _COMPETENCE) - total)
        self.guesses = np.exp(digamma(guessing + _COMPETENCE) - total)
        habit += _HABIT
        self.habit = np.exp(digamma(habit) - digamma(habit.sum(axis=1, keepdims=True)))
        return self.logs()


def _kinds(votes: Votes) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Number annotators by their votes and their agreement with the others.

    Random restarts use these numbers, so they do not depend on names and order.
    """
    shares = votes.shares().ravel()[votes.cells]
    means = np.nan_to_num(votes.mean_by_annotator(shares)).round(9)
    number = np.bincount(votes.annotator, minlength=votes.annotators)
    kinds = np.unique(np.stack([-number, means]), axis=1, return_inverse=True)[1]
    return kinds.ravel()
