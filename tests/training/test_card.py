"""The model card's numbers are those of the packaged model, and its header is one that model hubs read."""

import json

import pytest

pytest.importorskip("yaml")

from stancecraft import artifact
from stancecraft_training import card


@pytest.fixture
def page(root):
    return (root / "model_card.md").read_text("utf-8")


@pytest.fixture
def overall():
    return json.loads((artifact.packaged() / "evaluation.json").read_text("utf-8"))["test"]["overall"]


def test_the_card_is_up_to_date_and_rendering_it_again_changes_nothing(page):
    assert card.render(page, artifact.packaged()) == page


def test_a_hub_reads_the_figures_from_the_header(page, overall):
    hub = pytest.importorskip("huggingface_hub")
    found = {one.metric_name: one.metric_value for one in hub.ModelCard(page).data.eval_results}
    assert found == {
        "F1, about the issue": overall["about"]["f1"], "F1, issue and stance": overall["both"]["f1"],
        "Macro-F1, stance": overall["stance_macro_f1"],
    }  # fmt: skip


def test_baselines_and_annotators_stand_beside_the_model_if_the_folder_tells_them(overall):
    measured = {"test": {"overall": overall}}
    told = card._beside({"baselines": {"tfidf_svm": measured}, "agreement": {**overall, "statements": 1561}})
    assert "| tfidf svm |" in told
    assert "a second annotator, on 1,561 other statements" in told
    assert card._beside({}) == ""
