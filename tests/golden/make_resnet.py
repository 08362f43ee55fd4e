"""nn_resnet.tsv, nn_cnn.tsv: torchvision's residual networks and a small convolutional network, forward, backward and
learning, as PyTorch computes them.

Command: python3 tests/golden/make_resnet.py        (with tests/golden/requirements_resnet.txt)

Everything is computed in float64, from weights and pictures that are not stored: both sides draw them from one formula
(DRAWN below), as numbers that float32 holds exactly.
"""

import platform

import numpy as np
import torch
import torch.nn.functional as F
import torchvision

import golden

torch.set_default_dtype(torch.float64)
golden.versions = lambda: "Python %s, PyTorch %s, torchvision %s, numpy %s" % (
    platform.python_version(),
    torch.__version__.split("+")[0],
    torchvision.__version__.split("+")[0],
    np.__version__,
)

DRAWN = """
Element i of a thing with a name is draw(i): h = FNV-1a(name) + i, then MurmurHash3's finaliser, all modulo 2^32, as a
signed number, shifted right by 8, / 2^23: within [-1, 1). Things are
    weights of convolutions and dense layers  draw * 2^round(log2(6 / fan_in) / 2)
    gains (bn ... weight)  1 + draw / 4       running_var     1 + draw / 2
    biases, running_mean   draw / 4           pictures        draw, as (record, height, width, channel)
    bn3.weight             a quarter of a gain, else float32 itself (PyTorch's) is 2 % off: gradients would explode
under their names in state_dict; "pictures". The label of record i is 7 * i modulo classes.
look: norm, and elements 0, n / 3 and n - 1
"""


def named_seed(name):
    h = 2166136261
    for byte in name.encode():
        h = (h ^ byte) * 16777619 % 2**32
    return h


def draw(name, n):
    h = (np.arange(n, dtype=np.uint64) + np.uint64(named_seed(name))).astype(np.uint32)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        h = (h ^ (h >> np.uint32(shift))) * np.uint32(factor)
    h ^= h >> np.uint32(16)
    return (h.astype(np.int32) >> np.int32(8)).astype(np.float64) / 2**23


def parameter(name, shape):
    u = torch.tensor(draw(name, int(np.prod(shape)))).reshape(shape)
    if len(shape) > 1:
        fan_in = float(np.prod(shape[1:]))
        return u * 2.0 ** round(np.log2(6 / fan_in) / 2)
    if name.endswith("running_var"):
        return 1 + u / 2
    if name.endswith("bn3.weight"):
        return (1 + u / 4) / 4
    return 1 + u / 4 if name.endswith("weight") else u / 4


def named(model):
    return [(n, t) for n, t in model.state_dict(keep_vars=True).items() if not n.endswith("num_batches_tracked")]


def set_parameters(model):
    with torch.no_grad():
        for name, tensor in named(model):
            tensor.copy_(parameter(name, tuple(tensor.shape)))


def pictures(n, size, channels, first=0):
    count = n * size * size * channels
    x = draw("pictures", first + count)[first:]
    return torch.tensor(x).reshape(n, size, size, channels).permute(0, 3, 1, 2).contiguous()


def labels(n, classes):
    return torch.tensor([7 * i % classes for i in range(n)])


def brief(values):
    return " ".join("%.9g" % float(v) for v in values)


def look(tensor):
    """Norm, and three elements spread over it."""
    flat = tensor.detach().reshape(-1)
    n = flat.numel()
    return brief([flat.norm(), flat[0], flat[n // 3], flat[n - 1]])


def resnet(depth, small, n, size, classes):
    model = getattr(torchvision.models, "resnet%d" % depth)(weights=None, num_classes=classes)
    if small:
        model.conv1 = torch.nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        model.maxpool = torch.nn.Identity()
    set_parameters(model)
    x, y = pictures(n, size, 3), labels(n, classes)
    yield ["resnet", depth, int(small), n, size, classes]
    model.eval()
    yield ["predicted", brief(model(x).detach().reshape(-1))]
    model.train()
    logits = model(x)
    loss = F.cross_entropy(logits, y)
    loss.backward()
    yield ["trained", brief(logits.detach().reshape(-1)), brief([loss.item()])]
    for name, tensor in named(model):
        running = "running" in name
        yield ["running" if running else "gradient", name, look(tensor if running else tensor.grad)]


class Small(torch.nn.Module):
    """conv8,bn,pool,conv12,meanpool,flatten,dense10 on pictures of 12 x 12 with 2 channels."""

    def __init__(self, classes):
        super().__init__()
        self.conv_1 = torch.nn.Conv2d(2, 8, 3, padding=1, bias=False)
        self.bn_1 = torch.nn.BatchNorm2d(8)
        self.conv_2 = torch.nn.Conv2d(8, 12, 3, padding=1)
        self.dense_1 = torch.nn.Linear(3 * 3 * 12, 10)
        self.dense_2 = torch.nn.Linear(10, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn_1(self.conv_1(x))), 2)
        x = F.avg_pool2d(F.relu(self.conv_2(x)), 2)
        x = F.relu(self.dense_1(x.permute(0, 2, 3, 1).reshape(x.shape[0], -1)))
        return self.dense_2(x)


def cnn(steps, batch, classes):
    model = Small(classes)
    set_parameters(model)
    rule = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    yield ["cnn", "conv8 bn pool conv12 meanpool flatten dense10", steps, batch, 12, classes]
    losses = []
    for step in range(steps):
        x = pictures(batch, 12, 2, step % 4 * batch * 12 * 12 * 2)
        rule.zero_grad()
        loss = F.cross_entropy(model(x), labels(batch, classes))
        loss.backward()
        rule.step()
        losses.append(loss.item())
    yield ["losses", brief(losses)]
    for name, tensor in named(model):
        yield ["end", name, look(tensor)]


golden.write(
    "nn_resnet.tsv",
    DRAWN
    + """
rows: resnet, depth, small stem, records, size of the pictures, classes
      predicted, logits with the running statistics
      trained, logits with the batch's statistics, mean loss of that batch
      gradient, name, look at that loss's; running, name, look behind this one step
""",
    list(resnet(18, True, 2, 16, 10)) + list(resnet(50, False, 4, 48, 7)),
)
golden.write(
    "nn_cnn.tsv",
    DRAWN
    + """
rows: cnn, layers (relu behind conv and dense, or behind their bn), steps, batch, size of the pictures, classes
      losses, of each step's batch, which is pictures (step modulo 4) * batch and on; SGD 0.02, momentum 0.9
      end, name, look at it behind the last step
""",
    list(cnn(20, 8, 5)),
)
