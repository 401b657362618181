"""The page of the service in a browser: paste, compare, see; quiet, by keyboard, on a phone."""

import asyncio
import socket
import threading

import pytest

TALK = (
    "MINISTER HALVORSEN: The cessation of hostilities in Syria must be extended. It saves lives every day. "
    "Whoever breaks the truce breaks his word. The ceasefire has our full support.\n\n"
    "MINISTER AKBAROV: Daesh and Nusra must be destroyed. There are no good terrorists.\n"
)
HARM = "</textarea><script>window.harmed = 1</script><img src=x onerror='window.harmed = 1'>"


@pytest.fixture(scope="module")
def place(model, example_speakers):
    uvicorn = pytest.importorskip("uvicorn", reason="needs the [serve] extra")
    app = pytest.importorskip("stancecraft.serving.app", reason="needs the [serve] extra")
    from stancecraft import speakers
    from stancecraft.serving.guard import Token
    from stancecraft.serving.limits import Limits

    listening = socket.create_server(("127.0.0.1", 0))
    made = app.create(model, speakers.load(example_speakers), Limits(body=200_000), Token(None))
    server = uvicorn.Server(uvicorn.Config(made, http="h11", ws="none", log_config=None, access_log=False))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    server.should_exit = True
    thread.join(30)
    listening.close()


@pytest.fixture
def opened(browser, place):
    """The page, and what it asked for and complained of."""
    page = browser.new_page()
    page.set_default_timeout(60_000)
    heard, asked = [], []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(place)
    page.heard = heard
    yield page
    assert page.evaluate("window.harmed") is None
    assert [one for one in asked if not one.startswith((place, "data:"))] == []
    page.close()


def compare(page):
    with page.expect_navigation():
        page.get_by_role("button", name="Compare").click()


def test_a_pasted_transcript_is_compared(opened):
    opened.get_by_label("Transcript").fill(TALK)
    opened.get_by_label("Name").fill("Reykjavik")
    opened.get_by_label("Date of the talks").fill("2016-03-14")
    compare(opened)
    assert opened.get_by_role("heading", level=1).inner_text()
    assert "Reykjavik (2016-03-14)" in opened.locator(".documents").inner_text()
    cell = opened.locator("button.cell", has_text="Norway").first
    cell.click()
    assert opened.locator(".opened li").first.is_visible()
    assert opened.heard == []
    opened.go_back()
    assert opened.get_by_label("Transcript").input_value() == TALK
    assert opened.get_by_role("button", name="Compare").is_enabled()


def test_a_file_is_compared_by_speaker(opened, example):
    opened.get_by_label("Or a file").set_input_files(str(example))
    opened.get_by_label("speakers").check()
    compare(opened)
    assert opened.locator("th", has_text="Ingrid Halvorsen").count() >= 1
    assert opened.heard == []


def test_a_fault_is_told_and_the_text_is_kept(opened):
    opened.get_by_label("Name").fill(HARM)
    opened.get_by_label("Transcript").fill(HARM)
    opened.get_by_label("Or a file").set_input_files({"name": "b.txt", "mimeType": "text/plain", "buffer": b"x"})
    compare(opened)
    assert "not both" in opened.get_by_role("alert").inner_text()
    assert opened.evaluate("document.activeElement.id") == "fault"
    assert opened.get_by_label("Transcript").input_value() == HARM
    assert opened.get_by_label("Name").input_value() == HARM[:100]


def test_what_a_transcript_holds_cannot_run(opened):
    opened.get_by_label("Transcript").fill(f"MINISTER HALVORSEN: The truce in Syria must hold {HARM}.\n\n" + TALK)
    compare(opened)
    opened.get_by_role("button", name="open all cells").click()
    assert opened.locator(".opened li").count() > 0
    assert opened.heard == []


def test_a_text_that_is_too_large_is_told(opened):
    opened.get_by_label("Transcript").fill("a " * 120_000)
    compare(opened)
    assert "at most 200,000 bytes" in opened.get_by_role("alert").inner_text()


def test_the_keyboard_is_enough(opened):
    opened.get_by_label("Transcript").focus()
    opened.keyboard.insert_text(TALK)
    seen = []
    for _ in range(12):
        opened.keyboard.press("Tab")
        seen.append(opened.evaluate("document.activeElement.id || document.activeElement.value"))
        if seen[-1] == "go":
            break
    assert {"file", "side", "name", "date", "go"} <= set(seen)
    assert opened.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    with opened.expect_navigation():
        opened.keyboard.press("Enter")
    assert opened.locator("table.matrix").count() == 1


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_runs_out_of_the_window(opened, width):
    opened.set_viewport_size({"width": width, "height": 740})
    assert opened.evaluate("document.documentElement.scrollWidth") <= width


def luminance(colour):
    parts = [int(one) / 255 for one in colour[4:-1].split(",")[:3]]
    linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_in_both_schemes(opened, scheme):
    opened.emulate_media(color_scheme=scheme)
    ground = opened.evaluate("getComputedStyle(document.body).backgroundColor")
    for place in ("h1", ".hint", "label", "#text", "footer a"):
        ink = opened.locator(place).first.evaluate("one => getComputedStyle(one).color")
        lighter, darker = sorted((luminance(ink), luminance(ground)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (place, ink, ground)
    button = opened.locator("#go").evaluate(
        "one => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]"
    )
    lighter, darker = sorted(map(luminance, button), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_it_works_without_a_script(browser, place):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(place)
    page.get_by_label("Transcript").fill(TALK)
    compare(page)
    assert page.locator("table.matrix").count() == 1
    context.close()
