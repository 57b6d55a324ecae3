"""The same two models in PyTorch, trained from the same weights on the same batches: the yardstick.

Reads one JSON object from standard input: model, sizes, steps, rate, folder. The folder holds
weights.f32 (all parameters in the order given), inputs.f32 and labels.i64. Prints JSON: losses, and
seconds of processor time per step.
"""
import json
import math
import resource
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

spec = json.load(sys.stdin)
torch.set_num_threads(spec["threads"])
sizes = spec["sizes"]


def read(name, kind, shape):
    path = f"{spec['folder']}/{name}"
    return torch.from_numpy(numpy.fromfile(path, dtype=kind).reshape(shape))


class Perceptron(nn.Module):
    def __init__(self):
        super().__init__()
        widths = sizes["widths"]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = functional.relu(layer(x))
        return self.layers[-1](x)


class Block(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.feed_in = nn.Linear(width, hidden)
        self.feed_out = nn.Linear(hidden, width)

    def forward(self, x):
        batch, length, width = x.shape
        seen = self.norm1(x)

        def split(layer):
            return layer(seen).view(batch, length, self.heads, width // self.heads).transpose(1, 2)

        query, key, value = split(self.query), split(self.key), split(self.value)
        scores = query @ key.transpose(2, 3) / math.sqrt(width // self.heads)
        mixed = (scores.softmax(-1) @ value).transpose(1, 2).reshape(batch, length, width)
        x = x + self.out(mixed)
        inner = functional.gelu(self.feed_in(self.norm2(x)), approximate="tanh")
        return x + self.feed_out(inner)


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        width, heads, hidden = sizes["width"], sizes["heads"], sizes["hidden"]
        self.blocks = nn.ModuleList(Block(width, heads, hidden) for _ in range(sizes["layers"]))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, sizes["classes"])

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


model = Perceptron() if spec["model"] == "perceptron" else Transformer()
flat = read("weights.f32", "float32", -1)
at = 0
with torch.no_grad():
    for parameter in model.parameters():
        count = parameter.numel()
        numbers = flat[at : at + count]
        # Matrices lie as [in, out] in the file and as [out, in] in PyTorch.
        if parameter.dim() == 2:
            parameter.copy_(numbers.view(parameter.shape[1], parameter.shape[0]).t())
        else:
            parameter.copy_(numbers)
        at += count
assert at == flat.numel()

inputs = read("inputs.f32", "float32", [-1, *spec["input"]])
labels = read("labels.i64", "int64", [len(inputs), *spec["label"]])
optimiser = torch.optim.AdamW(model.parameters(), lr=spec["rate"], weight_decay=spec["decay"])
losses, cpu, wall = [], [], []
for step in range(spec["steps"]):
    x, y = inputs[step % len(inputs)], labels[step % len(inputs)]
    started, started_wall = time.process_time(), time.perf_counter()
    optimiser.zero_grad(set_to_none=True)
    scores = model(x)
    loss = functional.cross_entropy(scores.reshape(-1, scores.shape[-1]), y.reshape(-1))
    loss.backward()
    optimiser.step()
    cpu.append(time.process_time() - started)
    wall.append(time.perf_counter() - started_wall)
    losses.append(loss.item())
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"losses": losses, "cpu": cpu, "wall": wall, "peakKilobytes": peak}))
