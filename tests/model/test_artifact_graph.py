"""A graph asks for nothing from elsewhere: standard operators, on numbers that it holds itself."""

import random

import pytest

from stancecraft import artifact, artifact_graph
from stancecraft.artifact import LAYOUT
from stancecraft.errors import ModelError

onnx = pytest.importorskip("onnx", reason="needs onnx, of the extra train, to make graphs")
helper = getattr(onnx, "helper", None)
FLOAT = 1


def node(operator="Identity", domain="", **attributes):
    return helper.make_node(operator, ["x"], ["y"], domain=domain, **attributes)


def graph(*nodes, tensors=(), name="toy"):
    number = helper.make_tensor_value_info("x", FLOAT, [1])
    return helper.make_graph(list(nodes or [node()]), name, [number], [number], list(tensors))


def model(inner=None, opsets=(("", 20),), **more):
    opsets = [helper.make_opsetid(*one) for one in opsets]
    return helper.make_model(inner or graph(), opset_imports=opsets, **more)


def outside(name="weights"):
    tensor = helper.make_tensor(name, FLOAT, [1], [0.5])
    tensor.ClearField("float_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../../secret.bin"
    return tensor


def told(made, folder):
    path = folder / "graph.onnx"
    path.write_bytes(made if isinstance(made, bytes) else made.SerializeToString())
    with pytest.raises(ModelError) as caught:
        artifact_graph.check(path)
    [line] = caught.value.lines
    assert line.startswith(f"{path}: ")
    return line


def test_the_packaged_graph_is_sound():
    artifact_graph.check(artifact.packaged() / LAYOUT.graph)


@pytest.mark.parametrize("domain", ["", "ai.onnx", "com.microsoft"])
def test_operators_that_come_with_the_runtime_are_taken(tmp_path, domain):
    path = tmp_path / "graph.onnx"
    path.write_bytes(model(graph(node(domain=domain)), opsets=[("", 20), (domain, 1)]).SerializeToString())
    artifact_graph.check(path)


DOMAINS = ["custom", "com.example.ops", "pyop", "ai.onnx.contrib", "com.microsoft.extensions", "AI.ONNX", " "]


@pytest.mark.parametrize("domain", DOMAINS)
def test_operators_of_others_are_refused_where_they_are_used_or_announced(tmp_path, domain):
    assert repr(domain) in told(model(graph(node("Evil", domain))), tmp_path)
    assert repr(domain) in told(model(opsets=[("", 20), (domain, 1)]), tmp_path)


def test_operators_inside_the_branches_of_an_operator_are_seen(tmp_path):
    branch = graph(node("Evil", "custom"), name="branch")
    nested = graph(node("If", then_branch=branch, else_branch=graph()), name="nested")
    for inner in (branch, nested):
        assert "'custom'" in told(model(graph(node("If", then_branch=graph(), else_branch=inner))), tmp_path)


def test_operators_inside_functions_are_seen(tmp_path):
    function = helper.make_function("", "own", ["x"], ["y"], [node("Evil", "custom")], [helper.make_opsetid("", 20)])
    assert "'custom'" in told(model(functions=[function]), tmp_path)
    function = helper.make_function("", "own", ["x"], ["y"], [node()], [helper.make_opsetid("", 20)])
    function.attribute_proto.append(helper.make_attribute("inner", graph(node("Evil", "custom"))))
    assert "'custom'" in told(model(functions=[function]), tmp_path)


@pytest.mark.parametrize("operator", ["EPContext", "PyOp"])
def test_operators_that_run_compiled_programs_are_refused(tmp_path, operator):
    assert operator in told(model(graph(node(operator, "com.microsoft"))), tmp_path)


def test_numbers_in_other_files_are_refused_wherever_they_are_named(tmp_path):
    sparse = helper.make_sparse_tensor(outside("kept"), helper.make_tensor("at", 7, [1], [0]), [9])
    whole = graph()
    whole.sparse_initializer.append(sparse)
    for made in (
        model(graph(tensors=[outside()])),
        model(graph(node("Constant", value=outside()))),
        model(graph(node("If", then_branch=graph(tensors=[outside()]), else_branch=graph()))),
        model(whole),
        model(graph(node("Constant", sparse_value=sparse))),
    ):
        assert "are in another file" in told(made, tmp_path)


def test_a_graph_that_is_cut_off_anywhere_breaks_nothing(tmp_path):
    content = model(graph(tensors=[helper.make_tensor("w", FLOAT, [4], [1.0] * 4)])).SerializeToString()
    path = tmp_path / "graph.onnx"
    refused = 0
    for length in range(len(content)):
        path.write_bytes(content[:length])
        try:
            artifact_graph.check(path)
        except ModelError as error:
            assert "cut off or damaged" in error.lines[0]
            refused += 1
    # What is cut between two fields behind the graph is still a graph.
    assert refused > len(content) / 2


def asked(made):
    """The domains that a graph of one level asks for, as the onnx package reads it; none if it does not."""
    try:
        read = onnx.load_model_from_string(made)
    except Exception:
        return set()
    return {one.domain for one in (*read.graph.node, *read.opset_import)}


def test_arbitrary_bytes_break_nothing_and_what_passes_asks_for_nothing_of_others(tmp_path):
    drawn = random.Random(7)
    content = bytearray(model(graph(node("Evil", "custom"))).SerializeToString())
    path, refused = tmp_path / "graph.onnx", 0
    for _ in range(500):
        changed = bytearray(content)
        for _ in range(drawn.randint(1, 4)):
            changed[drawn.randrange(len(changed))] = drawn.randrange(256)
        path.write_bytes(changed)
        try:
            artifact_graph.check(path)
        except ModelError:
            refused += "custom" in asked(bytes(changed))
        else:
            assert asked(bytes(changed)) <= artifact_graph.DOMAINS
    assert refused > 20, "too few of the graphs could be read at all"


def packed(number):
    """A whole number as the format writes it."""
    parts = []
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def message(field, content):
    return packed(field << 3 | 2) + packed(len(content)) + content


def test_a_number_of_a_field_that_others_would_cut_off_hides_nothing(tmp_path):
    evil = graph(node("Evil", "custom")).SerializeToString()
    hidden = packed(1 << 33 | 7 << 3 | 2) + packed(len(evil)) + evil
    assert "not a readable ONNX graph" in told(model().SerializeToString() + hidden, tmp_path)


@pytest.mark.parametrize("location", [1, 1 << 32 | 1])
def test_numbers_elsewhere_are_refused_however_that_is_written(tmp_path, location):
    tensor = message(8, b"weights") + packed(14 << 3) + packed(location)
    made = model().SerializeToString() + message(7, message(5, tensor))
    assert "'weights' are in another file" in told(made, tmp_path)


@pytest.mark.parametrize("content", [b"", b"\xff" * 100, b"not a graph", b"\x3a\x7f"])
def test_what_is_no_graph_is_told(tmp_path, content):
    assert "not a readable ONNX graph" in told(content, tmp_path)


def test_graphs_too_deep_inside_one_another_are_refused(tmp_path):
    inner = b""
    for _ in range(40):  # deeper than the onnx package can make
        inner = message(1, message(5, message(6, inner)))
    assert "not a readable ONNX graph" in told(message(7, inner), tmp_path)


def test_a_missing_graph_is_told_by_name(tmp_path):
    with pytest.raises(ModelError, match="graph.onnx: cannot be read"):
        artifact_graph.check(tmp_path / "graph.onnx")
