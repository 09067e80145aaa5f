"""Near duplicates against the slow way: every pair, by Python's own sets."""

import gzip
import json
import re
import tracemalloc

import numpy as np
import pytest

from alcli.commands.clean import command
from alcli.core.errors import UsageError
from alcli.text.dedup import lsh_index as bands_module
from alcli.text.dedup import near_duplicates
from alcli.text.dedup.minhash import trigram_sets
from alcli.text.dedup.near_duplicates import (
    NearDuplicateFilter,
    Sketch,
    choose_banding,
    jaccard_similarities,
)


def grams(text):
    padded = f" {text} "
    return {padded[i : i + 3] for i in range(len(text))}


def jaccard(a, b):
    return len(a & b) / len(a | b)


def by_every_pair(texts, threshold):
    """Return the mask of texts without a near-duplicate among earlier kept ones."""
    kept, new = [], []
    for text in texts:
        mine = grams(text)
        new.append(not mine or all(jaccard(mine, x) < threshold for x in kept))
        if mine and new[-1]:
            kept.append(mine)
    return new


def variants(rng, n, words=8):
    """Yield texts; half of them are another one with a changed letter or word."""
    letters = list("ابپتثجچحخدذرزسشصضطظعغفقکگلمنوهی")
    made = []
    for _ in range(n):
        if made and rng.random() < 0.5:
            text = made[rng.integers(len(made))].split(" ")
            place = rng.integers(len(text))
            text[place] = text[place][:-1] if rng.random() < 0.7 else "خوب"
        else:
            text = ["".join(rng.choice(letters, 5)) for _ in range(words)]
        made.append(" ".join(word for word in text if word))
    return made


def added(texts, threshold, size, **options):
    seen = NearDuplicateFilter(threshold, **options)
    parts = [seen.add(texts[i : i + size]) for i in range(0, len(texts), size)]
    found = np.concatenate(parts).tolist()
    assert len(seen) == sum(found) - texts.count("")
    return found


@pytest.mark.parametrize("threshold", [0.6, 0.9, 1])
def test_the_mask_equals_brute_force(rng, threshold):
    texts = ["", *variants(rng, 400), "", "a", "a a", "a b"]
    expected = by_every_pair(texts, threshold)
    assert expected.count(False) > 20 * (threshold < 1)
    assert added(texts, threshold, 50) == expected


@pytest.mark.parametrize("at_once", [3, 2000])
@pytest.mark.parametrize("most", [1, 3])
def test_the_mask_does_not_depend_on_the_size_of_batches(
    rng, monkeypatch, at_once, most
):
    texts = [f"سلام و خسته نباشید {i}" for i in rng.integers(0, 10**6, 200)]
    monkeypatch.setattr(near_duplicates, "_BATCH_SIZE", at_once)
    monkeypatch.setattr(near_duplicates, "_BANDS", (4,))  # of two rows each
    every = added(texts, 0.8, 200)
    monkeypatch.setattr(bands_module, "MAX_CANDIDATES", most)
    whole = added(texts, 0.8, 200)
    assert whole.count(True) > every.count(True)  # so the bound was reached
    for size in (1, 7, 100):
        assert added(texts, 0.8, size) == whole


def test_dropped_texts_are_not_compared():
    texts = ["abcdefghij", "abcdefghijk", "abcdefghijkl", "abcdefghijklm"]
    alike = [jaccard(grams(texts[0]), grams(x)) for x in texts]
    threshold = (alike[1] + alike[2]) / 2
    assert jaccard(grams(texts[1]), grams(texts[2])) > threshold
    assert added(texts, threshold, 4) == [True, False, True, False]


def test_the_seed_determines_the_mask(rng, monkeypatch):
    monkeypatch.setattr(near_duplicates, "_BANDS", (2,))
    texts = variants(rng, 500)
    answers = {seed: added(texts, 0.7, 100, seed=seed) for seed in (0, 1)}
    assert answers[0] != answers[1]
    assert answers[0] == added(texts, 0.7, 100, seed=0)


def test_long_texts_are_compared_by_their_smallest_hashes(rng):
    words = ["".join(rng.choice(list("ابپتثجچحخدذر"), 6)) for _ in range(400)]
    one, other = " ".join(words[:350]), " ".join(words[50:])
    sets = trigram_sets([one, other])
    hashes = np.split(sets.hashes, [sets.sizes[0]])
    sketches = [
        Sketch(int(size), part[: near_duplicates.SKETCH])
        for size, part in zip(sets.sizes, hashes, strict=True)
    ]
    expected = jaccard(grams(one), grams(other))
    assert sets.sizes.min() > 4 * near_duplicates.SKETCH
    (found,) = jaccard_similarities(sketches[0], sketches[1:])
    deviation = np.sqrt(expected * (1 - expected) / near_duplicates.SKETCH)
    assert abs(found - expected) < 4 * deviation
    assert found != expected
    assert added([one, other], expected - 4 * deviation, 2) == [True, False]
    assert added([one, other], expected + 4 * deviation, 2) == [True, True]


def test_similarities_are_those_of_the_smallest_hashes_of_the_union(rng):
    most = near_duplicates.SKETCH
    sizes = [1, 3, most - 1, most, most + 1, 2 * most, 5 * most]
    sets = [{*rng.choice(8 * most, size, replace=False).tolist()} for size in sizes]
    sets += [sets[4] | {8 * most}, {*range(most)}, {*range(most // 2, 2 * most)}]
    sketches = [Sketch(len(x), np.array(sorted(x)[:most], np.uint32)) for x in sets]
    for one, mine in zip(sets, sketches, strict=True):
        expected = []
        for other in sets:
            union = sorted(one | other)
            if max(len(one), len(other)) > most:
                union = union[:most]
            expected.append(len(one & other & {*union}) / len(union))
        assert jaccard_similarities(mine, sketches).tolist() == expected


@pytest.mark.parametrize("threshold", [0, -1, 1.01, float("nan"), float("inf")])
def test_thresholds_out_of_range_are_rejected(threshold):
    with pytest.raises(UsageError, match="above 0, at most 1"):
        NearDuplicateFilter(threshold)


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.775, 0.78, 0.8, 0.9, 1])
def test_98_percent_of_pairs_at_the_threshold_are_found(threshold):
    bands, rows = choose_banding(threshold)
    assert (1 - threshold**rows) ** bands <= 0.02


@pytest.mark.parametrize(("threshold", "each"), [(0.8, 148), (0.7, 276), (0.5, 532)])
def test_memory_equals_the_formula_in_the_help(rng, threshold, each):
    help_of_clean = command.help
    letters = list("ابپتثجچحخدذرزسشصضطظعغفقکگلمنوهی")
    lengths = [*rng.integers(20, 60, 3000), *[400] * 1500]
    texts = ["".join(rng.choice(letters, n)) for n in lengths]
    sizes = trigram_sets(texts).sizes
    tracemalloc.start()
    try:
        seen = NearDuplicateFilter(threshold)
        for start in range(0, len(texts), 1000):
            assert seen.add(texts[start : start + 1000]).all()
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    formula = each * len(texts) + 4 * int(np.minimum(sizes, 256).sum())
    assert 0.94 * formula < held < 1.08 * formula
    assert re.search(rf"\b{each} .*4 per different trigram", help_of_clean, re.DOTALL)


@pytest.mark.parametrize("size", [100, 600])
def test_the_number_of_comparisons_is_linear_with_common_bands(rng, monkeypatch, size):
    """Half of each text is equal, so nearly all pairs have a common band."""
    compared = 0

    def counted(one, others):
        nonlocal compared
        compared += len(others)
        return jaccard_similarities(one, others)

    monkeypatch.setattr(near_duplicates, "jaccard_similarities", counted)
    monkeypatch.setattr(bands_module, "MAX_CANDIDATES", 4)
    letters = list("ابپتثجچحخدذرزسشصضطظعغفقکگلمنوهی")
    beginning = "".join(rng.choice(letters, 60))
    texts = [beginning + "".join(rng.choice(letters, 30)) for _ in range(600)]
    assert all(added(texts, 0.6, size))
    assert len(texts) < compared < 60 * len(texts)


@pytest.mark.parametrize("size", [1, 40, 600])
def test_the_candidates_with_the_most_common_bands_are_compared(rng, monkeypatch, size):
    """Forms that differ in an entry: all are candidates, and few are near."""
    letters = list("ابپتثجچحخدذرزسشصضطظعغفقکگلمنوهی")
    form = "".join(rng.choice(letters, 60))
    texts = [form + "".join(rng.choice(letters, 30)) for _ in range(300)]
    texts += [f"{texts[i]} !" for i in range(0, 20)]
    every = added(texts, 0.8, size)
    assert every == [True] * 300 + [False] * 20
    counts = []

    def counted(one, others):
        counts.append(len(others))
        return jaccard_similarities(one, others)

    monkeypatch.setattr(near_duplicates, "jaccard_similarities", counted)
    monkeypatch.setattr(near_duplicates, "MAX_COMPARED", 2)
    assert added(texts, 0.8, size) == every
    assert max(counts) == 2


def read(path):
    with gzip.open(path) as lines:
        return [json.loads(line)["text"] for line in lines]


@pytest.mark.slow
@pytest.mark.parametrize("threshold", [0.7, 0.8])
@pytest.mark.parametrize(
    "corpus", ["snappfood/train", "sentipers/all_sentences", "product_reviews/train"]
)
def test_the_mask_of_real_comments_equals_brute_force(data, corpus, threshold):
    """The share of found pairs is that of the formula, and no other pair is found."""
    from scipy.sparse import csr_matrix

    texts = list(dict.fromkeys(read(data(f"{corpus}.jsonl.gz"))))[:8000]
    sets = [grams(text) for text in texts]
    columns: dict[str, int] = {}
    flat = [columns.setdefault(gram, len(columns)) for s in sets for gram in s]
    sizes = np.array(list(map(len, sets)))
    ends = np.append(0, np.cumsum(sizes))
    rows = csr_matrix((np.ones(len(flat), np.int32), flat, ends))
    exact: dict[tuple[int, int], float] = {}
    for start in range(0, len(texts), 1000):
        both = (rows[start : start + 1000] @ rows.T).tocoo()
        mine, other = both.row + start, both.col
        alike = both.data / (sizes[mine] + sizes[other] - both.data)
        for i in np.flatnonzero((other < mine) & (alike >= threshold - 0.15)):
            exact[int(mine[i]), int(other[i])] = float(alike[i])
    true = {pair: s for pair, s in exact.items() if s >= threshold}
    n_bands, n_rows = choose_banding(threshold)
    p = np.array([1 - (1 - s**n_rows) ** n_bands for s in true.values()])

    whole = {pair for pair in true if max(sizes[list(pair)]) <= near_duplicates.SKETCH}
    likely = (1 - p).sum() + 4 * np.sqrt((p * (1 - p)).sum()) + 1
    assert len(true) >= 5
    assert len({x for x in whole if not near_pair(texts, x, threshold)}) <= likely

    new = NearDuplicateFilter(threshold).add(texts)
    partners: dict[int, list[int]] = {}
    for i, j in exact:
        partners.setdefault(i, []).append(j)
    for i in np.flatnonzero(~new).tolist():
        best = max((exact[i, j] for j in partners[i] if new[j]), default=0)
        estimated = sizes[i] > near_duplicates.SKETCH * threshold
        assert best >= threshold - estimated * 5 * 0.025, texts[i]
    missed = [
        i
        for i in np.flatnonzero(new).tolist()
        if any(new[j] and (i, j) in whole for j in partners.get(i, ()))
    ]
    assert len(missed) <= likely


def near_pair(texts, pair, threshold):
    later, earlier = pair
    return not NearDuplicateFilter(threshold).add([texts[earlier], texts[later]])[1]
