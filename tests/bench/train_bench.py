"""Sets training beside PyTorch (Debian's python3-torch): train_bench.py CONVLENS_TRAIN_BENCH [ROUNDS]

Both take turns, a batch of runs each, of which the fastest counts (others may use the machine); the ratio is the median of the rounds' ratios. LargeNet: one step at batch 64, forward, backward, SGD with momentum,
the batch taken from memory by index. conv1: AlexNet's first layer backward, gradients of input, weight and bias, 8 pictures of 224x224.
"""
import statistics
import subprocess
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


class LargeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 5, 5), nn.Conv2d(5, 10, 5)
        self.fc1, self.fc2 = nn.Linear(250, 32), nn.Linear(32, 1)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2, 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2, 2)
        return self.fc2(F.relu(self.fc1(x.view(-1, 250)))).squeeze(1)


def best_ms(runs, run):
    times = []
    for i in range(runs + 3):
        begun = time.perf_counter()
        run()
        times.append((time.perf_counter() - begun) * 1e3)
    return min(times[3:])


def torch_largenet():
    net, loss = LargeNet(), nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    images, labels = torch.rand(6400, 3, 32, 32) * 2 - 1, torch.randint(0, 2, (6400,)).float()
    order = torch.randperm(6400)
    state = [0]

    def step():
        batch = order[state[0] : state[0] + 64]
        state[0] = (state[0] + 64) % 6400
        optimizer.zero_grad()
        loss(net(images[batch]), labels[batch]).backward()
        optimizer.step()

    return best_ms(40, step)


def torch_conv1():
    x = torch.rand(8, 3, 224, 224, requires_grad=True)
    conv = nn.Conv2d(3, 64, 11, stride=4, padding=2)
    y = conv(x)
    gradient = torch.rand_like(y)
    return best_ms(8, lambda: torch.autograd.grad(y, [x, conv.weight, conv.bias], gradient, retain_graph=True))


rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
for threads in (1, 2):
    torch.set_num_threads(threads)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append([float(v) for v in subprocess.check_output([sys.argv[1], str(threads)], text=True).split()])
        theirs.append([torch_largenet(), torch_conv1()])
    for row, name in enumerate(("LargeNet step, batch 64", "conv1 backward, 8x3x224x224")):
        mine, peer = statistics.median(o[row] for o in ours), statistics.median(t[row] for t in theirs)
        ratio = statistics.median(t[row] / o[row] for o, t in zip(ours, theirs))
        print(f"{threads} thread{'s' if threads > 1 else ' '}  {name:28} Convlens {mine:7.2f} ms ({1000 / mine:6.0f}/s)  PyTorch {torch.__version__} {peer:7.2f} ms ({1000 / peer:6.0f}/s)  {ratio:5.2f} x")
