"""Topics of reviews, as `topics` writes them."""

import json

import numpy as np
import pytest

import alcli
from tests.models.reviews import make_records, write


def test_topics_are_equal_after_loading_and_with_workers(tmp_path, alcli):
    write(tmp_path / "in", make_records(200))
    fit = ["topics", "in", "--set", "topics=3", "--set", "max_share=1.0"]
    first = alcli(*fit, "--save", "t", "--words", "2", cwd=tmp_path, check=True)
    again = alcli("topics", "in", "--load", "t", cwd=tmp_path, check=True)
    jobs = alcli("topics", "in", "--load", "t", "--jobs", "2", cwd=tmp_path, check=True)
    piped = alcli(*fit, "-", stdin=b"", cwd=tmp_path)

    assert first.stdout == again.stdout == jobs.stdout
    assert b"topic 2: " in first.stderr
    assert piped.returncode == 0
    topics = {json.loads(line)["topic"] for line in first.stdout.splitlines()}
    assert topics <= {0, 1, 2}
    assert len(topics) > 1


def test_a_text_without_a_known_word_has_no_topic():
    records = [*make_records(100), {"id": "x", "tokens": "ناشناخته"}]
    found = list(alcli.topics(records, topics=3, max_share=1.0))

    assert found[-1]["topic"] == -1
    assert found[-1]["topic_prob"] == pytest.approx(1 / 3)


def test_topics_separate_disjoint_vocabularies():
    rng = np.random.default_rng(0)
    kinds = [["گوشی", "باتری", "صفحه"], ["کتاب", "داستان", "نویسنده"]]
    records = [
        {"id": i, "tokens": " ".join(rng.choice(kinds[i % 2], 12))} for i in range(400)
    ]
    found = list(alcli.topics(records, topics=2, max_share=1.0, max_iter=10))
    sides = [[r["topic"] for r in found[i::2]] for i in range(2)]

    assert np.mean(np.array(sides[0]) == sides[0][0]) > 0.95
    assert np.mean(np.array(sides[1]) != sides[0][0]) > 0.95
