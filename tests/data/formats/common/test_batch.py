"""Batches: valid items, rejected ones, and the positions of all."""

from alcli.data.formats.common.batch import Dropped, FileBatch, Rejected
from alcli.data.formats.common.stats import ConversionStats


def convert(number):
    if number % 3 == 0:
        raise Rejected(f"{number} is no record")
    if number % 7 == 0:
        raise Dropped("sevens" if number > 10 else "")
    return str(number)


def batch(items):
    return FileBatch(items, lambda row: (10 + row, b"raw"), ConversionStats())


def test_map_continues_after_rejected_items():
    found = batch(range(1, 16)).map(convert)
    assert list(found.items) == ["1", "2", "4", "5", "8", "10", "11", "13"]
    assert list(found.rows) == [0, 1, 3, 4, 7, 9, 10, 12]
    assert [row for row, _ in found.rejected] == [2, 5, 8, 11, 14]
    assert found.stats.counts == {"read": 1, "written": 0, "sevens": 1}


def test_rows_refer_to_the_file_after_several_maps():
    def odd(text):
        if int(text) % 2 == 0:
            raise Rejected("even")
        return text

    found = batch(range(1, 16)).map(convert).map(odd)
    assert list(found.items) == ["1", "5", "11", "13"]
    assert list(found.rows) == [0, 4, 10, 12]
    assert [row for row, why in found.rejected if str(why) == "even"] == [1, 3, 7, 9]


def test_flatten():
    found = batch("ab").map(lambda letter: [letter] * 2).flatten()
    assert list(found.items) == ["a", "a", "b", "b"]
    assert list(found.rows) == [0, 0, 1, 1]


def test_without_first():
    found = batch("abc").without_first()
    assert (list(found.items), list(found.rows)) == (["b", "c"], [1, 2])
