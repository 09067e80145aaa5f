"""Tokens of language `fa`: equal to those of hazm."""

import time

import pytest

from alcli.text.characters import replace_unseen

EXAMPLES = [
    "",
    " ",
    "\n",
    "سلام",
    "اِعلاممممم کَرد : « زمین لرزه ای به بُزرگیِ شش دهم ریشتر ...»",
    "کاروان‌‌سرا ‌سلام‌ به ‌همه‌ دنیـــا",
    "جمعهها که کار نمی کنم مطالعه می کنم",
    ' "سلام به همه"   “خوبی” "تنها',
    "سلاممم را برسان عالیییی افتضاااااااح صصص کشییی",
    "نمیدانم چه میگفت، میز می‌خواهم",
    "اخلال گر ماه می سال جدید زیبا تر زیبا ترین خانه ی ما بچه ها ی",
    "گفته شده است گفته خواهد شد خواهد رفت نرفته ام خسته شدید",
    "رفته شده بود خواهد رفته شده بودم شده است خواهند رفت",
    "خواهم",
    "خواهم خواهد رفت",
    "خوب ! ! بد",
    "خوب ؟ ؟ بد",
    "خوب؟? بد",
    "خوب ؟! چرا!? چه؟؟!? ? !",
    "خوب . . بد",
    "بد .. : خوب",
    "خوب: : بد",
    "خط یک\nخط دو می\nرود\n\n\nها \n",
    "خوب\t!\t!\tبد",
    "پیامبر اکرم ﷺ ﷽ ﷼ ﻻ",
    "كتاب عربي ۀ ہ ە\u00a0ى",
    "می . رود می ، خورد",
    "  \u200c! \u200c \n",
    "خوب!\u200c \n",
    "ه ی ب\nه ی ب ه ام",
    "A+.+B خوب_بود snake_case",
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_tokens_equal_those_of_hazm(text, fa, hazm_tokens, eligible):
    assert eligible(text)
    assert fa(text) == hazm_tokens(text)


def test_characters_that_hazm_replaces_are_replaced(fa, hazm_tokens, eligible):
    from hazm.constants import TRANSLATION_SRC

    characters = {*TRANSLATION_SRC, *map(chr, range(0x600, 0x700))}
    characters |= {*map(chr, range(0xFB50, 0xFE00)), *map(chr, range(0xFE70, 0xFF00))}
    texts = [f"ا{char}ب {char} ،{char}!" for char in sorted(characters)]
    chosen = [text for text in texts if eligible(text)]
    assert len(chosen) > 0.95 * len(texts)  # the rest are digits
    assert [fa(text) for text in chosen] == [hazm_tokens(text) for text in chosen]


def differences(texts, ours, theirs, eligible, *, most=0.5):
    """Return the texts with different tokens, among those without protected spans."""
    chosen = [text for text in texts if eligible(text)]
    assert len(chosen) > most * len(texts)
    return [text for text in chosen if ours(text) != theirs(text)]


def test_tokens_of_random_texts_equal_those_of_hazm(fuzzed, fa, hazm_tokens, eligible):
    made = fuzzed(3_000, seed=1)
    assert differences(made, fa, hazm_tokens, eligible, most=0.95) == []


@pytest.mark.slow
def test_tokens_of_more_random_texts_equal_those_of_hazm(
    fuzzed, fa, hazm_tokens, eligible
):
    made = fuzzed(30_000, seed=2)
    assert differences(made, fa, hazm_tokens, eligible, most=0.95) == []


def test_tokens_of_some_real_texts_equal_those_of_hazm(
    texts, fa, hazm_tokens, eligible
):
    for path in ("snappfood/test.jsonl.gz", "sentipers/all_sentences.jsonl.gz"):
        some = texts(path)[:2000]
        assert differences(some, fa, hazm_tokens, eligible) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("snappfood/train.jsonl.gz", 0.89),
        ("snappfood/validation.jsonl.gz", 0.89),
        ("snappfood/test.jsonl.gz", 0.89),
        ("sentipers/all_sentences.jsonl.gz", 0.6),
        ("product_reviews/train.jsonl.gz", 0.8),
        ("product_reviews/validation.jsonl.gz", 0.75),
        ("product_reviews/test.jsonl.gz", 0.75),
        ("hotel_reviews/all.jsonl.gz", 0.5),
    ],
)
def test_tokens_of_all_real_texts_equal_those_of_hazm(
    path, most, texts, fa, hazm_tokens, eligible
):
    assert differences(texts(path), fa, hazm_tokens, eligible, most=most) == []


def test_words_of_texts_with_protected_spans_equal_those_of_hazm(texts, hazm_tokens):
    """Without `normaliser`, which finds the spans."""
    from alcli.text.languages.fa import Persian

    persian = Persian()
    some = texts("sentipers/all_sentences.jsonl.gz")[2000:4000]
    whole = [persian.words(persian.prepare(replace_unseen(text))) for text in some]
    assert whole == list(map(hazm_tokens, some))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("گفت که می خرم و خواهد", "گفت که می‌خرم و خواهد"),
        ("خواهیم خواهیم", "خواهیم خواهیم"),
        ("نخواهند ؛ خواهیم ... خواهی »", "نخواهند ؛ خواهیم … خواهی »"),
        ("رفته است ؟ خواهید", "رفته_است ؟ خواهید"),
        ("خواهند خواهند رفت خواهم", "خواهند_خواهند_رفت خواهم"),
    ],
)
def test_an_auxiliary_without_a_verb_is_one_token(text, tokens, fa):
    assert fa(text) == tokens.split(" ")


@pytest.mark.parametrize(
    ("form", "letters"),
    [
        ("ﺁﻣﺪ", "آمد"),
        ("ﻣﺴﺌﻠﻪ", "مسئله"),
        ("ﻛﺘﺎﺏ", "کتاب"),
        ("ﺳﻼﻡ", "سلام"),
        ("ﷲ", "الله"),
        ("ﰲ ﭘﮋ ﮔﭽ", "فی پژ گچ"),
        ("خو\ufe7fب", "خوب"),
    ],
)
def test_presentation_forms_are_their_letters(form, letters, fa):
    assert fa(form) == letters.split(" ")


@pytest.mark.parametrize("character", "\u200d\ufe0e\ufe0f\U000e0041")
def test_joiners_outside_of_emoji_are_dropped(character, fa):
    assert fa(f"مد{character}یر {character} خوب{character}") == ["مدیر", "خوب"]


def test_digits_of_hashtags_are_persian_unless_all_is_ascii(fa):
    assert fa("#تخفيف_50 #sale50 @shop24 @فروش۲4") == [
        *("#تخفیف_۵۰", "#sale50", "@shop24", "@فروش۲۴"),
    ]


def test_no_word_is_lost_beside_a_protected_span(fa):
    assert fa("من این را خواهم :)") == ["من", "این", "را", "خواهم", ":)"]
    assert fa("خواهم ۵ تا") == ["خواهم", "۵", "تا"]
    assert fa(":) من این را خواهم") == [":)", "من", "این", "را", "خواهم"]


def test_quotation_marks_pair_around_protected_spans(fa):
    assert fa('گفت "۱۰ تا :)" و رفت') == [
        *("گفت", "«", "۱۰", "تا", ":)", "»", "و", "رفت"),
    ]


def test_half_spaces_beside_emoji_are_dropped(fa):
    assert fa("خوب\u200c😂\u200c😂\u200cبد") == ["خوب", "😂", "😂", "بد"]


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("12", "۱۲"),
        ("١٢", "۱۲"),
        ("12.5", "۱۲٫۵"),
        ("۱۲٫۵", "۱۲٫۵"),
        ("1,200.50", "۱,۲۰۰٫۵۰"),
        ("98.5.3", "۹۸.۵.۳"),
        ("98/5.3", "۹۸/۵.۳"),
        ("12:30", "۱۲:۳۰"),
        ("1399/02/03", "۱۳۹۹/۰۲/۰۳"),
        ("50%", "۵۰٪"),
        ("%50", "٪۵۰"),
        ("१२", "१२"),
    ],
)
def test_numbers_have_persian_digits(written, token, fa):
    assert fa(f"قیمت {written} بود") == ["قیمت", token, "بود"]


def test_protected_spans_are_normalised_idempotently(fa):
    tokens = fa("خوب :)) 👍🏽 ۱۲٫۵ 50% a.b@c.com http://x.ir/ي <3 عالی بود.")
    assert fa(" ".join(tokens)) == tokens


def test_normalisation_is_idempotent_for_nearly_all_texts(texts, fa):
    """hazm joins a few more words in its own output."""
    once = [fa(text) for text in texts("snappfood/test.jsonl.gz")[:3000]]
    changed = sum(fa(" ".join(tokens)) != tokens for tokens in once)
    assert changed < 0.002 * len(once)


MUCH = [
    *("ب", "a", "1", " ", ":", ": ", ".", ". ", "! ", "!?", "(", ":(", "(:)", "1.2 "),
    *(
        "a.",
        "a@",
        "http://",
        "a.com ",
        "-_",
        "_",
        "😂",
        "👨\u200d",
        "\u200c",
        "\u200c ",
    ),
    *("ـ", "\u064b", "\u0670", "\n", "\t", '"', '" a ', "می ", "می", "ها ", "هها"),
    *(
        "خواهم ",
        "خواهم رفت ",
        "گفته شده است ",
        "سلاممم",
        "سلاممم ",
        "ه ی ",
        "ي",
        "\x85",
    ),
    *("#", "#a", "#1", "@", "@a.", "@1", "a_", "a_1", "_1", "http://ا", "http://ا-"),
    *("http://a-", "t.me/", "Www.", "\U000e0041", "\U0001f3f4\U000e0041", "\u200f"),
    *("\u3000", "\r", "خواهم ! ", "ﻼ", "#ا\u200c", "#\u064b"),
    *("a\u0301\u0323", "\u0301\u0323", "ﷺ", "ا\u200c", "<3", "xD", "'", "%", "[:"),
]


@pytest.mark.slow
@pytest.mark.parametrize("piece", MUCH)
def test_time_is_linear_in_the_length(piece, fa, any_language):
    """With quadratic time, 400,000 bytes would take many minutes."""
    text = "x" + piece * (400_000 // len(piece.encode())) + "\u00a0y"
    for normalise in (fa, any_language):
        begin = time.process_time()
        tokens = normalise(text)
        assert time.process_time() - begin < 20
        assert tokens
        assert all(tokens)
        assert not any(" " in token for token in tokens)
