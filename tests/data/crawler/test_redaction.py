"""Messages without the secrets of URLs."""

import pytest

from alcli.data.crawler.redaction import redact, shown


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://a.test/?page=2&sort=new", None),
        ("https://social.test/@someone.rss", None),
        ("http://a.test:80/@b and c=d", None),
        ("http://a.test/?api_key=S", "http://a.test/?api_key=***"),
        ("http://a.test/?x=1&accessToken=S#y", "http://a.test/?x=1&accessToken=***#y"),
        ("/r?page=2;token=S: 404", "/r?page=2;token=*** 404"),
        ("a?apiKey=S&X-Amz-Signature=S&pass=S", None),
        ("http://a.test/#access_token=S&x=2", "http://a.test/#access_token=***&x=2"),
        ("http://a.test/?to%6Ben=S", "http://a.test/?to%6Ben=***"),
        ("http://me:S@a.test/", "http://***@a.test/"),
        ("http://S@a.test", "http://***@a.test"),
        ("http://me:S/S@a.test/", "http://***@a.test/"),
        ("http://me:S#S@a.test/, http://b.test", "http://***@a.test/, http://b.test"),
    ],
)
def test_passwords_and_keys_are_redacted(url, text):
    if text is None and "S" in url:
        assert "S&" not in redact(url)
        assert not redact(url).endswith("S")
    else:
        assert redact(url) == (text or url)


def test_long_urls_are_cut_off_without_their_secrets():
    url = f"http://me:{'S' * 500}@a.test/{'x' * 10**7}?key=S"

    assert shown(url).startswith("http://***@a.test/xxx")
    assert shown(url).endswith("x...")
    assert len(shown(url)) < 400
