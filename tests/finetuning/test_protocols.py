"""Protocols before any work: what they are for one model, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_jobs import PROTOCOL

from needle.base.errors import NeedleError
from needle.finetuning.protocols import (
    check_protocol,
    count_runs,
    evaluation_steps,
    protocol_of,
)

CONVNET = {"name": "resnet50", "architecture": "resnet50", "family": "convnet"}
BY_FAMILY = PROTOCOL | {"learning_rates": {"convnet": [0.1, 0.01], "transformer": [0.03, 0.003]}}
ADAMW = {key: PROTOCOL[key] for key in PROTOCOL if key != "momentum"} | {"optimizer": "adamw"}


def test_a_list_of_learning_rates_needs_no_family():
    assert protocol_of(PROTOCOL, {"name": "own"}) is PROTOCOL
    assert protocol_of(BY_FAMILY, CONVNET) == PROTOCOL | {"learning_rates": [0.1, 0.01]}
    assert count_runs(BY_FAMILY) == count_runs(protocol_of(BY_FAMILY, CONVNET)) == 4


@given(steps=st.integers(1, 1000), times=st.integers(1, 50))
def test_val_is_measured_evenly_and_in_the_end(steps, times):
    found = evaluation_steps({"steps": steps, "evaluate": times})
    assert found[-1] == steps
    assert len(found) == min(times, steps)
    gaps = [b - a for a, b in zip([0, *found], found, strict=False)]
    assert min(gaps) >= 1
    assert max(gaps) - min(gaps) <= 1


@pytest.mark.parametrize(
    ("protocol", "card", "message"),
    [
        (BY_FAMILY, {"family": None}, "learning_rates: model resnet50: its card has no family"),
        (BY_FAMILY, {"family": "mlp"}, "no learning rates for the family mlp, only for convnet, t"),
        (
            PROTOCOL | {"learning_rates": {"convnet": [0.1], "mlp": [0.1, 0.2]}},
            {},
            r"different numbers of them \(convnet 1, mlp 2\)",
        ),
        (ADAMW | {"momentum": 0.9}, {}, "finetune.momentum: AdamW has none"),
        (ADAMW | {"optimizer": "sgd"}, {}, "finetune: missing key 'momentum'"),
        (PROTOCOL | {"layer_decay": 0.9}, {}, "finetune.layer_decay: needs optimizer: adamw"),
        (PROTOCOL | {"patience": 2}, {}, "finetune.patience: counts evaluations"),
        (
            PROTOCOL | {"frozen_layers": 0.5},
            {"architecture": "torchvision:googlenet"},
            "torchvision does not say the order of the layers of resnet50",
        ),
    ],
)
def test_what_does_not_go_together_is_refused_by_name(protocol, card, message):
    with pytest.raises(NeedleError, match=message):
        check_protocol(protocol, "finetune", [CONVNET | card])


def test_what_goes_together_is_taken():
    for protocol in (PROTOCOL, BY_FAMILY, ADAMW | {"layer_decay": 0.9, "evaluate": 3}):
        check_protocol(protocol, "finetune", [CONVNET])
