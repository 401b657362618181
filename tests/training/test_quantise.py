"""Row-wise int8: near to fp32 in spite of outliers, and every row by itself."""

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("torch")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from stancecraft_training import quantise  # noqa: E402

WIDTH, OUT, VOCABULARY = 96, 80, 50


@pytest.fixture(scope="module")
def graphs(tmp_path_factory):
    """A lookup, a matrix and a head, in fp32 and in int8; one channel is a hundred times larger than the rest."""
    import onnxruntime

    folder = tmp_path_factory.mktemp("graphs")
    random = np.random.default_rng(7)
    table = random.normal(size=(VOCABULARY, WIDTH)).astype(np.float32)
    table[:, 11] *= 100
    constants = {
        "table": table,
        "matrix": random.normal(size=(WIDTH, OUT)).astype(np.float32),
        "head": random.normal(size=(OUT, 8)).astype(np.float32),
    }
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "input_ids"], ["embedded"]),
            helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
            helper.make_node("MatMul", ["embedded", "matrix"], ["hidden"]),
            helper.make_node("MatMul", ["hidden", "head"], ["logits"]),
        ],
        "toy",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["b", "t"])
            for name in ("input_ids", "attention_mask")
        ],
        [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["b", "t", 8]),
            helper.make_tensor_value_info("hidden", TensorProto.FLOAT, ["b", "t", OUT]),
            helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["b", "t"]),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.save(model, folder / "plain.onnx")
    quantise.quantise(folder / "plain.onnx", folder / "int8.onnx", [np.arange(VOCABULARY)], 1 / 48)
    sessions = {
        name: onnxruntime.InferenceSession(folder / f"{name}.onnx", providers=["CPUExecutionProvider"])
        for name in ("plain", "int8")
    }
    return folder, sessions


def run(session, ids, output="hidden"):
    ids = np.asarray(ids, np.int64)
    [found] = session.run([output], {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    return found


def test_it_is_near_fp32_in_spite_of_a_channel_a_hundred_times_larger(graphs):
    _, sessions = graphs
    ids = [list(range(VOCABULARY))]
    exact, held = run(sessions["plain"], ids), run(sessions["int8"], ids)
    without_outlier = np.sqrt(WIDTH)  # size of a sum of WIDTH products of unit normals
    assert np.abs(exact - held).max() < 0.05 * without_outlier + 0.001 * np.abs(exact).max()


def test_a_row_does_not_depend_on_its_neighbours(graphs):
    _, sessions = graphs
    together = run(sessions["int8"], [list(range(VOCABULARY))], "logits")[0]
    alone = np.concatenate([run(sessions["int8"], [[one]], "logits")[0] for one in range(VOCABULARY)])
    np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-4)


def test_weights_are_held_in_int8_embeddings_in_fp16_and_the_head_in_fp32(graphs):
    folder, _ = graphs
    found = {one.name: one for one in onnx.load(folder / "int8.onnx").graph.initializer}
    assert "matrix" not in found
    assert "table" not in found
    assert found["head"].data_type == TensorProto.FLOAT
    types = {one.data_type for one in found.values() if list(one.dims) in ([WIDTH, OUT], [VOCABULARY, WIDTH])}
    assert types == {TensorProto.INT8, TensorProto.FLOAT16}


def test_a_row_of_zeros_gives_zeros(graphs, tmp_path):
    import onnxruntime

    folder, _ = graphs
    model = onnx.load(folder / "plain.onnx")
    for one in model.graph.initializer:
        if one.name == "table":
            one.CopyFrom(numpy_helper.from_array(np.zeros((VOCABULARY, WIDTH), np.float32), "table"))
    onnx.save(model, tmp_path / "zero.onnx")
    quantise.quantise(tmp_path / "zero.onnx", tmp_path / "zero8.onnx", [np.arange(5)], 1 / 48)
    session = onnxruntime.InferenceSession(tmp_path / "zero8.onnx", providers=["CPUExecutionProvider"])
    assert not run(session, [[0, 1, 2]]).any()
