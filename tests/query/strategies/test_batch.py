"""Batch strategies, against slow and simple versions of their definitions."""

import json
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import minimize

from alcli.annotation.aggregators import Votes
from alcli.annotation.aggregators.crowdlab import crowdlab, relabel_score
from alcli.core.errors import BadParameter
from alcli.features.vector_files import vector_writer
from alcli.numerics.k_means import k_means
from alcli.query.strategies import Pool, Scored, lookup
from tests.query.strategies.pools import pool_of

SEEDS = pytest.mark.parametrize("seed", range(6))


def made(seed, **sizes):
    return pool_of(np.random.default_rng(seed), **sizes)


def selected(strategy, pool, n, **params):
    rows = lookup(strategy)(pool, n, np.random.default_rng(5), **params)
    return rows.tolist()


def distance(x, y):
    return float(np.sqrt(np.square(x.astype(float) - y.astype(float)).sum()))


def cosine(x, y):
    return float(x @ y / np.linalg.norm(x) / np.linalg.norm(y))


def entropy(p):
    return -sum(value * np.log(value) for value in p if value)


def best_first(utility, n):
    return sorted(range(len(utility)), key=lambda row: -utility[row])[:n]


@SEEDS
@pytest.mark.parametrize("labelled", [0, 9])
def test_core_set_takes_the_farthest_from_all_centres(seed, labelled):
    pool = made(seed, labelled=labelled)
    centres, rows = list(pool.labelled.vectors), []
    for _ in range(12):
        rest = [row for row in range(len(pool)) if row not in rows]
        far = [
            min((distance(pool.vectors[row], c) for c in centres), default=np.inf)
            for row in rest
        ]
        rows.append(rest[int(np.argmax(far))])
        centres.append(pool.vectors[rows[-1]])
    assert selected("core-set", pool, 12) == rows


@SEEDS
@pytest.mark.parametrize("classes", [2, 5])
def test_badge_seeds_k_means_on_whole_gradients(seed, classes):
    pool = made(seed, classes=classes)
    gradients = []
    for p, h in zip(pool.scored.probs, pool.vectors, strict=True):
        a = p.copy()
        a[p.argmax()] -= 1
        gradients.append(np.outer(a, h).ravel())
    rng = np.random.default_rng(5)
    rows = [int(np.argmax([np.linalg.norm(g) for g in gradients]))]
    while len(rows) < 15:
        near = [min(distance(g, gradients[r]) ** 2 for r in rows) for g in gradients]
        share = np.cumsum(near) / sum(near)
        rows.append(int(np.argmax(share > rng.random())))
    assert selected("badge", pool, 15) == rows


@SEEDS
def test_k_means_takes_the_nearest_to_each_centre(seed):
    pool = made(seed)
    centres, homes = k_means(pool.vectors, 8, np.random.default_rng(5))
    found = selected("k-means", pool, 8)
    assert sorted(homes[found]) == list(range(8))
    for row in found:
        own = np.flatnonzero(homes == homes[row])
        far = [distance(pool.vectors[other], centres[homes[row]]) for other in own]
        mine = distance(pool.vectors[row], centres[homes[row]])
        assert mine == pytest.approx(min(far), abs=1e-5)  # of two, both are as near
    sizes = [int(np.sum(homes == homes[row])) for row in found]
    assert sizes == sorted(sizes, reverse=True)


@SEEDS
@pytest.mark.parametrize("references", [1, 30, 1000])
@pytest.mark.parametrize("beta", [0.5, 2.0])
def test_density_is_entropy_times_mean_similarity(seed, references, beta):
    pool = made(seed)
    others = range(min(references, len(pool)))
    utility = []
    for row, p in enumerate(pool.scored.probs):
        like = [
            max(0, cosine(pool.vectors[row], pool.vectors[other]))
            for other in others
            if other != row
        ]
        mean = sum(like) / len(like) if like else 0
        utility.append(entropy(p) * mean**beta)
    found = selected("density", pool, 20, references=references, beta=beta)
    assert found == best_first(utility, 20)


@SEEDS
@pytest.mark.parametrize("labelled", [0, 9])
def test_ranked_batch_weights_uncertainty_and_dissimilarity(seed, labelled):
    pool = made(seed, labelled=labelled)
    old, rest, rows = list(pool.labelled.vectors), list(range(len(pool))), []
    if not labelled:
        mean = [np.mean([distance(x, y) for y in pool.vectors]) for x in pool.vectors]
        rows.append(rest.pop(int(np.argmin(mean))))
        old.append(pool.vectors[rows[0]])
    while len(rows) < 12:
        share = len(rest) / (len(rest) + len(old))
        scores = []
        for row in rest:
            like = [1 / (1 + distance(pool.vectors[row], x)) for x in old]
            doubt = 1 - pool.scored.probs[row].max()
            scores.append(share * (1 - max(like, default=0)) + (1 - share) * doubt)
        rows.append(rest.pop(int(np.argmax(scores))))
        old.append(pool.vectors[rows[-1]])
    assert selected("ranked-batch", pool, 12) == rows


def test_ranked_batch_without_labels_begins_equally_for_every_seed(
    alcli, tmp_path, rng
):
    vectors = rng.normal(size=(31, 4)).astype(np.float32)
    vectors[17] = vectors.mean(axis=0)
    ids = [f"r{row}" for row in range(31)]
    with vector_writer(str(tmp_path / "v.arrow")) as write:
        write(ids, vectors, "m")
    lines = [
        json.dumps({"id": id, "tokens": id, "probs": {"a": 0.5, "b": 0.5}}) + "\n"
        for id in ids
    ]
    (tmp_path / "pool").write_text("".join(lines))
    for seed in "012":
        args = ("-s", "ranked-batch", "-n", "3", "--vectors", "v.arrow", "--seed", seed)
        done = alcli("select", "pool", *args, cwd=tmp_path, check=True)
        assert json.loads(done.stdout.splitlines()[0])["id"] == "r17"


def test_central_record_is_found_on_a_sample(rng):
    pool = pool_of(rng, n=300, labelled=0)
    mean = [np.mean([distance(x, y) for y in pool.vectors[:20]]) for x in pool.vectors]
    assert selected("ranked-batch", pool, 1, references=20) == [int(np.argmin(mean))]


@SEEDS
@pytest.mark.parametrize("neighbours", [1, 4, 100])
def test_cal_compares_with_labelled_neighbours(seed, neighbours):
    pool = made(seed, labelled=13)
    old = pool.labelled
    utility = []
    for x, p in zip(pool.vectors, pool.scored.probs, strict=True):
        far = [distance(x, y) for y in old.vectors]
        near = sorted(range(len(far)), key=far.__getitem__)[:neighbours]
        each = [sum(q * np.log(q / p)) for q in old.scored.probs[near]]
        utility.append(sum(each) / len(each))
    found = selected("cal", pool, 20, neighbours=neighbours)
    assert found == best_first(utility, 20)


@SEEDS
def test_discriminative_takes_rows_least_like_labelled_ones(seed):
    pool = made(seed, n=60)
    rows = []
    for count in (3, 3, 2):
        no = [*pool.labelled.vectors, *pool.vectors[rows]]
        free = [row for row in range(60) if row not in rows]
        yes = pool.vectors[free[: 2 * len(no)]]
        x = np.concatenate([yes, no]).astype(float)
        half = len(x) / 2

        def loss(w, yes=yes, no=no, half=half):
            up = np.logaddexp(0, -(yes @ w[:-1] + w[-1])).mean()
            down = np.logaddexp(0, np.array(no) @ w[:-1] + w[-1]).mean()
            return half * (up + down) + w[:-1] @ w[:-1] / 2

        w = minimize(loss, np.zeros(7), method="BFGS", options={"gtol": 1e-7}).x
        scores = [pool.vectors[row] @ w[:-1] for row in free]
        rows += [free[place] for place in best_first(scores, count)]
    assert selected("discriminative", pool, 8, rounds=3, factor=2) == rows


@SEEDS
def test_cluster_margin_goes_round_robin(seed):
    pool = made(seed)
    _, homes = k_means(pool.vectors, 4, np.random.default_rng(5))
    lead = [np.subtract(*np.sort(p)[-2:][::-1]) for p in pool.scored.probs]
    unsure = sorted(range(len(pool)), key=lead.__getitem__)[:30]
    piles = {}
    for row in unsure:
        piles.setdefault(int(homes[row]), []).append(row)
    turn = sorted(piles, key=lambda home: (len(piles[home]), home))
    rows = []
    while len(rows) < 10:
        for home in turn:
            if piles[home]:
                rows.append(piles[home].pop(0))
    found = selected("cluster-margin", pool, 10, clusters=4, candidates=3)
    assert found == rows[:10]


@SEEDS
@pytest.mark.parametrize("labelled", [0, 9])
def test_typiclust_takes_typical_rows_of_unlabelled_clusters(seed, labelled):
    pool = made(seed, labelled=labelled)
    k = min(labelled + 10, 12)
    centres, homes = k_means(pool.vectors, k, np.random.default_rng(5))
    marks = [0] * k
    for x in pool.labelled.vectors:
        marks[int(np.argmin([distance(x, c) for c in centres]))] += 1
    piles = {}
    for home in range(k):
        own = np.flatnonzero(homes == home).tolist()
        spread = {}
        for row in own:
            far = sorted(
                distance(pool.vectors[row], pool.vectors[other])
                for other in own
                if other != row
            )[:3]
            spread[row] = sum(far) / len(far) if far else 0
        piles[home] = sorted(own, key=spread.__getitem__)
    sizes = {home: len(pile) for home, pile in piles.items()}
    rows = []
    for _ in range(10):
        home = min(
            (home for home in piles if piles[home]),
            key=lambda home: (sizes[home] <= 5, marks[home], -sizes[home], home),
        )
        rows.append(piles[home].pop(0))
        marks[home] += 1
    assert selected("typiclust", pool, 10, clusters=12, neighbours=3) == rows


@SEEDS
@pytest.mark.parametrize("delta", [0.5, 2.0, 3.0, 9.0])
def test_prob_cover_covers_the_most_uncovered_rows(seed, delta):
    pool = made(seed)
    x = pool.vectors
    ball = [
        {y for y in range(80) if distance(x[row], x[y]) <= delta} for row in range(80)
    ]
    old = pool.labelled.vectors
    bare = {row for row in range(80) if min(distance(x[row], y) for y in old) > delta}
    rows = []
    while len(rows) < 12:
        rest = [row for row in range(80) if row not in rows]
        gain = [len(ball[row] & bare) for row in rest]
        rows.append(rest[int(np.argmax(gain))])  # of equal ones, and of none, the first
        bare -= ball[rows[-1]]
    assert selected("prob-cover", pool, 12, delta=delta) == rows


@SEEDS
def test_prob_cover_finds_the_radius_of_pure_balls(seed):
    from alcli.query.strategies.prob_cover import _radius

    x = made(seed).vectors
    reach = np.sqrt(_radius(x, 3, 0.9, np.random.default_rng(5)))
    _, homes = k_means(x, 3, np.random.default_rng(5))

    def purity(delta):
        far = np.linalg.norm(x[:, None] - x, axis=2)
        return np.mean([len(set(homes[far[row] <= delta])) == 1 for row in range(80)])

    assert purity(reach - 1e-4) >= 0.9 > purity(reach + 1e-4)


@SEEDS
@pytest.mark.parametrize("strategy", ["margin", "core-set", "badge"])
def test_anchor_applies_a_strategy_near_labelled_records(seed, strategy):
    pool = made(seed)
    old = pool.labelled
    anchors = [row for row in range(9) if old.labels[row] in range(3)]
    near = set()
    for anchor in anchors:  # fewer than 10 a class: all of them
        far = [distance(x, old.vectors[anchor]) for x in pool.vectors]
        near |= set(sorted(range(80), key=far.__getitem__)[: 27 // 9])
    part = pool.take(np.array(sorted(near)))
    if strategy == "margin":
        lead = [np.subtract(*np.sort(p)[-2:][::-1]) for p in part.scored.probs]
        inner = sorted(range(len(part)), key=lead.__getitem__)[:5]
    else:
        rng = np.random.default_rng(5)
        rng.random(sum(max(0, np.sum(old.labels == c) - 1) for c in range(3)))
        inner = lookup(strategy)(part, 5, rng).tolist()
    found = selected("anchor", pool, 5, size=27, then=strategy)
    assert found == [sorted(near)[row] for row in inner]


def test_anchor_refuses_strategies_with_other_needs():
    with pytest.raises(BadParameter, match="then=cal: needs labelled-probs"):
        selected("anchor", made(0), 5, then="cal")


@SEEDS
def test_expected_error_averages_over_labels(seed):
    pool = made(seed)
    old, some = pool.labelled, pool.vectors[:25]
    width = np.mean([distance(x, y) ** 2 for x in some for y in old.vectors])

    def kernel(x, y):
        return np.exp(-(distance(x, y) ** 2) / width)

    def error(known):
        errors = []
        for x in some:
            votes = np.full(3, 1 / 3)
            for y, label in known:
                votes[label] += kernel(x, y)
            errors.append(1 - votes.max() / votes.sum())
        return sum(errors)

    known = list(zip(old.vectors, old.labels.tolist(), strict=True))
    utility = [
        -sum(p[c] * error([*known, (x, c)]) for c in range(3))
        for x, p in zip(pool.vectors[:20], pool.scored.probs[:20], strict=True)
    ]
    found = selected("expected-error", pool, 7, candidates=20, references=25)
    assert found == best_first(utility, 7)


@SEEDS
@pytest.mark.parametrize("labelled", [0, 9])
def test_balanced_equalises_predicted_classes(seed, labelled):
    pool = made(seed, labelled=labelled)
    counts = [int(np.sum(pool.labelled.labels == c)) for c in range(3)]
    homes, rows = pool.scored.probs.argmax(axis=1).tolist(), []
    for _ in range(20):
        rest = [row for row in range(80) if row not in rows]
        rows.append(min(rest, key=lambda row: (counts[homes[row]], row)))
        counts[homes[rows[-1]]] += 1
    assert selected("balanced", pool, 20) == rows


@SEEDS
def test_active_lab_ranks_labelled_and_new_records_together(seed):
    """Goh & Mueller (2023), equations 1 to 3, record by record."""
    pool = made(seed)
    probs, votes = pool.scored.probs, pool.votes
    said = [{} for _ in range(80)]
    for item, who, label in zip(votes.item, votes.annotator, votes.label, strict=True):
        said[item][int(who)] = int(label)
    shared = [row for row in range(80) if len(said[row]) > 1]
    most = {}
    for row in shared:
        tally = [
            list(said[row].values()).count(c) + probs[row][c] / 2 for c in range(3)
        ]
        most[row] = int(np.argmax(tally))
    usual = 1 - max(np.mean([most[r] == c for r in shared]) for c in range(3))
    weights = []
    for who in range(4):
        pairs = [
            said[row][who] == label
            for row in shared
            for other, label in said[row].items()
            if who in said[row] and other != who
        ]
        weights.append(max(1e-6, 1 - (1 - np.mean(pairs)) / usual))
    wrong = 1 - np.mean([probs[row].argmax() == most[row] for row in shared])
    number = np.mean([len(one) for one in said if one])
    model = max(1e-6, 1 - wrong / usual) * np.sqrt(number)
    agree = np.mean(
        [np.mean([c == most[row] for c in said[row].values()]) for row in shared]
    )
    scores = []
    for row in range(80):
        total = sum(weights[who] for who in said[row])
        belief = model * probs[row]
        for who, label in said[row].items():
            other = np.full(3, (1 - agree) / 2)
            other[label] = agree
            belief = belief + weights[who] * other
        sure = max(belief) / (model + total) if said[row] else max(probs[row])
        mean = np.mean(weights)
        scores.append((sure * (total + model) + mean / 3) / (total + model + mean))
    found = selected("active-lab", pool, 20)
    assert found == best_first(-np.array(scores), 20)
    again = sum(bool(said[row]) for row in found)
    assert 0 < again < 20  # of both


def test_active_lab_relabels_disputed_records_first():
    probs = np.repeat([[0.9, 0.1]], 40, axis=0)
    said = [(row, who, 0) for row in range(20) for who in range(3)]
    said[2] = (0, 2, 1)  # one of three against the others and the model
    columns = [np.array(column, np.int32) for column in zip(*said, strict=True)]
    votes = Votes(*columns, 40, 3, 2, None, probs)
    pool = Pool(Scored([str(i) for i in range(40)], probs), probs, None, None, votes)
    found = selected("active-lab", pool, 40)
    assert found == [0, *range(20, 40), *range(1, 20)]  # disputed, not asked, agreed


def test_active_lab_trusts_single_votes_by_predicted_probability():
    """By hand, (2 p + 1/2) / 3 with a vote and (p1 + 1/2) / 2 without; cleanlab's."""
    probs = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.95, 0.05], [0.3, 0.7]])
    item, said = np.array([0, 1, 4], np.int32), np.array([0, 0, 1], np.int32)
    votes = Votes(item, np.array([0, 1, 0], np.int32), said, 5, 2, 2, None, probs)
    pool = Pool(Scored(list("abcde"), probs), probs, None, None, votes)
    scores = relabel_score(votes, crowdlab(votes)[0])
    assert scores == pytest.approx([2.3 / 3, 0.9 / 3, 1.1 / 2, 1.45 / 2, 1.9 / 3])
    assert selected("active-lab", pool, 5) == [1, 2, 4, 3, 0]


def test_active_lab_puts_records_with_most_votes_last():
    pool = made(0)
    number = np.bincount(pool.votes.item, minlength=80)
    plain, most = (selected("active-lab", pool, 80, most=m) for m in (0, 2))
    full = [row for row in plain if number[row] >= 2]
    assert 5 < len(full) < 40
    assert most[: -len(full)] == [row for row in plain if number[row] < 2]
    assert sorted(most[-len(full) :]) == sorted(full)


def test_k_means_equals_lloyds_algorithm(rng):
    x = pool_of(rng, n=300).vectors
    centres, homes = k_means(x, 5, np.random.default_rng(1))
    far = np.linalg.norm(x[:, None] - centres, axis=2)
    assert (homes == far.argmin(axis=1)).all()
    spread = [float(far.min(axis=1).sum())]
    for _ in range(3):  # at rest
        means = np.stack([x[homes == c].mean(axis=0) for c in range(5)])
        far = np.linalg.norm(x[:, None] - means, axis=2)
        spread.append(float(far.min(axis=1).sum()))
        homes = far.argmin(axis=1)
    assert all(b >= a * 0.99 for a, b in pairwise(spread))
    assert (
        Pool(Scored(["a"], np.ones((1, 1))), x[:1]).take(np.array([0])).labels is None
    )
