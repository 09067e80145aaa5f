"""Sets of ids against Python's own, and chance that nothing else moves."""

import numpy as np
import pytest

from alcli.core import ids as module
from alcli.core.errors import InputError
from alcli.core.ids import IdSet, fingerprint, read_ids, seeded_uniform


def batches(rng, n=60):
    """Yield lists of ids of all sizes, with repeats in and between them."""
    for size in rng.integers(0, 400, n):
        yield [f"id-{i}" for i in rng.integers(0, 4000, size)]


@pytest.mark.parametrize("merge", [1, 2, 8, 1000])  # runs kept before they are merged
def test_adding_ids_matches_a_set(rng, monkeypatch, merge):
    monkeypatch.setattr(module, "_MERGE", merge)
    ours, known = IdSet(), set()
    for batch in batches(rng):
        expected = []
        for id in batch:
            expected.append(id not in known)
            known.add(id)
        assert ours.add(batch).tolist() == expected
        assert len(ours) == len(known)
        asked = [f"id-{i}" for i in rng.integers(0, 8000, 200)]
        assert ours.contains(asked).tolist() == [id in known for id in asked]


def test_runs_stay_few(rng):
    ours = IdSet()
    for start in range(0, 10_000, 50):
        ours.add([str(i) for i in range(start, start + 50)])
    assert len(ours._runs) <= module._MERGE
    assert ours.contains([str(i) for i in range(10_000)]).all()
    assert not ours.contains([str(-i) for i in range(1, 10_000)]).any()


def test_a_large_id_set_has_no_false_positives():
    ours = IdSet(str(i) for i in range(250_000))  # more than one batch
    assert len(ours) == 250_000
    assert ours.contains([str(i) for i in range(250_000)]).all()
    assert not ours.contains([f"x{i}" for i in range(250_000)]).any()


def test_of_equal_ids_in_one_call_the_first_is_new():
    assert IdSet().add(["b", "a", "b", "", "a", ""]).tolist() == [
        *(True, True, False),
        *(True, False, False),
    ]


def test_empty_sets_and_calls():
    assert len(IdSet()) == 0
    assert IdSet().add([]).tolist() == IdSet(["a"]).contains([]).tolist() == []
    assert IdSet().contains(["a", ""]).tolist() == [False, False]


def test_noise_is_uniform():
    sample = np.sort(seeded_uniform(0, map(str, range(20_000))))
    assert 0 < sample[0] < sample[-1] < 1
    assert len(np.unique(sample)) == len(sample)
    distance = np.abs(sample - np.arange(20_000) / 20_000).max()
    assert distance < 1.95 / np.sqrt(20_000)  # Kolmogorov-Smirnov, one in a thousand


def test_noise_of_an_id_does_not_depend_on_its_neighbours():
    names = [f"ن{i}" for i in range(50)]
    whole = dict(zip(names, seeded_uniform(3, names), strict=True))
    assert seeded_uniform(3, names[::-7]).tolist() == [
        whole[name] for name in names[::-7]
    ]
    assert seeded_uniform(3, []).tolist() == []


def test_noise_of_two_seeds_is_unrelated():
    names = list(map(str, range(5000)))
    chances = [seeded_uniform(seed, names) for seed in (0, 1, -1, 2**62)]
    related = np.abs(np.corrcoef(chances) - np.eye(4))
    assert related.max() < 0.06


def test_noise_is_the_same_in_every_version():
    """Batches and shares of old runs can be made again."""
    assert seeded_uniform(7, ["a", "ب"]).tolist() == [
        0.8665181798247252,
        0.505485909050096,
    ]


def test_fingerprints_are_128_bits_of_the_text():
    assert fingerprint("متن") == fingerprint("متن") != fingerprint("متن ")
    assert len(bytes.fromhex(fingerprint(""))) == 16


def test_ids_in_files_are_compared_by_their_digits(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"id": 7, "x": [1]}\n\n{"id": "b"}\n')
    (tmp_path / "votes.jsonl").write_text('{"label": "x", "id": "c"}\n{"id": "to')
    found = read_ids([str(tmp_path / "a.jsonl"), str(tmp_path / "votes.jsonl")])
    assert found.contains(["7", "b", "c", "to", "1"]).tolist() == [
        *(True, True, True),
        *(False, False),
    ]


def test_a_record_without_an_id_is_an_error(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 7}\n{"label": "x"}\n')
    with pytest.raises(InputError, match=r'a\.jsonl:2: no "id" field'):
        read_ids([str(path)])
