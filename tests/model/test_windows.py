"""Statements to windows and back: budget, ownership, order, pooling."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import windows
from stancecraft.records import ROLES, Statement
from stancecraft.windows import MarkerIds, Piece, Window, WindowPlan

some = settings(
    max_examples=80, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
CLS, SEP, TURN = 1, 2, 3
ROLE_IDS = {role: 4 + at for at, role in enumerate(ROLES)}
MARKERS = MarkerIds(CLS, SEP, TURN, ROLE_IDS)
FIRST_WORD = 100

sizes = st.integers(32, 96)
overlaps = st.sampled_from([0.0, 0.1, 0.25, 0.5])
documents_of_lengths = st.lists(st.one_of(st.integers(0, 12), st.integers(0, 40), st.integers(0, 250)), max_size=25)


def plan(tokens=48, overlap=0.25):
    return WindowPlan(tokens, overlap, "[turn]", {role: f"[{role}]" for role in ROLES})


def words(lengths):
    """Token ids per statement, every token of the document another number."""
    edges = np.cumsum([FIRST_WORD, *lengths])
    return [np.arange(first, last, dtype=np.int64) for first, last in zip(edges, edges[1:], strict=False)]


def statements(count, turn=lambda at: at, role=lambda at: ROLES[at % 4]):
    return [Statement(f"s{at}", doc="d", turn=turn(at), role=role(at)) for at in range(count)]


def encoded(lengths, given):
    tokens, rows = words(lengths), statements(len(lengths))
    packed = windows.pack(lengths, given)
    return packed, [windows.encode(window, tokens, rows, MARKERS) for window in packed]


def owned_tokens(packed):
    return [
        (piece.statement, token)
        for window in packed
        for piece, owned in zip(window.pieces, window.owned, strict=True)
        if owned
        for token in range(piece.start, piece.stop)
    ]


@some
@given(documents_of_lengths, sizes, overlaps)
def test_every_token_is_owned_once(lengths, tokens, overlap):
    found = owned_tokens(windows.pack(lengths, plan(tokens, overlap)))
    assert sorted(found) == [(number, token) for number, length in enumerate(lengths) for token in range(length)]


@some
@given(documents_of_lengths, sizes, overlaps)
def test_the_budget_is_never_exceeded(lengths, tokens, overlap):
    # Every statement is a turn of its own here: the most markers there can be.
    _, inputs = encoded(lengths, plan(tokens, overlap))
    assert all(len(one.input_ids) <= tokens for one in inputs)


@some
@given(documents_of_lengths, sizes, overlaps)
def test_order_is_kept_and_every_window_reaches_further(lengths, tokens, overlap):
    packed = windows.pack(lengths, plan(tokens, overlap))
    for window in packed:
        places = [(piece.statement, piece.start) for piece in window.pieces]
        assert places == sorted(places)
        assert len(window.pieces) == len(window.owned) > 0
    for before, after in zip(packed, packed[1:], strict=False):
        assert before.pieces[0] != after.pieces[0]
        assert before.pieces[-1] not in after.pieces[-1:]
        assert (after.pieces[-1].statement, after.pieces[-1].start) > (
            before.pieces[-1].statement,
            before.pieces[-1].start,
        )


@some
@given(documents_of_lengths, sizes)
def test_without_overlap_no_piece_is_read_twice(lengths, tokens):
    packed = windows.pack(lengths, plan(tokens, 0.0))
    pieces = [piece for window in packed for piece in window.pieces]
    assert len(pieces) == len(set(pieces))
    assert all(all(window.owned) for window in packed)


@some
@given(documents_of_lengths, sizes, overlaps)
def test_no_more_is_repeated_than_the_overlap_allows(lengths, tokens, overlap):
    packed = windows.pack(lengths, plan(tokens, overlap))
    for before, after in zip(packed, packed[1:], strict=False):
        shared = set(before.pieces) & set(after.pieces)
        assert sum(map(len, shared)) <= overlap * tokens


def test_with_an_overlap_of_half_every_middle_statement_has_context_on_both_sides():
    lengths = [5] * 40
    packed = windows.pack(lengths, plan(48, 0.5))
    for number in range(1, 39):
        [window] = [one for one in packed if Piece(number, 0, 5) in owned_pieces(one)]
        inside = [piece.statement for piece in window.pieces]
        assert inside[0] < number < inside[-1]


def owned_pieces(window):
    return [piece for piece, owned in zip(window.pieces, window.owned, strict=True) if owned]


@some
@given(documents_of_lengths, sizes, overlaps)
def test_a_piece_counts_where_its_poorer_side_is_richest(lengths, tokens, overlap):
    packed = windows.pack(lengths, plan(tokens, overlap))
    pieces = list(dict.fromkeys(piece for window in packed for piece in window.pieces))

    def poorer_side(window, piece):
        at = window.pieces.index(piece)
        left, right = (sum(map(len, part)) for part in (window.pieces[:at], window.pieces[at + 1 :]))
        # A document's own edge is no lack of context.
        return min(
            float("inf") if window.pieces[0] == pieces[0] else left,
            float("inf") if window.pieces[-1] == pieces[-1] else right,
        )

    for window in packed:
        for piece in owned_pieces(window):
            rivals = [poorer_side(one, piece) for one in packed if piece in one.pieces]
            assert poorer_side(window, piece) == max(rivals)


@pytest.mark.parametrize("overlap", [0.0, 0.5])
def test_a_document_that_fits_is_one_window(overlap):
    [window] = windows.pack([10, 0, 12], plan(48, overlap))
    assert window.pieces == (Piece(0, 0, 10), Piece(1, 0, 0), Piece(2, 0, 12))
    assert window.owned == (True, True, True)


@pytest.mark.parametrize("overlap", [0.0, 0.5])
@pytest.mark.parametrize("length", [44, 45, 88, 89, 500])
def test_a_statement_longer_than_a_window_is_cut_into_equal_parts(length, overlap):
    given = plan(48, overlap)
    pieces = [piece for window in windows.pack([length], given) for piece in owned_pieces(window)]
    assert len(pieces) == -(-length // given.longest_piece)
    assert max(map(len, pieces)) - min(map(len, pieces)) <= 1


def test_an_empty_document_has_no_windows():
    assert windows.pack([], plan()) == []
    assert len(windows.pool([], [], [], 0)) == 0


@some
@given(documents_of_lengths, sizes, overlaps)
def test_tokens_arrive_unchanged_and_markers_belong_to_nobody(lengths, tokens, overlap):
    given_words = words(lengths)
    packed, inputs = encoded(lengths, plan(tokens, overlap))
    for window, one in zip(packed, inputs, strict=True):
        assert one.input_ids.shape == one.owner.shape
        assert one.input_ids[0] == CLS
        assert ((one.owner == -1) == (one.input_ids < FIRST_WORD)).all()
        assert (one.input_ids == SEP).sum() == len(window.pieces)
        for at, piece in enumerate(window.pieces):
            expected = given_words[piece.statement][piece.start : piece.stop]
            assert one.input_ids[one.owner == at].tolist() == expected.tolist()


def test_a_turn_is_marked_where_it_begins_and_a_role_also_where_a_window_begins():
    rows = statements(4, turn=lambda at: at // 2, role=lambda at: ROLES[at // 2])
    tokens = words([2, 2, 2, 2])
    pieces = tuple(Piece(at, 0, 2) for at in range(4))
    whole = windows.encode(Window(pieces, (True,) * 4), tokens, rows, MARKERS)
    first, second = ROLE_IDS[ROLES[0]], ROLE_IDS[ROLES[1]]
    assert whole.input_ids.tolist() == [
        CLS, TURN, first, 100, 101, SEP, 102, 103, SEP, TURN, second, 104, 105, SEP, 106, 107, SEP,
    ]  # fmt: skip
    inside_a_turn = windows.encode(Window(pieces[1:2], (True,)), tokens, rows, MARKERS)
    assert inside_a_turn.input_ids.tolist() == [CLS, first, 102, 103, SEP]


def test_the_second_part_of_a_long_statement_begins_no_turn():
    rows, tokens = statements(1), words([6])
    window = Window((Piece(0, 0, 3), Piece(0, 3, 6)), (True, True))
    ids = windows.encode(window, tokens, rows, MARKERS).input_ids.tolist()
    assert ids == [CLS, TURN, ROLE_IDS[ROLES[0]], 100, 101, 102, SEP, 103, 104, 105, SEP]


@some
@given(documents_of_lengths, sizes, overlaps, st.floats(-50, 50, width=32))
def test_constant_scores_stay_constant(lengths, tokens, overlap, constant):
    packed, inputs = encoded(lengths, plan(tokens, overlap))
    scores = [np.full((len(one.input_ids), 8), constant, dtype=np.float32) for one in inputs]
    pooled = windows.pool(packed, [one.owner for one in inputs], scores, len(lengths))
    for row, length in zip(pooled, lengths, strict=True):
        assert row == pytest.approx(np.full(8, constant if length else 0.0), abs=1e-5)


@some
@given(documents_of_lengths, sizes, overlaps)
def test_pooling_equals_the_mean_over_a_statements_own_tokens(lengths, tokens, overlap):
    packed, inputs = encoded(lengths, plan(tokens, overlap))
    # A token's score is told by the token alone, so windows cannot matter; markers score absurdly.
    scores = [
        np.stack([np.where(one.input_ids < FIRST_WORD, 1e6, one.input_ids), np.sin(one.input_ids)], axis=1)
        for one in inputs
    ]
    pooled = windows.pool(packed, [one.owner for one in inputs], [s.astype(np.float32) for s in scores], len(lengths))
    for row, ids in zip(pooled, words(lengths), strict=True):
        expected = [ids.mean(), np.sin(ids).mean()] if len(ids) else [0.0, 0.0]
        assert row == pytest.approx(expected, rel=1e-5, abs=1e-5)


def test_scores_of_a_window_that_does_not_own_a_piece_do_not_count():
    piece = Piece(0, 0, 2)
    owner = np.array([-1, 0, 0, -1])
    owning, other = Window((piece,), (True,)), Window((piece,), (False,))
    high, low = np.full((4, 1), 3.0, np.float32), np.full((4, 1), -9.0, np.float32)
    assert windows.pool([owning, other], [owner, owner], [high, low], 1).tolist() == [[3.0]]


def test_pooling_gives_single_precision():
    packed, inputs = encoded([3, 4], plan())
    scores = [np.ones((len(one.input_ids), 4), dtype=np.float32) for one in inputs]
    pooled = windows.pool(packed, [one.owner for one in inputs], scores, 2)
    assert pooled.dtype == np.float32
    assert pooled.shape == (2, 4)


@some
@given(st.lists(st.sampled_from(["", "", "a", "b"]), max_size=30))
def test_documents_part_the_statements_in_order(docs):
    rows = [Statement(f"s{at}", doc=doc) for at, doc in enumerate(docs)]
    groups = list(windows.documents(rows))
    assert [at for group in groups for at in group] == list(range(len(docs)))
    for group in groups:
        names = {docs[at] for at in group}
        assert len(names) == 1
        assert len(group) == 1 or names != {""}
    for before, after in zip(groups, groups[1:], strict=False):
        assert docs[before[0]] == "" or docs[before[0]] != docs[after[0]]


def test_a_document_that_comes_back_is_not_joined_over_the_gap():
    rows = [Statement("x", doc=doc) for doc in ("a", "a", "b", "a")]
    assert list(windows.documents(rows)) == [range(0, 2), range(2, 3), range(3, 4)]


def test_no_statements_are_no_documents():
    assert list(windows.documents([])) == []


@some
@given(st.lists(st.integers(0, 60), min_size=1, max_size=8), overlaps, st.randoms(use_true_random=False))
def test_statements_that_stand_alone_do_not_depend_on_each_other(lengths, overlap, chance):
    rows = [Statement(f"s{at}", turn=chance.randrange(3), role=chance.choice(ROLES)) for at in range(len(lengths))]
    tokens, given = words(lengths), plan(48, overlap)

    def layouts(order):
        """Input ids of every statement's windows when the statements come in some order."""
        ordered = [rows[at] for at in order]
        found = {}
        for group in windows.documents(ordered):
            packed = windows.pack([lengths[order[at]] for at in group], given)
            inside, theirs = [ordered[at] for at in group], [tokens[order[at]] for at in group]
            inputs = [windows.encode(window, theirs, inside, MARKERS) for window in packed]
            found[order[group[0]]] = [one.input_ids.tolist() for one in inputs]
        return found

    order = list(range(len(lengths)))
    shuffled = chance.sample(order, len(order))
    assert layouts(order) == layouts(shuffled)
    assert layouts([order[-1]])[order[-1]] == layouts(order)[order[-1]]
