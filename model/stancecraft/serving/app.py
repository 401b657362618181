"""The routes, and how faults become answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeVar

from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from stancecraft import __version__
from stancecraft.classifier import StanceClassifier
from stancecraft.comparison.result import By
from stancecraft.errors import StancecraftError
from stancecraft.readers import formats
from stancecraft.serving import metrics, page, schema
from stancecraft.serving.batching import Options
from stancecraft.serving.bodies import Choice
from stancecraft.serving.guard import Guard, Token
from stancecraft.serving.limits import Code, Limits, RefusalError, invalid
from stancecraft.serving.service import Service, Upload
from stancecraft.speakers import Speakers

_T = TypeVar("_T")
_LONGEST_NAME = 150
_SHOWN = 60
_FIELDS = 16

_DESCRIPTION = (
    "Labels statements of diplomatic transcripts with the issues they are about and the stance they take, and compares "
    "who holds which position. Labels are wrong often: read the model card before relying on one. Requests are limited "
    "in size and number; 503 comes with Retry-After."
)

_CODES: dict[int, Code] = {400: "bad_request", 401: "unauthorised", 404: "not_found", 405: "method_not_allowed"}


def create(classifier: StanceClassifier, speakers: Speakers, limits: Limits, token: Token) -> FastAPI:
    """The application.

    Args:
        classifier: The model; from now on only the application uses it.
        speakers: Table that resolves labels of transcripts.
        limits: What it takes on.
        token: What requests must bring.
    """
    counted = metrics.Metrics()
    service = Service(classifier, speakers, limits, counted)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        await asyncio.to_thread(service.close)

    # The usual pages of FastAPI that show a description load scripts from other hosts.
    app = FastAPI(
        title="stancecraft", version=__version__, description=_DESCRIPTION, lifespan=lifespan, docs_url=None,
        redoc_url=None, redirect_slashes=False,
    )  # fmt: skip
    blank = page.Form(service.artifact.model, token.is_needed)
    app.add_middleware(
        Guard, limits=limits, token=token, metrics=counted, page=lambda refusal: page.render(blank, refusal.lines)
    )
    _add_handlers(app)
    _add_routes(app, service, limits, token)
    _add_page(app, service, limits, token)

    @app.get("/metrics", summary="Figures for Prometheus", response_class=Response, responses=_plain())
    async def figures() -> Response:
        return Response(counted.text(), headers={"content-type": metrics.CONTENT_TYPE})

    _add_security(app, token)
    return app


def _add_routes(app: FastAPI, service: Service, limits: Limits, token: Token) -> None:
    body = schema.predict_body(limits, service.issues)
    faults = (400, 408, 413, 415, 422)

    @app.post(
        "/predict", summary="Label statements", openapi_extra=body, responses=schema.answers(schema.PREDICTED, *faults)
    )
    async def predict(request: Request) -> Response:
        content = await _json_content(request)
        return _answer(await _within(limits, request, service.predict(content)))

    @app.post("/compare", summary="Compare who holds which position", openapi_extra=schema.compare_body(limits),
              responses=schema.answers(schema.COMPARED, *faults))  # fmt: skip
    async def compare(request: Request) -> Response:
        content = await _json_content(request)
        return _answer(await _within(limits, request, service.compare(content)))

    @app.post("/transcript", summary="Read and label a document", openapi_extra=schema.transcript_body(),
              responses=schema.answers(schema.READ, *faults))  # fmt: skip
    async def transcript(
        request: Request,
        by: Annotated[By | None, Query(description="Also compare: by side, speaker or document.")] = None,
        date: Annotated[str, Query(description="ISO date of a document whose name does not tell it.")] = "",
        input_format: Annotated[str, Query(description="Format; found from the content by default.")] = "",
        explain: Annotated[bool, Query(description="Say which words carried each decision.")] = False,
        max_error: Annotated[float | None, Query(gt=0, lt=1, allow_inf_nan=False)] = None,
        gate: Annotated[bool | None, Query(description=schema.GATE)] = None,
    ) -> Response:
        async with _form(request, limits) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise invalid("file: expected a document in the field 'file' of multipart/form-data")
            upload = await _upload(file, date, input_format)
        choice = None if by is None else Choice(by)
        options = Options(max_error, explain, gate)
        return _answer(await _within(limits, request, service.transcript(upload, options, choice)))

    @app.get("/issues", summary="The issues that the model knows", responses=schema.answers(schema.ISSUES))
    async def issues() -> Response:
        return _answer(service.codebook())

    @app.get("/health", summary="Whether the service works", responses={
        200: {"description": "It does.", "content": {"application/json": {"schema": schema.HEALTH}}},
        503: {"description": "It does not.", "content": {"application/json": {"schema": schema.HEALTH}}},
    })  # fmt: skip
    async def health(response: Response) -> dict[str, Any]:
        alive = service.batcher.is_alive
        response.status_code = 200 if alive else 503
        return {"status": "ok" if alive else "stopped", **service.about()}


def _add_page(app: FastAPI, service: Service, limits: Limits, token: Token) -> None:
    @app.get("/", include_in_schema=False)
    async def form() -> HTMLResponse:
        return _page(page.Form(service.artifact.model, token.is_needed))

    @app.post("/", include_in_schema=False)
    async def compared(request: Request) -> HTMLResponse:
        given = page.Form(service.artifact.model, token.is_needed)
        try:
            if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
                raise RefusalError(403, "forbidden", "this form is answered to its own page only")
            async with _form(request, limits) as sent:
                given = page.filled(given, {name: one for name, one in sent.items() if isinstance(one, str)})
                if not token.fits(given.token):
                    raise RefusalError(401, "unauthorised", "the access token is missing or wrong")
                file = sent.get("file")
                upload = page.upload(given, await _upload(file) if isinstance(file, UploadFile) else None)
            report = await _within(limits, request, service.page(upload, Choice(page.grouping(given))))
        except RefusalError as refusal:
            return _page(given, refusal.lines, refusal.status, refusal.headers)
        except StancecraftError as error:
            return _page(given, error.lines, 422)
        return HTMLResponse(report, headers={"content-security-policy": page.REPORT_POLICY})

    @app.get("/favicon.ico", include_in_schema=False)
    async def icon() -> Response:
        return Response(status_code=204)


def _add_handlers(app: FastAPI) -> None:
    @app.exception_handler(RefusalError)
    async def refused(request: Request, refusal: RefusalError) -> Response:
        return _refused(refusal)

    @app.exception_handler(StancecraftError)
    async def at_fault(request: Request, error: StancecraftError) -> Response:
        return _refused(invalid(*error.lines))

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> Response:
        lines = [
            f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}, got {repr(one.get('input'))[:_SHOWN]}"
            for one in error.errors()
        ]
        return _refused(invalid(*lines))

    @app.exception_handler(HTTPException)
    async def of_http(request: Request, error: HTTPException) -> Response:
        refusal = RefusalError(error.status_code, _CODES.get(error.status_code, "bad_request"), str(error.detail))
        return _refused(refusal, dict(error.headers or {}))

    @app.exception_handler(ClientDisconnect)
    async def left(request: Request, error: ClientDisconnect) -> Response:
        return _refused(RefusalError(400, "bad_request", "the client left"))


async def _within(limits: Limits, request: Request, work: Coroutine[Any, Any, _T]) -> _T:
    """Do some work while there is time and somebody waits for it.

    Raises:
        RefusalError: If it takes too long, or the client has gone (then nobody reads the answer).
    """
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({task, gone}, timeout=limits.seconds, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        if gone.done():
            raise RefusalError(400, "bad_request", "the client left")
        raise RefusalError(
            503, "timeout", f"no answer within {limits.seconds:g} s; send less, or try again", retry_after=5
        )
    finally:
        for one in (task, gone):
            one.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _json_content(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RefusalError(
            415, "unsupported_media_type", f"expected content-type application/json, got {kind[:_SHOWN]!r}"
        )
    return await request.body()


@asynccontextmanager
async def _form(request: Request, limits: Limits) -> AsyncIterator[FormData]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        told = f"expected content-type multipart/form-data, got {kind[:_SHOWN]!r}"
        raise RefusalError(415, "unsupported_media_type", told)
    async with request.form(max_files=1, max_fields=_FIELDS, max_part_size=limits.body) as form:
        yield form


async def _upload(file: UploadFile, date: str = "", input_format: str = "") -> Upload:
    name = (file.filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(one for one in name if one.isprintable())[-_LONGEST_NAME:].strip()
    if date and not formats.is_date(date):
        raise invalid(f"date: expected an ISO date (2016-07-15), got {date[:_SHOWN]!r}")
    if input_format and input_format not in formats.NAMES:
        raise invalid(f"input_format: expected one of {', '.join(formats.NAMES)}, got {input_format[:_SHOWN]!r}")
    return Upload(await file.read(), printable or "document", date, input_format)


def _answer(content: bytes) -> Response:
    return Response(content, media_type="application/json")


def _refused(refusal: RefusalError, headers: dict[str, str] | None = None) -> Response:
    return Response(refusal.body(), refusal.status, refusal.headers | (headers or {}))


def _page(
    form: page.Form, lines: tuple[str, ...] = (), status: int = 200, headers: dict[str, str] | None = None
) -> HTMLResponse:  # fmt: skip
    content, policy = page.render(form, lines)
    kept = {name: one for name, one in (headers or {}).items() if name == "retry-after"}
    return HTMLResponse(content, status, kept | {"content-security-policy": policy})


def _plain() -> dict[int | str, dict[str, Any]]:
    found = schema.answers({})
    found[200] = {
        "description": "Text format of Prometheus.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
    return found


def _add_security(app: FastAPI, token: Token) -> None:
    """Say in the description that a token is needed, if it is."""
    described = app.openapi()
    if token.is_needed:
        described.setdefault("components", {})["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        for path, methods in described["paths"].items():
            if path != "/health":
                for told in methods.values():
                    told["security"] = [{"token": []}]
