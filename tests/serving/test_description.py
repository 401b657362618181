"""The OpenAPI description against the service: schemathesis looks for an answer that is none of those it promises."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

schemathesis = pytest.importorskip("schemathesis", reason="needs schemathesis, of the extra dev")

POSTS, GETS = ("/predict", "/compare", "/transcript"), ("/issues", "/health", "/metrics")
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "negative_data_rejection",
)  # fmt: skip
EXAMPLES = 15


@pytest.fixture(scope="module")
def description(serve):
    with serve(statements=20, characters=2000, seconds=30) as client:
        yield schemathesis.openapi.from_url(f"{client.url}/openapi.json", timeout=60)


def test_the_description_has_these_operations(description):
    found = {(one.ok().method.upper(), one.ok().path) for one in description.get_all_operations()}
    assert found == {("POST", path) for path in POSTS} | {("GET", path) for path in GETS}


def check(description, method, path, mode):
    operation = description[path][method]
    checks = [getattr(schemathesis.checks, name) for name in CHECKS]

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def holds(case):
        case.call_and_validate(checks=checks, timeout=60)

    holds()


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["POSITIVE", "NEGATIVE"])
@pytest.mark.parametrize("path", POSTS)
def test_no_request_breaks_what_the_description_promises(description, path, mode):
    check(description, "POST", path, schemathesis.GenerationMode[mode])


@pytest.mark.parametrize("path", GETS)
def test_what_is_asked_for_is_what_the_description_promises(description, path):
    check(description, "GET", path, schemathesis.GenerationMode.POSITIVE)
