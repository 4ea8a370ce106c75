"""What a config may read of frozen models."""

import pytest

from needle.base.errors import NeedleError
from needle.base.schema import check, read_yaml
from needle.run.config import with_defaults
from needle.run.run import read_run
from workflow import ROOT, SCHEMA

FAIR = {"knn": {}, "lda": {}, "ridge": {}, "leep": {}, "nce": {}}


@pytest.fixture(autouse=True)
def in_the_folder(monkeypatch):
    monkeypatch.chdir(ROOT)


def mydata(features, **changes):
    config = read_yaml(ROOT / "config/mydata.yaml")
    mine = {"embedding": {"features": features}, "proxies": FAIR, "strategy": "hybrid-knn"}
    return with_defaults(config | mine | changes, ROOT)


def mini(features, proxies):
    config = read_yaml(ROOT / "config.yaml")
    config = config | {"embedding": {"features": features}, "proxies": proxies}
    del config["task_embedding"]
    return config | {"deltas": [], "shown": ["knn"]}


def test_an_unknown_kind_is_named():
    with pytest.raises(NeedleError, match=r"embedding.features: 'first'.*layers-mean"):
        check(mydata("first"), SCHEMA["config"], "config")


@pytest.mark.parametrize("features", ["last", "layers-mean", "attentive"])
def test_what_fits_is_taken(features):
    for config in (mydata(features), mini(features, FAIR)):
        read_run(config, SCHEMA)


def test_proxies_that_judge_train_are_refused_by_name():
    proxies = FAIR | {"logme": {}, "h_score": {}}
    read_run(mini("layers-mean", proxies), SCHEMA)
    for config in (mini("attentive", proxies), mydata("attentive", proxies=proxies)):
        with pytest.raises(NeedleError, match=r"features: .*scores of logme, h_score too good"):
            read_run(config, SCHEMA)


def test_knn_that_judges_train_images_too_is_refused():
    config = mini("attentive", FAIR | {"knn": {"leave_one_out": True}})
    with pytest.raises(NeedleError, match="scores of knn with leave_one_out too good"):
        read_run(config, SCHEMA)


@pytest.mark.parametrize("features", ["layers-mean", "attentive"])
def test_task2vec_reads_the_last_layer(features):
    config = mini(features, FAIR) | {"task_embedding": {"model": "resnet10t.mix"}}
    with pytest.raises(NeedleError, match=r"features: task_embedding reads the last layer's"):
        read_run(config, SCHEMA)
    config["embedding"]["features"] = "last"
    read_run(config, SCHEMA)


def test_models_without_tokens_are_refused_by_name():
    config = read_yaml(ROOT / "config/vtab1k.yaml")
    config = config | {"embedding": {"features": "attentive"}, "proxies": FAIR, "deltas": []}
    config.pop("shown", None)
    with pytest.raises(NeedleError, match=r"torchvision \(googlenet.tv_in1k, mobilenet_v2"):
        read_run(config, SCHEMA)
    config["embedding"]["features"] = "layers-mean"
    read_run(config, SCHEMA)


def test_ones_own_embeddings_are_used_as_they_are(tmp_path):
    (tmp_path / "m.npz").touch()
    with pytest.raises(NeedleError, match="features: your embeddings are used as they are"):
        read_run(mydata("attentive", data=str(tmp_path)), SCHEMA)


def test_no_speed_is_measured_of_ones_own_embeddings(tmp_path):
    (tmp_path / "m.npz").touch()
    config = with_defaults(read_yaml(ROOT / "config/mydata.yaml"), ROOT)
    config |= {"data": str(tmp_path), "where": {"milliseconds": {"max": 30}}}
    with pytest.raises(NeedleError, match="where: milliseconds: of embeddings no speed is"):
        read_run(config, SCHEMA)
