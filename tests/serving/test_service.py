"""The service over HTTP: answers are those of the package, limits hold, faults are told in JSON."""

import copy
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest

from stancecraft import comparing, comparison, readers, speakers
from stancecraft.comparing import Gathered
from stancecraft.records import Statement
from stancecraft.report import compared as report
from stancecraft.report import rows

TALK = (
    "MINISTER HALVORSEN: The cessation of hostilities in Syria must be extended. It saves lives every day. "
    "Whoever breaks the truce breaks his word.\n\n"
    "MINISTER AKBAROV: Daesh and Nusra must be destroyed. There are no good terrorists.\n"
)
SECRET = "a token nobody guesses"


def as_json(told):
    return json.loads(json.dumps(told))


@pytest.fixture(scope="module")
def read(example, example_speakers):
    return readers.read(example, speakers=speakers.load(example_speakers))


def test_predict_answers_as_the_package(service, model, read):
    texts = ["The annexation was illegal.", "Gas is a matter for companies."]
    [*found] = service.post("/predict", {"texts": texts}).data["predictions"]
    given = [Statement(text, id=f"texts#{at}") for at, text in enumerate(texts)]
    assert found == as_json([rows.nested(one) for one in model.predict(given)])
    fields = ("text", "id", "doc", "turn", "speaker", "side", "role", "date")
    sent = [{name: getattr(one, name) for name in fields} for one in read.statements]
    answer = service.post("/predict", {"statements": sent, "explain": True, "max_error": 0.4})
    expected = model.predict(read, explain=True, max_error=0.4)
    got = answer.data["predictions"]
    assert [one["issues"] for one in got] == as_json([rows.nested(one)["issues"] for one in expected])
    assert [one["text"] for one in got] == [one.text for one in read.statements]


def test_only_the_issues_that_were_asked_for_are_told(service, model):
    chosen = model.codebook.ids[1]
    [found] = service.post("/predict", {"texts": ["He must go."], "issues": [chosen]}).data["predictions"]
    assert list(found["issues"]) == [chosen]


def test_a_gate_is_used_as_the_model_says_or_as_asked(serve, gated, model):
    texts = ["The soup was hot.", "The ceasefire must hold."]

    def reasons(answer):
        return [{one["reason"] for one in found["issues"].values()} for found in answer.data["predictions"]]

    def is_gated(answer):
        return [found == {"gated"} for found in reasons(answer)]

    with serve(classifier=gated) as client:
        assert is_gated(client.post("/predict", {"texts": texts})) == [True, False]
        assert is_gated(client.post("/predict", {"texts": texts, "gate": True})) == [True, False]
        assert not {"gated"} & set.union(*reasons(client.post("/predict", {"texts": texts, "gate": False})))
        for query, expected in (("", True), ("?gate=true", True), ("?gate=false", False)):
            answer = client.form(f"/transcript{query}", file=("a.txt", b"MINISTER HALVORSEN: The soup was hot."))
            assert is_gated(answer) == [expected]
    bare = copy.copy(model)
    bare.artifact = replace(model.artifact, gate=None)
    with serve(classifier=bare) as client:
        refused = client.post("/predict", {"texts": texts, "gate": True})
        assert refused.status == 422 and "has no gate" in refused.lines[0]
        assert client.post("/predict", {"texts": texts, "gate": False}).status == 200


def test_what_has_no_meaning_here_comes_back_under_meta(service):
    [found] = service.post("/predict", {"statements": [{"text": "Yes.", "page": [1, {"a": None}]}]}).data["predictions"]
    assert found["meta"] == {"page": [1, {"a": None}]}


def test_requests_at_the_same_time_are_answered_as_alone(service):
    wanted = [{"texts": [f"The truce of day {at} must hold.", "Crimea was annexed."][: 1 + at % 2]} for at in range(24)]
    alone = [service.post("/predict", one).content for one in wanted]
    with ThreadPoolExecutor(24) as pool:
        together = list(pool.map(lambda one: service.post("/predict", one).content, wanted))
    assert together == alone


def test_a_file_is_read_labelled_and_compared_as_by_the_package(service, model, read, example):
    answer = service.form("/transcript?by=side", file=("example.txt", example.read_bytes()))
    found = model.predict(read)
    assert answer.data["doc"] == "example"
    assert answer.data["predictions"] == as_json([rows.nested(one) for one in found])
    gathered = Gathered(tuple(found), {}, model.artifact)
    confusion = comparing.confusion(gathered, lambda line: None)
    expected = comparison.compare(found, "side", confusion=confusion)
    assert answer.data["comparison"] == as_json(report.to_data(expected))
    assert "comparison" not in service.form("/transcript", file=("example.txt", example.read_bytes())).data


def test_saved_predictions_compare_like_the_statements_that_they_are_of(service):
    statements = [
        {"text": one, "doc": "d", "side": side} for side in ("A", "B") for one in ("Crimea was annexed.",) * 6
    ]
    fresh = service.post("/compare", {"statements": statements}).data
    saved = service.post("/predict", {"statements": statements}).data["predictions"]
    kept = service.post("/compare", {"predictions": saved}).data
    # Probabilities are saved with six digits, which no figure of a comparison shows.
    assert kept["comparison"] == fresh["comparison"]
    assert fresh["comparison"]["groups"] == ["A", "B"]


def test_a_text_compares_like_its_file(service):
    posted = service.post("/compare", {"transcript": TALK, "name": "talk", "by": "speaker"}).data
    sent = service.form("/transcript?by=speaker", file=("talk.txt", TALK.encode())).data
    assert posted["comparison"] == sent["comparison"]
    assert posted["comparison"]["groups"]


def test_issues_are_the_codebook(service, model):
    assert service.get("/issues").data == {"model": model.artifact.model, **model.codebook.to_data()}


def test_figures_count_what_was_asked(service):
    def count(name):
        found = re.findall(rf"^{re.escape(name)} (\S+)$", service.get("/metrics").content.decode(), re.M)
        return float(found[0]) if found else 0.0

    name = 'stancecraft_requests_total{method="POST",path="/predict",status="200"}'
    before, scored = count(name), count("stancecraft_statements_total")
    service.post("/predict", {"texts": ["a", "b"]})
    service.get("/secret/of/somebody")
    assert count(name) == before + 1
    assert count("stancecraft_statements_total") == scored + 2
    assert count("stancecraft_waiting_statements") == count("stancecraft_held_bytes") == 0
    assert b"/secret" not in service.get("/metrics").content


def test_every_example_of_the_description_is_answered(service):
    tried = 0
    for path, methods in service.get("/openapi.json").data["paths"].items():
        body = methods.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json", {})
        for example in body.get("examples", {}).values():
            assert service.post(path, example["value"]).status == 200
            tried += 1
    assert tried == 4


def test_answers_tell_browsers_to_trust_nothing(service):
    for answer in (service.get("/issues"), service.get("/nowhere"), service.post("/predict", {})):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.txt", b"", "a.txt: the file is empty"),
        ("a.txt", b"\x00\x01" * 50, "binary data"),
        ("a.pdf", b"%PDF-1.4 nothing", "a.pdf"),
        ("a.docx", b"PK\x03\x04 nothing", "a.docx"),
        ("../../a.jsonl", b'{"text": 5}', "column 'text'"),
        ("a.jsonl", b'{"schema": "stancecraft/1", "issues": {}}', "send them to /compare"),
    ],
)
def test_bad_documents_get_a_line(service, name, content, told):
    answer = service.form("/transcript", file=(name, content))
    assert answer.status == 422
    assert told in "\n".join(answer.lines)
    assert ".." not in "\n".join(answer.lines)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("by=colour", "by:"),
        ("date=yesterday", "ISO date"),
        ("input_format=odt", "input_format"),
        ("max_error=2", "max_"),
    ],
)
def test_bad_options_of_a_document_get_a_line(service, query, told):
    answer = service.form(f"/transcript?{query}", file=("a.txt", TALK.encode()))
    assert answer.status == 422
    assert told in answer.lines[0]


def test_other_faults_are_json_too(service):
    assert service.form("/transcript", {"file": "no file"}).status == 422
    assert service.post("/transcript", {}).status == 415
    assert service.ask("POST", "/predict", b"{}", {"content-type": "text/plain"}).status == 415
    broken = service.ask("POST", "/transcript", b"no border", {"content-type": "multipart/form-data; boundary=x"})
    assert broken.status in (400, 422)
    assert service.get("/predict").status == 405
    for answer in (service.get("/nowhere"), service.get("/predict"), broken):
        assert set(answer.data["error"]) >= {"status", "code", "lines"}
        assert answer.data["error"]["status"] == answer.status


def test_a_million_short_texts_are_refused_by_their_number(service):
    answer = service.post("/predict", b'{"texts":[' + b",".join([b'"a"'] * 1_000_000) + b"]}")
    assert answer.status == 422
    assert answer.lines == ["texts: expected at most 5,000 statements, got 1,000,000; send parts"]


def raw(service, sent):
    return raw_at(service.port, sent)


def raw_at(port, sent, timeout=60):
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as line:
        line.sendall(sent)
        found = b""
        while part := line.recv(65536):
            found += part
        return found


def test_headers_without_end_are_refused(service):
    try:
        answer = raw(service, b"GET /health HTTP/1.1\r\nhost: a\r\nx: " + b"a" * 200_000)
    except ConnectionError:
        answer = b""  # closed over what was not read, which may lose the answer
    assert not answer or answer.startswith(b"HTTP/1.1 4")
    assert service.get("/health").status == 200


def test_what_is_no_http_is_refused(service):
    assert raw(service, b"\x16\x03\x01 hello\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert service.get("/health").status == 200


def test_bodies_that_are_too_large_are_refused_whether_told_or_not(serve):
    with serve(body=10_000) as client:
        told = client.post("/predict", b" " * 30_000)
        assert (told.status, told.data["error"]["code"]) == (413, "too_large")
        parts = b"POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n"
        parts += b"connection: close\r\n\r\n" + b"1000\r\n" + b" " * 4096 + b"\r\n"
        parts += (b"1000\r\n" + b" " * 4096 + b"\r\n") * 4 + b"0\r\n\r\n"
        assert raw(client, parts).startswith(b"HTTP/1.1 413")
        assert client.form("/transcript", file=("a.txt", b"a" * 20_000)).status == 413
        assert client.get("/metrics").content.count(b"stancecraft_held_bytes 0.0") == 1


def test_a_body_that_does_not_come_is_not_waited_for(serve):
    with serve(seconds=0.5) as client:
        head = b"POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"
        assert raw(client, head).startswith(b"HTTP/1.1 408")


class Slow:
    """A model that takes its time."""

    def __init__(self, model, seconds):
        self._model, self._seconds = model, seconds

    def __getattr__(self, name):
        return getattr(self._model, name)

    def predict(self, statements, **options):
        time.sleep(self._seconds)
        return self._model.predict(statements, **options)


def test_an_answer_that_takes_too_long_is_503(serve, model):
    with serve(classifier=Slow(model, 1.0), seconds=0.3) as client:
        answer = client.post("/predict", {"texts": ["a"]})
    assert (answer.status, answer.data["error"]["code"]) == (503, "timeout")
    assert int(answer.headers["retry-after"]) > 0


def test_more_than_fits_the_queue_is_503_and_the_rest_is_answered(serve, model):
    with serve(classifier=Slow(model, 0.3), waiting=4) as client, ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda _: client.post("/predict", {"texts": ["a", "b"]}), range(30)))
    assert {one.status for one in answers} == {200, 503}
    for one in answers:
        assert one.status == 200 or int(one.headers["retry-after"]) > 0


def test_more_requests_than_may_be_open_are_503_but_health_is_answered(serve, model):
    with serve(classifier=Slow(model, 0.7), requests=2) as client, ThreadPoolExecutor(10) as pool:
        asked = [pool.submit(client.post, "/predict", {"texts": ["a"]}) for _ in range(8)]
        time.sleep(0.3)
        assert client.get("/health").status == 200
        assert {one.result().status for one in asked} == {200, 503}


class Broken(Slow):
    def predict(self, statements, **options):
        raise RuntimeError(f"secret words: {statements[0].text}")


def test_a_fault_of_our_own_tells_nothing_of_itself(serve, model, caplog):
    with serve(classifier=Broken(model, 0)) as client:
        answer = client.post("/predict", {"texts": ["my words"]})
        page = client.form("/", {"text": TALK, "by": "side"})
        assert client.get("/health").status == 200
        figures = client.get("/metrics").content
    assert answer.status == page.status == 500
    assert answer.data["error"]["code"] == "internal"
    assert page.headers["content-type"].startswith("text/html") and b"This was not compared" in page.content
    for one in (answer, page):
        assert b"secret words" not in one.content and b"Traceback" not in one.content
        assert one.headers["x-content-type-options"] == "nosniff" and one.headers["cache-control"] == "no-store"
    assert b'{method="POST",path="/predict",status="500"} 1.0' in figures
    assert b"stancecraft_open_requests 1.0" in figures
    assert "secret words: my words" in caplog.text


def test_a_token_is_needed_where_one_is_set(serve):
    with serve(secret=SECRET) as client:
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {SECRET}"},
                        {"authorization": f"Bearer {SECRET} "[:-2]}):  # fmt: skip
            for path in ("/predict", "/compare", "/transcript", "/nowhere"):
                answer = client.post(path, {"texts": ["a"]}, headers)
                assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert client.ask("GET", "/issues", headers=headers).status == 401
            assert client.ask("GET", "/metrics", headers=headers).status == 401
        right = {"authorization": f"Bearer {SECRET}"}
        assert client.post("/predict", {"texts": ["a"]}, right).status == 200
        assert client.get("/metrics", right).status == 200
        assert client.get("/health").status == client.get("/").status == 200
        assert client.get("/openapi.json").data["paths"]["/predict"]["post"]["security"] == [{"token": []}]
        assert client.form("/", {"text": TALK, "by": "side"}).status == 401
        assert client.form("/", {"text": TALK, "by": "speaker", "token": SECRET}).status == 200


def test_the_page_keeps_and_escapes_what_was_sent(service):
    harm = "</textarea><script>alert(1)</script>"
    answer = service.form("/", {"text": harm, "name": '"><b>', "date": "never", "by": "side"})
    assert answer.status == 422
    page = answer.content.decode()
    assert harm not in page and "&lt;/textarea&gt;&lt;script&gt;" in page
    assert '"><b>' not in page
    assert "expected an ISO date" in page
    assert "script-src 'sha256-" in answer.headers["content-security-policy"]


def test_the_page_says_what_to_do_where_no_side_is_known(service):
    def told(by):
        talk = TALK.replace("HALVORSEN", "GRUBER").replace("AKBAROV", "ABLOV")
        return "go back and compare speakers" in service.form("/", {"text": talk, "by": by}).content.decode()

    assert told("side")
    assert not told("speaker")


def test_forms_of_other_sites_are_not_answered(service):
    assert service.form("/", {"text": TALK}, headers={"sec-fetch-site": "cross-site"}).status == 403


@contextmanager
def started(*arguments):
    """The command in a process of its own, which does not outlive a test that fails; gives it and its port."""
    environment = {**os.environ, "STANCECRAFT_TOKEN": SECRET, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "stancecraft", "serve", "--port", "0", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield process, int(re.search(r"http://127\.0\.0\.1:(\d+)/", process.stderr.readline()).group(1))
        finally:
            process.kill()


def test_a_signal_stops_it_when_open_requests_are_answered():
    pytest.importorskip("uvicorn", reason="needs the [serve] extra")
    pytest.importorskip("fastapi", reason="needs the [serve] extra")
    common = f"host: a\r\nauthorization: Bearer {SECRET}\r\nconnection: close\r\n"
    body = json.dumps({"texts": [f"The truce of day {at} must hold." for at in range(200)]}).encode()
    asked = f"POST /predict HTTP/1.1\r\n{common}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    figures = f"GET /metrics HTTP/1.1\r\n{common}\r\n"
    with started("--threads", "1") as (process, port):
        with socket.create_connection(("127.0.0.1", port), timeout=240) as line:
            line.sendall(asked.encode() + body)
            for _ in range(500):  # until the request is in, and the one for the figures beside it
                if b"stancecraft_open_requests 2.0" in raw_at(port, figures.encode()):
                    break
                time.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            found = b""
            while part := line.recv(65536):
                found += part
        out, told = process.communicate(timeout=240)
    assert found.startswith(b"HTTP/1.1 200")
    assert len(json.loads(found.partition(b"\r\n\r\n")[2])["predictions"]) == 200
    assert (process.returncode, out, told) == (0, "", "stopped\n")
