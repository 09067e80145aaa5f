"""The page in a browser: keys, unusual texts, reloads."""

from __future__ import annotations

import json

import pytest

from tests.annotation.labelers.test_web import Server
from tests.annotation.web.browser import Browser, chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="there is no Chromium here"),
]

EVIL = "<script>document.title = 'gone'</script><img src=x onerror='alert(1)'>"
TEXTS = ["گوشی Samsung خوب است", EVIL, "plain", "last 👍\nline"]
COUNT = "document.getElementById('count').textContent"
TEXT = "document.getElementById('text').textContent"
AT_WORK = "!document.getElementById('work').hidden"


@pytest.fixture
def folder(tmp_path):
    records = [{"id": i, "text": f"{TEXTS[i % 4]} {i}"} for i in range(14)]
    write(tmp_path, records)
    return tmp_path


def write(folder, records):
    lines = [json.dumps(record) + "\n" for record in records]
    (folder / "batch.jsonl").write_text("".join(lines))


@pytest.fixture
def browser(tmp_path):
    with Browser(tmp_path) as browser:
        yield browser
        assert browser.said == []  # no error, and nothing that the policy refused


def opened(browser, server, name="سارا"):
    browser.open("about:blank")
    browser.open(f"http://{server.host}:{server.port}/#{server.secret}")
    if name:
        browser.until("!document.getElementById('start').hidden")
        browser.run(f"document.getElementById('name').value = '{name}'")
        browser.press("Enter", "Enter", "\r")
    browser.until(AT_WORK)
    assert browser.run("location.href") == f"http://{server.host}:{server.port}/"


def answer(browser, done, *key, text=None):
    browser.press(*key, text=text)
    browser.until(COUNT, f"{done} of 14")


def test_keys_undo_and_restart_at_the_page(folder, browser):
    keys = [("1", "Digit1"), ("2", "Digit2"), ("۲", "Digit2"), ("s", "KeyS")]
    keys += [("?", "Slash"), ("n", "KeyN"), ("س", "KeyS"), ("د", "KeyN")]
    keys += [("2", "Numpad2"), ("!", "Digit1"), ("9", "Digit9"), ("x", "KeyX")]
    with Server(folder) as server:
        opened(browser, server)
        for key in keys[:9]:
            answer(browser, len(server.votes()) + 1, *key)
        for key in keys[9:]:  # these mean nothing
            browser.press(*key)
        answer(browser, 10, "1", "Digit1")
        browser.press("ع", "KeyU")
        browser.until("!document.getElementById('note-again').hidden")
        assert browser.run(TEXT) == f"{TEXTS[1]} 9"
        browser.press("2", "Digit2")
        browser.until(TEXT, f"{TEXTS[2]} 10")
        said = [vote["label"] or vote["reason"] for vote in server.votes()]
        assert said == [
            *("no", "yes", "yes", "skipped", "unsure", "unsure", "skipped", "unsure"),
            *("yes", "no", "yes"),
        ]
        assert [vote["id"] for vote in server.votes()] == [*range(10), 9]
        assert {vote["annotator"] for vote in server.votes()} == {"سارا"}
        browser.open("about:blank")
        server.process.terminate()
        server.ends()
    with Server(folder, "--set", "pause=9000") as server:
        opened(browser, server)
        browser.until(COUNT, "10 of 14")
        assert browser.run(TEXT) == f"{TEXTS[2]} 10"
        for done in (11, 12, 13, 14):
            answer(browser, done, "1", "Digit1")
        browser.until("!document.getElementById('back').hidden")
        assert "14 answers of yours" in browser.run("document.body.innerText")
        browser.open("about:blank")
        server.process.terminate()
        server.ends()


def test_an_open_page_continues_with_the_next_run(folder, browser):
    env = {"ALCLI_WEB_SECRET": "the same in every round"}
    write(folder, [{"id": "a", "text": "one"}])
    with Server(folder, env=env) as server:
        opened(browser, server)
        browser.press("1", "Digit1")
        assert server.ends()[0] == 0
    browser.until("document.getElementById('back').hidden")  # it has noticed
    assert "All is answered" in browser.run("document.body.innerText")
    write(folder, [{"id": "b", "text": "two"}])
    with Server(folder, "--port", str(server.port), env=env):
        browser.until(AT_WORK)
        assert browser.run(TEXT) == "two"
    browser.said.clear()  # the console says that nobody was there meanwhile


def test_texts_are_displayed_as_text_in_their_direction(folder, browser):
    with Server(folder) as server:
        opened(browser, server, "<b>me</b>")
        text = "document.getElementById('text')"
        style = f"getComputedStyle({text})"
        assert browser.run(f"{text}.lang") == "fa"
        assert browser.run(f"{style}.direction") == "rtl"
        assert "Vazirmatn" in browser.run(f"{style}.fontFamily")
        answer(browser, 1, "1", "Digit1")
        assert browser.run(TEXT) == f"{EVIL} 1"
        assert browser.run(f"{text}.childElementCount") == 0
        assert browser.run(f"{text}.lang") == ""
        assert browser.run(f"{style}.direction") == "ltr"
        assert browser.run("document.title") == "alcli label"
        assert browser.run("document.getElementById('who').textContent") == "<b>me</b>"


def test_a_reload_and_a_second_tab_display_the_held_item(folder, browser):
    with Server(folder) as server:
        opened(browser, server)
        answer(browser, 1, "1", "Digit1")
        browser.call("Page.reload")
        browser.until(TEXT, f"{TEXTS[1]} 1")
        opened(browser, server, None)
        browser.until(TEXT, f"{TEXTS[1]} 1")
        answer(browser, 2, "1", "Digit1")
        assert len(server.votes()) == 2


def test_a_link_without_the_secret_displays_no_text(folder, browser):
    with Server(folder) as server:
        for link in ("", "#wrong"):
            browser.open("about:blank")
            browser.open(f"http://{server.host}:{server.port}/{link}")
            browser.until("document.body.innerText.includes('the whole link')")
            assert browser.run("document.getElementById('work').hidden")
        assert len(browser.said) == 2  # what the console says of 401
        browser.said.clear()


@pytest.mark.parametrize("mangled", ["%", "%d9", "a%zz", "{}…", "\u200f{}", "%00"])
def test_a_mangled_link_is_explained(folder, browser, mangled):
    with Server(folder) as server:
        link = mangled.format(server.secret)
        browser.open(f"http://{server.host}:{server.port}/#{link}")
        browser.until("document.body.innerText.includes('the whole link')")
        assert len(browser.said) == 1  # what the console says of 401
        browser.said.clear()
        opened(browser, server)


def test_guidelines_prediction_and_finish(folder, browser):
    (folder / "guide.md").write_text("# راهنما\n\n<script>x</script> **so**")
    write(folder, [{"id": 1, "text": "a", "pred": "yes", "probs": {"yes": 0.75}}] * 2)
    more = ["--guidelines", "guide.md", "--suggest", "--annotator", "me"]
    with Server(folder, *more) as server:
        browser.open(f"http://{server.host}:{server.port}/#{server.secret}")
        browser.until("!document.getElementById('read').hidden")
        assert browser.run("document.getElementById('nickname').hidden")
        found = "document.getElementById('read').innerHTML.trim()"
        assert browser.run(found) == (
            "<h1>راهنما</h1>\n<p>&lt;script&gt;x&lt;/script&gt; <strong>so</strong></p>"
        )
        browser.run("document.getElementById('enter').requestSubmit()")
        browser.until(AT_WORK)
        shown = browser.run("document.getElementById('guess').textContent")
        assert shown == "The model's guess: yes (75%)"
        browser.press("ل", "KeyG")
        browser.until("document.getElementById('guidelines').open")
        browser.press("1", "Digit1")  # no answer while one reads
        browser.run("document.querySelector('#guidelines button').click()")
        browser.until("!document.getElementById('guidelines').open")
        assert server.votes() == []
        browser.run("document.getElementById('finish').click()")
        browser.until("document.body.innerText.includes('Finished')")
        status, err = server.ends()
        assert (status, err) == (1, "alcli label: 0 votes on 2 records; 1 open\n")


def test_the_page_reports_a_stopped_server(folder, browser):
    with Server(folder) as server:
        opened(browser, server)
        server.process.kill()
        server.process.wait()
        browser.press("1", "Digit1")
        browser.until("!document.getElementById('problem').hidden")
        assert "may be lost" in browser.run("document.body.innerText")
        browser.said.clear()  # the console says that, too
