"""Samples per second of the same models in PyTorch eager, as JSON lines: the peer of bench/learning.

Usage: pytorch.py THREADS SECONDS, then on standard input one case a line: {"model", "mode", "batch"}.
"""
import json
import sys
import time

import torch
from torch import nn

threads, seconds = int(sys.argv[1]), float(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(1)

MODELS = {
    "mlp-200": lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 10)),
    "flobc-cnn": lambda: nn.Sequential(nn.Conv2d(1, 28, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(4732, 128), nn.ReLU(),
                                       nn.Linear(128, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 10)),
    "lenet5": lambda: nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
                                    nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
}
models = {}


def train(model, x, t, optimizer, loss):
    optimizer.zero_grad()
    loss(model(x), t).backward()
    optimizer.step()


def measure(case):
    name, batch = case["model"], case["batch"]
    model = models.setdefault(name, MODELS[name]())
    x, t = torch.rand(batch, 1, 28, 28), torch.randint(0, 10, (batch,))
    if case["mode"] == "train":
        model.train()
        optimizer, loss = torch.optim.SGD(model.parameters(), lr=0.01), nn.CrossEntropyLoss()
        run = lambda: train(model, x, t, optimizer, loss)
    else:
        model.eval()
        run = lambda: model(x)
    with torch.set_grad_enabled(case["mode"] == "train"):
        for _ in range(3):
            run()
        best, start = 0.0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            begin, steps = time.perf_counter(), 0
            while time.perf_counter() - begin < seconds / 5:
                run()
                steps += 1
            best = max(best, steps * batch / (time.perf_counter() - begin))
    return best


def blas():
    with open("/proc/self/maps") as maps:
        libraries = {line.split("/")[-1].strip() for line in maps if "blas" in line or "mkl" in line or "dnnl" in line}
    return sorted(libraries)


torch.rand(64, 64) @ torch.rand(64, 64)
print(json.dumps({"version": torch.__version__, "threads": torch.get_num_threads(), "blas": blas()}), flush=True)
for line in sys.stdin:
    print(json.dumps({"samplesPerSecond": measure(json.loads(line))}), flush=True)
