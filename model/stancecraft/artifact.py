"""A trained model as a typed folder.

::

    manifest.json                 versions, label order, thresholds, calibration, sizes and checksums
    issues.json                   the codebook the model was trained on
    config.json                   the encoder's configuration, labels named ``issue=value``
    tokenizer.json                the tokenizer
    onnx/model_quantized.onnx     int8 graph: input_ids, attention_mask -> logits (batch, tokens, 4 x issues)
    evaluation.json               what was measured when the model was made
    gate.f16                      optional: weights that rule out windows without reading them

Nothing in it runs code when loaded: JSON, safetensors, plain numbers and ONNX only, the graph without operators or
numbers from elsewhere (:mod:`stancecraft.artifact_graph`), and no file beside them that some library would run.

The rule of versions: within one ``format`` keys are only added, and a package ignores those it does not know, so that
older packages read newer folders and newer packages older ones (a key that is missing means that nothing was measured).
What changes or drops a key raises ``format``; then :data:`OLDER` says how a folder of the format before is read, and an
older package refuses the folder and says that it needs a newer one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from stancecraft import codebook, gate
from stancecraft.codebook import Codebook
from stancecraft.errors import ConfigError, ModelError
from stancecraft.policy import Step, Thresholds
from stancecraft.records import ROLES, VALUES, Role
from stancecraft.windows import LARGEST_OVERLAP, SMALLEST_WINDOW, WindowPlan

FORMAT = 1
"""Version of the folder's layout; newer ones are refused, older ones read as :data:`OLDER` says."""

OLDER: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""Formats before this one, each with what makes its manifest one of the next format."""

MANIFEST = "manifest.json"

_RUNS_CODE = frozenset(
    ".py .pyc .pyd .so .dll .dylib .pkl .pickle .joblib .dill .pt .pth .bin .ckpt .npy .npz .h5 .keras .sh .exe".split()
)
"""Endings of files that some library runs, or unpacks by running what they say; a model folder has none of them."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of the folder that loading needs; each is listed in the manifest with its checksum."""

    issues: str = "issues.json"
    config: str = "config.json"
    tokenizer: str = "tokenizer.json"
    graph: str = "onnx/model_quantized.onnx"
    evaluation: str = "evaluation.json"


LAYOUT = Layout()

GATE = "gate.f16"
"""The one file that a folder may lack: then every window is read."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A model folder whose files were checked.

    Attributes:
        path: The folder.
        name: Name of the model.
        version: Version of the model, apart from the package's.
        codebook: The issues in the order of the outputs.
        window: How statements are packed for it.
        thresholds: Per issue id.
        abstention: How often stances given with some probability were wrong; empty if that was not measured.
        bias: What the last layer adds to the logits whatever the words, per issue and value in the order of the
            outputs; empty if the folder does not tell.
        gate: What rules out windows without reading them; ``None`` if every window is read.
        manifest: The whole manifest, for what is only told and not used.
    """

    path: Path
    name: str
    version: str
    codebook: Codebook
    window: WindowPlan
    thresholds: Mapping[str, Thresholds]
    abstention: tuple[Step, ...]
    bias: tuple[tuple[float, ...], ...]
    gate: gate.Gate | None
    manifest: Mapping[str, Any]

    @property
    def model(self) -> str:
        """Name and version, as predictions carry them."""
        return f"{self.name} {self.version}"

    def file(self, name: str) -> Path:
        """Path of a file of the layout."""
        return self.path / name


def packaged() -> Path:
    """The folder of the model that ships with the package."""
    return Path(__file__).parent / "packaged"


def load(path: Path) -> Artifact:
    """Read a model folder and check every file's size and SHA-256.

    Raises:
        ModelError: If the folder is not a model, a file is missing or altered, or the version is another.
    """
    manifest = _manifest(path)
    problems = [problem for name, entry in manifest["files"].items() if (problem := _problem(path, name, entry))]
    problems += [f"{path}: {MANIFEST} does not list {name}" for name in asdict(LAYOUT).values()
                 if name not in manifest["files"]]  # fmt: skip
    problems += _runnable(path)
    if problems:
        raise ModelError(*problems)
    try:
        return Artifact(
            path=path,
            name=str(manifest["name"]),
            version=str(manifest["version"]),
            codebook=_codebook(path, manifest),
            window=_window(manifest["window"], json.loads((path / LAYOUT.config).read_text("utf-8"))),
            thresholds={issue: _thresholds(issue, given) for issue, given in manifest["thresholds"].items()},
            abstention=tuple(Step(**step) for step in manifest.get("abstention", {}).get("steps", ())),
            bias=_bias(manifest),
            gate=_gate(path, manifest),
            manifest=manifest,
        )
    except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError) as error:
        raise ModelError(f"{path / MANIFEST}: not a valid manifest: {type(error).__name__}: {error}") from None


def describe(path: Path) -> dict[str, dict[str, Any]]:
    """Size in bytes and SHA-256 of every file in a folder but the manifest, by relative path.

    Files whose name begins with a dot are none of the model's: a process that died may have left one.
    """
    named = (file for file in path.rglob("*") if file.name != MANIFEST and not file.name.startswith("."))
    found = sorted(file for file in named if file.is_file())
    return {file.relative_to(path).as_posix(): {"size": file.stat().st_size, "sha256": _sha256(file)} for file in found}


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((path / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{path}: not a model folder: no {MANIFEST} in it") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path / MANIFEST}: cannot be read: {error}") from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise ModelError(f"{path / MANIFEST}: expected an object with 'files'")
    manifest = _upgraded(path, manifest)
    if manifest.get("values") != list(VALUES):
        raise ModelError(f"{path}: expected the label order {list(VALUES)}, got {manifest.get('values')!r}")
    return manifest


def _upgraded(path: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest of this or an older format as one of this format."""
    given = manifest.get("format")
    if type(given) is int and given > FORMAT:
        raise ModelError(
            f"{path}: this package reads model format {FORMAT}, got the newer {given!r}; install a newer stancecraft"
        )
    while type(given) is int and given in OLDER:
        manifest = OLDER[given](manifest)
        given = manifest.get("format")
    if type(given) is not int or given != FORMAT:
        raise ModelError(f"{path}: this package reads model format {FORMAT}, got {given!r}")
    return manifest


def _runnable(path: Path) -> list[str]:
    """A line for each file that something may run, listed or not."""
    found = sorted(file for file in path.rglob("*") if file.suffix.lower() in _RUNS_CODE)
    return [f"{file}: refused: files of this kind may run code when loaded; a model folder has none" for file in found]


def _problem(path: Path, name: str, entry: object) -> str:
    """What is wrong with one listed file, or the empty string; while it is replaced it may already be the next one."""
    problem = _file_problem(path, name, entry)
    if problem and isinstance(entry, dict) and "next" in entry and not _file_problem(path, name, entry["next"]):
        return ""
    return problem


def _file_problem(path: Path, name: str, entry: object) -> str:
    sound = isinstance(entry, dict) and isinstance(entry.get("size"), int) and isinstance(entry.get("sha256"), str)
    if not isinstance(entry, dict) or not sound:
        return f"{path / MANIFEST}: files: {name}: expected size and sha256"
    if Path(name).is_absolute() or ".." in Path(name).parts:
        return f"{path / MANIFEST}: files: {name!r} points outside the folder"
    file = path / name
    if not file.is_file():
        return f"{file}: missing from the model folder"
    if (size := file.stat().st_size) != entry["size"]:
        return f"{file}: altered or cut off: expected {entry['size']} bytes, got {size}"
    if (digest := _sha256(file)) != entry["sha256"]:
        return f"{file}: altered: expected SHA-256 {entry['sha256'][:12]}..., got {digest[:12]}..."
    return ""


def _codebook(path: Path, manifest: Mapping[str, Any]) -> Codebook:
    file = path / LAYOUT.issues
    try:
        book = codebook.parse(json.loads(file.read_text("utf-8")), str(file))
    except ConfigError as error:
        raise ModelError(*error.lines) from None
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{file}: not valid JSON: {error}") from None
    if list(book.ids) != manifest["issues"] or set(manifest["thresholds"]) != set(book.ids):
        raise ModelError(f"{path}: manifest and {LAYOUT.issues} name different issues")
    return book


def _window(given: Mapping[str, Any], config: Mapping[str, Any]) -> WindowPlan:
    roles = cast(dict[Role, str], given["role_tokens"])
    if not isinstance(roles, dict) or set(roles) != set(ROLES):
        raise ValueError(f"window.role_tokens: expected {', '.join(ROLES)}, got {', '.join(roles)}")
    tokens, overlap = int(given["tokens"]), float(given["overlap"])
    if tokens < SMALLEST_WINDOW or not 0 <= overlap <= LARGEST_OVERLAP:
        raise ValueError(
            f"window: expected at least {SMALLEST_WINDOW} tokens and an overlap from 0 to {LARGEST_OVERLAP}, "
            f"got {tokens} and {overlap}"
        )
    if tokens > (positions := config.get("max_position_embeddings", tokens)):
        raise ValueError(f"window: the encoder reads at most {positions} tokens, got {tokens}")
    return WindowPlan(tokens, overlap, str(given["turn_token"]), roles)


def _thresholds(issue: str, given: Mapping[str, float]) -> Thresholds:
    thresholds = Thresholds(**given)
    if not (0 <= thresholds.about <= 1 and 0 <= thresholds.confidence <= 1):
        raise ValueError(f"thresholds.{issue}: expected numbers from 0 to 1, got {dict(given)}")
    return thresholds


def _gate(path: Path, manifest: Mapping[str, Any]) -> gate.Gate | None:
    """The gate, if the folder has one; a file of that name that the manifest does not describe is not read."""
    if "gate" not in manifest:
        return None
    if GATE not in manifest["files"]:
        raise ValueError(f"gate: described, but files does not list {GATE}")
    return gate.load(path / GATE, manifest["gate"])


def _bias(manifest: Mapping[str, Any]) -> tuple[tuple[float, ...], ...]:
    """Rows of the last layer's bias, one per issue; a folder made before words were explained has none."""
    rows = tuple(tuple(map(float, manifest["bias"][issue])) for issue in manifest["issues"] if "bias" in manifest)
    if any(len(row) != len(VALUES) for row in rows):
        raise ValueError(f"bias: expected {len(VALUES)} numbers per issue")
    return rows


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
