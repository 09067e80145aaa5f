"""Protected spans, and text that resembles them."""

import random

import pytest

from alcli.text.protect import span_finder

KINDS = {
    "u": "url",
    "m": "email",
    "t": "tag",
    "j": "emoji",
    "e": "emoticon",
    "n": "number",
}


def found(text, *, split_letters=True):
    items = span_finder(split_letters=split_letters)(text)
    return [(text[item.start : item.end], item.kind) for item in items]


# fmt: off
EMOTICONS = [
    ":)", ":-)", ":]", ":D", ";)", ":(", ":-(", "=((", ":|", "<3", "^_^", ":))))",
    ";-)", "=)", "=D", ":'(", ":’(", ":P", ":p", ":-D", ":*", ":/", ":\\", ":X",
    "</3", "-_-", "o_O", "T_T", ">_<", "^^", "xD", "XDDD", "؛)", "(:", "(((:", "=]",
]
# fmt: on


@pytest.mark.parametrize("emoticon", EMOTICONS)
def test_emoticons_are_protected(emoticon):
    for text in (emoticon, f"خوب بود {emoticon}", f"{emoticon} خوب", f"a {emoticon} b"):
        assert found(text) == [(emoticon, "emoticon")]


@pytest.mark.parametrize(
    ("text", "emoticons"),
    [
        ("خوب بود:)", [":)"]),
        ("خوب بود:))مرسی", [":))"]),
        ("بد بود:( ولی", [":("]),
        ("بد بود:(ولی", [":("]),
        ("بد بود :( بعد خوب شد :)", [":(", ":)"]),
        ("خوب:D بود", [":D"]),
        ("great:D", [":D"]),
        (":)؛)", [":)", "؛)"]),
        (":D:P <3<3", [":D", ":P", "<3", "<3"]),
        ("می‌شدن:)، باقی", [":)"]),
        # a bracket, not a mouth
        ("(مثلا :)", []),
        ("(مثلا:) خوب", []),
        ("(خوب بود :))", [":)"]),
        ("(الف) بود :)", [":)"]),
        ("(مثلا :) بود :)", [":)"]),
        ("(خوب :)) بود :)", [":)", ":)"]),
        ("(خوب :(( بد)", [":(("]),
        ("قیمت:(بالا)", []),
        ("قیمت:(۱۲", []),
        ("موارد:(الف) و (ب)", []),
        ("موارد :( الف )", []),
        ("(رنگ): آبی", []),
        ("[متن:]", []),
        ("x:[1]", []),
        # a colon, not eyes
        ("قیمت: (بالا)", []),
        ("و/یا", []),
        ("C:\\Users C:D a:p 4:D", []),
        ("ویتامین:Dریم", []),
        ("a<3b <3000", []),
        ("نکته:*مهم*", []),
        ("a == b; c = d", []),
    ],
)
def test_emoticons_are_distinguished_from_punctuation(text, emoticons):
    assert [item for item, kind in found(text) if kind == "emoticon"] == emoticons


EMOJI = {
    "alone": "😂",
    "heart": "❤",
    "variation selector": "❤\ufe0f",
    "skin tone": "👍🏽",
    "skin tone of a dingbat": "✌🏿",
    "family": "👨\u200d👩\u200d👧",
    "rainbow flag": "🏳\ufe0f\u200d🌈",
    "profession": "👩🏽\u200d⚕\ufe0f",
    "shrug": "🤷🏻\u200d♀\ufe0f",
    "country": "🇮🇷",
    "region": "🏴\U000e0067\U000e0062\U000e0065\U000e007f",
    "keycap": "1\ufe0f\u20e3",
    "keycap of a sign": "#\ufe0f\u20e3",
    "text by default": "©\ufe0f",
    "arrow": "➡\ufe0f",
    "clock": "⏰",
    "star": "⭐",
    "black star": "★",
    "of 2021": "🫶",
}


@pytest.mark.parametrize("emoji", EMOJI.values(), ids=EMOJI.keys())
def test_emoji_are_protected(emoji):
    assert found(f"خوب{emoji}بود") == [(emoji, "emoji")]
    assert found(emoji * 3) == [(emoji, "emoji")] * 3


def test_text_symbols_are_not_emoji():
    text = "© ™ ↔ … « » ﷼ ° × ÷ ▪"
    assert found(text) == []
    assert found(f"{text} 😂 {text}") == [("😂", "emoji")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("آدرس:http://digikala.com/a.", "http://digikala.com/a"),
        ("آدرس:http://..", None),
        ("(https://x.ir/y?a=1&b=2#c)", "https://x.ir/y?a=1&b=2#c"),
        ("سایت www.x.ir، خوب", "www.x.ir"),
        ("از digikala.com/search خریدم", "digikala.com/search"),
        ("دیجی‌کالا(digikala.com)", "digikala.com"),
        (
            "https://fa.wikipedia.org/wiki/ایران خوب",
            "https://fa.wikipedia.org/wiki/ایران",
        ),
        ("ftp://a.b:21/", "ftp://a.b:21/"),
        ("Seehttp://x.ir", "http://x.ir"),
        ("خوب.بد good.bad a.b", None),
        ("http:// www. :// //", None),
        ("HTTPS://Shop.COM/A خوب", "HTTPS://Shop.COM/A"),
        ("(Ftp://x.ir)", "Ftp://x.ir"),
        ("سایت WWW.Shop.Ir.", "WWW.Shop.Ir"),
        ("از Shop.IR خریدم", "Shop.IR"),
        ("https://خرید.ir/گوشی؟", "https://خرید.ir/گوشی"),
        ("http://فروش‌گاه-۱.ایران، خوب", "http://فروش‌گاه-۱.ایران"),
        ("http://हिन्दी.भारत/", "http://हिन्दी.भारत/"),
        ("http://x.irبود", "http://x.ir"),
        ("HTTP://u:p@x.ir:8080/ q", "HTTP://u:p@x.ir:8080/"),
        ("کانال t.me/shop_24.", "t.me/shop_24"),
        ("Wa.Me/98912 youtu. be", "Wa.Me/98912"),
        ("ask.me good.to/ in.de /x", None),
    ],
)
def test_urls_end_before_punctuation(text, expected):
    assert found(text) == ([(expected, "url")] if expected else [])


def test_emails_are_protected():
    assert found("به a.b-c@mail.x.com، بنویس") == [("a.b-c@mail.x.com", "email")]
    assert found("user@ a@b a@.com") == []


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#sale2020 @ali_2020، user_123", ["#sale2020", "@ali_2020", "user_123"]),
        ("#گوشی۲۰ خوب #کتاب‌ها_5!", ["#گوشی۲۰", "#کتاب‌ها_5"]),
        ("#covid-19 #a--b", ["#covid-19", "#a"]),
        ("#कहानी1। #خُوب1 #خوب\u200c", ["#कहानी1", "#خُوب1", "#خوب"]),
        ("سلام@ali.reza. @علی", ["@ali.reza", "@علی"]),
        ("(@a)(#b)##c", ["@a", "#b", "#c"]),
        ("# @ #1 @5 C#x 5#x x@y خان@ه #__ @_ a_b _1", []),
    ],
)
def test_tags_are_protected(text, tags):
    assert [item for item, kind in found(text) if kind == "tag"] == tags


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("12.5 1,200 ۱۲٫۵ ١٢ 50% ٪۵۰", ["12.5", "1,200", "۱۲٫۵", "١٢", "50%", "٪۵۰"]),
        ("12:30 1399/02/03 1.2.3", ["12:30", "1399/02/03", "1.2.3"]),
        ("ساعت 5. نمره 20، (3)", ["5", "20", "3"]),
        ("قیمت:(۱۲) نمره:5", ["۱۲", "5"]),
        ("2-3 تا 5تا A50 12.5کیلو", ["2", "3", "5", "50", "12.5"]),
        ("بیست % .", []),
    ],
)
def test_numbers_are_protected(text, numbers):
    assert found(text) == [(number, "number") for number in numbers]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("mp3 19th covid-19 v1.2 4-ply", []),
        ("12.5kg 5 3-5 $7", ["12.5", "5", "3", "5", "7"]),
    ],
)
def test_numbers_inside_words_are_not_protected(text, numbers):
    items = found(text, split_letters=False)
    assert items == [(number, "number") for number in numbers]


def test_spans_of_all_kinds_are_in_order():
    text = "😂 5 :) a@b.com x.com 12:30 #a5"
    assert [KINDS[k] for k in "jnemunt"] == [kind for _, kind in found(text)]


def test_spans_do_not_overlap_and_contain_no_spaces():
    rng = random.Random(3)
    alphabet = [
        *":;=()[]-'|/\\<>^_DPpox3 12.,%@ab\n؛😂",
        "\u200d",
        "\ufe0f",
        "http://",
        ".com",
        "#a",
        "@b1",
        "t.me/",
    ]
    find = span_finder(split_letters=True)
    items = 0
    for _ in range(3000):
        text = "".join(rng.choices(alphabet, k=rng.randint(1, 20)))
        end = 0
        for item in find(text):
            assert end <= item.start < item.end <= len(text)
            assert not any(char.isspace() for char in text[item.start : item.end])
            end = item.end
            items += 1
    assert items > 3000
