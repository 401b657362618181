"""A model folder: every file is checked before anything is used."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import pytest

from stancecraft import artifact
from stancecraft.artifact import LAYOUT, MANIFEST
from stancecraft.errors import ModelError
from stancecraft.policy import Thresholds
from stancecraft.records import ROLES, VALUES

ISSUES = {
    "issues": [
        {
            "id": one,
            "title": one.title(),
            "proposition": f"The {one} should stay.",
            "favor": "Wants it.",
            "against": "Rejects it.",
            "neutral": "Facts about it.",
        }
        for one in ("toll", "train")
    ]
}
GRAPH = bytes(range(256)) * 4


def write_manifest(folder, **changed):
    manifest = {
        "format": artifact.FORMAT,
        "name": "toy",
        "version": "1.2.0",
        "values": list(VALUES),
        "issues": ["toll", "train"],
        "thresholds": {"toll": {"about": 0.4, "confidence": 0.1}, "train": {"about": 0.6}},
        "window": {
            "tokens": 64,
            "overlap": 0.25,
            "turn_token": "[unused1]",
            "role_tokens": {role: f"[unused{at}]" for at, role in enumerate(ROLES, 2)},
        },
        "files": artifact.describe(folder),
        "trained": "by hand",
    } | changed
    given = {key: value for key, value in manifest.items() if value is not ...}
    (folder / MANIFEST).write_text(json.dumps(given), "utf-8")


@pytest.fixture
def folder(tmp_path):
    """A sound folder with every file of the layout; the graph is arbitrary bytes."""
    path = tmp_path / "model"
    (path / LAYOUT.graph).parent.mkdir(parents=True)
    (path / LAYOUT.graph).write_bytes(GRAPH)
    (path / LAYOUT.issues).write_text(json.dumps(ISSUES), "utf-8")
    for name in (LAYOUT.config, LAYOUT.tokenizer, LAYOUT.evaluation):
        (path / name).write_text("{}", "utf-8")
    write_manifest(path)
    return path


def problems(folder):
    with pytest.raises(ModelError) as caught:
        artifact.load(folder)
    return list(caught.value.lines)


def test_a_sound_folder_loads_with_all_it_says(folder):
    found = artifact.load(folder)
    assert found.model == "toy 1.2.0"
    assert found.codebook.ids == ("toll", "train")
    assert found.thresholds == {"toll": Thresholds(0.4, 0.1), "train": Thresholds(0.6, 0.0)}
    assert (found.window.tokens, found.window.overlap, found.window.turn_token) == (64, 0.25, "[unused1]")
    assert set(found.window.role_tokens) == set(ROLES)
    assert found.manifest["trained"] == "by hand"
    assert found.file(LAYOUT.graph).read_bytes() == GRAPH


def test_every_file_is_described_by_size_and_checksum_but_the_manifest(folder):
    found = artifact.describe(folder)
    assert sorted(found) == sorted(asdict(LAYOUT).values())
    assert found[LAYOUT.graph] == {"size": len(GRAPH), "sha256": hashlib.sha256(GRAPH).hexdigest()}


def test_an_empty_folder_has_nothing_to_describe(tmp_path):
    assert artifact.describe(tmp_path) == {}


def test_further_files_may_be_listed_and_are_checked_too(folder):
    (folder / "README.md").write_text("A toy.", "utf-8")
    write_manifest(folder)
    artifact.load(folder)
    (folder / "README.md").write_text("A toe.", "utf-8")
    [told] = problems(folder)
    assert "README.md: altered" in told


@pytest.mark.parametrize("name", asdict(LAYOUT).values())
def test_a_missing_file_is_told_by_name(folder, name):
    (folder / name).unlink()
    assert problems(folder) == [f"{folder / name}: missing from the model folder"]


@pytest.mark.parametrize("name", asdict(LAYOUT).values())
def test_an_altered_file_of_the_same_size_is_told_by_name(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(content)
    [told] = problems(folder)
    assert told.startswith(f"{folder / name}: altered: expected SHA-256 ")
    assert hashlib.sha256(content).hexdigest()[:12] in told


@pytest.mark.parametrize("size", [0, 100, len(GRAPH) - 1])
def test_a_file_that_was_cut_off_is_told_with_both_sizes(folder, size):
    (folder / LAYOUT.graph).write_bytes(GRAPH[:size])
    [told] = problems(folder)
    assert told.startswith(f"{folder / LAYOUT.graph}: altered or cut off")
    assert f"expected {len(GRAPH)} bytes, got {size}" in told


@pytest.mark.parametrize("name", asdict(LAYOUT).values())
def test_a_file_of_the_layout_that_the_manifest_does_not_list_is_told(folder, name):
    listed = artifact.describe(folder)
    del listed[name]
    write_manifest(folder, files=listed)
    assert problems(folder) == [f"{folder}: {MANIFEST} does not list {name}"]


@pytest.mark.parametrize("name", ["../secret.txt", "onnx/../../secret.txt", "/etc/hostname"])
def test_a_path_that_leads_out_of_the_folder_is_refused_unread(folder, name):
    secret = folder.parent / "secret.txt"
    secret.write_bytes(b"secret")
    entry = {"size": 6, "sha256": hashlib.sha256(b"secret").hexdigest()}
    write_manifest(folder, files=artifact.describe(folder) | {name: entry})
    [told] = problems(folder)
    assert f"{name!r} points outside the folder" in told


@pytest.mark.parametrize("entry", [None, 7, "x", [], {}, {"size": 2}, {"sha256": "x"}])
def test_an_entry_without_size_and_checksum_is_told(folder, entry):
    write_manifest(folder, files=artifact.describe(folder) | {LAYOUT.config: entry})
    [told] = problems(folder)
    assert told == f"{folder / MANIFEST}: files: {LAYOUT.config}: expected size and sha256"


@pytest.mark.parametrize("entry", [{"size": 2, "sha256": None}, {"size": "2", "sha256": "x"}, {"size": 2, "sha256": 7}])
def test_an_entry_of_the_wrong_kind_is_told(folder, entry):
    write_manifest(folder, files=artifact.describe(folder) | {LAYOUT.config: entry})
    [told] = problems(folder)
    assert LAYOUT.config in told


def test_everything_that_is_wrong_with_the_files_is_told_at_once(folder):
    listed = artifact.describe(folder)
    (folder / LAYOUT.graph).unlink()
    (folder / LAYOUT.config).write_text("{ }", "utf-8")
    del listed[LAYOUT.evaluation]
    write_manifest(folder, files=listed)
    told = problems(folder)
    assert len(told) == 3
    for name in (LAYOUT.graph, LAYOUT.config, LAYOUT.evaluation):
        assert any(name in line for line in told)


# The manifest.


@pytest.mark.parametrize("version", [0, -1, True, 1.0, "1", None, ...])
def test_another_version_of_the_format_is_refused(folder, version):
    write_manifest(folder, format=version)
    got = None if version is ... else version
    assert problems(folder) == [f"{folder}: this package reads model format {artifact.FORMAT}, got {got!r}"]


def test_a_newer_format_is_refused_with_what_to_do(folder):
    write_manifest(folder, format=artifact.FORMAT + 1)
    [told] = problems(folder)
    assert str(folder) in told
    assert told.endswith(f"got the newer {artifact.FORMAT + 1}; install a newer stancecraft")


def test_an_older_format_is_read_step_by_step(folder, monkeypatch):
    def renamed(manifest):
        return {**manifest, "format": 0, "name": manifest["title"]}

    def raised(manifest):
        return {**manifest, "format": artifact.FORMAT, "version": manifest["version"] + "+upgraded"}

    monkeypatch.setattr(artifact, "OLDER", {-1: renamed, 0: raised})
    write_manifest(folder, format=-1, name=..., title="toy")
    assert artifact.load(folder).model == "toy 1.2.0+upgraded"


def test_keys_of_a_newer_package_are_passed_over(folder):
    write_manifest(folder, colour="blue", abstention={"steps": [], "drawn": 7})
    assert artifact.load(folder).manifest["colour"] == "blue"


STORED = sorted((Path(__file__).parents[1] / "data" / "manifests").glob("*.json"))


def test_manifests_of_released_models_are_stored():
    assert {path.stem for path in STORED} >= {"diplomacy-0.1.0", "diplomacy-0.2.0", "diplomacy-0.3.0"}


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_the_manifest_of_every_model_that_was_released_is_still_read(folder, path):
    """The words of the manifest as they were, with the checksums of a folder that is at hand."""
    stored = json.loads(path.read_text("utf-8"))
    book = [dict.fromkeys(("title", "proposition", "favor", "against", "neutral"), "x") for _ in stored["issues"]]
    issues = {"issues": [{"id": one, **rest} for one, rest in zip(stored["issues"], book, strict=True)]}
    (folder / LAYOUT.issues).write_text(json.dumps(issues), "utf-8")
    stored["files"] = artifact.describe(folder)
    (folder / MANIFEST).write_text(json.dumps(stored), "utf-8")
    found = artifact.load(folder)
    assert found.model == f"{stored['name']} {stored['version']}"
    assert found.codebook.ids == tuple(stored["issues"])
    assert set(found.thresholds) == set(stored["issues"])
    assert len(found.bias) == (len(stored["issues"]) if "bias" in stored else 0)
    assert len(found.abstention) == len(stored.get("abstention", {}).get("steps", ()))


@pytest.mark.parametrize("values", [list(reversed(VALUES)), list(VALUES[:3]), None, ...])
def test_another_order_of_labels_is_refused(folder, values):
    write_manifest(folder, values=values)
    [told] = problems(folder)
    got = None if values is ... else values
    assert told == f"{folder}: expected the label order {list(VALUES)}, got {got!r}"


@pytest.mark.parametrize("content", [b"", b"{", b"not JSON", b"\xff\xfe\x00", b"{'format': 1}"])
def test_a_manifest_that_is_not_json_is_told(folder, content):
    (folder / MANIFEST).write_bytes(content)
    [told] = problems(folder)
    assert told.startswith(f"{folder / MANIFEST}: cannot be read: ")


@pytest.mark.parametrize("content", ["[]", "7", "null", "{}", '{"files": []}', '{"files": null}'])
def test_a_manifest_without_files_is_told(folder, content):
    (folder / MANIFEST).write_text(content, "utf-8")
    assert problems(folder) == [f"{folder / MANIFEST}: expected an object with 'files'"]


def test_a_folder_without_a_manifest_is_no_model(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere"):
        assert problems(path) == [f"{path}: not a model folder: no {MANIFEST} in it"]


def test_a_file_in_place_of_a_folder_is_told(tmp_path):
    (tmp_path / "model.onnx").write_bytes(GRAPH)
    [told] = problems(tmp_path / "model.onnx")
    assert str(tmp_path / "model.onnx") in told


@pytest.mark.parametrize("key", ["name", "version", "issues", "thresholds", "window"])
def test_a_manifest_that_lacks_a_key_is_told_by_the_key(folder, key):
    write_manifest(folder, **{key: ...})
    [told] = problems(folder)
    assert told.startswith(f"{folder / MANIFEST}: not a valid manifest: ")
    assert key in told


@pytest.mark.parametrize("thresholds", [{"toll": {}}, {}, {"toll": {}, "train": {}, "bridge": {}}])
def test_thresholds_for_other_issues_are_refused(folder, thresholds):
    write_manifest(folder, thresholds=thresholds)
    [told] = problems(folder)
    assert LAYOUT.issues in told
    assert "different issues" in told


@pytest.mark.parametrize("issues", [["train", "toll"], ["toll"], ["toll", "train", "bridge"], []])
def test_issues_in_another_order_or_number_are_refused(folder, issues):
    write_manifest(folder, issues=issues)
    [told] = problems(folder)
    assert "different issues" in told


@pytest.mark.parametrize("role_tokens", [{}, {"official": "[unused2]"}, None, 7])
def test_a_window_without_a_token_for_every_role_is_refused(folder, role_tokens):
    write_manifest(folder, window={"tokens": 64, "overlap": 0.25, "turn_token": "x", "role_tokens": role_tokens})
    [told] = problems(folder)
    assert told.startswith(f"{folder / MANIFEST}: not a valid manifest: ")


@pytest.mark.parametrize(
    "changed",
    [
        {"thresholds": ["toll", "train"]},
        {"thresholds": {"toll": {"about": "high"}, "train": {}}},
        {"thresholds": {"toll": {"about": 7}, "train": {}}},
        {"thresholds": {"toll": {"above": 0.5}, "train": {}}},
        {"window": {"tokens": 64, "overlap": 0.25, "turn_token": "x", "role_tokens": list(ROLES)}},
        {"window": {"tokens": 3, "overlap": 0.25, "turn_token": "x", "role_tokens": dict.fromkeys(ROLES, "x")}},
        {"window": {"tokens": 64, "overlap": 1.5, "turn_token": "x", "role_tokens": dict.fromkeys(ROLES, "x")}},
        {"window": {"tokens": "many", "overlap": 0.25, "turn_token": "x", "role_tokens": dict.fromkeys(ROLES, "x")}},
        {"window": []},
        {"window": None},
    ],
    ids=lambda changed: json.dumps(changed)[:60],
)
def test_a_manifest_whose_values_cannot_be_used_is_told_on_loading(folder, changed):
    # Ranges as Thresholds and WindowPlan state them: shares in [0, 1], overlap in [0, 0.5], at least 32 tokens.
    write_manifest(folder, **changed)
    [told] = problems(folder)
    assert told.startswith(f"{folder / MANIFEST}: not a valid manifest: ")


@pytest.mark.parametrize(
    "content",
    [b"[" * 100_000, b'{"files": {}, "format": ' + b"9" * 5000 + b"}", b'{"format": 1}', b"\xed\xa0\x80", b"null"],
    ids=["deep", "long number", "no files", "half a character", "null"],
)
def test_a_manifest_that_would_break_a_parser_is_told(folder, content):
    (folder / MANIFEST).write_bytes(content)
    [told] = problems(folder)
    assert told.startswith(str(folder / MANIFEST))


@pytest.mark.parametrize("tokens", [float("inf"), float("nan"), 10**400])
def test_numbers_beyond_all_measure_are_told(folder, tokens):
    write_manifest(folder, window={"tokens": tokens, "overlap": 10**400, "turn_token": "x",
                                   "role_tokens": dict.fromkeys(ROLES, "x")})  # fmt: skip
    [told] = problems(folder)
    assert told.startswith(f"{folder / MANIFEST}: not a valid manifest: ")


@pytest.mark.parametrize("name", ["pytorch_model.bin", "head.pkl", "modeling_toy.py", "onnx/ops.so", "HEAD.JOBLIB"])
@pytest.mark.parametrize("listed", [True, False])
def test_a_file_that_may_run_code_is_refused_by_name_whether_listed_or_not(folder, name, listed):
    (folder / name).write_bytes(b"x")
    if listed:
        write_manifest(folder)
    [told] = problems(folder)
    assert told.startswith(f"{folder / name}: refused: ")


@pytest.mark.parametrize("name", ["../outside.json", "/etc/hostname", "onnx/../../outside.json"])
def test_a_manifest_never_leads_out_of_the_folder(folder, name):
    (folder.parent / "outside.json").write_text("{}", "utf-8")
    write_manifest(folder, files=artifact.describe(folder) | {name: {"size": 2, "sha256": "0" * 64}})
    [told] = problems(folder)
    assert repr(name) in told and "points outside the folder" in told


@pytest.mark.parametrize("kept", range(5))
def test_a_folder_that_was_copied_by_half_is_refused_with_what_is_missing(folder, kept):
    names = list(asdict(LAYOUT).values())
    for name in names[kept:]:
        (folder / name).unlink()
    assert problems(folder) == [f"{folder / name}: missing from the model folder" for name in sorted(names[kept:])]


# The codebook inside.


def test_a_codebook_that_is_not_valid_is_told_with_every_mistake(folder):
    (folder / LAYOUT.issues).write_text('{"issues": [{"id": "Toll"}, 7]}', "utf-8")
    write_manifest(folder)
    told = problems(folder)
    assert len(told) > 2
    assert all(line.startswith(str(folder / LAYOUT.issues)) for line in told)


def test_a_codebook_that_is_not_json_is_told_by_its_own_name(folder):
    (folder / LAYOUT.issues).write_text("issues: [", "utf-8")
    write_manifest(folder)
    [told] = problems(folder)
    assert str(folder / LAYOUT.issues) in told


def test_a_file_that_is_being_replaced_is_the_listed_one_or_the_next_and_no_third(folder):
    older = artifact.describe(folder)
    (folder / LAYOUT.evaluation).write_text('{"a": 1}', "utf-8")
    newer = artifact.describe(folder)[LAYOUT.evaluation]
    write_manifest(folder, files=older | {LAYOUT.evaluation: older[LAYOUT.evaluation] | {"next": newer}})
    for content in ('{"a": 1}', "{}"):
        (folder / LAYOUT.evaluation).write_text(content, "utf-8")
        artifact.load(folder)
    for content in ('{"a": 2}', '{"a": 11}'):
        (folder / LAYOUT.evaluation).write_text(content, "utf-8")
        assert "altered" in problems(folder)[0]
    (folder / LAYOUT.evaluation).unlink()
    assert "missing" in problems(folder)[0]


@pytest.mark.parametrize("coming", [None, [], "x", {}, {"size": 2}, {"size": "2", "sha256": 1}])
def test_a_next_file_that_is_not_described_excuses_nothing(folder, coming):
    entry = artifact.describe(folder)[LAYOUT.evaluation] | {"next": coming}
    write_manifest(folder, files=artifact.describe(folder) | {LAYOUT.evaluation: entry})
    artifact.load(folder)
    (folder / LAYOUT.evaluation).write_text("[]]", "utf-8")
    assert "altered" in problems(folder)[0]


def test_what_a_process_that_died_left_behind_is_no_file_of_the_model(folder):
    (folder / ".evaluation.json.abc").write_text("half", "utf-8")
    assert ".evaluation.json.abc" not in artifact.describe(folder)
    artifact.load(folder)
