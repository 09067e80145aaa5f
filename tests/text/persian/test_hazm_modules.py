"""hazm's modules without its packages, equal to those of the whole hazm."""

import subprocess
import sys

from alcli.text.persian.hazm_modules import hazm_module
from alcli.text.persian.lexicon import lexicon


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_persian_tokens_and_stop_words_load_no_package_of_hazm():
    code = (
        "import sys;"
        "from alcli.text.languages import normaliser;"
        "from alcli.text.persian.stopwords import load_stopwords;"
        "fa = normaliser('fa', informal=True, lemmatize=True);"
        "fa('كتاب ها'), load_stopwords('persian');"
        "heavy = {'hazm', 'nltk', 'sklearn', 'scipy', 'spacy', 'gensim', 'pandas'};"
        "print(*heavy & sys.modules.keys())"
    )
    assert run(code) == "\n"


def test_hazm_itself_is_whole_before_and_after():
    uses = (
        "import hazm, nltk, sys;"
        "assert hazm.Normalizer().normalize('كتاب ها') == 'کتاب\u200cها';"
        "assert hazm.word_tokenizer.TokenizerI is nltk.tokenize.api.TokenizerI;"
        "assert hazm is sys.modules['hazm'] and hazm.SentenceTokenizer;"
    )
    ours = (
        "from alcli.text.languages import normaliser;"
        "assert normaliser('fa', lemmatize=True)('كتاب ها') == ['کتاب'];"
    )
    run(uses + "whole = hazm;" + ours + "assert sys.modules['hazm'] is whole;" + uses)
    run(ours + uses + ours)


def test_words_are_those_of_the_whole_hazm():
    from hazm.lemmatizer import Conjugation
    from hazm.word_tokenizer import WordTokenizer

    tokenizer, known = WordTokenizer(), lexicon()
    assert hazm_module("word_tokenizer").WordTokenizer is not WordTokenizer
    assert known.words == tokenizer.words.keys()
    conjugate = Conjugation().get_all
    forms = {form for root in tokenizer.verbs for form in conjugate(root)}
    assert known.verbs == {form for form in forms if " " not in form}
    compounds = {word for word, (count, _) in tokenizer.words.items() if count > 0}
    for pair in sorted(compounds)[::50]:
        left, half_space, right = pair.partition("\u200c")
        assert not half_space or left in known.lefts[right]


def test_colloquial_forms_and_lemmas_are_those_of_the_whole_hazm(texts):
    from hazm.informal_normalizer import InformalNormalizer
    from hazm.lemmatizer import Lemmatizer

    some = texts("snappfood/test.jsonl.gz")[:20]
    words = {word for text in some for word in text.split()}
    lemmatize = hazm_module("lemmatizer").Lemmatizer().lemmatize
    theirs = Lemmatizer().lemmatize
    assert {w: lemmatize(w) for w in words} == {w: theirs(w) for w in words}
    informal = hazm_module("informal_normalizer").InformalNormalizer().normalized_word
    whole = InformalNormalizer().normalized_word
    assert {w: informal(w) for w in words} == {w: whole(w) for w in words}
