"""How much one request and all of them together may ask for, and how a request is turned away."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

Code = Literal[
    "bad_request", "unauthorised", "forbidden", "not_found", "method_not_allowed", "too_slow", "too_large",
    "unsupported_media_type", "invalid", "internal", "busy", "timeout",
]  # fmt: skip
"""What is wrong, for programs; ``busy`` and ``timeout`` are worth another try."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the service takes on.

    Attributes:
        body: Bytes of a request's body.
        statements: Statements of a request.
        characters: Characters of a request's statements together.
        seconds: From the end of a request to its answer; also what its body may take to arrive.
        waiting: Statements that wait for the model; a request that finds none waiting is taken whatever its size.
        requests: Requests that are open at once.
        documents: Transcripts, comparisons and large bodies that wait to be worked on.
    """

    body: int = 8_000_000
    statements: int = 5_000
    characters: int = 1_000_000
    seconds: float = 60.0
    waiting: int = 10_000
    requests: int = 512
    documents: int = 32

    @property
    def held(self) -> int:
        """Bytes of the bodies of all open requests together."""
        return 8 * self.body


class RefusalError(Exception):
    """A request that is not answered as asked.

    Attributes:
        status: Of HTTP.
        code: The same for programs.
        lines: What is wrong, one line per fault.
        retry_after: Seconds after which another try may succeed; 0 where it will not.
    """

    def __init__(self, status: int, code: Code, *lines: str, retry_after: int = 0) -> None:
        super().__init__("\n".join(lines))
        self.status = status
        self.code = code
        self.lines = lines
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        """Headers that belong to the status."""
        found = {"content-type": "application/json"}
        if self.retry_after:
            found["retry-after"] = str(self.retry_after)
        if self.status == 401:
            found["www-authenticate"] = "Bearer"
        return found

    def body(self) -> bytes:
        """The answer as JSON."""
        told: dict[str, Any] = {"status": self.status, "code": self.code, "lines": list(self.lines)}
        if self.retry_after:
            told["retry_after"] = self.retry_after
        return json.dumps({"error": told}).encode()


def invalid(*lines: str) -> RefusalError:
    """Content that cannot be used."""
    return RefusalError(422, "invalid", *lines)


def busy(what: str, retry_after: int = 1) -> RefusalError:
    """More work than fits the queues."""
    return RefusalError(503, "busy", f"{what}; try again in {retry_after} s", retry_after=retry_after)


def require_size(limits: Limits, statements: int, characters: int, where: str) -> None:
    """Make sure that a request is small enough to be scored.

    Raises:
        RefusalError: If it is not.
    """
    if statements > limits.statements:
        raise invalid(f"{where}: expected at most {limits.statements:,} statements, got {statements:,}; send parts")
    if characters > limits.characters:
        raise invalid(f"{where}: expected at most {limits.characters:,} characters, got {characters:,}; send parts")
