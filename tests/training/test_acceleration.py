"""Precision that a GPU has not."""

import pytest
import torch

from facs3d.training.acceleration import possible_precision


@pytest.mark.parametrize(
    ("capability", "expected"),
    [((7, 0), "fp32"), ((7, 5), "fp32"), ((8, 0), "bf16"), ((9, 0), "bf16")],
)
def test_a_gpu_without_bfloat16_trains_in_single_precision_and_says_so(
    monkeypatch, capsys, capability, expected
):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Tesla V100")
    assert possible_precision("bf16", torch.device("cuda")) == expected
    said = capsys.readouterr().err
    assert ("Tesla V100 has no bfloat16" in said) == (expected == "fp32")
    assert possible_precision("tf32", torch.device("cuda")) == "tf32"


def test_on_a_cpu_bfloat16_stays():
    assert possible_precision("bf16", torch.device("cpu")) == "bf16"
