"""Stop words, as tokens."""

import pytest

from alcli.core.errors import InputError
from alcli.text.persian.stopwords import load_stopwords


def test_none_is_empty():
    assert load_stopwords("none") == frozenset()


def test_persian_is_the_list_of_hazm_as_tokens(fa):
    words = load_stopwords("persian")
    assert len(words) > 300
    assert {"و", "در", "به", "از"} <= words
    assert all(fa(word) == [word] for word in words)
    assert not any(" " in word for word in words)


def test_words_of_a_file_are_normalised(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes("\ufeffكتاب\r\n\nمي‌رود\nبه هیچ وجه\n!\n12\n".encode())
    assert load_stopwords(str(path)) == {"کتاب", "می‌رود", "!", "۱۲"}


def test_the_list_of_the_lda_study_is_read(data):
    words = load_stopwords(str(data("stopwords/persian.txt")))
    assert len(words) > 1000
    assert "آخرها" in words or "آخر‌ها" in words


def test_a_missing_file_is_rejected(tmp_path):
    with pytest.raises(InputError, match=r"none\.txt: cannot read: No such file"):
        load_stopwords(str(tmp_path / "none.txt"))


def test_a_file_that_is_not_utf8_is_rejected(tmp_path):
    path = tmp_path / "latin.txt"
    path.write_bytes(b"good\nna\xefve\n")
    with pytest.raises(InputError, match=r"latin\.txt:2: not UTF-8"):
        load_stopwords(str(path))
