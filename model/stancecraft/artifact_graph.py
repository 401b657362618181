"""What a graph may ask of the program that runs it: nothing but standard operators on numbers that it holds itself.

An ONNX file may name operators of other vendors, which onnxruntime would look for in libraries, and weights in other
files, which no checksum covers. Both are refused before onnxruntime sees the file. Only the outline of the file is
read (its messages are those of ``onnx.proto3``), so that neither the onnx package nor the weights have to be loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stancecraft.errors import ModelError

DOMAINS = frozenset({"", "ai.onnx", "com.microsoft"})
"""Where operators may come from: the standard, and what onnxruntime itself brings along."""

_FORBIDDEN = frozenset({"EPContext", "PyOp"})  # of onnxruntime: a compiled program in the file or beside it
_DEEPEST = 32  # graphs inside one another
_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5
_LONGEST_VARINT = 10
_EXTERNAL = 1
_KEY_BITS = _ENUM_BITS = 0xFFFFFFFF  # what readers in C++ keep of a longer number

# Numbers of fields in onnx.proto3.
_MODEL_GRAPH, _MODEL_OPSET, _MODEL_FUNCTION = 7, 8, 25
_OPSET_DOMAIN, _FUNCTION_NODE, _FUNCTION_ATTRIBUTE = 1, 7, 11
_GRAPH_NODE, _GRAPH_TENSOR, _GRAPH_SPARSE = 1, 5, 15
_NODE_OPERATOR, _NODE_ATTRIBUTE, _NODE_DOMAIN = 4, 5, 7
_ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS, _ATTRIBUTE_SPARSE = (5, 10), (6, 11), (22, 23)
_SPARSE_TENSORS = (1, 2)
_TENSOR_NAME, _TENSOR_EXTERNAL, _TENSOR_LOCATION = 8, 13, 14


def check(path: Path) -> None:
    """Refuse a graph that needs more than standard operators and its own numbers.

    Raises:
        ModelError: If it names an operator or a domain that is not allowed, numbers in another file, or is no graph;
            with the file, and what in it.
    """
    try:
        wrong = next(_model(memoryview(path.read_bytes())), "")
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, IndexError):
        raise ModelError(f"{path}: not a readable ONNX graph: it is cut off or damaged") from None
    if wrong:
        raise ModelError(f"{path}: {wrong}")


def _model(message: memoryview) -> Iterator[str]:
    """What is wrong with a model, in words, as it is come upon."""
    found = False
    for field, value in _fields(message):
        if field == _MODEL_GRAPH:
            found = True
            yield from _graph(_inside(value), 0)
        elif field == _MODEL_OPSET:
            for inner, name in _fields(_inside(value)):
                if inner == _OPSET_DOMAIN:
                    yield from _domain(_text(name))
        elif field == _MODEL_FUNCTION:
            yield from _function(_inside(value))
    if not found:
        raise ValueError("no graph")


def _function(message: memoryview) -> Iterator[str]:
    for field, value in _fields(message):
        if field == _FUNCTION_NODE:
            yield from _node(_inside(value), 0)
        elif field == _FUNCTION_ATTRIBUTE:
            yield from _attribute(_inside(value), 0)


def _graph(message: memoryview, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise ValueError("too deep")
    for field, value in _fields(message):
        if field == _GRAPH_NODE:
            yield from _node(_inside(value), depth)
        elif field == _GRAPH_TENSOR:
            yield from _tensor(_inside(value))
        elif field == _GRAPH_SPARSE:
            yield from _sparse(_inside(value))


def _node(message: memoryview, depth: int) -> Iterator[str]:
    for field, value in _fields(message):
        if field == _NODE_DOMAIN:
            yield from _domain(_text(value))
        elif field == _NODE_OPERATOR and (name := _text(value)) in _FORBIDDEN:
            yield f"the operator {name} is refused: it runs a program that was compiled elsewhere"
        elif field == _NODE_ATTRIBUTE:
            yield from _attribute(_inside(value), depth)


def _attribute(message: memoryview, depth: int) -> Iterator[str]:
    for field, value in _fields(message):
        if field in _ATTRIBUTE_GRAPHS:
            yield from _graph(_inside(value), depth + 1)
        elif field in _ATTRIBUTE_TENSORS:
            yield from _tensor(_inside(value))
        elif field in _ATTRIBUTE_SPARSE:
            yield from _sparse(_inside(value))


def _sparse(message: memoryview) -> Iterator[str]:
    for field, value in _fields(message):
        if field in _SPARSE_TENSORS:
            yield from _tensor(_inside(value))


def _tensor(message: memoryview) -> Iterator[str]:
    name, external = "", False
    for field, value in _fields(message):
        if field == _TENSOR_NAME:
            name = _text(value)
        elif field == _TENSOR_EXTERNAL:
            external = True
        elif field == _TENSOR_LOCATION and isinstance(value, int):
            external |= value & _ENUM_BITS == _EXTERNAL
    if external:
        yield f"the numbers of {name!r} are in another file; expected them in the graph itself, which is checked"


def _domain(name: str) -> Iterator[str]:
    if name not in DOMAINS:
        yield f"operators of {name!r} are refused; expected standard ones, or those that onnxruntime brings along"


def _inside(value: memoryview | int) -> memoryview:
    if isinstance(value, int):
        raise ValueError("expected a message")
    return value


def _text(value: memoryview | int) -> str:
    return bytes(_inside(value)).decode("utf-8")


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    """The fields of a message: number, and bytes or whole number; what has a fixed width is passed over."""
    at, end = 0, len(message)
    while at < end:
        key, at = _varint(message, at)
        if key > _KEY_BITS:  # a field that is not what it seems, to a reader that cuts the number off
            raise ValueError("no such field")
        kind = key & 7
        if kind == _VARINT:
            number, at = _varint(message, at)
            yield key >> 3, number
        elif kind == _BYTES:
            length, at = _varint(message, at)
            if length > end - at:
                raise ValueError("cut off")
            yield key >> 3, message[at : at + length]
            at += length
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            at += 8 if kind == _EIGHT_BYTES else 4
        else:
            raise ValueError("no such kind of field")
    if at != end:
        raise ValueError("cut off")


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for place in range(_LONGEST_VARINT):
        byte = message[at + place]
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise ValueError("a number too long")
