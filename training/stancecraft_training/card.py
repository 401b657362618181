"""The numbers of the model card, generated from what was measured on the packaged model.

``python -m stancecraft_training.card`` rewrites what stands between the markers of ``model_card.md``;
``--check`` says whether it is up to date. The card's prose is written by hand.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from stancecraft import artifact
from stancecraft.artifact import LAYOUT, MANIFEST

CARD = Path("model_card.md")
_BLOCK = re.compile(r"(<!-- numbers -->\n).*?(\n<!-- /numbers -->)", re.S)


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
    numbers = "\n\n".join([_heading(manifest, evaluation), _table(evaluation["test"]), _parity(evaluation["parity"])])
    return _BLOCK.sub(lambda match: match[1] + numbers + match[2], card)


def _heading(manifest: dict[str, Any], evaluation: dict[str, Any]) -> str:
    test, train = evaluation["test"], evaluation["train"]
    return (
        f"Model `{manifest['name']} {manifest['version']}` of {manifest['created']}, trained on {train['statements']} "
        f"authored statements, measured on {test['statements']} statements of {test['documents']} authored documents "
        "kept apart."
    )


def _table(test: dict[str, Any]) -> str:
    rows = [("all", test["overall"]), *test["issues"].items()]
    lines = [
        "| issue | about: F1 | n | issue and stance: F1 | stance: macro-F1 | favor / against / neutral: F1 (n) "
        "| calibration error |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, figures in rows:
        stances = " / ".join(f"{one['f1']:.2f} ({one['gold']})" for one in figures["stance"].values())
        lines.append(
            f"| {name} | {figures['about']['f1']:.2f} | {figures['about']['gold']} | {figures['both']['f1']:.2f} "
            f"| {figures['stance_macro_f1']:.2f} | {stances} | {figures['ece']:.3f} |"
        )
    return "\n".join(lines)


def _parity(found: dict[str, Any]) -> str:
    return (
        f"The int8 graph decides differently from the fp32 network in {found['flips']} of {found['decisions']} "
        f"decisions ({found['share']:.2%}) on the dev documents; the largest difference of a probability is "
        f"{found['largest_difference']:.3f}."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
