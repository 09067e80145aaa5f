"""Other forms of Persian words: formal forms of colloquial ones, and lemmas.

Both come list (seconds, 300 MB), so only on demand.
"""

from collections.abc import Callable
from functools import cache

from alcli.text.persian.hazm_modules import hazm_module
from alcli.text.persian.lexicon import HALF_SPACE, lexicon


@cache
def formaliser() -> Callable[[str], str]:
    """Return a function: colloquial form -> formal one (نمیدونم -> نمی‌دانم, رو -> را).

    The first candidate of hazm's `InformalNormalizer`, without vowel marks; it may be
    two words, with a space. Unknown words and formal verbs are unchanged (hazm makes
    شودم of شدم).
    """
    # its stages for whole texts are those of `Normalizer`, which are done already
    kind = hazm_module("informal_normalizer").InformalNormalizer
    candidates = kind(
        correct_spacing=False, decrease_repeated_chars=False, seperate_mi=False
    ).normalized_word
    marks = hazm_module("constants").DIACRITICS_PATTERNS
    regex_replace = hazm_module("utils").regex_replace
    verbs, participles = lexicon().verbs, lexicon().verb_parts

    def first(word: str) -> str:
        if word in verbs:
            return word
        forms: list[str] = candidates(word)
        form = forms[0]
        if form.endswith("ه است") and form[:-4] not in participles:
            # for خوبه the candidates are خوبه است, خوبه, خوب است: the first is wrong
            apart = f"{form[:-5]} است"
            form = apart if apart in forms else form
        return regex_replace(marks, form).strip(HALF_SPACE) or word

    return first


@cache
def lemmatiser() -> Callable[[str], str]:
    """Return a function: word -> lemma (کتاب‌ها -> کتاب, می‌روم -> رفت).

    hazm's lemma of a verb is past#present root (رفت#رو). The past root is returned,
    since it is more frequent and less often ambiguous (رو: on, face); without one
    (#هست), the present root. A word of hazm's list is its own lemma, inflected verbs
    included: شد stays, رفتم becomes رفت.
    """
    lemmatize = hazm_module("lemmatizer").Lemmatizer().lemmatize

    def root(word: str) -> str:
        if "#" in word:  # a hashtag
            return word
        past, _, present = lemmatize(word).partition("#")
        return past or present or word

    return root
