"""Selection from a stream, against a slow and simple oracle."""

import hashlib
import json
from fractions import Fraction
from math import floor, isqrt

import pytest

from alcli.core import jsonl
from alcli.core.errors import InputError, MissingField
from alcli.core.jsonl import blocks
from alcli.core.step import Block
from alcli.query.selection.context import SelectionContext
from alcli.query.selection.exclusion import ExcludedRecords
from alcli.query.selection.pointwise_selector import RANDOM_SALT
from alcli.query.selection.selector import LineSelector
from alcli.query.settings import SelectionSettings


def mine(scored):
    """Return utilities with many ties."""
    return scored.probs[:, 0]


def pool(rng, n=400, strata=(0, 1, 2, "x", -1, None), texts=150):
    """Make records with few utilities, few texts, and strata of uneven size."""
    records = []
    for i in range(n):
        share = int(rng.integers(0, 12)) / 12
        stratum = strata[min(int(rng.exponential(1.5)), len(strata) - 1)]
        record = {"id": i if i % 3 else f"n{i}", "probs": {"a": share, "b": 1 - share}}
        if i % 5:
            record["tokens"] = f"t{rng.integers(texts)}"
        if stratum is not None:
            record["topic"] = stratum
        elif i % 2:
            record["topic"] = None
        records.append(record)
    return records


def chance(seed, id):
    salt = seed.to_bytes(8, "little", signed=True)
    digest = hashlib.blake2b(str(id).encode(), digest_size=8, salt=salt).digest()
    return Fraction((int.from_bytes(digest, "little") >> 11) * 2 + 1, 2**54)


def key(record):
    return ("text", record["tokens"]) if "tokens" in record else ("id", record["id"])


def without_repeats(records):
    first = {}
    for record in records:
        first.setdefault(key(record), record)
    return list(first.values())


def position(stratum):
    return (stratum is None, isinstance(stratum, str), stratum or 0)


def share_out(n, sizes):
    exact = {s: Fraction(n * size, sum(sizes.values())) for s, size in sizes.items()}
    quotas = {s: floor(share) for s, share in exact.items()}
    raised = []
    while sum(quotas.values()) < n:
        rest = [s for s in sorted(sizes, key=position) if s not in raised]
        winner = max(rest, key=lambda s: (exact[s] % 1, sizes[s]))
        quotas[winner] += 1
        raised.append(winner)
    return quotas


WEIGHTS = {
    "proportional": lambda size: size,
    "equal": lambda size: 1,
    "sqrt": lambda size: isqrt(size * 4**20),
}


def oracle(
    records,
    n,
    *,
    field=None,
    excluded=(),
    mix=0.0,
    seed=0,
    shares="proportional",
    least=0,
):
    """Return the ids of the batch, best first."""

    def best_first(some):
        rank = {id(r): (r["probs"]["a"], chance(seed, r["id"])) for r in some}
        return sorted(some, key=lambda r: rank[id(r)], reverse=True)

    left = [r for r in records if str(r["id"]) not in excluded]
    by_chance = round(n * mix)
    piles = {}
    for record in best_first(left):
        piles.setdefault(record.get(field) if field else None, []).append(record)
    sizes = {s: WEIGHTS[shares](len(pile)) for s, pile in piles.items()}
    piles = {s: [r for r in p if r["probs"]["a"] >= least] for s, p in piles.items()}
    piles = {stratum: pile for stratum, pile in piles.items() if pile}
    piles = {s: without_repeats(piles[s]) for s in sorted(piles, key=position)}
    taken = {}
    while len(taken) < n - by_chance and piles:
        quotas = share_out(n - by_chance - len(taken), {s: sizes[s] for s in piles})
        for stratum, quota in quotas.items():
            goal, pile = len(taken) + quota, piles[stratum]
            while len(taken) < goal and pile:
                record = pile.pop(0)
                taken.setdefault(key(record), record)
            if not pile:
                del piles[stratum]
    batch = best_first(list(taken.values()))
    if mix:
        lucky = sorted(
            left, key=lambda r: chance(seed ^ RANDOM_SALT, r["id"]), reverse=True
        )
        others = [r for r in without_repeats(lucky) if key(r) not in taken]
        batch += others[: n - len(batch)]
    return [r["id"] for r in batch]


def selector_of(n, *, strategy=mine, excluded=(), check_text=False, **settings):
    context = SelectionContext(excluded=ExcludedRecords(excluded))
    settings = SelectionSettings(n, strategy, **settings)
    return LineSelector(settings, context, check_text=check_text)


def selected(path, n, **options):
    selector = selector_of(n, **options)
    for block in blocks([str(path)]):
        selector.add(block)
    return selector.batch()


def ids(lines):
    return [json.loads(line)["id"] for line in lines]


def write(path, records, **form):
    text = "".join(json.dumps(record, **form) + "\n" for record in records)
    path.write_text(text)
    return path


@pytest.fixture(params=[1, 200, 3000, 1 << 19], ids=lambda size: f"{size} bytes")
def block_bytes(request, monkeypatch):
    monkeypatch.setattr(jsonl, "BLOCK_BYTES", request.param)


@pytest.mark.parametrize("n", [1, 7, 60, 150, 1000])
@pytest.mark.parametrize("field", [None, "topic"])
@pytest.mark.parametrize("mix", [0.0, 0.25, 1.0])
def test_batch_equals_that_of_the_oracle(rng, tmp_path, block_bytes, n, field, mix):
    records = pool(rng)
    gone = {str(record["id"]) for record in records[::4]}
    path = write(tmp_path / "pool", records)
    found = selected(path, n, stratify=field, excluded=gone, mix_random=mix, seed=3)
    assert ids(found) == oracle(records, n, field=field, excluded=gone, mix=mix, seed=3)


@pytest.mark.parametrize("n", [1, 7, 60, 1000])
@pytest.mark.parametrize("field", [None, "topic"])
@pytest.mark.parametrize("shares", ["proportional", "equal", "sqrt"])
@pytest.mark.parametrize("least", [0, 0.5])
def test_shares_and_min_utility_select_as_the_oracle(
    rng, tmp_path, n, field, shares, least
):
    records = pool(rng)
    path = write(tmp_path / "pool", records)
    options = {"stratify": field, "min_utility": least}
    options |= {"shares": shares} if field else {}
    expected = oracle(records, n, field=field, shares=shares, least=least)
    assert ids(selected(path, n, **options)) == expected


def test_shares_set_the_sizes_of_strata(rng, tmp_path):
    sizes = {"x": 160, "y": 40, "z": 10}
    records = [
        {"id": f"{name}{i}", "topic": name, "probs": {"a": i / 200, "b": 1 - i / 200}}
        for name, size in sizes.items()
        for i in range(size)
    ]
    path = write(tmp_path / "pool", records)
    for shares, expected in {
        None: {"x": 16, "y": 4, "z": 1},
        "sqrt": {"x": 12, "y": 6, "z": 3},
        "equal": {"x": 7, "y": 7, "z": 7},
    }.items():
        found = ids(selected(path, 21, stratify="topic", shares=shares))
        assert {name: sum(i[0] == name for i in found) for name in sizes} == expected
    found = ids(selected(path, 21, strategy="per-topic"))
    assert {name: sum(i[0] == name for i in found) for name in sizes} == (
        {"x": 7, "y": 7, "z": 7}
    )
    found = ids(selected(path, 60, stratify="topic", shares="equal"))
    assert sum(i[0] == "z" for i in found) == 10  # the others take its rest


@pytest.mark.parametrize("seed", range(8))
def test_unfilled_quotas_are_redistributed_as_in_the_oracle(rng, tmp_path, seed):
    """Few texts in large strata: quotas that cannot be met, again and again."""
    records = pool(rng, n=300, texts=6 + 4 * seed)
    path = write(tmp_path / "pool", records)
    for n in (10, 40, 90):
        expected = oracle(records, n, field="topic", seed=seed)
        assert ids(selected(path, n, stratify="topic", seed=seed)) == expected


def test_order_of_the_pool_does_not_matter(rng, tmp_path):
    records = pool(rng)
    one = write(tmp_path / "one", records)
    two = write(tmp_path / "two", [records[i] for i in rng.permutation(len(records))])
    for options in ({}, {"stratify": "topic"}, {"mix_random": 0.5}):
        assert ids(selected(one, 50, **options)) == ids(selected(two, 50, **options))


def test_seed_breaks_ties_and_draws_the_random_share(rng, tmp_path):
    path = write(tmp_path / "pool", pool(rng))
    batches = [ids(selected(path, 20, seed=seed)) for seed in (0, 0, 1)]
    assert batches[0] == batches[1] != batches[2]
    mixed = [ids(selected(path, 20, mix_random=1, seed=seed)) for seed in (0, 0, 1)]
    assert mixed[0] == mixed[1] != mixed[2]
    assert mixed[0] != batches[0]


def test_repeated_id_is_selected_once(tmp_path):
    twice = [{"id": i % 5, "probs": {"a": i / 10, "b": 1 - i / 10}} for i in range(10)]
    assert ids(selected(write(tmp_path / "pool", twice), 10)) == [4, 3, 2, 1, 0]


def test_selected_lines_keep_their_bytes(tmp_path, block_bytes):
    awkward = [
        b'{ "id" : 1 ,"probs":{"a":0.50,"b":5e-1},  "z" : "\\u0641\\/"}',
        '{"probs":{"b":0.10,"a":9E-1},"id":"\\u0061","متن":[1.00,-0,1e400]}'.encode(),
        b'{"n":123456789012345678901234567890,"id":2,"probs":{"a":1,"b":0},"n":{} }\r',
        b'{"id":3,"query": {"old": 1},"probs": {"a":0.2, "b":0.8},"x":[ 1.50 ]}',
    ]
    (tmp_path / "pool").write_bytes(b"\n \n".join(awkward) + b"\n")
    assert selected(tmp_path / "pool", 9) == [
        awkward[2][:-3] + b',"query":{"strategy":"mine","utility":1.0,"rank":1}}',
        awkward[1][:-1] + b',"query":{"strategy":"mine","utility":0.9,"rank":2}}',
        awkward[0][:-1] + b',"query":{"strategy":"mine","utility":0.5,"rank":3}}',
        b'{"id":3,"probs": {"a":0.2, "b":0.8},"x":[ 1.50 ]'
        b',"query":{"strategy":"mine","utility":0.2,"rank":4}}',
    ]


def test_query_names_random_records(rng, tmp_path):
    path = write(tmp_path / "pool", pool(rng))
    queries = [
        json.loads(line)["query"] for line in selected(path, 20, mix_random=0.25)
    ]
    assert [q["strategy"] for q in queries] == ["mine"] * 15 + ["random"] * 5
    assert [q["rank"] for q in queries] == list(range(1, 21))


def test_empty_pool_gives_an_empty_batch(rng, tmp_path):
    records = pool(rng, n=20)
    everyone = [str(record["id"]) for record in records]
    path = write(tmp_path / "pool", records)
    for mix in (0, 0.5):
        assert selected(path, 5, excluded=everyone, mix_random=mix) == []
    assert selected(write(tmp_path / "empty", []), 5, stratify="topic") == []


@pytest.mark.parametrize("excluded", [[], ["1"]])
@pytest.mark.parametrize("order", [1, -1])
def test_field_that_no_record_has_is_an_error(tmp_path, excluded, order):
    bare = [{"id": i, "probs": {"a": 1}} for i in range(3)][::order]
    path = write(tmp_path / "pool", bare)
    with pytest.raises(MissingField, match='no "topic" field; run `alcli topics`'):
        selected(path, 2, stratify="topic", excluded=excluded)
    with pytest.raises(MissingField, match='no "f" field; --stratify names a field'):
        selected(path, 2, stratify="f")
    bare[1]["topic"] = 0  # one is enough, though it be excluded
    path = write(tmp_path / "pool", bare)
    assert len(selected(path, 3, stratify="topic", excluded=excluded)) > 1


def test_blocks_of_blank_lines_are_ignored(tmp_path, block_bytes):
    good = b'{"id":1,"probs":{"a":1}}\n'
    (tmp_path / "pool").write_bytes(b" \n\n" * 99 + good + b"\n" * 99)
    assert ids(selected(tmp_path / "pool", 5)) == [1]
    (tmp_path / "blank").write_bytes(b"\n \r\n")
    assert selected(tmp_path / "blank", 5) == []


def test_block_of_skipped_lines_is_ignored():
    selector = selector_of(5)
    refused = Block(b'x\n{"id":1}\n').without_line(1).without_line(2)
    assert selector.add(refused).counts == {"read": 0}
    assert selector.batch() == []


def test_strata_of_the_strategy_apply_without_stratify(rng, tmp_path):
    path = write(tmp_path / "pool", pool(rng, strata=(0, 1)))
    by_name = ids(selected(path, 60, strategy="lda"))
    assert by_name == ids(selected(path, 60, strategy="entropy", stratify="topic"))
    assert by_name != ids(selected(path, 60, strategy="entropy"))
    assert ids(selected(path, 60, strategy="lda", stratify="tokens")) != by_name


@pytest.mark.parametrize(
    "line",
    [
        b'{"id":1,"probs":{"a":2,"b":0},"topic":"odd"}',
        b'{"id":1,"probs":{"a":1,"b":0},"topic":0,"x":"\xe9"}',
    ],
)
def test_invalid_block_does_not_change_the_state(rng, tmp_path, line):
    """A block with a bad line is given again without it (`--skip-invalid`)."""
    records = pool(rng)
    path = write(tmp_path / "pool", records)
    options = {"stratify": "topic", "mix_random": 0.5}
    selector = selector_of(30, check_text=True, **options)
    for block in blocks([str(path)], records=50):
        bad = Block(block.data + line + b"\n")
        with pytest.raises(InputError):
            selector.add(bad)
        selector.add(block)
    assert selector.batch() == selected(path, 30, **options)


def test_selected_lines_must_be_utf8(tmp_path):
    line = b'{"id":2,"probs":{"a":1},"x":"\xe9"}'
    (tmp_path / "pool").write_bytes(b'{"id":1,"probs":{"a":1}}\n' + line + b"\n")
    with pytest.raises(InputError, match="pool:2: not UTF-8: byte 0xe9"):
        selected(tmp_path / "pool", 5)


def test_tokens_other_than_strings_are_no_text(tmp_path):
    (tmp_path / "pool").write_bytes(
        b"".join(
            b'{"id":%d,"tokens":%b,"probs":{"a":1}}\n' % (number, tokens)
            for number, tokens in enumerate([b"5", b"5", b"null", b'"5"', b'"5"'])
        )
    )
    ids = {json.loads(line)["id"] for line in selected(tmp_path / "pool", 5)}
    assert ids in ({0, 1, 2, 3}, {0, 1, 2, 4})
