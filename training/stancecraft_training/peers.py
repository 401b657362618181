"""The speed of what a user would pick instead, on the same texts and threads, and what the processor could do at most.

Only speed is compared: the networks of peers have their architecture and random weights where the weights themselves
are not at hand, which costs the same time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from transformers import (
    AutoModel,
    AutoModelForTokenClassification,
    DebertaV2ForSequenceClassification,
    PreTrainedTokenizerFast,
)
from transformers import DebertaV2Config as _Config
from transformers import pipeline as typed_pipeline

from stancecraft import classifier
from stancecraft.artifact import LAYOUT
from stancecraft.scorer import runtime

BATCH = 32  # statements, as they come
_deberta: Any = _Config
_tokenizer: Any = PreTrainedTokenizerFast
_pipeline: Any = typed_pipeline  # its hundred overloads know no tokenizer that is made here
_FEW = 12  # for what takes a second each
_SECONDS = 0.4  # of each measurement of the processor
Row = tuple[str, str]
HYPOTHESES = ("This speaks for {}.", "This speaks against {}.", "This is neutral on {}.")


def rows(texts: Sequence[str], tell: Callable[[str], None]) -> list[Row]:
    """Statements per second of each peer and of this package, each statement alone, with the ratio to this package.

    Args:
        texts: Statements.
        tell: Takes progress, one line at a time.
    """
    model = classifier.load()
    folder = model.artifact.path
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(threads)
    tokenizer = _tokenizer(
        tokenizer_file=str(folder / LAYOUT.tokenizer), pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        unk_token="[UNK]", model_max_length=256,
    )  # fmt: skip
    tokens = float(np.mean([len(ids) for ids in model._scorer.encoder.tokens(texts)]))
    tell(f"this package: {len(texts)} statements alone")
    own = _speed(lambda some: model.predict(some, gate=False), texts)
    found = [
        (f"threads; tokens per statement (mean of {len(texts)})", f"{threads}; {tokens:.1f}"),
        ("this package, each statement alone, nothing left out", f"{own:.0f} statements/s"),
    ]
    if not (folder / "model.safetensors").is_file():
        return found
    titles = [issue.title for issue in model.codebook.issues]
    for name, made, some in (
        ("TF-IDF and linear support vector machines, one per issue", _support_vectors, texts),
        ("frozen MiniLM embeddings and logistic regression, as SetFit and sentence-transformers infer", _frozen, texts),
        ("transformers pipeline on this package's torch weights, fp32, batches of 32 as they come", _torch, texts),
        ("zero-shot classification, DeBERTa-v3-base, three hypotheses an issue", _zero_shot, texts[:_FEW]),
    ):
        tell(name)
        speed = _speed(made(folder, tokenizer, titles, texts), some)
        found.append((name, f"{speed:.{2 if speed < 10 else 0}f} statements/s; this package {own / speed:.2g} x"))
    tell("the processor's matrix products")
    return found + _limit(folder, tokens, own, threads)


def _speed(score: Callable[[Sequence[str]], Any], texts: Sequence[str]) -> float:
    """Statements per second, the best of two after a warm-up."""
    score(texts[: min(8, len(texts))])
    seconds = []
    for _ in range(2):
        began = time.perf_counter()
        score(texts)
        seconds.append(time.perf_counter() - began)
    return len(texts) / min(seconds)


def _support_vectors(_folder: Path, _tokenizer: Any, titles: Sequence[str], texts: Sequence[str]) -> Any:  # noqa: ANN401
    features = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    matrix = features.fit_transform(texts)
    models = [LinearSVC(dual=True).fit(matrix, np.arange(len(texts)) % 4) for _ in titles]

    def score(some: Sequence[str]) -> Any:  # noqa: ANN401
        row = features.transform(some)
        return [one.predict(row) for one in models]

    return score


def _frozen(folder: Path, tokenizer: Any, titles: Sequence[str], texts: Sequence[str]) -> Any:  # noqa: ANN401
    # The encoder behind this package's head has the base's own shape, so it costs what the base costs.
    encoder = AutoModel.from_pretrained(folder, add_pooling_layer=False, dtype=torch.float32).eval()

    def embedded(some: Sequence[str]) -> Any:  # noqa: ANN401
        order = sorted(range(len(some)), key=lambda at: len(some[at]))  # as sentence-transformers does
        found: dict[int, Any] = {}
        with torch.inference_mode():
            for start in range(0, len(order), BATCH):
                chunk = order[start : start + BATCH]
                batch = tokenizer([some[at] for at in chunk], padding=True, truncation=True, return_tensors="pt",
                                  return_token_type_ids=False)  # fmt: skip
                mask = batch["attention_mask"][..., None]
                mean = (encoder(**batch).last_hidden_state * mask).sum(dim=1) / mask.sum(dim=1)
                found |= dict(zip(chunk, mean.numpy(), strict=True))
        return np.asarray([found[at] for at in range(len(some))])

    some = texts[:64]
    # What they answer is beside the point, what it costs is not.
    heads = [LogisticRegression(max_iter=1000).fit(embedded(some), np.arange(len(some)) % 4) for _ in titles]

    def score(given: Sequence[str]) -> Any:  # noqa: ANN401
        row = embedded(given)
        return [head.predict_proba(row) for head in heads]

    return score


def _torch(folder: Path, tokenizer: Any, _titles: Sequence[str], _texts: Sequence[str]) -> Any:  # noqa: ANN401
    model = AutoModelForTokenClassification.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer.model_input_names = ["input_ids", "attention_mask"]
    run = _pipeline("token-classification", model=model, tokenizer=tokenizer, device="cpu")
    return lambda some: run(list(some), batch_size=BATCH)


def _zero_shot(_folder: Path, tokenizer: Any, titles: Sequence[str], _texts: Sequence[str]) -> Any:  # noqa: ANN401
    config = _deberta(
        vocab_size=len(tokenizer), hidden_size=768, num_hidden_layers=12, num_attention_heads=12,
        intermediate_size=3072, max_position_embeddings=512, relative_attention=True, position_buckets=256,
        pos_att_type=["p2c", "c2p"], norm_rel_ebd="layer_norm", share_att_key=True, position_biased_input=False,
        type_vocab_size=0, pad_token_id=tokenizer.pad_token_id, num_labels=3,
        id2label={0: "contradiction", 1: "neutral", 2: "entailment"},
        label2id={"contradiction": 0, "neutral": 1, "entailment": 2},
    )  # fmt: skip
    network: Any = DebertaV2ForSequenceClassification(config)
    run = _pipeline("zero-shot-classification", model=network.eval(),
                   tokenizer=tokenizer, device="cpu")  # fmt: skip

    def score(some: Sequence[str]) -> Any:  # noqa: ANN401
        return [run(list(some), titles, hypothesis_template=one, multi_label=True, batch_size=BATCH)
                for one in HYPOTHESES]  # fmt: skip

    return score


def _limit(folder: Path, tokens: float, own: float, threads: int) -> list[Row]:
    """The best matrix rates that can be measured here, and the share of them that scoring uses."""
    config = AutoModelForTokenClassification.from_pretrained(folder).config
    width, inner, layers = config.hidden_size, config.intermediate_size, config.num_hidden_layers
    whole = tokens + 4  # [CLS], [SEP] and the two markers
    per_token = layers * (4 * width * width + 2 * width * inner) + layers * 2 * whole * width
    needed = whole * per_token
    floats = max(_float_rate(size, width, inner) for size in (256, 1024))
    int8 = max(_int8_rate(size, width, inner, threads) for size in (256, 1024))
    return [
        ("multiply-adds that one statement alone needs", f"{needed / 1e6:.0f} million"),
        ("best fp32 matrix rate, torch", f"{floats / 1e9:.0f} thousand million multiply-adds/s"),
        ("best int8 matrix rate, onnxruntime", f"{int8 / 1e9:.0f} thousand million multiply-adds/s"),
        ("share of the int8 rate that scoring alone uses", f"{needed * own / int8:.0%}"),
    ]


def _float_rate(rows_: int, inner: int, outer: int) -> float:
    left, right = torch.randn(rows_, inner), torch.randn(inner, outer)
    return _rate(lambda: left @ right, rows_ * inner * outer)


def _int8_rate(rows_: int, inner: int, outer: int, threads: int) -> float:
    onnxruntime = runtime()
    inputs = [helper.make_tensor_value_info("a", TensorProto.UINT8, [rows_, inner])]
    outputs = [helper.make_tensor_value_info("c", TensorProto.INT32, [rows_, outer])]
    weights = np.random.default_rng(0).integers(-127, 127, (inner, outer)).astype(np.int8)
    graph = helper.make_graph([helper.make_node("MatMulInteger", ["a", "b"], ["c"])], "product", inputs, outputs,
                              [onnx.numpy_helper.from_array(weights, "b")])  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    given = {"a": np.random.default_rng(0).integers(0, 255, (rows_, inner)).astype(np.uint8)}
    return _rate(lambda: session.run(None, given), rows_ * inner * outer)


def _rate(product: Callable[[], Any], each: int) -> float:
    """Multiply-adds per second of the fastest run in a while."""
    best, began = 0.0, time.perf_counter()
    while time.perf_counter() - began < _SECONDS:
        start = time.perf_counter()
        product()
        best = max(best, each / (time.perf_counter() - start))
    return best
