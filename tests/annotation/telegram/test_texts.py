"""Texts that fit into messages in the right direction; buttons and their data."""

import pytest

from alcli.annotation.queue.items import HeldItem
from alcli.annotation.queue.task_queue import Progress
from alcli.annotation.telegram.texts import (
    CUT,
    LONGEST,
    ButtonPress,
    buttons,
    guideline_messages,
    item_messages,
    mark_direction,
    parse_press,
    split_message,
    with_answer,
)

FAR = Progress(5, 20, {}, 15)


def units(text):
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    "text",
    ["کتاب " * 3000, "x" * 9000, "🎉" * 5000, "\n" * 9000, "a\n" * 5000, "🎉 x" * 3000],
    ids=["words", "one word", "emoji", "lines", "short lines", "mixed"],
)
def test_split_messages_fit_and_keep_the_text(text):
    found = split_message(text)

    assert all(units(part) <= LONGEST - 512 for part in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_a_short_text_is_one_message():
    assert split_message(" a  b\n") == [" a  b\n"]
    assert split_message("x" * 3584) == ["x" * 3584]


@pytest.mark.parametrize("letter", ["x", "🎉", "م\n"])
def test_messages_fit_with_heading_prediction_and_answer(letter):
    item = HeldItem("t", letter * 60_000, "g" * 500, 0.5, again=True)
    found = item_messages(item, FAR, 3)
    last = with_answer(found[-1], ButtonPress("t", label="c" * 500))

    assert len(found) == 5
    assert all(units(text) <= LONGEST and text.strip() for text in [*found, last])
    assert CUT in found[-1]
    assert not any(CUT in text for text in found[:-1])


def test_a_cut_text_has_a_note():
    found = item_messages(HeldItem("t", "a" + "\n" * 60_000 + "b"), FAR, 0)
    assert CUT in found[-1]


def test_an_empty_text_is_one_message():
    assert item_messages(HeldItem("t", "\n" * 9000), FAR, 0) == [
        "You: 0 · all: 5 of 20\n\n"
    ]


def test_a_message_has_progress_text_and_prediction():
    item = HeldItem("t", "Good.\n<b>کتاب</b>", "yes", 0.834, again=True)
    assert item_messages(item, FAR, 3) == [
        "You: 3 · all: 5 of 20 · again\n\nGood.\n<b>کتاب</b>\n\n"
        "The model's guess: \u2068yes\u2069 (83%)"
    ]
    assert "guess" not in item_messages(item._replace(guess=None), FAR, 3)[0]


def test_every_line_has_the_direction_of_the_text():
    assert mark_direction("کتاب\nSamsung خوب") == "\u200fکتاب\n\u200fSamsung خوب"
    assert mark_direction("Samsung\nکتاب") == "Samsung\nکتاب"


def test_a_message_with_its_answer():
    assert with_answer("x", ButtonPress("t", label="y")) == "x\n\n✔ \u2068y\u2069"
    assert with_answer("x", ButtonPress("t", reason="skipped")) == "x\n\n– skipped"
    assert with_answer("x", ButtonPress("t", reason="unsure")) == "x\n\n? not sure"


def test_guidelines_are_split_without_loss():
    assert guideline_messages(" \n") == []
    assert guideline_messages("# A\n\n*b*\n") == ["# A\n\n*b*"]
    assert len(guideline_messages("word " * 2000)) == 3


def test_buttons_come_in_the_order_of_the_classes():
    classes = ("a", "b", "c", "d", "x" * 30, "y" * 70)
    rows = buttons(classes, "T" * 16)
    said = [[text for text, _ in row] for row in rows]

    assert said[:3] == [["a", "b", "c"], ["d"], ["x" * 30]]
    assert said[3] == ["y" * 59 + "…"]
    assert said[4] == ["Skip", "Not sure", "Undo"]
    assert all(len(data.encode()) <= 64 for row in rows for _, data in row)
    pressed = [parse_press(data, classes) for row in rows for _, data in row]
    assert [p.label for p in pressed[:6]] == list(classes)
    assert [p.reason for p in pressed[6:8]] == ["skipped", "unsure"]
    assert pressed[8] == ButtonPress("T" * 16, undo=True)


@pytest.mark.parametrize("data", ["", ".", "6.t", "-1.t", "²..t", "1", "x.t", "1" * 60])
def test_invalid_button_data_is_none(data):
    found = parse_press(data, ("a", "b"))

    assert found is None or found.ticket == ""
