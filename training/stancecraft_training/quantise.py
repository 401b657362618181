"""An fp32 ONNX graph to int8, row by row.

onnxruntime's own dynamic quantisation takes one activation scale over a whole input: on this encoder it flipped every
tenth decision (see ``training/LOG.md``), because a few channels of every layer are many times larger than the rest,
and it makes a result depend on its neighbours in a batch. Here

* every row (token) of an activation has a range of its own, asymmetric, as in ZeroQuant's token-wise quantisation
  (Yao et al. 2022, https://arxiv.org/abs/2206.01861);
* the few channels that are largest on calibration inputs are multiplied in fp32 (mixed-precision decomposition,
  Dettmers et al. 2022, https://arxiv.org/abs/2208.07339);
* weights have one scale per output channel;
* embeddings are held in fp16: in int8 they alone flipped as many decisions as all the rest;
* the last matrix, the head, stays in fp32: its columns are few, and every decision hangs on them.

Only standard ONNX operators are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from stancecraft.scorer import runtime
from stancecraft.windows import IntArray

Array = npt.NDArray[np.float32]

_TINY = 1e-8


def quantise(source: Path, target: Path, calibration: Sequence[IntArray], outliers: float) -> None:
    """Write an int8 copy of a graph.

    Args:
        source: fp32 graph with the inputs ``input_ids`` and ``attention_mask``.
        target: Where the int8 graph goes.
        calibration: Token ids of some typical windows, for finding the largest channels. *Shape of each:* ``(tokens,)``
        outliers: Share of an activation's channels that is multiplied in fp32, in [0, 0.5]; at least one is.
    """
    model = onnx.load(source)
    _Rewriter(model, _largest(model, calibration), outliers).rewrite()
    model.ClearField("doc_string")
    model.ClearField("metadata_props")
    onnx.checker.check_model(model)
    onnx.save(model, target)


def _largest(model: onnx.ModelProto, calibration: Sequence[IntArray]) -> dict[str, Array]:
    """Largest magnitude per channel of every activation that meets a weight matrix, by the activation's name."""
    weights = {one.name for one in model.graph.initializer}
    names = sorted({n.input[0] for n in model.graph.node if n.op_type == "MatMul" and n.input[1] in weights})
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    for name in names:
        probe.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    session = runtime().InferenceSession(probe.SerializeToString(), providers=["CPUExecutionProvider"])
    largest: dict[str, Array] = {}
    for ids in calibration:
        values = session.run(names, {"input_ids": ids[None], "attention_mask": np.ones_like(ids[None])})
        for name, value in zip(names, values, strict=True):
            here = np.abs(value).reshape(-1, value.shape[-1]).max(axis=0)
            largest[name] = np.maximum(largest.get(name, np.zeros_like(here)), here)
    return largest


class _Rewriter:
    """Replaces a graph's weight matrices and embedding tables in place."""

    def __init__(self, model: onnx.ModelProto, largest: dict[str, Array], outliers: float) -> None:
        self._graph = model.graph
        self._largest = largest
        self._outliers = outliers
        self._weights = {one.name: one for one in model.graph.initializer}
        products = [n for n in model.graph.node if n.op_type == "MatMul" and self._is_table(n.input[1])]
        self._head = products[-1].input[1] if products else ""
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._prepared: dict[str, npt.NDArray[np.int64]] = {}

    def rewrite(self) -> None:
        """Rewrite all nodes and drop the weights that are no longer used."""
        for node in self._graph.node:
            if node.op_type == "MatMul" and self._is_table(node.input[1]) and node.input[1] != self._head:
                self._matmul(node.input[0], node.input[1], node.output[0])
            elif node.op_type == "Gather" and self._is_table(node.input[0]):
                self._embedding(node.input[0], node.input[1], node.output[0])
            else:
                self._nodes.append(node)
        used = {name for node in self._nodes for name in node.input}
        kept = [one for one in self._graph.initializer if one.name in used]
        del self._graph.initializer[:], self._graph.node[:]
        self._graph.initializer.extend([*kept, *self._constants.values()])
        self._graph.node.extend(self._nodes)
        self._forget_origin()

    def _forget_origin(self) -> None:
        """Drop what the exporter noted about where each node came from: stack traces with paths of the machine."""
        graph = self._graph
        for part in (graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
            part.ClearField("doc_string")
            part.ClearField("metadata_props")

    def _matmul(self, activation: str, weight: str, output: str) -> None:
        """``output = activation @ weight``: int8 for most channels, fp32 for the largest ones.

        With a row x = low + range * u, u in [0, 1] held in 8 bits: x @ W = range * (u @ W) + low * colsum(W).
        """
        matrix = numpy_helper.to_array(self._weights[weight]).astype(np.float32)
        outliers = self._prepare(activation)
        rest = matrix.copy()
        rest[outliers] = 0
        scale = np.maximum(np.abs(rest).max(axis=0), _TINY) / 127
        held = np.round(rest / scale).astype(np.int8)
        p, q = f"{activation}/int8", f"{output}/int8"
        # These four are the pattern that onnxruntime fuses into one kernel.
        self._add("MatMulInteger", [f"{p}/u", self._constant(f"{q}/weight", held), f"{p}/zero"], f"{q}/sum")
        self._add("Cast", [f"{q}/sum"], f"{q}/float", to=TensorProto.FLOAT)
        self._add("Mul", [f"{p}/step", self._constant(f"{q}/scale", scale)], f"{q}/steps")
        self._add("Mul", [f"{q}/float", f"{q}/steps"], f"{q}/scaled")
        self._add("Mul", [f"{q}/scaled", f"{p}/range"], f"{q}/ranged")
        # What stays in fp32 is one narrow product: the largest channels, and low times the sums of the columns.
        columns = (held.astype(np.float32) * scale).sum(axis=0, keepdims=True)
        exact = self._constant(f"{q}/exact", np.concatenate([matrix[outliers], columns]))
        self._add("MatMul", [f"{p}/exact", exact], f"{q}/rest")
        self._add("Add", [f"{q}/ranged", f"{q}/rest"], output)

    def _prepare(self, activation: str) -> npt.NDArray[np.int64]:
        """Quantise an activation once for all matrices it meets; returns its outlier channels."""
        if activation in self._prepared:
            return self._prepared[activation]
        largest = self._largest[activation]
        outliers = np.sort(np.argsort(-largest, kind="stable")[: max(1, round(len(largest) * self._outliers))])
        mask = np.ones(len(largest), np.float32)
        mask[outliers] = 0
        p = f"{activation}/int8"
        last = self._constant("int8/last_axis", np.asarray([-1], np.int64))
        self._add("Gather", [activation, self._constant(f"{p}/channels", outliers)], f"{p}/outliers", axis=-1)
        self._add("Mul", [activation, self._constant(f"{p}/mask", mask)], f"{p}/rest")
        self._add("ReduceMin", [f"{p}/rest", last], f"{p}/low", keepdims=1)
        self._add("ReduceMax", [f"{p}/rest", last], f"{p}/high", keepdims=1)
        self._add("Sub", [f"{p}/high", f"{p}/low"], f"{p}/width")
        self._add("Max", [f"{p}/width", self._constant("int8/tiny", np.float32(_TINY))], f"{p}/range")
        self._add("Reciprocal", [f"{p}/range"], f"{p}/per_range")
        self._add("Sub", [f"{p}/rest", f"{p}/low"], f"{p}/raised")
        self._add("Mul", [f"{p}/raised", f"{p}/per_range"], f"{p}/unit")
        self._add("Concat", [f"{p}/outliers", f"{p}/low"], f"{p}/exact", axis=-1)
        # Every row now runs from 0 to 1, so this step is 1/255 whatever the input.
        outputs = [f"{p}/u", f"{p}/step", f"{p}/zero"]
        self._nodes.append(helper.make_node("DynamicQuantizeLinear", [f"{p}/unit"], outputs, name=f"{p}/u"))
        self._prepared[activation] = outliers
        return outliers

    def _embedding(self, table: str, indices: str, output: str) -> None:
        """Rows of an embedding table from fp16."""
        rows = numpy_helper.to_array(self._weights[table]).astype(np.float16)
        self._add("Gather", [self._constant(f"{output}/half/table", rows), indices], f"{output}/half")
        self._add("Cast", [f"{output}/half"], output, to=TensorProto.FLOAT)

    def _is_table(self, name: str) -> bool:
        weight = self._weights.get(name)
        return weight is not None and weight.data_type == TensorProto.FLOAT and len(weight.dims) == 2

    def _add(self, operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> None:  # noqa: ANN401
        self._nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))

    def _constant(self, name: str, value: npt.NDArray[np.generic] | np.generic) -> str:
        self._constants.setdefault(
            name, numpy_helper.from_array(np.ascontiguousarray(value).reshape(np.shape(value)), name)
        )
        return name
