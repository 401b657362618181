"""The numbers of the model card, generated from what was measured on the packaged model.

``python -m stancecraft_training.card`` rewrites what stands between the markers of ``model_card.md``, its header too;
``--check`` says whether it is up to date. The card's prose is written by hand.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

from stancecraft import artifact
from stancecraft.artifact import LAYOUT, MANIFEST

CARD = Path("model_card.md")
_FEWEST = 40  # statements about an issue, below which no claim is made
_BLOCK = re.compile(r"(<!-- numbers -->\n).*?(\n<!-- /numbers -->)", re.S)
_INDEX = re.compile(r"(# numbers\n).*?(# /numbers\n)", re.S)  # in the YAML header


def main(arguments: list[str]) -> int:
    """Rewrite the card in the current folder, or with ``--check`` only compare. Returns the exit status."""
    card = CARD.read_text("utf-8")
    fresh = render(card, artifact.packaged())
    if "--check" in arguments:
        if card != fresh:
            sys.stderr.write(f"{CARD}: its numbers are not those of the packaged model; run {__spec__.name}\n")
            return 1
        return 0
    CARD.write_text(fresh, "utf-8")
    return 0


def render(card: str, folder: Path) -> str:
    """The card with the numbers of a model folder between its markers."""
    evaluation = json.loads((folder / LAYOUT.evaluation).read_text("utf-8"))
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    parts = [_heading(manifest, evaluation), _table(evaluation["test"])]
    parts += [beside] if (beside := _beside(evaluation)) else []
    parts += [_parity(evaluation["parity"])]
    parts += [_apart(evaluation["apart"])] if "apart" in evaluation else []
    parts += [_promises(manifest, evaluation)] if manifest.get("abstention") else []
    numbers = "\n\n".join(parts)
    card = _INDEX.sub(lambda match: match[1] + _index(manifest, evaluation["test"]["overall"]) + match[2], card)
    return _BLOCK.sub(lambda match: match[1] + numbers + match[2], card)


def _index(manifest: dict[str, Any], overall: dict[str, Any]) -> str:
    """The ``model-index`` of the card's header, in the shape that model hubs read."""
    figures = {
        "F1, about the issue": overall["about"]["f1"], "F1, issue and stance": overall["both"]["f1"],
        "Macro-F1, stance": overall["stance_macro_f1"],
    }  # fmt: skip
    result = {
        "task": {"type": "text-classification", "name": "Stance detection"},
        "dataset": {"type": "stancecraft", "name": "stancecraft annotations", "split": "test"},
        "metrics": [{"type": "f1", "name": name, "value": value} for name, value in figures.items()],
    }
    index = {"model-index": [{"name": f"{manifest['name']} {manifest['version']}", "results": [result]}]}
    return yaml.safe_dump(index, sort_keys=False)


def _beside(evaluation: dict[str, Any]) -> str:
    """Simpler methods on the same rows, and two annotators, as far as the model's folder tells of them."""
    rows = [
        f"| {name.replace('_', ' ')} | {one['test']['overall']['about']['f1']:.2f} "
        f"| {one['test']['overall']['both']['f1']:.2f} | {one['test']['overall']['stance_macro_f1']:.2f} |"
        for name, one in evaluation.get("baselines", {}).items()
    ]
    if agreed := evaluation.get("agreement"):
        rows.append(
            f"| a second annotator, on {agreed['statements']:,} other statements | {agreed['about']['f1']:.2f} "
            f"| {agreed['both']['f1']:.2f} | {agreed['stance_macro_f1']:.2f} |"
        )
    head = "Beside it, trained on the same rows and measured on the same test, and the ceiling:\n\n"
    head += "| | about: F1 | issue and stance: F1 | stance: macro-F1 |\n|---|---|---|---|\n"
    return head + "\n".join(rows) if rows else ""


def _heading(manifest: dict[str, Any], evaluation: dict[str, Any]) -> str:
    test, train = evaluation["test"], evaluation["train"]
    sources = ", ".join(f"{count:,} from {name}" for name, count in train.get("sources", {}).items())
    model = f"{manifest['name']} {manifest['version']}"
    return (
        f"Model `{model}` of {manifest['created']}, trained on {train['statements']:,} "
        f"statements ({sources}), measured on {test['statements']:,} statements of {test['documents']} documents kept "
        "apart. In brackets: 95 % intervals by bootstrap over documents."
    )


def _table(test: dict[str, Any]) -> str:
    rows = [("all", test["overall"]), *test["issues"].items()]
    lines = [
        "| issue | about: F1 | n | issue and stance: F1 | stance: macro-F1 | favor / against / neutral: F1 (n) "
        "| calibration error, all / about |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, figures in rows:
        stances = " / ".join(f"{one['f1']:.2f} ({one['gold']})" for one in figures["stance"].values())
        bounds = figures.get("intervals", {})
        macro = f"{figures['stance_macro_f1']:.2f}{_interval(bounds, 'stance_macro_f1')}"
        lines.append(
            f"| {name} | {figures['about']['f1']:.2f}{_interval(bounds, 'about')} | {figures['about']['gold']} "
            f"| {figures['both']['f1']:.2f}{_interval(bounds, 'both')} | {macro} | {stances} "
            f"| {figures['ece']:.3f} / {figures.get('ece_about', 0):.3f} |"
        )
    few = [name for name, figures in test["issues"].items() if figures["about"]["gold"] < _FEWEST]
    if few:
        lines.append(
            f"\n**Insufficient**: fewer than {_FEWEST} statements about {', '.join(few)}; no claim is made there."
        )
    return "\n".join(lines)


def _interval(bounds: dict[str, Any], name: str) -> str:
    return f" ({bounds[name][0]:.2f} to {bounds[name][1]:.2f})" if name in bounds else ""


def _apart(apart: dict[str, Any]) -> str:
    figures = [("all", apart["overall"]), *apart["issues"].items()]
    told = "; ".join(f"{name} {one['about']['f1']:.2f}, {one['both']['f1']:.2f} ({one['about']['gold']})"
                     for name, one in figures)  # fmt: skip
    return (
        f"Reported apart: the {apart['statements']} statements of {_count(apart['documents'], 'document')} that is "
        f"everybody's example. F1 of about, and of issue and stance (n about): {told}."
    )


def _count(number: int, noun: str) -> str:
    return f"the one {noun}" if number == 1 else f"{number} {noun}s"


def _promises(manifest: dict[str, Any], evaluation: dict[str, Any]) -> str:
    seen = manifest["abstention"]
    lines = [
        f"Abstention (`--max-error`), promised by {seen['statements']:,} statements of {seen['documents']} documents "
        "on which nothing was chosen, and what came of it on the test documents:\n",
        "| promised error | stances given | of | wrong | |",
        "|---|---|---|---|---|",
    ]
    for one in evaluation["test"]["promises"]:
        if one["kept"] is None:
            lines.append(f"| {one['max_error']:.2f} | cannot be promised | | | |")
        else:
            share = one["wrong"] / one["given"] if one["given"] else 0.0
            kept = "kept" if one["kept"] else "**broken**"
            lines.append(f"| {one['max_error']:.2f} | {one['given']} | {one['of']} | {share:.2f} | {kept} |")
    return "\n".join(lines)


def _parity(found: dict[str, Any]) -> str:
    return (
        f"The int8 graph decides differently from the fp32 network in {found['flips']} of {found['decisions']} "
        f"decisions ({found['share']:.2%}) on the dev documents; the largest difference of a probability is "
        f"{found['largest_difference']:.3f}."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
