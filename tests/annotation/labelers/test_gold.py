"""Simulated annotators: labels of a file, reproducible errors."""

import json
from collections import Counter

import pytest

from alcli.annotation.labelers import Task, find, labelers
from alcli.core.errors import InputError, UsageError

CLASSES = ["bad", "good", "odd"]
gold = find("gold").function


@pytest.fixture
def truth(tmp_path):
    records = [{"id": i, "label": CLASSES[i % 3], "text": "t"} for i in range(3000)]
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(path)


def tasks(n=3000, start=0, asked=()):
    return [Task(str(i), b"{}", frozenset(asked)) for i in range(start, n)]


def answers(truth, given=None, **options):
    """Return (id, annotator) -> label."""
    given = tasks() if given is None else given
    found = []
    gold(iter(given), found.extend, gold=truth, **options)
    table = {(task.id, answer.annotator): answer.label for task, answer in found}
    assert len(table) == len(found)
    return table


def test_answers_are_those_of_the_file(truth):
    expected = {(str(i), "gold-1"): CLASSES[i % 3] for i in range(3000)}
    assert answers(truth) == expected


@pytest.mark.parametrize("share", [0, 0.25, 1])
def test_a_share_of_the_answers_is_wrong(truth, share):
    found = answers(truth, noise=share, annotators=2)
    assert len(found) == 6000
    for annotator in ("gold-1", "gold-2"):
        wrong = [
            (CLASSES[int(id) % 3], label)
            for (id, who), label in found.items()
            if who == annotator and label != CLASSES[int(id) % 3]
        ]
        assert abs(len(wrong) - 3000 * share) < 75  # three standard deviations
        pairs = Counter(wrong)
        assert len(pairs) == (6 if share else 0)  # any other class
        assert all(abs(n - 500 * share) < 70 for n in pairs.values())


def test_each_annotator_may_have_an_error_rate(truth):
    found = answers(truth, noise=(0.1, 0, 0.9))
    assert len(found) == 9000
    for number, share in ((1, 0.1), (2, 0), (3, 0.9)):
        wrong = [found[str(i), f"gold-{number}"] != CLASSES[i % 3] for i in range(3000)]
        assert abs(sum(wrong) - 3000 * share) < 50


def test_more_annotators_do_not_change_the_answers_of_the_first(truth):
    several = answers(truth, noise=(0.3, 0.5), annotators=2)
    assert answers(truth, noise=0.3).items() < several.items()


def test_shares_of_noise_must_match_the_annotators(truth):
    with pytest.raises(UsageError, match="2 shares of noise for 3 annotators"):
        answers(truth, noise=(0.1, 0.2), annotators=3)


def test_errors_of_annotators_are_independent(truth):
    found = answers(truth, noise=0.5, annotators=2)
    both = [found[str(i), "gold-1"] == found[str(i), "gold-2"] for i in range(3000)]
    assert 0.3 < sum(both) / 3000 < 0.45  # 1/4 both right, 1/8 wrong alike


def test_wrong_answers_depend_on_seed_id_and_annotator_alone(truth):
    options = {"noise": 0.5, "annotators": 3, "seed": 7}
    whole = answers(truth, **options)
    part = answers(truth, tasks(1900, 1500)[::-1], **options)
    assert part == {key: whole[key] for key in part}
    assert len(part) == 1200
    rest = answers(truth, tasks(50, asked={"gold-1", "gold-3"}), **options)
    assert rest == {(str(i), "gold-2"): whole[str(i), "gold-2"] for i in range(50)}
    assert answers(truth, **options | {"seed": 8}) != whole


def test_a_single_class_has_no_errors(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id": "0", "label": "only"}\n')
    assert answers(str(path), tasks(1), noise=1) == {("0", "gold-1"): "only"}


def test_an_id_without_a_label_is_an_error(truth):
    with pytest.raises(InputError, match=r'gold\.jsonl: no label for id "3000"'):
        answers(truth, tasks(3001))


def test_an_answered_id_needs_no_label(truth):
    answered = [Task("nobody", b"{}", frozenset({"gold-1"}))]
    assert answers(truth, answered) == {}


def test_tasks_are_read_as_answers_are_saved(truth):
    read = []

    def watched():
        for task in tasks():
            read.append(task)
            yield task

    gold(watched(), next, gold=truth)
    assert len(read) <= 1000


def test_a_missing_file_is_an_error():
    with pytest.raises(UsageError, match="needs --gold FILE"):
        gold(tasks(1), list)


@pytest.mark.parametrize("name", labelers.names())
def test_each_labeler_has_a_summary_and_its_name(name):
    assert len(labelers.summary(name)) > 10
    assert find(name).name == name
