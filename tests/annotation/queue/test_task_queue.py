"""Who is handed what: leases, undo, known questions, the model's guess."""

import json
import random
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise
from threading import Thread

import pytest

from alcli.annotation.queue import Asking, Task
from alcli.annotation.queue.gold_checks import due
from alcli.annotation.queue.open_tasks import Shelf
from alcli.annotation.queue.task_queue import Desk, NotHandedOut
from alcli.core.errors import UsageError

ASKING = Asking(classes=("no", "yes"))


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


def answered(desk, name, label="yes", n=None):
    """Answer until there is nothing, or n items; return ids."""
    ids = []
    while (n is None or len(ids) < n) and (item := desk.next(name)):
        ids.append(desk.answer(name, item.ticket, label)[0].id)
    return ids


def number(item):
    """Return the id that stands in the text."""
    return item.text.split()[1]


# --- one annotator ---


def test_items_come_in_order_and_once():
    desk = Desk(tasks(5), ASKING)
    assert answered(desk, "ann") == ["0", "1", "2", "3", "4"]
    assert desk.next("ann") is None
    assert desk.done


def test_an_answer_is_what_a_ledger_needs(clock):
    desk = Desk([task("x", topic=3)], ASKING, clock=clock)
    item = desk.next("ann")
    clock.now += 2.504
    found, answer = desk.answer("ann", item.ticket, "no")
    assert json.loads(found.line) == {"id": "x", "text": "text x", "topic": 3}
    assert answer == ("ann", "no", 2.5, None, None)
    assert desk.taken == 1


@pytest.mark.parametrize("reason", ["skipped", "unsure"])
def test_no_label_has_a_reason_and_is_not_asked_again(reason):
    desk = Desk(tasks(1), ASKING)
    _, answer = desk.answer("ann", desk.next("ann").ticket, None, reason)
    assert (answer.label, answer.reason) == (None, reason)
    assert desk.done


def test_asking_again_shows_what_is_held_and_its_time_runs_on(clock):
    desk = Desk(tasks(2), ASKING, clock=clock)
    first = desk.next("ann")
    clock.now += 5
    assert desk.next("ann") == first
    clock.now += 5
    assert desk.answer("ann", first.ticket, "no")[1].seconds == 10


@pytest.mark.parametrize(
    ("label", "reason"),
    [("maybe", None), (None, None), (None, "tired"), ("yes", "unsure"), ("", None)],
)
def test_what_is_no_answer_is_refused_and_the_item_stays(label, reason):
    desk = Desk(tasks(1), ASKING)
    item = desk.next("ann")
    with pytest.raises(ValueError, match="label"):
        desk.answer("ann", item.ticket, label, reason)
    assert desk.next("ann") == item
    assert not desk.done


def test_no_tasks_are_done():
    desk = Desk([], replace(ASKING, gold=gold(3), check=0.5))
    assert desk.done
    assert desk.next("ann") is None
    assert desk.progress() == (0, 0, {}, 0)


# --- several ---


def test_two_annotators_never_hold_the_same():
    desk = Desk(tasks(3), ASKING)
    assert number(desk.next("ann")) == "0"
    assert number(desk.next("bob")) == "1"
    assert number(desk.next("cid")) == "2"
    assert desk.next("dan") is None
    assert not desk.done


def test_an_answer_for_an_item_not_handed_out_is_refused():
    desk = Desk(tasks(3), ASKING)
    item = desk.next("ann")
    for name, ticket in [("bob", item.ticket), ("ann", "x"), ("ann", ""), ("new", "")]:
        with pytest.raises(NotHandedOut):
            desk.answer(name, ticket, "yes")
    desk.next("bob")
    with pytest.raises(NotHandedOut):
        desk.answer("bob", item.ticket, "yes")
    desk.answer("ann", item.ticket, "yes")
    with pytest.raises(NotHandedOut):  # once is enough
        desk.answer("ann", item.ticket, "yes")
    assert desk.progress().by == {"ann": 1}


def test_tickets_say_nothing():
    desk = Desk(tasks(200), replace(ASKING, gold=gold(100), check=0.5))
    seen = set()
    for _ in range(200):
        item = desk.next("ann")
        assert len(item.ticket) == 16
        assert "gold" not in item.ticket
        seen.add(item.ticket)
        desk.answer("ann", item.ticket, "yes")
    assert len(seen) == 200


@pytest.mark.parametrize("redundancy", [1, 2, 3])
def test_each_record_is_answered_by_so_many_different(redundancy):
    desk = Desk(tasks(20), replace(ASKING, redundancy=redundancy))
    found = defaultdict(list)
    for name in ["ann", "bob", "cid", "dan"]:
        for id in answered(desk, name):
            found[id].append(name)
    assert len(found) == 20
    assert all(len(set(names)) == len(names) == redundancy for names in found.values())
    assert desk.done


def test_redundancy_lets_two_hold_the_same_but_not_three():
    desk = Desk(tasks(2), replace(ASKING, redundancy=2))
    held = [number(desk.next(name)) for name in ["ann", "bob", "cid", "dan"]]
    assert held == ["0", "0", "1", "1"]
    assert desk.next("eva") is None


def test_one_annotator_cannot_make_up_for_two():
    desk = Desk(tasks(3), replace(ASKING, redundancy=2))
    assert len(answered(desk, "ann")) == 3
    assert desk.next("ann") is None
    assert not desk.done
    assert desk.progress() == (3, 6, {"ann": 3}, 3)


# --- what the ledger has ---


def test_what_the_ledger_has_is_passed_over():
    given = [task(0, "ann"), task(1), task(2, "bob"), task(3, "")]
    desk = Desk(given, ASKING)
    assert desk.progress() == (3, 4, {"ann": 1, "bob": 1, "": 1}, 1)
    assert answered(desk, "ann") == ["1"]
    assert desk.done


def test_the_votes_of_the_ledger_count_for_redundancy():
    given = [task(0, "ann"), task(1), task(2, "bob", "cid"), task(3, "a", "b", "c")]
    desk = Desk(given, replace(ASKING, redundancy=2))
    assert answered(desk, "ann") == ["1"]
    assert answered(desk, "bob") == ["0", "1"]
    assert desk.done


# --- who leaves ---


def test_what_is_held_too_long_goes_to_who_asks_next(clock):
    desk = Desk(tasks(3), ASKING, lease=60, clock=clock)
    left = desk.next("ann")
    clock.now += 59
    assert number(desk.next("bob")) == "1"
    clock.now += 1
    assert number(desk.next("cid")) == "0"
    with pytest.raises(NotHandedOut):
        desk.answer("ann", left.ticket, "yes")
    assert number(desk.next("ann")) == "2"


def test_a_late_answer_counts_where_nobody_else_has_asked(clock):
    desk = Desk(tasks(1), ASKING, lease=60, clock=clock)
    item = desk.next("ann")
    clock.now += 1000
    desk.answer("ann", item.ticket, "yes")
    assert desk.done


def test_who_asks_again_keeps_what_is_held(clock):
    desk = Desk(tasks(2), ASKING, lease=60, clock=clock)
    desk.next("ann")
    desk.next("bob")
    for _ in range(5):
        clock.now += 40
        assert number(desk.next("ann")) == "0"
    assert number(desk.next("cid")) == "1"  # bob's


def test_what_comes_back_comes_first(clock):
    desk = Desk(tasks(9), ASKING, lease=60, clock=clock)
    desk.next("ann")
    assert answered(desk, "bob", n=3) == ["1", "2", "3"]
    clock.now += 60
    assert answered(desk, "bob") == ["0", "4", "5", "6", "7", "8"]
    assert desk.done


def test_what_comes_back_goes_to_those_who_may_have_it(clock):
    desk = Desk(tasks(1), replace(ASKING, redundancy=2), lease=60, clock=clock)
    answered(desk, "ann")
    desk.next("bob")
    clock.now += 60
    assert desk.next("ann") is None
    assert answered(desk, "cid") == ["0"]
    assert desk.next("bob") is None
    assert desk.done


def test_who_leaves_gives_back_at_once():
    desk = Desk(tasks(2), ASKING)
    item = desk.next("ann")
    desk.leave("ann")
    assert number(desk.next("bob")) == "0"
    with pytest.raises(NotHandedOut):
        desk.answer("ann", item.ticket, "yes")
    desk.leave("nobody")


# --- undo ---


def test_undo_gives_the_previous_item_then_goes_on():
    desk = Desk(tasks(3), ASKING)
    desk.answer("ann", desk.next("ann").ticket, "yes")
    held = desk.next("ann")
    again = desk.undo("ann")
    assert (number(again), again.again, held.again) == ("0", True, False)
    with pytest.raises(NotHandedOut):  # shown before, and not any more
        desk.answer("ann", held.ticket, "yes")
    task, answer = desk.answer("ann", again.ticket, "no")
    assert (task.id, answer.label) == ("0", "no")
    assert number(desk.next("ann")) == "1"
    assert desk.progress() == (1, 3, {"ann": 1}, 2)


def test_undo_may_go_back_further_and_all_is_answered_anew():
    desk = Desk(tasks(5), ASKING)
    answered(desk, "ann", n=3)
    desk.next("ann")
    assert [number(desk.undo("ann")) for _ in range(3)] == ["2", "1", "0"]
    assert desk.undo("ann") is None
    assert number(desk.next("ann")) == "0"
    assert answered(desk, "ann") == ["0", "1", "2", "3", "4"]


def test_nothing_to_undo():
    desk = Desk([task(0, "ann"), task(1)], ASKING)
    assert desk.undo("ann") is None  # an earlier run's answer stands
    answered(desk, "bob")
    assert desk.undo("ann") is None


def test_what_is_answered_anew_goes_to_nobody_else():
    desk = Desk(tasks(2), ASKING)
    answered(desk, "ann", n=1)
    desk.undo("ann")
    assert number(desk.next("bob")) == "1"
    assert desk.next("cid") is None


def test_while_somebody_answers_anew_it_is_not_done(clock):
    desk = Desk(tasks(1), ASKING, lease=60, clock=clock)
    answered(desk, "ann")
    desk.undo("ann")
    assert not desk.done
    clock.now += 60  # the old answer stands
    assert desk.done


def test_what_is_held_beneath_an_undo_may_be_lost(clock):
    desk = Desk(tasks(3), ASKING, lease=60, clock=clock)
    answered(desk, "ann", n=1)
    desk.next("ann")
    again = desk.undo("ann")
    clock.now += 60
    assert number(desk.next("bob")) == "1"
    assert desk.answer("ann", again.ticket, "no")[0].id == "0"
    assert number(desk.next("ann")) == "2"


def test_who_answers_anew_keeps_what_is_held_beneath(clock):
    desk = Desk(tasks(3), ASKING, lease=60, clock=clock)
    answered(desk, "ann", n=1)
    desk.next("ann")
    again = desk.undo("ann")
    clock.now += 40
    desk.answer("ann", again.ticket, "no")
    clock.now += 40
    assert number(desk.next("bob")) == "2"
    assert number(desk.next("ann")) == "1"


def test_who_leaves_answers_nothing_anew():
    desk = Desk(tasks(3), ASKING)
    answered(desk, "ann", n=1)
    again = desk.undo("ann")
    desk.leave("ann")
    with pytest.raises(NotHandedOut):
        desk.answer("ann", again.ticket, "yes")
    assert number(desk.next("ann")) == "1"


# --- known questions ---


def test_known_questions_are_a_share_and_look_like_others():
    desk = Desk(tasks(950), replace(ASKING, gold=gold(200), check=0.05))
    ids = answered(desk, "ann")
    places = [place for place, id in enumerate(ids) if id.startswith("gold")]
    assert len(ids) == 1000
    assert len(places) == 50
    assert len({ids[place] for place in places}) == 50
    gaps = {b - a for a, b in pairwise(places)}
    assert len(gaps) > 10  # nobody can count on them
    assert desk.done


def test_known_questions_are_other_ones_for_others_the_same_for_a_seed():
    def asked(name, seed):
        asking = replace(ASKING, gold=gold(50), check=0.1, seed=seed)
        return answered(Desk(tasks(200), asking), name)

    assert asked("ann", 1) == asked("ann", 1)
    assert asked("ann", 1) != asked("ann", 2)
    assert asked("ann", 1) != asked("bob", 1)


def test_after_a_stop_known_questions_go_on():
    asking = replace(ASKING, gold=gold(30), check=0.2)
    whole = answered(Desk(tasks(100), asking), "ann")
    had = set(whole[:37])

    def after(given):
        return [
            t._replace(asked=frozenset({"ann"} if t.id in had else ())) for t in given
        ]

    desk = Desk(after(tasks(100)), replace(asking, gold=tuple(after(gold(30)))))
    assert answered(desk, "ann") == whole[37:]


def test_when_known_questions_run_out_the_others_go_on():
    desk = Desk(tasks(50), replace(ASKING, gold=gold(3), check=0.5))
    ids = answered(desk, "ann")
    assert sum(id.startswith("gold") for id in ids) == 3
    assert len(ids) == 53
    assert len(answered(desk, "bob")) == 0  # alone, they are not asked


def test_a_known_question_of_the_batch_is_asked_once():
    given = [*tasks(5), task("gold-0")]
    desk = Desk(given, replace(ASKING, gold=gold(1), check=0.9))
    assert sorted(answered(desk, "ann")) == ["0", "1", "2", "3", "4", "gold-0"]


def test_progress_does_not_give_known_questions_away():
    desk = Desk(tasks(95), replace(ASKING, gold=gold(50), check=0.05))
    for n in range(100):
        assert desk.progress()[:2] == (n, 100)
        answered(desk, "ann", n=1)
    assert desk.progress() == (100, 100, {"ann": 100}, 0)


def test_a_known_question_is_told_from_a_record_at_the_desk_and_not_by_what_is_shown():
    given = [*tasks(20), task("gold-0")]  # this one is a record, too
    desk = Desk(given, replace(ASKING, gold=gold(20), check=0.5))
    checks = {}
    while item := desk.next("ann"):
        assert item._replace(ticket="", text="") == ("", "", None, None, False)
        found, _ = desk.answer("ann", item.ticket, "yes")
        checks[found.id] = found.check
    assert {id for id in checks if not checks[id]} == {task.id for task in given}
    assert len(checks) > 30


def test_when_they_are_chance_says_and_the_seed():
    def places(seed):
        asking = replace(ASKING, gold=gold(50), check=0.1, seed=seed)
        ids = answered(Desk(tasks(200), asking), "ann")
        return [place for place, id in enumerate(ids) if id.startswith("gold")]

    assert places(1) != places(2)


def test_progress_does_not_count_the_known_questions_of_earlier_batches():
    asking = replace(ASKING, gold=(*gold(45, "ann"), task("new")), check=0.05)
    desk = Desk(tasks(100), asking)
    assert desk.progress() == (0, 105, {}, 100)
    answered(desk, "ann", n=1)
    answered(desk, "bob", n=60)
    assert desk.progress()[:3] == (61, 105, {"ann": 1, "bob": 60})


def test_progress_after_a_stop_counts_the_share_of_known_questions():
    given = [*[task(i, "ann") for i in range(76)], *tasks(95)[76:]]
    many = Desk(given, replace(ASKING, gold=gold(50, "ann"), check=0.05))
    assert many.progress()[:2] == (80, 100)
    few = Desk(given, replace(ASKING, gold=gold(3, "ann"), check=0.05))
    assert few.progress()[:2] == (79, 100)


def test_progress_is_not_done_too_soon():
    desk = Desk(tasks(10), replace(ASKING, gold=gold(5), check=0.05))
    for name in [name for name in map(str, range(400)) if due(0, 0.05, name, 0)]:
        assert answered(desk, name, n=1)[0].startswith("gold")
    assert desk.progress()[:2] == (10, 11)
    assert desk.progress().open == 10


def test_a_known_question_can_be_answered_anew():
    desk = Desk(tasks(20), replace(ASKING, gold=gold(20), check=0.5))
    first = []
    while len(first) < 6:
        item = desk.next("ann")
        first.append(desk.answer("ann", item.ticket, "yes")[0].id)
        if desk.undo("ann"):
            assert answered(desk, "ann", n=1) == first[-1:]
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
def test_a_guess_is_shown_and_noted_when_asked_for(fields, guess, sure):
    for suggest, expected in [(True, (guess, sure)), (False, (None, None))]:
        desk = Desk([task(0, **fields)], replace(ASKING, suggest=suggest))
        item = desk.next("ann")
        assert (item.guess, item.sure) == expected
        _, answer = desk.answer("ann", item.ticket, "yes")
        assert answer.suggested == expected[0]


SUGGEST = replace(ASKING, suggest=True, check=0.5)


def test_a_guess_that_known_questions_lack_would_give_them_away():
    given = [task(0), task(1, pred="no")]
    some = (task("gold-0", pred="yes"), task("gold-1"), task("1"))
    with pytest.raises(UsageError, match=r"1 records of --gold .*`alcli score`"):
        Desk(given, replace(SUGGEST, gold=some))
    for asking in [
        replace(SUGGEST, gold=some[:1]),
        replace(SUGGEST, gold=some[2:]),  # it is a record, and shown as such
        replace(SUGGEST, gold=some, check=0.0),
        replace(SUGGEST, gold=some, suggest=False),
    ]:
        guess = "no" if asking.suggest else None
        desk = Desk(given[1:], asking)
        item = desk.next("ann")
        while number(item) != "1":
            desk.answer("ann", item.ticket, "yes")
            item = desk.next("ann")
        assert item.guess == guess


def test_a_guess_that_known_questions_alone_have_is_not_shown():
    some = tuple(task(f"gold-{i}", pred="yes") for i in range(9))
    desk = Desk(tasks(20), replace(SUGGEST, gold=some))
    ids = []
    while item := desk.next("ann"):
        assert item.guess is None
        found, answer = desk.answer("ann", item.ticket, "yes")
        assert answer.suggested is None
        ids.append(found.id)
    assert len(ids) == 29


# --- all of it ---


@pytest.mark.parametrize("seed", range(20))
def test_whatever_people_do_each_record_has_its_answers(seed, clock):
    """People come, leave, undo and dawdle at random; what must hold always holds."""
    rng = random.Random(seed)
    asking = Asking(("no", "yes"), redundancy=rng.choice([1, 2, 3]), gold=gold(9))
    asking = replace(asking, check=0.2)
    names = ["ann", "bob", "cid", "dan", "eva"]
    given = [task(i, *rng.sample(names, rng.choice([0, 0, 1]))) for i in range(40)]
    desk = Desk(given, asking, lease=60, clock=clock)
    held, said = {}, {(t.id, name) for t in given for name in t.asked}
    refused = 0
    for _ in range(1000):
        name = rng.choice(names)
        clock.now += rng.choice([0, 1, 5, 30])
        act = rng.choices(["answer", "next", "undo", "leave"], [6, 3, 1, 0.2])[0]
        if act == "answer" and name in held:
            item = held.pop(name)
            try:
                found, _ = desk.answer(name, item.ticket, rng.choice(["no", "yes"]))
            except NotHandedOut:
                refused += 1
                continue
            assert found.id == number(item)
            assert ((found.id, name) in said) == item.again
            said.add((found.id, name))
        elif act == "leave":
            desk.leave(name)
            held.pop(name, None)
        elif item := desk.undo(name) if act == "undo" else desk.next(name):
            held[name] = item
    clock.now += 60
    for name in names:
        said |= {(id, name) for id in answered(desk, name)}
    assert desk.done
    assert desk.progress().open == 0
    votes = Counter(id for id, _ in said if not id.startswith("gold"))
    assert votes == {t.id: asking.redundancy for t in given}
    assert refused


def test_threads_share_a_desk():
    desk = Desk(tasks(2000), ASKING)
    found = []
    threads = [
        Thread(target=lambda name=name: found.append(answered(desk, name)))
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


def shelf_of(n, redundancy):
    shelf = Shelf(tasks(n), redundancy)
    shelf._free = Counting(shelf._free)
    return shelf


def take_all(shelf, *names):
    found = {name: shelf.find(name) for name in names}
    while any(place is not None for place in found.values()):
        for name, place in found.items():
            if place is not None:
                shelf.take(name, place)
        found = {name: shelf.find(name) for name in names}


@pytest.mark.parametrize("redundancy", [1, 2, 3])
def test_finding_does_not_look_at_what_it_has_seen(redundancy):
    shelf = shelf_of(2000, redundancy)
    take_all(shelf, "ann")
    assert shelf._free.looked < 6 * 2000
    shelf._free.looked = 0
    assert shelf.find("ann") is None
    assert shelf._free.looked <= 1


def test_who_comes_late_does_not_look_at_what_is_gone():
    shelf = shelf_of(2000, 2)
    take_all(shelf, "ann", "bob")
    shelf.find("cid")
    shelf._free.looked = 0
    assert shelf.find("dan") is None
    assert shelf._free.looked <= 1


def test_what_is_given_back_comes_in_order():
    shelf = shelf_of(5, 1)
    take_all(shelf, "ann")
    for place in (3, 1, 4):
        shelf.give_back("ann", place)
    assert shelf.find("bob") == 1
