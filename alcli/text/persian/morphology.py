"""Other forms of Persian words: the written form of spoken ones, and lemmas.

Both come from hazm's own tables; nothing is downloaded, and no context is looked at.
They load two more copies of hazm's word list (seconds, 300 MB), so only when asked for.
"""

from collections.abc import Callable
from functools import cache

from hazm.constants import DIACRITICS_PATTERNS
from hazm.informal_normalizer import InformalNormalizer
from hazm.lemmatizer import Lemmatizer
from hazm.utils import regex_replace

from alcli.text.persian.lexicon import HALF_SPACE, lexicon


@cache
def formaliser() -> Callable[[str], str]:
    """Return the function: spoken form -> written form (نمیدونم -> نمی‌دانم, رو -> را).

    hazm's `InformalNormalizer` offers several for some words; this is its first one,
    without vowel marks. It may be two words, with a space. Unknown words stay, and so
    do verbs that are in written form already (hazm makes شودم of شدم).
    """
    # Its stages for whole texts are those of `Normalizer`, and have been done already.
    candidates = InformalNormalizer(
        correct_spacing=False, decrease_repeated_chars=False, seperate_mi=False
    ).normalized_word
    verbs, participles = lexicon().verbs, lexicon().verb_parts

    def first(word: str) -> str:
        if word in verbs:
            return word
        forms: list[str] = candidates(word)
        form = forms[0]
        if form.endswith("ه است") and form[:-4] not in participles:
            # For خوبه it offers خوبه است, خوبه, خوب است: the first is not Persian.
            apart = f"{form[:-5]} است"
            form = apart if apart in forms else form
        return regex_replace(DIACRITICS_PATTERNS, form).strip(HALF_SPACE) or word

    return first


@cache
def lemmatiser() -> Callable[[str], str]:
    """Return the function: word -> lemma (کتاب‌ها -> کتاب, می‌روم -> رفت).

    hazm gives verbs as past#present root (رفت#رو). The past root is taken: it is a word
    that people write, and it is less often another word as well (رو: on, face). Where
    there is none (#هست) it is the present root. Any word that is in hazm's list is its
    own lemma, an inflected verb too: شد stays, رفتم becomes رفت.
    """
    lemmatize = Lemmatizer().lemmatize

    def root(word: str) -> str:
        if "#" in word:  # a hashtag
            return word
        past, _, present = lemmatize(word).partition("#")
        return past or present or word

    return root
