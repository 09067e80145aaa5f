"""Contract of cluster methods, and each method against its definition."""

import math

import numpy as np
import pytest
from sklearn.cluster import HDBSCAN

import alcli as library
from alcli.core import memory
from alcli.core.errors import BadParameter, InputError, MemoryRefused
from alcli.features.settings import TopicParameters
from alcli.features.topics.methods import check_parameters, dbscan, methods, parameters

OVER_VECTORS = [n for n in methods.names() if methods.get(n).INPUT == "vectors"]
every = pytest.mark.parametrize("name", OVER_VECTORS)
SEEDS = pytest.mark.parametrize("seed", range(5))


def clouds(seed, n=150, *, d=4, middles=3, apart=6.0):
    rng = np.random.default_rng(seed)
    places = rng.normal(size=(middles, d)) * apart
    homes = rng.choice(middles, n, p=np.array([3, 2, 1]) / 6)
    return (places[homes] + rng.normal(size=(n, d))).astype(np.float32), homes


def test_cluster_methods_are_registered():
    assert {"dbscan", "hdbscan", "kmeans"} <= set(OVER_VECTORS)


@every
def test_loaded_clusters_assign_as_the_saved_ones(name):
    x, _ = clouds(0)
    made = methods.get(name).fit(x)
    card, members = made.save()
    again = methods.get(name).load(card, members)
    for one, other in zip(made.assign(x), again.assign(x), strict=True):
        assert (one == other).all()
    assert again.width == 4


@every
def test_assignment_does_not_depend_on_other_records(name):
    x, _ = clouds(1)
    made = methods.get(name).fit(x)
    topics, probs = made.assign(x)
    for rows in ([7], [149, 3, 20], range(40)):
        some, sure = made.assign(x[list(rows)])
        assert some.tolist() == topics[list(rows)].tolist()
        assert sure == pytest.approx(probs[list(rows)], abs=1e-5)
    assert made.assign(x[:0])[0].shape == (0,)


@every
def test_clusters_are_numbered_by_size_and_noise_is_minus_one(name):
    x, _ = clouds(2)
    topics, probs = methods.get(name).fit(x).assign(x)
    sizes = np.bincount(topics[topics >= 0])
    assert sizes.tolist() == sorted(sizes, reverse=True)
    assert topics.min() >= -1
    assert ((probs >= 0) & (probs <= 1)).all()
    assert (probs[topics == -1] == 0).all()
    assert (probs[topics >= 0] > 0).all()


@every
@pytest.mark.parametrize("count", [1, 2, 60])
def test_equal_records_are_one_cluster(name, count):
    x = np.ones((count, 4), np.float32)
    params = {"clusters": 1} if name == "kmeans" else {}
    topics, _ = methods.get(name).fit(x, **params).assign(x)
    assert len(set(topics.tolist())) == 1


@every
def test_inputs_are_not_modified(name):
    x, _ = clouds(3)
    before = x.copy()
    methods.get(name).fit(x).assign(x)
    assert (x == before).all()


@every
def test_memory_is_checked_before_allocation(name, monkeypatch):
    x, _ = clouds(4)
    monkeypatch.setattr(memory, "available", lambda: 100)
    with pytest.raises(MemoryRefused, match="--subsample N"):
        methods.get(name).fit(x)


@SEEDS
def test_kmeans_assigns_the_nearest_centre_and_fuzzy_membership(seed):
    x, _ = clouds(seed)
    made = methods.get("kmeans").fit(x, clusters=4, seed=seed)
    topics, probs = made.assign(x)
    for row, point in enumerate(x.astype(float)):
        far = [np.square(point - centre).sum() for centre in made.centres]
        assert topics[row] == int(np.argmin(far))
        share = 1 / sum(min(far) / other for other in far)
        assert probs[row] == pytest.approx(share, rel=1e-3)
    means = [x[topics == number].mean(axis=0) for number in range(4)]
    np.testing.assert_allclose(means, made.centres, atol=0.1)  # at rest


def test_kmeans_needs_a_record_per_cluster():
    with pytest.raises(
        InputError, match=r"3 records cannot form 10 clusters; .*clusters=K"
    ):
        methods.get("kmeans").fit(np.ones((3, 2), np.float32))


@SEEDS
@pytest.mark.parametrize("min_samples", [1, 4, 9])
def test_dbscan_joins_core_records_within_eps(seed, min_samples):
    x, _ = clouds(seed, apart=3.0)
    eps = 1.3
    far = np.linalg.norm(x[:, None].astype(float) - x, axis=2)
    core = {row for row in range(150) if (far[row] <= eps).sum() >= min_samples}
    parts, waiting = [], set(core)
    while waiting:
        part, front = set(), {waiting.pop()}
        while front:
            part |= front
            front = {o for o in waiting if any(far[o, r] <= eps for r in front)}
            waiting -= front
        parts.append(part)
    made = methods.get("dbscan").fit(x, eps=eps, min_samples=min_samples)
    topics, _ = made.assign(x)
    numbers = {frozenset(part): {int(topics[row]) for row in part} for part in parts}
    assert sorted(n for found in numbers.values() for n in found) == list(
        range(len(parts))
    )
    for row in set(range(150)) - core:
        near = [other for other in core if far[row, other] <= eps]
        best = min(near, key=lambda other: far[row, other], default=None)
        assert topics[row] == (-1 if best is None else topics[best])


@SEEDS
def test_dbscan_estimates_eps_so_that_half_are_core(seed):
    x, _ = clouds(seed)
    made = methods.get("dbscan").fit(x, min_samples=6)
    far = np.linalg.norm(x[:, None].astype(float) - x, axis=2)
    core = ((far <= made.eps * (1 + 1e-6)).sum(axis=1) >= 6).mean()
    assert core == pytest.approx(0.5, abs=0.01)


def test_dbscan_checks_the_memory_of_neighbour_pairs(monkeypatch):
    x, _ = clouds(0)
    pairs = (np.linalg.norm(x[:, None].astype(float) - x, axis=2) <= 2.0).sum()
    checked = []
    monkeypatch.setattr(memory, "available", lambda: 1 << 40)
    monkeypatch.setattr(dbscan, "ensure", lambda n, *, remedy: checked.append(n))
    methods.get("dbscan").fit(x, eps=2.0)
    assert checked[-1] == 12 * int(pairs) + 8 * x.size
    same = np.ones((500, 16), np.float32) + np.float32(0.1)
    methods.get("dbscan").fit(same, eps=1e-4)
    assert checked[-1] == 12 * 500**2 + 8 * same.size


@pytest.mark.parametrize(
    ("name", "params"), [("dbscan", {"eps": 4.0}), ("hdbscan", {}), ("kmeans", {})]
)
def test_clusters_do_not_depend_on_the_offset(name, params):
    x, _ = clouds(1, d=16, apart=1.5)
    x = (np.round(x * 256) / 256).astype(np.float32)
    one, other = (
        methods.get(name).fit(y, **params).assign(y) for y in (x, x + np.float32(4096))
    )
    assert np.mean(one[0] == other[0]) > 0.99
    np.testing.assert_allclose(one[1], other[1], atol=1e-3)


@SEEDS
def test_hdbscan_equals_brute_force(seed):
    x, _ = clouds(seed)
    found = HDBSCAN(min_cluster_size=8, algorithm="brute", copy=True).fit(
        x.astype(float)
    )
    made = methods.get("hdbscan").fit(x, min_cluster_size=8)
    topics, probs = made.assign(x)
    pairs = {*zip(found.labels_.tolist(), topics.tolist(), strict=True)}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
    assert (-1, -1) in pairs or -1 not in topics
    assert probs == pytest.approx(found.probabilities_, abs=1e-4)


@SEEDS
@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("kmeans", {"clusters": 3}),
        ("dbscan", {"eps": 6.0}),
        ("hdbscan", {"min_cluster_size": 15}),
    ],
)
def test_separate_clouds_are_clusters(seed, name, params):
    x, homes = clouds(seed, apart=40.0)
    made = methods.get(name).fit(x, **params)
    topics, _ = made.assign(x)
    inside = topics >= 0
    pairs = {*zip(homes[inside].tolist(), topics[inside].tolist(), strict=True)}
    assert len(pairs) == 3
    assert inside.mean() > 0.9


def test_outliers_are_noise():
    x, _ = clouds(0)
    odd = np.float32([[1000] * 4, [-1000] * 4])
    both = np.concatenate([x, odd])
    for name in ("dbscan", "hdbscan"):
        topics, probs = methods.get(name).fit(both).assign(odd)
        assert topics.tolist() == [-1, -1]
        assert probs.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("lda", {"topics": 0}),
        ("lda", {"topics": 10**9}),
        ("lda", {"topics": math.nan}),
        ("lda", {"topics": "5"}),
        ("lda", {"max_iter": -3}),
        ("lda", {"learning_offset": math.inf}),
        ("lda", {"learning_decay": 0.5}),
        ("lda", {"min_count": 0}),
        ("lda", {"max_share": 0.0}),
        ("lda", {"max_share": 1.1}),
        ("kmeans", {"clusters": 0}),
        ("kmeans", {"clusters": 10**9}),
        ("kmeans", {"max_iter": 0}),
        ("dbscan", {"eps": -1.0}),
        ("dbscan", {"eps": math.nan}),
        ("dbscan", {"min_samples": 0}),
        ("hdbscan", {"min_cluster_size": 1}),
        ("hdbscan", {"min_samples": -1}),
        ("hdbscan", {"epsilon": -0.5}),
    ],
)
def test_parameters_out_of_range_are_rejected_before_records_are_read(name, params):
    (parameter,) = params
    with pytest.raises(BadParameter, match=f"{parameter}=.*: expected "):
        methods.get(name).fit([], **params)

    def records():
        raise AssertionError("read")
        yield

    with pytest.raises(BadParameter, match=f"{parameter}=.*: expected "):
        library.topics(records(), method=name, **params)


def test_the_parameters_for_editors_are_those_of_the_methods():
    names = {k for name in methods.names() for k in parameters(methods.get(name))}
    assert TopicParameters.__annotations__.keys() == names


@pytest.mark.parametrize("name", methods.names())
def test_every_number_has_a_range_with_its_default(name):
    method = methods.get(name)
    known = parameters(method)
    numbers = {k for k, value in known.items() if isinstance(value, int | float)}
    assert method.RANGES.keys() == numbers
    check_parameters(method, known)
