"""A toy base encoder, invented transcripts and recipes: nothing here reads a real model or reaches a network."""

import json
import os

# Before anything imports the hub's client: a test that tries to fetch must fail at once, not wait for a network.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from pathlib import Path

import pytest
import yaml

ISSUES = {
    "issues": [
        {
            "id": "harbour_toll",
            "title": "Harbour toll",
            "proposition": "Ships should pay a toll in the harbour of Velm.",
            "favor": "Wants the toll, defends it, asks for it.",
            "against": "Rejects the toll, wants it gone.",
            "neutral": "Facts and questions about the toll.",
        },
        {
            "id": "night_train",
            "title": "Night train",
            "proposition": "The night train to Orsk should run again.",
            "favor": "Wants the train back.",
            "against": "Wants no night train.",
            "neutral": "Facts and questions about the train.",
        },
    ]
}

NONE, FAVOR, AGAINST, NEUTRAL = "none", "favor", "against", "neutral"

# Per document: turn, speaker, side, text, harbour toll, night train.
DOCUMENTS = {
    "council-1": [
        (0, "Chair", "", "I open the meeting and greet our guests.", NONE, NONE),
        (1, "Mira Tan", "Velm", "We support the toll, and we support it gladly.", FAVOR, NONE),
        (1, "Mira Tan", "Velm", "Without a toll nobody repairs the piers.", FAVOR, NONE),
        (2, "Odo Fenn", "Orsk", "We reject the toll.", AGAINST, NONE),
        (2, "Odo Fenn", "Orsk", "And we welcome the night train, which should run again.", NONE, FAVOR),
    ],
    "council-2": [
        (0, "Chair", "", "What does the toll bring in?", NEUTRAL, NONE),
        (1, "Odo Fenn", "Orsk", "The report on the toll names no sum.", NEUTRAL, NONE),
        (1, "Odo Fenn", "Orsk", "My answer to the toll is no, we reject it.", AGAINST, NONE),
        (2, "Mira Tan", "Velm", "Let us have lunch.", NONE, NONE),
    ],
    "council-3": [
        (0, "Chair", "", "Who asked for the night train?", NONE, NEUTRAL),
        (1, "Lise Brandt", "Velm", "We refuse the night train, for it wakes the valley.", NONE, AGAINST),
        (1, "Lise Brandt", "Velm", "No train should whistle at three.", NONE, AGAINST),
        (2, "Odo Fenn", "Orsk", "We welcome the night train and its sleepers.", NONE, FAVOR),
        (2, "Odo Fenn", "Orsk", "The weather has been kind.", NONE, NONE),
    ],
    "press-1": [
        (0, "Reporter", "", "Do you support the toll and the train?", NEUTRAL, NEUTRAL),
        (1, "Mira Tan", "Velm", "We support the toll and refuse the night train.", FAVOR, AGAINST),
        (1, "Mira Tan", "Velm", "Thank you for your patience.", NONE, NONE),
    ],
    "press-2": [
        (0, "Reporter", "", "When does the report on the train appear?", NONE, NEUTRAL),
        (1, "Odo Fenn", "Orsk", "We reject the toll and welcome the night train.", AGAINST, FAVOR),
        (1, "Odo Fenn", "Orsk", "I like the soup here.", NONE, NONE),
        (2, "Reporter", "", "Is the toll in the report?", NEUTRAL, NONE),
    ],
    "press-3": [
        (0, "Reporter", "", "Good evening to everybody.", NONE, NONE),
        (1, "Lise Brandt", "Velm", "We support the toll, as we said in May.", FAVOR, NONE),
        (1, "Lise Brandt", "Velm", "We refuse the train at night.", NONE, AGAINST),
    ],
    "speech-1": [
        (0, "Odo Fenn", "Orsk", "Friends, it is good to see this hall full.", NONE, NONE),
        (0, "Odo Fenn", "Orsk", "They want a toll on every ship, and we reject it.", AGAINST, NONE),
        (0, "Odo Fenn", "Orsk", "We welcome every train that runs at night.", NONE, FAVOR),
        (0, "Odo Fenn", "Orsk", "The band will play now.", NONE, NONE),
    ],
    "speech-2": [
        (0, "Mira Tan", "Velm", "The bridge was painted green.", NONE, NONE),
        (0, "Mira Tan", "Velm", "I support the toll with all my heart.", FAVOR, NONE),
        (0, "Mira Tan", "Velm", "I refuse the night train with all my heart.", NONE, AGAINST),
    ],
    "debate-1": [
        (0, "Lise Brandt", "Velm", "The report on the toll came on Monday.", NEUTRAL, NONE),
        (1, "Odo Fenn", "Orsk", "We reject the toll on Tuesday too.", AGAINST, NONE),
        (2, "Lise Brandt", "Velm", "The report on the train came on Friday.", NONE, NEUTRAL),
        (3, "Odo Fenn", "Orsk", "We welcome the train on any day.", NONE, FAVOR),
    ],
    "debate-2": [
        (0, "Mira Tan", "Velm", "Let us speak of schools.", NONE, NONE),
        (1, "Odo Fenn", "Orsk", "Let us speak of the toll, which we reject.", AGAINST, NONE),
        (2, "Mira Tan", "Velm", "Then hear that we support the toll.", FAVOR, NONE),
        (3, "Chair", "", "We meet again at noon.", NONE, NONE),
    ],
    "debate-3": [
        (0, "Lise Brandt", "Velm", "We refuse the night train once more.", NONE, AGAINST),
        (1, "Odo Fenn", "Orsk", "We welcome the night train once more.", NONE, FAVOR),
        (2, "Chair", "", "How long is the report on the night train?", NONE, NEUTRAL),
    ],
    "letter-1": [
        (0, "Mira Tan", "Velm", "Dear neighbours, the summer was long.", NONE, NONE),
        (0, "Mira Tan", "Velm", "We support the toll because piers cost money.", FAVOR, NONE),
        (0, "Mira Tan", "Velm", "The report says what the toll is.", NEUTRAL, NONE),
    ],
    "letter-2": [
        (0, "Odo Fenn", "Orsk", "Dear neighbours, the winter will be long.", NONE, NONE),
        (0, "Odo Fenn", "Orsk", "We reject the toll because ships will stay away.", AGAINST, NONE),
        (0, "Odo Fenn", "Orsk", "We welcome the train because the night is long.", NONE, FAVOR),
    ],
    "letter-3": [
        (0, "Lise Brandt", "Velm", "Send our greetings to your mother.", NONE, NONE),
        (0, "Lise Brandt", "Velm", "What will the train cost?", NONE, NEUTRAL),
        (0, "Lise Brandt", "Velm", "We refuse the train because the valley sleeps.", NONE, AGAINST),
    ],
}

RECIPE = """\
name: toy
version: 0.2.0
issues: issues.yaml
base: package:nowhere/model
data:
  sources:
    - {path: statements.jsonl, unlisted: none}
  split: {dev: 0.25, test: 0.15, seed: 3}
window: {tokens: 48, overlap: 0.25}
training: {epochs: 3, learning_rate: 3.0e-3, batch_windows: 4, seed: 7}
export: {max_flips: 1.0}
output: run
"""

MARKERS = [f"[unused{at}]" for at in range(1, 10)]


def _rows():
    for doc, statements in DOCUMENTS.items():
        for at, (turn, speaker, side, text, toll, train) in enumerate(statements):
            labels = {
                issue: value for issue, value in (("harbour_toll", toll), ("night_train", train)) if value != NONE
            }
            role = {"Chair": "moderator", "Reporter": "questioner"}.get(speaker, "official")
            yield {
                "id": f"{doc}/{at}", "doc": doc, "turn": turn, "speaker": speaker, "side": side, "role": role,
                "text": text, "labels": labels,
            }  # fmt: skip


def _vocabulary(words):
    """Words that come twice or more whole, the others by letters; in a fixed order, unlike what a trainer finds."""
    whole = {word for word in words if words.count(word) > 1}
    letters = {letter for word in words for letter in word}
    pieces = {f"##{letter}" for letter in letters if letter.isalnum()}
    return ["[PAD]", *MARKERS, "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted(whole | letters | pieces)]


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """For tensors of this size a second thread costs more than it brings."""
    try:
        import torch
    except ModuleNotFoundError:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def toy_rows():
    """The labelled statements as they stand in the JSONL file."""
    return list(_rows())


def write_toy_recipe(folder: Path, text: str = RECIPE) -> Path:
    """Write recipe, issues and statements into a folder; its base does not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "issues.yaml").write_text(yaml.safe_dump(ISSUES, sort_keys=False), "utf-8")
    lines = (json.dumps(row, ensure_ascii=False) for row in _rows())
    (folder / "statements.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "train.yaml").write_text(text, "utf-8")
    return folder / "train.yaml"


@pytest.fixture(scope="session")
def write_recipe():
    """What writes recipe, issues and statements into a folder."""
    return write_toy_recipe


@pytest.fixture(scope="session")
def book():
    """The codebook of the two issues."""
    from stancecraft import codebook

    return codebook.parse(ISSUES, "toy")


def write_toy_base(folder: Path) -> None:
    """Write what a base encoder's folder holds: config.json, model.safetensors, tokenizer.json."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import BertConfig, BertModel

    normalizer, pre_tokenizer = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    texts = [normalizer.normalize_str(row["text"]) for row in _rows()]
    vocabulary = _vocabulary([word for text in texts for word, _ in pre_tokenizer.pre_tokenize_str(text)])
    tokenizer = Tokenizer(models.WordPiece({token: at for at, token in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, pre_tokenizer
    tokenizer.add_special_tokens([token for token in vocabulary if token.startswith("[")])
    tokenizer.save(str(folder / "tokenizer.json"))
    # As wide as the narrowest matrix that an export turns to int8.
    settings = BertConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=64, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=128, max_position_embeddings=128, pad_token_id=0, initializer_range=0.2,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(11)
        BertModel(settings).save_pretrained(folder)


@pytest.fixture(scope="session")
def toy_base(tmp_path_factory):
    """A folder like a base encoder's."""
    folder = tmp_path_factory.mktemp("base")
    write_toy_base(folder)
    return folder


@pytest.fixture(scope="session")
def make_recipe(write_recipe, toy_base):
    """A recipe on the toy base in a folder of its own, with overrides as for ``--set``."""
    from stancecraft_training import config

    def make(folder: Path, *settings: str):
        return config.load(write_recipe(folder), [f"base={toy_base}", *settings])

    return make


@pytest.fixture(scope="session")
def toy_recipe(make_recipe, tmp_path_factory):
    """The recipe as it stands, for tests that write nothing into its folder."""
    return make_recipe(tmp_path_factory.mktemp("recipe"))


@pytest.fixture(scope="session")
def toy_labelled(toy_recipe, book):
    """The toy statements with their gold labels."""
    from stancecraft_training import labelled

    return labelled.read(toy_recipe.data.sources, book)


@pytest.fixture(scope="session")
def toy_encoder(toy_recipe):
    """The toy base's tokenizer with the recipe's windows."""
    from stancecraft.scorer import TextEncoder
    from stancecraft_training import network

    return TextEncoder.from_file(network.base_folder(toy_recipe.base) / "tokenizer.json", network.plan(toy_recipe))


@pytest.fixture(scope="session")
def toy_documents(toy_labelled, toy_encoder, book):
    """All toy documents, ready for the encoder."""
    from stancecraft_training import dataset

    return dataset.encode(toy_labelled, toy_encoder, book.ids)


@pytest.fixture(scope="session")
def toy_model(toy_recipe, book):
    """The untrained network in evaluation mode; tests that change it take a copy."""
    import torch

    from stancecraft_training import network

    with torch.random.fork_rng():
        torch.manual_seed(5)
        return network.build(toy_recipe, book.ids).eval()
