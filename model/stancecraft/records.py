"""The nouns: what is read, what is decided, and in which units.

Everything here is a frozen value. A reader of this file alone knows what the package takes and gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Value = Literal["none", "favor", "against", "neutral"]
"""One label of one issue. ``none`` means "not about the issue", which is not the same as ``neutral``."""

VALUES: tuple[Value, ...] = get_args(Value)
"""The four values in the order of the model's outputs."""

Role = Literal["official", "questioner", "moderator", "narrator"]
"""In what capacity somebody speaks. A narrator is the text itself, when nobody in it speaks."""

ROLES: tuple[Role, ...] = get_args(Role)

Reason = Literal["decided", "below_threshold", "abstained", "gated"]
"""Why the decided stance is what it is.

``decided``
    The model's answer stands: the likeliest stance where "about the issue" reaches the artefact's threshold, and
    ``none`` where the model itself leans to it.
``below_threshold``
    The model leaned to "about the issue", but not as far as the artefact's threshold asks: ``none``.
``abstained``
    The model is less sure than was asked for: no stance is given.
``gated``
    The network did not read the statement, because a cheap look at its words and those around it ruled out every
    issue: ``none``. The probabilities are that look's, and say no more than how likely any issue is.
"""

REASONS: tuple[Reason, ...] = get_args(Reason)


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of one speaker's turn.

    Attributes:
        text: The sentence as it stands in the source.
        id: Unique within a file.
        doc: Document it belongs to; rows of one document in order give each other context. Empty: stands alone.
        turn: Number of the turn within the document, from 0.
        speaker: Name as a person would write it; empty when the text does not say.
        role: In what capacity the speaker speaks.
        side: Country or organisation the speaker speaks for; empty when unknown.
        reported: The words reach us through somebody else's account ("Kerry said that ...").
        joint: Said in the name of several sides at once.
        date: ISO date of the document, or empty.
        kind: Kind of document (briefing, council, ...), or empty.
        start: Offset of the first character in the document's decoded text, in code points; ``None`` for table rows.
        end: Offset behind the last character: ``document[start:end] == text``.
        meta: Columns of the source that have no meaning here, carried through.
    """

    text: str
    id: str = ""
    doc: str = ""
    turn: int = 0
    speaker: str = ""
    role: Role = "official"
    side: str = ""
    reported: bool = False
    joint: bool = False
    date: str = ""
    kind: str = ""
    start: int | None = None
    end: int | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Transcript:
    """A document that was read.

    Attributes:
        doc: Short name of the document.
        text: The decoded or extracted text that offsets count in; empty for tables of statements.
        statements: In the order of the document.
        notes: What a person should know about the reading, one line each; never an error.
        places: Where each statement stands, for messages ("table.csv:3"); empty for texts.
    """

    doc: str
    text: str
    statements: tuple[Statement, ...]
    notes: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Which words carried a decision: how its logit beats that of the runner-up, word by word.

    A read-out of the network's last layer, exact in sum: ``bias`` and the words' shares add up to ``margin``. It says
    what the words, read in their context, gave to the decision, and makes no claim about what would happen without
    them.

    Attributes:
        value: What was decided, or would have been if the answer had not been withheld.
        over: The likeliest of the other values.
        margin: Logit of ``value`` minus logit of ``over``; negative where ``over`` is likelier alone, but the
            statement is still about the issue.
        bias: The part that no word has, so that none would be charged with it.
        words: Offsets into the statement's text and share of each word or sign, in order.
    """

    value: Value
    over: Value
    margin: float
    bias: float
    words: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True, slots=True)
class Position:
    """What one statement says about one issue.

    Attributes:
        stance: The decided value, ``none`` included; ``None`` when abstaining.
        probabilities: The model's own opinion, value to probability in [0, 1], summing to 1.
        reason: Why the stance is what it is.
        explanation: Which words carried it, if that was asked for.
    """

    stance: Value | None
    probabilities: Mapping[Value, float]
    reason: Reason
    explanation: Explanation | None = None

    @property
    def about(self) -> float:
        """Probability in [0, 1] that the statement is about the issue: 1 - P(none)."""
        return 1.0 - self.probabilities["none"]

    @property
    def is_about(self) -> bool:
        """Whether a stance other than ``none`` was decided."""
        return self.stance is not None and self.stance != "none"


@dataclass(frozen=True, slots=True)
class Prediction:
    """A statement with its position on every issue that the model knows.

    Attributes:
        statement: What was labelled.
        positions: Issue id to position, in the model's order of issues.
        model: Name and version of the model that decided.
    """

    statement: Statement
    positions: Mapping[str, Position]
    model: str
