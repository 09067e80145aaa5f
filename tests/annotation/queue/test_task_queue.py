"""Items of annotators: leases, undo, gold questions, predictions."""

import json
import random
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise
from threading import Thread

import pytest

from alcli.annotation.queue import QueueSettings, Task
from alcli.annotation.queue.gold_checks import is_gold_turn
from alcli.annotation.queue.open_tasks import OpenTasks
from alcli.annotation.queue.task_queue import NotHandedOut, TaskQueue
from alcli.core.errors import UsageError

SETTINGS = QueueSettings(classes=("no", "yes"))


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def task(id, *asked, **fields):
    line = json.dumps({"id": id, "text": f"text {id}"} | fields).encode()
    return Task(str(id), line, frozenset(asked))


def tasks(n, *asked):
    return [task(i, *asked) for i in range(n)]


def gold(n, *asked):
    return tuple(task(f"gold-{i}", *asked) for i in range(n))


def answered(queue, name, label="yes", n=None):
    """Answer until there is nothing, or n items; return ids."""
    ids = []
    while (n is None or len(ids) < n) and (item := queue.next(name)):
        ids.append(queue.answer(name, item.ticket, label)[0].id)
    return ids


def number(item):
    """Return the id that stands in the text."""
    return item.text.split()[1]


# --- one annotator ---


def test_items_come_in_order_and_once():
    queue = TaskQueue(tasks(5), SETTINGS)
    assert answered(queue, "ann") == ["0", "1", "2", "3", "4"]
    assert queue.next("ann") is None
    assert queue.done


def test_an_answer_has_task_annotator_label_and_seconds(clock):
    queue = TaskQueue([task("x", topic=3)], SETTINGS, clock=clock)
    item = queue.next("ann")
    clock.now += 2.504
    found, answer = queue.answer("ann", item.ticket, "no")
    assert json.loads(found.line) == {"id": "x", "text": "text x", "topic": 3}
    assert answer == ("ann", "no", 2.5, None, None)


@pytest.mark.parametrize("reason", ["skipped", "unsure"])
def test_a_skipped_item_has_a_reason_and_is_not_repeated(reason):
    queue = TaskQueue(tasks(1), SETTINGS)
    _, answer = queue.answer("ann", queue.next("ann").ticket, None, reason)
    assert (answer.label, answer.reason) == (None, reason)
    assert queue.done


def test_a_second_request_returns_the_held_item(clock):
    queue = TaskQueue(tasks(2), SETTINGS, clock=clock)
    first = queue.next("ann")
    clock.now += 5
    assert queue.next("ann") == first
    clock.now += 5
    assert queue.answer("ann", first.ticket, "no")[1].seconds == 10


@pytest.mark.parametrize(
    ("label", "reason"),
    [("maybe", None), (None, None), (None, "tired"), ("yes", "unsure"), ("", None)],
)
def test_an_invalid_answer_is_refused_and_the_item_stays_held(label, reason):
    queue = TaskQueue(tasks(1), SETTINGS)
    item = queue.next("ann")
    with pytest.raises(ValueError, match="label"):
        queue.answer("ann", item.ticket, label, reason)
    assert queue.next("ann") == item
    assert not queue.done


def test_an_empty_queue_is_done():
    queue = TaskQueue([], replace(SETTINGS, gold=gold(3), check=0.5))
    assert queue.done
    assert queue.next("ann") is None
    assert queue.progress() == (0, 0, {}, 0)


# --- several ---


def test_two_annotators_never_hold_one_item():
    queue = TaskQueue(tasks(3), SETTINGS)
    assert number(queue.next("ann")) == "0"
    assert number(queue.next("bob")) == "1"
    assert number(queue.next("cid")) == "2"
    assert queue.next("dan") is None
    assert not queue.done


def test_an_answer_for_an_item_not_handed_out_is_refused():
    queue = TaskQueue(tasks(3), SETTINGS)
    item = queue.next("ann")
    for name, ticket in [("bob", item.ticket), ("ann", "x"), ("ann", ""), ("new", "")]:
        with pytest.raises(NotHandedOut):
            queue.answer(name, ticket, "yes")
    queue.next("bob")
    with pytest.raises(NotHandedOut):
        queue.answer("bob", item.ticket, "yes")
    queue.answer("ann", item.ticket, "yes")
    with pytest.raises(NotHandedOut):  # once is enough
        queue.answer("ann", item.ticket, "yes")
    assert queue.progress().by_annotator == {"ann": 1}


def test_tickets_are_random():
    queue = TaskQueue(tasks(200), replace(SETTINGS, gold=gold(100), check=0.5))
    seen = set()
    for _ in range(200):
        item = queue.next("ann")
        assert len(item.ticket) == 16
        assert "gold" not in item.ticket
        seen.add(item.ticket)
        queue.answer("ann", item.ticket, "yes")
    assert len(seen) == 200


@pytest.mark.parametrize("redundancy", [1, 2, 3])
def test_each_record_gets_answers_of_different_annotators(redundancy):
    queue = TaskQueue(tasks(20), replace(SETTINGS, redundancy=redundancy))
    found = defaultdict(list)
    for name in ["ann", "bob", "cid", "dan"]:
        for id in answered(queue, name):
            found[id].append(name)
    assert len(found) == 20
    assert all(len(set(names)) == len(names) == redundancy for names in found.values())
    assert queue.done


def test_an_item_has_as_many_holders_as_the_redundancy():
    queue = TaskQueue(tasks(2), replace(SETTINGS, redundancy=2))
    held = [number(queue.next(name)) for name in ["ann", "bob", "cid", "dan"]]
    assert held == ["0", "0", "1", "1"]
    assert queue.next("eva") is None


def test_one_annotator_answers_a_record_once():
    queue = TaskQueue(tasks(3), replace(SETTINGS, redundancy=2))
    assert len(answered(queue, "ann")) == 3
    assert queue.next("ann") is None
    assert not queue.done
    assert queue.progress() == (3, 6, {"ann": 3}, 3)


# --- what the ledger has ---


def test_records_answered_in_the_ledger_are_skipped():
    given = [task(0, "ann"), task(1), task(2, "bob"), task(3, "")]
    queue = TaskQueue(given, SETTINGS)
    assert queue.progress() == (3, 4, {"ann": 1, "bob": 1, "": 1}, 1)
    assert answered(queue, "ann") == ["1"]
    assert queue.done


def test_the_votes_of_the_ledger_count_for_redundancy():
    given = [task(0, "ann"), task(1), task(2, "bob", "cid"), task(3, "a", "b", "c")]
    queue = TaskQueue(given, replace(SETTINGS, redundancy=2))
    assert answered(queue, "ann") == ["1"]
    assert answered(queue, "bob") == ["0", "1"]
    assert queue.done


# --- who leaves ---


def test_an_item_with_an_expired_lease_goes_to_the_next_request(clock):
    queue = TaskQueue(tasks(3), SETTINGS, lease=60, clock=clock)
    left = queue.next("ann")
    clock.now += 59
    assert number(queue.next("bob")) == "1"
    clock.now += 1
    assert number(queue.next("cid")) == "0"
    with pytest.raises(NotHandedOut):
        queue.answer("ann", left.ticket, "yes")
    assert number(queue.next("ann")) == "2"


def test_a_late_answer_counts_if_nobody_has_the_item(clock):
    queue = TaskQueue(tasks(1), SETTINGS, lease=60, clock=clock)
    item = queue.next("ann")
    clock.now += 1000
    queue.answer("ann", item.ticket, "yes")
    assert queue.done


def test_a_request_renews_the_lease(clock):
    queue = TaskQueue(tasks(2), SETTINGS, lease=60, clock=clock)
    queue.next("ann")
    queue.next("bob")
    for _ in range(5):
        clock.now += 40
        assert number(queue.next("ann")) == "0"
    assert number(queue.next("cid")) == "1"  # bob's


def test_returned_items_come_first(clock):
    queue = TaskQueue(tasks(9), SETTINGS, lease=60, clock=clock)
    queue.next("ann")
    assert answered(queue, "bob", n=3) == ["1", "2", "3"]
    clock.now += 60
    assert answered(queue, "bob") == ["0", "4", "5", "6", "7", "8"]
    assert queue.done


def test_returned_items_go_to_annotators_without_an_answer(clock):
    queue = TaskQueue(tasks(1), replace(SETTINGS, redundancy=2), lease=60, clock=clock)
    answered(queue, "ann")
    queue.next("bob")
    clock.now += 60
    assert queue.next("ann") is None
    assert answered(queue, "cid") == ["0"]
    assert queue.next("bob") is None
    assert queue.done


def test_leaving_returns_the_held_item():
    queue = TaskQueue(tasks(2), SETTINGS)
    item = queue.next("ann")
    queue.leave("ann")
    assert number(queue.next("bob")) == "0"
    with pytest.raises(NotHandedOut):
        queue.answer("ann", item.ticket, "yes")
    queue.leave("nobody")


# --- undo ---


def test_undo_returns_the_previous_item_then_the_held_one():
    queue = TaskQueue(tasks(3), SETTINGS)
    queue.answer("ann", queue.next("ann").ticket, "yes")
    held = queue.next("ann")
    again = queue.undo("ann")
    assert (number(again), again.again, held.again) == ("0", True, False)
    with pytest.raises(NotHandedOut):  # shown before, and not any more
        queue.answer("ann", held.ticket, "yes")
    task, answer = queue.answer("ann", again.ticket, "no")
    assert (task.id, answer.label) == ("0", "no")
    assert number(queue.next("ann")) == "1"
    assert queue.progress() == (1, 3, {"ann": 1}, 2)


def test_several_undos_are_answered_in_reverse_order():
    queue = TaskQueue(tasks(5), SETTINGS)
    answered(queue, "ann", n=3)
    queue.next("ann")
    assert [number(queue.undo("ann")) for _ in range(3)] == ["2", "1", "0"]
    assert queue.undo("ann") is None
    assert number(queue.next("ann")) == "0"
    assert answered(queue, "ann") == ["0", "1", "2", "3", "4"]


def test_undo_without_an_answer_returns_none():
    queue = TaskQueue([task(0, "ann"), task(1)], SETTINGS)
    assert queue.undo("ann") is None  # an earlier run's answer stands
    answered(queue, "bob")
    assert queue.undo("ann") is None


def test_an_undone_item_goes_to_no_other_annotator():
    queue = TaskQueue(tasks(2), SETTINGS)
    answered(queue, "ann", n=1)
    queue.undo("ann")
    assert number(queue.next("bob")) == "1"
    assert queue.next("cid") is None


def test_a_queue_is_not_done_during_a_correction(clock):
    queue = TaskQueue(tasks(1), SETTINGS, lease=60, clock=clock)
    answered(queue, "ann")
    queue.undo("ann")
    assert not queue.done
    clock.now += 60  # the old answer stands
    assert queue.done


def test_the_held_item_can_expire_during_a_correction(clock):
    queue = TaskQueue(tasks(3), SETTINGS, lease=60, clock=clock)
    answered(queue, "ann", n=1)
    queue.next("ann")
    again = queue.undo("ann")
    clock.now += 60
    assert number(queue.next("bob")) == "1"
    assert queue.answer("ann", again.ticket, "no")[0].id == "0"
    assert number(queue.next("ann")) == "2"


def test_a_correction_keeps_the_held_item(clock):
    queue = TaskQueue(tasks(3), SETTINGS, lease=60, clock=clock)
    answered(queue, "ann", n=1)
    queue.next("ann")
    again = queue.undo("ann")
    clock.now += 40
    queue.answer("ann", again.ticket, "no")
    clock.now += 40
    assert number(queue.next("bob")) == "2"
    assert number(queue.next("ann")) == "1"


def test_leaving_ends_corrections():
    queue = TaskQueue(tasks(3), SETTINGS)
    answered(queue, "ann", n=1)
    again = queue.undo("ann")
    queue.leave("ann")
    with pytest.raises(NotHandedOut):
        queue.answer("ann", again.ticket, "yes")
    assert number(queue.next("ann")) == "1"


# --- known questions ---


def test_gold_questions_are_a_share_and_look_like_others():
    queue = TaskQueue(tasks(950), replace(SETTINGS, gold=gold(200), check=0.05))
    ids = answered(queue, "ann")
    places = [place for place, id in enumerate(ids) if id.startswith("gold")]
    assert len(ids) == 1000
    assert len(places) == 50
    assert len({ids[place] for place in places}) == 50
    gaps = {b - a for a, b in pairwise(places)}
    assert len(gaps) > 10  # nobody can count on them
    assert queue.done


def test_the_order_of_gold_questions_depends_on_annotator_and_seed():
    def asked(name, seed):
        settings = replace(SETTINGS, gold=gold(50), check=0.1, seed=seed)
        return answered(TaskQueue(tasks(200), settings), name)

    assert asked("ann", 1) == asked("ann", 1)
    assert asked("ann", 1) != asked("ann", 2)
    assert asked("ann", 1) != asked("bob", 1)


def test_gold_questions_continue_after_a_restart():
    settings = replace(SETTINGS, gold=gold(30), check=0.2)
    whole = answered(TaskQueue(tasks(100), settings), "ann")
    had = set(whole[:37])

    def after(given):
        return [
            t._replace(answered_by=frozenset({"ann"} if t.id in had else ()))
            for t in given
        ]

    queue = TaskQueue(after(tasks(100)), replace(settings, gold=tuple(after(gold(30)))))
    assert answered(queue, "ann") == whole[37:]


def test_records_continue_when_gold_questions_run_out():
    queue = TaskQueue(tasks(50), replace(SETTINGS, gold=gold(3), check=0.5))
    ids = answered(queue, "ann")
    assert sum(id.startswith("gold") for id in ids) == 3
    assert len(ids) == 53
    assert len(answered(queue, "bob")) == 0  # alone, they are not asked


def test_a_gold_question_in_the_batch_is_asked_once():
    given = [*tasks(5), task("gold-0")]
    queue = TaskQueue(given, replace(SETTINGS, gold=gold(1), check=0.9))
    assert sorted(answered(queue, "ann")) == ["0", "1", "2", "3", "4", "gold-0"]


def test_progress_does_not_reveal_gold_questions():
    queue = TaskQueue(tasks(95), replace(SETTINGS, gold=gold(50), check=0.05))
    for n in range(100):
        assert queue.progress()[:2] == (n, 100)
        answered(queue, "ann", n=1)
    assert queue.progress() == (100, 100, {"ann": 100}, 0)


def test_gold_questions_are_marked_in_the_task_and_not_in_the_item():
    given = [*tasks(20), task("gold-0")]  # this one is a record, too
    queue = TaskQueue(given, replace(SETTINGS, gold=gold(20), check=0.5))
    checks = {}
    while item := queue.next("ann"):
        assert item._replace(ticket="", text="") == ("", "", None, None, False)
        found, _ = queue.answer("ann", item.ticket, "yes")
        checks[found.id] = found.check
    assert {id for id in checks if not checks[id]} == {task.id for task in given}
    assert len(checks) > 30


def test_positions_of_gold_questions_depend_on_the_seed():
    def places(seed):
        settings = replace(SETTINGS, gold=gold(50), check=0.1, seed=seed)
        ids = answered(TaskQueue(tasks(200), settings), "ann")
        return [place for place, id in enumerate(ids) if id.startswith("gold")]

    assert places(1) != places(2)


def test_progress_does_not_count_gold_questions_of_earlier_batches():
    settings = replace(SETTINGS, gold=(*gold(45, "ann"), task("new")), check=0.05)
    queue = TaskQueue(tasks(100), settings)
    assert queue.progress() == (0, 105, {}, 100)
    answered(queue, "ann", n=1)
    answered(queue, "bob", n=60)
    assert queue.progress()[:3] == (61, 105, {"ann": 1, "bob": 60})


def test_progress_after_a_restart_counts_the_share_of_gold_questions():
    given = [*[task(i, "ann") for i in range(76)], *tasks(95)[76:]]
    many = TaskQueue(given, replace(SETTINGS, gold=gold(50, "ann"), check=0.05))
    assert many.progress()[:2] == (80, 100)
    few = TaskQueue(given, replace(SETTINGS, gold=gold(3, "ann"), check=0.05))
    assert few.progress()[:2] == (79, 100)


def test_progress_is_below_the_total_while_records_are_open():
    queue = TaskQueue(tasks(10), replace(SETTINGS, gold=gold(5), check=0.05))
    for name in [
        name for name in map(str, range(400)) if is_gold_turn(0, 0.05, name, 0)
    ]:
        assert answered(queue, name, n=1)[0].startswith("gold")
    assert queue.progress()[:2] == (10, 11)
    assert queue.progress().open == 10


def test_an_answer_to_a_gold_question_can_be_undone():
    queue = TaskQueue(tasks(20), replace(SETTINGS, gold=gold(20), check=0.5))
    first = []
    while len(first) < 6:
        item = queue.next("ann")
        first.append(queue.answer("ann", item.ticket, "yes")[0].id)
        if queue.undo("ann"):
            assert answered(queue, "ann", n=1) == first[-1:]
    assert any(id.startswith("gold") for id in first)
    assert len(set(first)) == 6


# --- the model's guess ---


@pytest.mark.parametrize(
    ("fields", "guess", "sure"),
    [
        ({"pred": "no", "probs": {"no": 0.7, "yes": 0.3}}, "no", 0.7),
        ({"probs": {"no": 0.2, "yes": 0.8}}, "yes", 0.8),
        ({"pred": "no"}, "no", None),
        ({"pred": None, "probs": None}, None, None),
        ({}, None, None),
    ],
)
def test_a_prediction_is_displayed_and_stored_with_suggest(fields, guess, sure):
    for suggest, expected in [(True, (guess, sure)), (False, (None, None))]:
        queue = TaskQueue([task(0, **fields)], replace(SETTINGS, suggest=suggest))
        item = queue.next("ann")
        assert (item.guess, item.sure) == expected
        _, answer = queue.answer("ann", item.ticket, "yes")
        assert answer.suggested == expected[0]


SUGGEST = replace(SETTINGS, suggest=True, check=0.5)


def test_gold_questions_without_prediction_are_refused_with_suggest():
    given = [task(0), task(1, pred="no")]
    some = (task("gold-0", pred="yes"), task("gold-1"), task("1"))
    with pytest.raises(UsageError, match=r"1 records of --gold .*`alcli score`"):
        TaskQueue(given, replace(SUGGEST, gold=some))
    for settings in [
        replace(SUGGEST, gold=some[:1]),
        replace(SUGGEST, gold=some[2:]),  # it is a record, and shown as such
        replace(SUGGEST, gold=some, check=0.0),
        replace(SUGGEST, gold=some, suggest=False),
    ]:
        guess = "no" if settings.suggest else None
        queue = TaskQueue(given[1:], settings)
        item = queue.next("ann")
        while number(item) != "1":
            queue.answer("ann", item.ticket, "yes")
            item = queue.next("ann")
        assert item.guess == guess


def test_a_prediction_of_gold_questions_alone_is_not_displayed():
    some = tuple(task(f"gold-{i}", pred="yes") for i in range(9))
    queue = TaskQueue(tasks(20), replace(SUGGEST, gold=some))
    ids = []
    while item := queue.next("ann"):
        assert item.guess is None
        found, answer = queue.answer("ann", item.ticket, "yes")
        assert answer.suggested is None
        ids.append(found.id)
    assert len(ids) == 29


# --- all of it ---


@pytest.mark.parametrize("seed", range(20))
def test_each_record_has_its_answers_after_random_actions(seed, clock):
    """People come, leave, undo and dawdle at random; what must hold always holds."""
    rng = random.Random(seed)
    settings = QueueSettings(
        ("no", "yes"), redundancy=rng.choice([1, 2, 3]), gold=gold(9)
    )
    settings = replace(settings, check=0.2)
    names = ["ann", "bob", "cid", "dan", "eva"]
    given = [task(i, *rng.sample(names, rng.choice([0, 0, 1]))) for i in range(40)]
    queue = TaskQueue(given, settings, lease=60, clock=clock)
    held, said = {}, {(t.id, name) for t in given for name in t.answered_by}
    refused = 0
    for _ in range(1000):
        name = rng.choice(names)
        clock.now += rng.choice([0, 1, 5, 30])
        act = rng.choices(["answer", "next", "undo", "leave"], [6, 3, 1, 0.2])[0]
        if act == "answer" and name in held:
            item = held.pop(name)
            try:
                found, _ = queue.answer(name, item.ticket, rng.choice(["no", "yes"]))
            except NotHandedOut:
                refused += 1
                continue
            assert found.id == number(item)
            assert ((found.id, name) in said) == item.again
            said.add((found.id, name))
        elif act == "leave":
            queue.leave(name)
            held.pop(name, None)
        elif item := queue.undo(name) if act == "undo" else queue.next(name):
            held[name] = item
    clock.now += 60
    for name in names:
        said |= {(id, name) for id in answered(queue, name)}
    assert queue.done
    assert queue.progress().open == 0
    votes = Counter(id for id, _ in said if not id.startswith("gold"))
    assert votes == {t.id: settings.redundancy for t in given}
    assert refused


def test_threads_share_a_queue():
    queue = TaskQueue(tasks(2000), SETTINGS)
    found = []
    threads = [
        Thread(target=lambda name=name: found.append(answered(queue, name)))
        for name in "abcdefgh"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [id for part in found for id in part]
    assert len(ids) == len(set(ids)) == 2000


# --- the shelf: what is looked at is not looked at again ---


class Counting(list):
    """Counts how often it is looked into."""

    looked = 0

    def __getitem__(self, place):
        self.looked += 1
        return super().__getitem__(place)


def open_tasks_of(n, redundancy):
    open_tasks = OpenTasks(tasks(n), redundancy)
    open_tasks._free = Counting(open_tasks._free)
    return open_tasks


def take_all(open_tasks, *names):
    found = {name: open_tasks.find(name) for name in names}
    while any(place is not None for place in found.values()):
        for name, place in found.items():
            if place is not None:
                open_tasks.take(name, place)
        found = {name: open_tasks.find(name) for name in names}


@pytest.mark.parametrize("redundancy", [1, 2, 3])
def test_find_does_not_scan_answered_tasks_again(redundancy):
    open_tasks = open_tasks_of(2000, redundancy)
    take_all(open_tasks, "ann")
    assert open_tasks._free.looked < 6 * 2000
    open_tasks._free.looked = 0
    assert open_tasks.find("ann") is None
    assert open_tasks._free.looked <= 1


def test_a_late_annotator_does_not_scan_taken_tasks():
    open_tasks = open_tasks_of(2000, 2)
    take_all(open_tasks, "ann", "bob")
    open_tasks.find("cid")
    open_tasks._free.looked = 0
    assert open_tasks.find("dan") is None
    assert open_tasks._free.looked <= 1


def test_returned_tasks_come_in_order():
    open_tasks = open_tasks_of(5, 1)
    take_all(open_tasks, "ann")
    for place in (3, 1, 4):
        open_tasks.give_back("ann", place)
    assert open_tasks.find("bob") == 1
