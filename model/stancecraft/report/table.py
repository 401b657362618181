"""Predictions as a table that a person reads."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from stancecraft.codebook import Codebook
from stancecraft.records import Position, Prediction

# Colour-blind safe, and the word itself is always printed.
_WORDS = 4
_STYLE = {"favor": "bold blue", "against": "bold dark_orange3", "neutral": "dim", None: "italic"}


def predictions(found: Sequence[Prediction], codebook: Codebook) -> Table:
    """A table of the statements that are about an issue: who, what, which stance, how probable.

    The probability is that of the decided stance. Statements about no issue are left out. Where explained, the words
    that speak most for the decision are named, each with its share of the margin.
    """
    explained = any(position.explanation for prediction in found for position in prediction.positions.values())
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for name, style in (("speaker", "none"), ("side", "none"), ("statement", "none"), ("issue", "none")):
        table.add_column(name, style=style, overflow="fold", ratio={"statement": 6}.get(name))
    table.add_column("stance")
    table.add_column("P(stance)", justify="right")
    if explained:
        table.add_column("words", overflow="fold", ratio=2)
    titles = {issue.id: issue.title for issue in codebook.issues}
    for prediction in found:
        shown = [(issue, position) for issue, position in prediction.positions.items() if position.stance != "none"]
        for at, (issue, position) in enumerate(shown):
            cells = [*_statement(prediction, repeated=at > 0), Text(titles.get(issue, issue)), *_stance(position)]
            table.add_row(*cells, *([_words(prediction.statement.text, position)] if explained else []))
    return table


def _statement(prediction: Prediction, repeated: bool) -> tuple[Text, Text, Text]:
    """Speaker, side and words; empty in the rows after a statement's first."""
    if repeated:
        return Text(), Text(), Text()
    statement = prediction.statement
    speaker = (statement.speaker or "-") + (" (reported)" if statement.reported else "")
    return Text(printable(speaker)), Text(printable(statement.side or "-")), Text(printable(statement.text))


def _words(text: str, position: Position) -> Text:
    """The words with the largest shares, largest first."""
    shares = position.explanation.words if position.explanation else ()
    largest = sorted((one for one in shares if one[2] > 0), key=lambda one: -one[2])[:_WORDS]
    return Text(", ".join(f"{printable(text[start:end])} {share:+.2f}" for start, end, share in largest))


def printable(words: str) -> str:
    """Words without what a terminal would act on, white space folded."""
    return " ".join("".join(c for c in words if c.isprintable() or c.isspace()).split())


def _stance(position: Position) -> tuple[Text, Text]:
    style = _STYLE.get(position.stance, "none")
    if position.stance is None:
        return Text("unsure", style), Text(f"{max(position.probabilities.values()):.2f}")
    return Text(position.stance, style), Text(f"{position.probabilities[position.stance]:.2f}")
