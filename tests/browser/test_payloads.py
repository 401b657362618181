"""A transcript's own script never runs: payloads in every place where its words go, in a real browser."""

# ruff: noqa: E501 - a payload is a line

import json

import pytest

from stancecraft.codebook import Codebook, Issue
from stancecraft.comparison import compare
from stancecraft.records import VALUES, Explanation, Position, Prediction, Statement
from stancecraft.report import comparison_page, page
from stancecraft.report.layout import Chart, Example, Line, Section, Table

HARM = "window.harmed=1"
PAYLOADS = (
    f"<script>{HARM}</script>", f"</script><script>{HARM}</script>", f"</title><script>{HARM}</script>",
    f"</style><script>{HARM}</script>", f"</textarea><script>{HARM}</script>", f"--><script>{HARM}</script>",
    f"<!--<script>{HARM}", f"]]><script>{HARM}</script>", f"<img src=x onerror={HARM}>", f"<svg onload={HARM}>",
    f"<svg><script>{HARM}</script></svg>", f"<body onload={HARM}>", f"<details open ontoggle={HARM}>",
    f"<input autofocus onfocus={HARM}>", f"<video><source onerror={HARM}></video>", f"\" onmouseover=\"{HARM}",
    f"' onfocus='{HARM}' autofocus='", f"`onload=`{HARM}", f"javascript:{HARM}", f"<a href='javascript:{HARM}'>x</a>",
    f"<iframe srcdoc='<script>parent.{HARM}</script>'></iframe>", "<iframe src='http://127.0.0.1:9/'></iframe>",
    "<link rel=stylesheet href='http://127.0.0.1:9/a.css'>", "<style>@import 'http://127.0.0.1:9/b.css';</style>",
    "<style>body{background:url(http://127.0.0.1:9/c.png)}</style>", "<p style='background:url(//127.0.0.1:9/d)'>x</p>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>", "<base href='http://127.0.0.1:9/'>",
    f"<object data='data:text/html,<script>parent.{HARM}</script>'>", f"<embed src='javascript:{HARM}'>",
    f"<form action='javascript:{HARM}'><button autofocus>x</button></form>", f"<math><a xlink:href='javascript:{HARM}'>x</a></math>",
    f"\u2028;{HARM}//", f"\\u003cscript\\u003e{HARM}\\u003c/script\\u003e", f"&lt;script&gt;{HARM}&lt;/script&gt;",
    f"\\\";{HARM};//", f"{{{{{HARM}}}}}", f"${{{HARM}}}", "{{ ''.__class__ }}", "{% raw %}", "__proto__", "constructor",
    f"<scr\0ipt>{HARM}</scr\0ipt>", f"\ufeff<script>{HARM}</script>", f"+ADw-script+AD4-{HARM}+ADw-/script+AD4-",
    f"<noscript><p title='</noscript><img src=x onerror={HARM}>'>", f"<template><script>{HARM}</script></template>",
    f"<svg><animate onbegin={HARM} attributeName=x dur=1s>", f"<marquee onstart={HARM}>", f"<x onclick={HARM} tabindex=1>y</x>",
    "\ud800<b>half</b>", "\u202e</p><h1>turned</h1>",
)  # fmt: skip
BOOK = Codebook((Issue("truce", PAYLOADS[1], PAYLOADS[8], "Yes.", "No.", "Facts."),))


def predictions():
    told = []
    for at, payload in enumerate(PAYLOADS):
        for side in ("North", PAYLOADS[0]):
            chances = dict.fromkeys(VALUES, 0.1) | {VALUES[1 + at % 3]: 0.7}
            statement = Statement(payload, id=f"{payload}{side}", doc=payload if at % 9 == 0 else "talk", turn=at,
                                  speaker=payload, side=side)  # fmt: skip
            words = Explanation(VALUES[1 + at % 3], "none", 1.0, 0.25, ((0, 3, 1.0), (3, len(payload), -0.5)))
            told.append(
                Prediction(statement, {"truce": Position(VALUES[1 + at % 3], chances, "decided", words)}, payload)
            )
    return told


def comparison_made():
    told = predictions()
    texts = {one.statement.doc: one.statement.text for one in told}
    return comparison_page.render(compare(told, "side"), told, BOOK, texts, evaluation={"test": {}})


def evaluation_made():
    sections = []
    for at, payload in enumerate(PAYLOADS):
        chart = Chart(payload, payload, payload, payload, (Line(payload, ((0.0, 0.0), (1.0, 1.0)), dots=True),))
        sections.append(
            Section(f"part{at}", payload, (payload,), (Table((payload, "n"), ((payload, payload),), payload),),
                    (chart,) if at % 10 == 0 and "\0" not in payload else (), (Example(payload, payload, payload, payload),))
        )  # fmt: skip
    return page.render(PAYLOADS[2], sections, PAYLOADS[0])


@pytest.mark.parametrize("made", [comparison_made, evaluation_made], ids=["compare", "evaluate"])
def test_no_payload_runs_loads_or_becomes_an_element(browser, tmp_path, made):
    file = tmp_path / "page.html"
    file.write_text(made(), "utf-8")
    shown = browser.new_page()
    heard, asked = [], []
    shown.on("console", lambda message: heard.append(message.text))
    shown.on("pageerror", lambda error: heard.append(str(error)))
    shown.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    shown.on("request", lambda request: asked.append(request.url))
    shown.goto(file.as_uri())
    if opening := shown.get_by_role("button", name="open all cells").all():
        opening[0].click()
        assert shown.locator("section.opened li").count() >= len(PAYLOADS)
    for name in ("iframe", "img", "object", "embed", "link", "base", "video", "math", "marquee", "x", "textarea"):
        assert shown.locator(name).count() == 0, name
    assert shown.locator("meta[http-equiv=refresh]").count() == 0
    attributes = shown.evaluate(
        "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames().map(n => [n, e.getAttribute(n)]))"
    )
    assert not [
        name for name, _ in attributes if name.startswith("on") or name in ("srcdoc", "formaction", "xlink:href")
    ]
    assert not [value for name, value in attributes if name == "style" and "url" in value]  # the script sets widths
    assert not [value for name, value in attributes if name in ("href", "src", "action") and not value.startswith("#")]
    assert shown.evaluate("window.harmed") is None
    assert heard == []
    assert asked == [file.as_uri()]
    assert "<script>window.harmed=1</script>" in shown.locator("body").inner_text()
    shown.close()


@pytest.mark.parametrize("made", [comparison_made, evaluation_made], ids=["compare", "evaluate"])
def test_even_what_gets_past_escaping_is_stopped_by_the_policy(browser, tmp_path, made):
    """The second wall: the payloads as live markup in the page."""
    live = "".join(
        one
        for one in PAYLOADS[8:14] + PAYLOADS[20:27]
        if "<!--" not in one and "refresh" not in one and "<base" not in one
    )
    file = tmp_path / "page.html"
    planted = f"<script>{HARM}</script><div id=planted>{live}</div></main>"
    file.write_text(made().replace("</main>", planted, 1), "utf-8")
    shown = browser.new_page()
    answered = []
    shown.on("response", lambda response: answered.append(response.url))
    blocked = []
    shown.on("console", lambda message: blocked.append(message.text))
    shown.goto(file.as_uri())
    assert shown.locator("#planted").count() == 1
    assert shown.evaluate("window.harmed") is None
    assert [one for one in answered if one.startswith("http")] == []
    assert any("Content Security Policy" in one for one in blocked)
    shown.close()


def test_the_data_of_a_page_is_the_payloads_and_nothing_else(browser, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(comparison_made(), "utf-8")
    shown = browser.new_page()
    shown.goto(file.as_uri())
    data = json.loads(shown.evaluate("document.getElementById('data').textContent"))
    written = {one.encode("utf-8", "replace").decode() for one in PAYLOADS}
    assert written <= set(data["speakers"])
    shown.close()
