"""A service on loopback, in this process; tests that need one are skipped without the [serve] extra."""

import asyncio
import copy
import http.client
import json
import socket
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import pytest

from stancecraft.gate import Gate


@pytest.fixture(scope="session")
def run_alone():
    """Run a coroutine as asyncio.run does, in a thread of its own.

    The browser of other tests keeps a loop in this one for as long as it is open.
    """

    def run(coroutine):
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, coroutine).result()

    return run


@dataclass
class Answer:
    status: int
    headers: dict
    content: bytes

    @property
    def data(self):
        return json.loads(self.content)

    @property
    def lines(self):
        return self.data["error"]["lines"]


@dataclass
class Client:
    port: int
    app: object

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method, path, body=None, headers=None, timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, path, headers=None):
        return self.ask("GET", path, headers=headers)

    def post(self, path, body, headers=None):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask("POST", path, content, {"content-type": "application/json"} | (headers or {}))

    def form(self, path, fields=None, file=None, headers=None):
        border = uuid.uuid4().hex
        parts = [
            f'--{border}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n'.encode() + value.encode() + b"\r\n"
            for name, value in (fields or {}).items()
        ]
        if file is not None:
            name, content = file
            head = f'--{border}\r\ncontent-disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
            parts.append(head.encode() + content + b"\r\n")
        body = b"".join(parts) + f"--{border}--\r\n".encode()
        kind = {"content-type": f"multipart/form-data; boundary={border}"}
        return self.ask("POST", path, body, kind | (headers or {}))


@contextmanager
def running(app):
    """Serve an application from a thread until the block ends."""
    import uvicorn

    place = socket.create_server(("127.0.0.1", 0), backlog=512)
    config = uvicorn.Config(app, http="h11", ws="none", lifespan="on", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[place])))
    thread.start()
    try:
        client = Client(place.getsockname()[1], app)
        assert client.get("/health").status == 200
        yield client
    finally:
        server.should_exit = True
        thread.join(30)
        place.close()
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def serve(model, example_speakers):
    """Start a service with given limits and token."""
    for name in ("fastapi", "uvicorn", "prometheus_client", "python_multipart"):
        pytest.importorskip(name, reason="needs the [serve] extra")
    from stancecraft import speakers
    from stancecraft.serving import app
    from stancecraft.serving.guard import Token
    from stancecraft.serving.limits import Limits

    table = speakers.load(example_speakers)

    def start(secret=None, classifier=model, **limits):
        return running(app.create(classifier, table, Limits(**limits), Token(secret)))

    return start


@pytest.fixture(scope="session")
def gated(model):
    """The packaged model with a gate that fires at the tokens of "ceasefire" alone, whatever gate it ships with."""
    encoder, pairs = model._scorer.encoder, 16
    weights = np.zeros(2 * encoder.vocabulary + pairs, dtype=np.float32)
    weights[encoder.tokens(["ceasefire"])[0]] = 8
    found = copy.copy(model)
    found.artifact = replace(model.artifact, gate=Gate(weights, encoder.vocabulary, pairs, -4.0, 0.5, default=True))
    return found


@pytest.fixture(scope="session")
def service(serve):
    with serve() as client:
        yield client
