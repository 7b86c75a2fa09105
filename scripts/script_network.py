"""The script network in torch: its layers, how it is trained on windows, and its weights. Used by train_scripts.py."""

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHANNELS = (24, 32, 64, 128, 192, 256)
SCALE = 32.0
"""Windows are kept as int8 in steps of 1/32."""

_BATCH = 128
_MOST_RATE = 3e-3
_SMOOTHING = 0.05


def trained(
    x: NDArray[np.int8], y: NDArray[np.int64], *, classes: int, epochs: float, seed: int, threads: int
) -> list[dict[str, Any]]:
    """The layers of a network trained on int8 (n, 1, 32, 128) windows, with batch normalisation folded in.

    Multiplications run in bfloat16, which is twice as fast on processors that have it. Every window is seen moved,
    stretched, leaning, as its negative or noisy, never twice the same.
    """
    import torch
    from torch import nn

    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(mode=True)
    model = nn.Sequential(*_blocks(nn, classes)).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), lr=_MOST_RATE, weight_decay=2e-2)
    steps = round(epochs * len(y) / _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=_MOST_RATE, total_steps=steps, pct_start=0.15)
    loss_of = nn.CrossEntropyLoss(label_smoothing=_SMOOTHING)
    rng = np.random.default_rng([seed, 2])
    order, total = rng.permutation(len(y)), 0.0
    for step in range(steps):
        if len(order) < _BATCH:
            order = rng.permutation(len(y))
        chosen, order = np.sort(order[:_BATCH]), order[_BATCH:]
        inputs = _varied(torch, torch.from_numpy(x[chosen].astype(np.float32) / SCALE))
        optimiser.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            outputs = model(inputs.contiguous(memory_format=torch.channels_last))
        loss = loss_of(outputs.float(), torch.from_numpy(y[chosen]))
        loss.backward()
        optimiser.step()
        schedule.step()
        total += float(loss.detach())
        if step % 500 == 499:
            sys.stderr.write(f"step {step + 1} of {steps}: loss {total / 500:.3f}\n")
            total = 0.0
    return _folded(model.eval(), nn)


def _varied(torch: Any, inputs: Any) -> Any:
    """Windows moved by some pixels, stretched, leaning, half of them as negatives, some with noise."""
    count = len(inputs)
    width = inputs.shape[-1] / inputs.shape[-2]
    turns = torch.zeros(count, 2, 3)
    turns[:, 0, 0] = 1 + 0.12 * torch.randn(count).clamp(-2, 2)
    turns[:, 1, 1] = 1 + 0.08 * torch.randn(count).clamp(-2, 2)
    turns[:, 0, 1] = 0.12 * torch.randn(count) / width
    turns[:, 1, 0] = 0.015 * torch.randn(count) * width
    turns[:, 0, 2] = 0.06 * torch.randn(count)
    turns[:, 1, 2] = 0.06 * torch.randn(count)
    grid = torch.nn.functional.affine_grid(turns, list(inputs.shape), align_corners=False)
    moved = torch.nn.functional.grid_sample(inputs, grid, padding_mode="border", align_corners=False)
    signs = torch.where(torch.rand(count, 1, 1, 1) < 0.5, -1.0, 1.0)
    noise = 0.3 * torch.rand(count, 1, 1, 1) * (torch.rand(count, 1, 1, 1) < 0.3)
    return moved * signs + noise * torch.randn_like(moved)


def _blocks(nn: Any, classes: int) -> list[Any]:
    """Six convolutions, 32 x 128 down to 2 x 8, the mean over all places, and one linear layer: 0.8 M weights."""
    layers: list[Any] = []
    before = 1
    for index, channels in enumerate(CHANNELS):
        size, stride = (5, 2) if index == 0 else (3, 1)
        layers += [
            nn.Conv2d(before, channels, size, stride, size // 2, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
        ]
        if index in (1, 2, 4):
            layers.append(nn.MaxPool2d(2))
        before = channels
    return [*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.1), nn.Linear(before, classes)]


def _folded(model: Any, nn: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    modules = list(model)
    for index, module in enumerate(modules):
        if isinstance(module, nn.Conv2d):
            norm = modules[index + 1]
            scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach().numpy()
            weight = module.weight.detach().numpy() * scale[:, None, None, None]
            bias = norm.bias.detach().numpy() - norm.running_mean.numpy() * scale
            found.append({"kind": "conv", "weight": weight, "bias": bias, "stride": module.stride[0]})
        elif isinstance(module, nn.MaxPool2d):
            found.append({"kind": "pool"})
        elif isinstance(module, nn.Linear):
            weight, bias = module.weight.detach().numpy(), module.bias.detach().numpy()
            found.append({"kind": "linear", "weight": weight, "bias": bias})
    return found
