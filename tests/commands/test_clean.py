"""`alcli clean`: dropped records, and their counts by reason."""

import json

import pytest

import alcli as library
from alcli.core.errors import InputError, UsageError
from alcli.core.jsonl import to_blocks
from alcli.core.run import run
from alcli.text.clean import Clean
from alcli.text.settings import CleaningSettings


def record(id, tokens="", **more):
    return {"id": id, "tokens": tokens} | more


def cleaned(records, size=1000, **options):
    """Return the ids of kept records, and the counts."""
    results = list(
        run(Clean(CleaningSettings(**options)), to_blocks(records, size=size))
    )
    kept = [json.loads(line)["id"] for result in results for line in result.lines]
    reasons = results[0].counts.keys()
    return kept, {k: sum(r.counts[k] for r in results) for k in reasons if k != "read"}


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_the_first_of_equal_ids_and_of_equal_tokens_is_kept(size):
    records = [
        record(1, "a b"),
        record("1", "c"),
        record(2, "a b"),
        record(3, "b a"),
        record(2, "d"),
    ]
    kept, counts = cleaned(records, size)
    assert kept == [1, 3]
    assert counts == {
        "repeated id": 2,
        "repeated tokens": 1,
        "repeated tokens of another label": 0,
        "too short": 0,
        "too long": 0,
    }


def test_texts_outside_the_limits_of_tokens_are_dropped():
    texts = ["", "a", "a b", "a b c", "a b c d"]
    records = [record(i, text) for i, text in enumerate(texts)]
    kept, counts = cleaned(records, min_tokens=1, max_tokens=3)
    assert kept == [1, 2, 3]
    assert (counts["too short"], counts["too long"]) == (1, 1)
    assert cleaned(records)[0] == [0, 1, 2, 3, 4]
    assert cleaned(records, max_tokens=0)[0] == [0]


def test_dropped_lengths_do_not_count_as_earlier_tokens():
    records = [record(1, "a b c"), record(2, "a"), record(3, "a")]
    assert cleaned(records, max_tokens=2)[0] == [2]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_kept_records_equal_those_of_a_set(rng, size):
    numbers = rng.integers(0, 300, (500, 2)).tolist()
    records = [record(a, f"t{b}") for a, b in numbers]
    ids, texts, expected = set(), set(), []
    for a, b in numbers:
        if a not in ids and b not in texts:
            expected.append(a)
            texts.add(b)
        ids.add(a)
    assert cleaned(records, size)[0] == expected


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_dropped_records_with_another_label_are_counted(size):
    records = [
        record(1, "a b", label="good"),
        record(2, "a b", label="bad"),
        record(3, "a b", label="good"),
        record(4, "a b"),
        record(5, "a b", label=None),
        record(6, "a b", label="bad"),
        record(7, "c"),
        record(8, "c", label="bad"),
        record(9, "1", label=1),
        record(10, "1", label="1"),
        record(11, "d", label="bad"),
    ]
    kept, counts = cleaned(records, size)
    assert kept == [1, 7, 9, 11]
    assert counts["repeated tokens of another label"] == 2
    assert counts["repeated tokens"] == 5


def test_another_label_of_equal_tokens_is_warned_of(alcli, tmp_path, caplog):
    records = [record(1, "a", label="x"), record(2, "a", label="y"), record(3, "b")]
    data = "".join(json.dumps(r) + "\n" for r in records).encode()
    report = tmp_path / "report.json"
    done = alcli("clean", "--report", str(report), stdin=data, check=True)
    warning = "1 dropped record has another label than the kept one with equal tokens"
    assert f"alcli clean: {warning}".encode() in done.stderr
    dropped = json.loads(report.read_text())["dropped"]
    assert dropped["repeated tokens of another label"] == 1
    assert len(list(library.clean([*records, record(4, "a", label="z")]))) == 2
    assert "2 dropped records have another label" in caplog.text
    agreed = data.replace(b'"y"', b'"x"')
    assert b"label" not in alcli("clean", stdin=agreed, check=True).stderr


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_near_duplicates_of_kept_texts_are_dropped(size):
    records = [
        record(1, "غذا مثل همیشه عالی بود"),
        record(2, "غذا مثل همیشه عالی بود ."),
        record(1, "سفارش دیر رسید"),
        record(3, "سفارش خیلی دیر رسید"),
        record(4, "غذا مثل همیشه عالی بود"),
        record(5, ""),
    ]
    kept, counts = cleaned(records, size, near_duplicates=0.8)
    assert kept == [1, 3, 5]
    assert counts == {
        "repeated id": 1,
        "repeated tokens": 1,
        "repeated tokens of another label": 0,
        "too short": 0,
        "too long": 0,
        "near duplicate": 1,
    }
    assert cleaned(records, size)[0] == [1, 2, 3, 5]


def test_dropped_texts_do_not_count_as_near_duplicates():
    records = [record(1, "a b c d e f g h"), record(2, "a b c d e f g")]
    assert cleaned(records, max_tokens=7, near_duplicates=0.8)[0] == [2]


def test_other_scripts_are_dropped():
    records = [record(1, "خوب بود"), record(2, "so good"), record(3, "👍 ۱۲")]
    assert cleaned(records, script="fa") == (
        [1, 3],
        {
            "repeated id": 0,
            "too short": 0,
            "too long": 0,
            "other script": 1,
            "repeated tokens": 0,
            "repeated tokens of another label": 0,
        },
    )
    assert cleaned(records, script="latin")[0] == [2, 3]
    assert cleaned(records, script="any")[0] == [1, 2, 3]


def test_texts_in_another_script_do_not_count_as_earlier_tokens():
    records = [record(1, "so good"), record(1, "خوب"), record(2, "خوب")]
    assert cleaned(records, script="fa")[0] == [2]


@pytest.mark.parametrize("near_duplicates", [0, 1.5, float("nan")])
def test_shares_of_trigrams_out_of_range_are_rejected(near_duplicates):
    with pytest.raises(UsageError, match=r"--near-duplicates=.*above 0, at most 1"):
        list(library.clean([], near_duplicates=near_duplicates))


def test_output_does_not_depend_on_the_hash_seed_of_the_process(alcli, rng):
    letters = list("ابپت ")
    texts = ["".join(rng.choice(letters, 5)).strip() for _ in range(300)]
    records = [record(i, f"سلام و درود {text}") for i, text in enumerate(texts)]
    data = "".join(json.dumps(r) + "\n" for r in records).encode()
    args = ["clean", "--near-duplicates", "0.5", "--seed", "7"]
    done = [
        alcli(*args, stdin=data, env={"PYTHONHASHSEED": seed}, check=True)
        for seed in ("1", "2")
    ]
    assert done[0].stdout == done[1].stdout
    assert b"near duplicate" in done[0].stderr
    found = list(library.clean(records, near_duplicates=0.5, seed=7))
    assert [json.loads(line) for line in done[0].stdout.splitlines()] == found
    assert 0 < len(found) < 290


def test_lines_keep_their_bytes_and_reasons_are_logged(alcli, tmp_path):
    lines = b'{"tokens":"a", "id" : 1.0e0}\n{ "id":2,"tokens":"\\u0061 b","z":1.50 }\n'
    assert alcli("clean", stdin=lines).returncode == 3  # a float is no id
    lines = lines.replace(b"1.0e0", b"1") + b'{"id":1,"tokens":"c"}\n'
    done = alcli("clean", "--min-tokens", "2", stdin=lines, check=True)
    assert done.stdout == lines.splitlines(True)[1]
    assert done.stderr == (
        b"alcli clean: 3 read, 1 written; left out: 1 repeated id, 1 too short\n"
    )


def test_the_function_equals_the_command(alcli, rng):
    records = [record(i // 2, f"t{i % 7} x") for i in range(30)]
    data = "".join(json.dumps(r) + "\n" for r in records).encode()
    done = alcli("clean", "--max-tokens", "2", stdin=data, check=True)
    found = list(library.clean(iter(records), max_tokens=2))
    assert [json.loads(line) for line in done.stdout.splitlines()] == found


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"tokens": "a"}, 'no "id" field'),
        ({"id": 1}, 'no "tokens" field'),
        ({"id": 1, "tokens": ["a"]}, '"tokens": Expected str, got array'),
    ],
)
def test_records_must_have_an_id_and_tokens(bad, says):
    with pytest.raises(InputError, match=f"<records>:2: {says}"):
        list(library.clean([record("x", "y"), bad]))
