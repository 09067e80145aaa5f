"""A batch keeps what is well, and knows where everything stood."""

from alcli.data.formats.common.batch import Batch, LeftOut, NoRecord
from alcli.data.formats.common.tally import Tally


def whole(number):
    if number % 3 == 0:
        raise NoRecord(f"{number} is no record")
    if number % 7 == 0:
        raise LeftOut("sevens" if number > 10 else "")
    return str(number)


def batch(items):
    return Batch(items, lambda row: (10 + row, b"raw"), Tally())


def test_each_goes_on_behind_what_is_refused():
    found = batch(range(1, 16)).each(whole)
    assert list(found.items) == ["1", "2", "4", "5", "8", "10", "11", "13"]
    assert list(found.rows) == [0, 1, 3, 4, 7, 9, 10, 12]
    assert [row for row, _ in found.refused] == [2, 5, 8, 11, 14]
    assert found.tally.counts == {"read": 1, "written": 0, "sevens": 1}


def test_rows_are_those_of_the_file_however_often_items_are_changed():
    def odd(text):
        if int(text) % 2 == 0:
            raise NoRecord("even")
        return text

    found = batch(range(1, 16)).each(whole).each(odd)
    assert list(found.items) == ["1", "5", "11", "13"]
    assert list(found.rows) == [0, 4, 10, 12]
    assert [row for row, why in found.refused if str(why) == "even"] == [1, 3, 7, 9]


def test_several_items_of_one():
    found = batch("ab").each(lambda letter: [letter] * 2).flat()
    assert list(found.items) == ["a", "a", "b", "b"]
    assert list(found.rows) == [0, 0, 1, 1]


def test_without_the_first():
    found = batch("abc").behind_first()
    assert (list(found.items), list(found.rows)) == (["b", "c"], [1, 2])
