"""nn_gradients.tsv, nn_training.tsv, nn_schedules.tsv: tiny networks, and what PyTorch and Keras make of them.

Command: python3 tests/golden/make_nn.py        (with tests/golden/requirements_nn.txt)

Everything is computed in float64 from weights and data that float32 holds exactly, so that the difference to a float32
program is that program's alone. Keras runs on its PyTorch backend. Which of the two is the reference of a training says
its row: PyTorch where both have the same formula, Keras where they differ:
    adam, adamw  PyTorch divides by (sqrt(v / correct2) + epsilon), Keras by (sqrt(v) + epsilon) / sqrt(correct2)
    rmsprop      PyTorch divides by sqrt(v) + epsilon, Keras by sqrt(v + epsilon)
    clip_norm    PyTorch adds 1e-6 to the norm
    momentum     under a schedule: PyTorch's velocity does not hold the rate, Keras's does
"""

import os
import platform

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch
import torch.nn.functional as F

import golden

keras.config.set_floatx("float64")
torch.set_default_dtype(torch.float64)
golden.versions = lambda: "Python %s, PyTorch %s, Keras %s, numpy %s" % (
    platform.python_version(),
    torch.__version__.split("+")[0],
    keras.__version__,
    np.__version__,
)

STACK = """
A network is a list of layers, joined by " | ":
    input N         a record of N numbers           ids N           a record of N ids
    dense N F       x.w + b, then F                 activation F    F alone
    norm            layer norm, epsilon 1e-3        embedding V W   rows of a table, V x W
    reduce A how    mean or sum over dimension A    reshape N M     another shape of the record
    mark            remember this output            add             add what was remembered
Weights of dense are (in, out). gelu is the exact one.
"""


def rounded(x, digits):
    """Values as text, and as the float32 that text stands for, in float64."""
    text = ["%.*g" % (digits, v) for v in np.asarray(x).ravel()]
    return text, torch.tensor(np.array([np.float32(t) for t in text], dtype=np.float64).reshape(np.shape(x)))


def brief(x):
    return " ".join("%.9g" % v for v in np.asarray(x.detach() if torch.is_tensor(x) else x).ravel())


class Net:
    """The weights of a stack of layers, drawn anew, and its forward pass."""

    def __init__(self, stack, rng):
        self.layers = [layer.split() for layer in stack.split(" | ")]
        self.weights, self.text, self.decays = [], [], []
        shape = []
        for kind, *how in self.layers:
            if kind in ("input", "ids"):
                shape = [int(how[0])]
            elif kind == "dense":
                n = int(how[0])
                self.draw(rng, (shape[-1], n), np.sqrt(1.5 / shape[-1]), True)
                self.draw(rng, (n,), 0.1, False)
                shape[-1] = n
            elif kind == "norm":
                self.draw(rng, (shape[-1],), 0.2, False, 1.0)
                self.draw(rng, (shape[-1],), 0.2, False)
            elif kind == "embedding":
                self.draw(rng, (int(how[0]), int(how[1])), 0.5, True)
                shape = shape + [int(how[1])]
            elif kind == "reduce":
                del shape[int(how[0])]
            elif kind == "reshape":
                shape = [int(n) for n in how]
        self.outputs = shape[-1]

    def draw(self, rng, shape, sd, decays, mean=0.0):
        text, value = rounded(rng.normal(mean, sd, size=shape), 4)
        self.weights.append(torch.nn.Parameter(value))
        self.text.append(text)
        self.decays.append(decays)

    def forward(self, x):
        weights = iter(self.weights)
        functions = {
            "linear": lambda t: t,
            "relu": torch.relu,
            "gelu": F.gelu,
            "tanh": torch.tanh,
            "sigmoid": torch.sigmoid,
        }
        for kind, *how in self.layers:
            if kind == "dense":
                x = functions[how[1]](x @ next(weights) + next(weights))
            elif kind == "activation":
                x = functions[how[0]](x)
            elif kind == "norm":
                x = F.layer_norm(x, x.shape[-1:], next(weights), next(weights), eps=1e-3)
            elif kind == "embedding":
                x = next(weights)[x]
            elif kind == "reduce":
                x = getattr(torch, how[1])(x, dim=int(how[0]) + 1)
            elif kind == "reshape":
                x = x.reshape([len(x)] + [int(n) for n in how])
            elif kind == "mark":
                marked = x
            elif kind == "add":
                x = x + marked
        return x

    def rows(self):
        for text, value in zip(self.text, self.weights):
            yield ["w", golden.ints(value.shape), " ".join(text)]


class Data:
    """n records for a network, and their targets; soft: probabilities."""

    def __init__(self, net, kind, n, rng):
        self.kind = kind
        name, width = net.layers[0][0], int(net.layers[0][1])
        if name == "ids":
            self.x = torch.tensor(rng.randint(0, int(net.layers[1][1]), size=(n, width)))
            self.x_text = [str(int(v)) for v in self.x.ravel()]
        else:
            self.x_text, self.x = rounded(rng.normal(size=(n, width)), 3)
        if kind == "labels":
            self.t = torch.tensor(rng.randint(0, net.outputs, size=n))
            self.t_text = [str(int(v)) for v in self.t]
        elif kind == "soft":
            parts = rng.multinomial(16, np.ones(net.outputs) / net.outputs, size=n)
            self.t_text, self.t = rounded(parts / 16, 6)
        else:
            self.t_text, self.t = rounded(rng.normal(size=(n, net.outputs)), 3)

    def rows(self):
        yield ["x", " ".join(self.x_text)]
        yield ["t", " ".join(self.t_text)]


def loss_of(logits, data, rows, smoothing=0.0, weights=None):
    """Mean over the rows, also when classes weigh: Keras's class_weight."""
    t = data.t[rows]
    if data.kind == "target":
        return F.mse_loss(logits, t)
    each = F.cross_entropy(logits, t, reduction="none", label_smoothing=smoothing)
    if weights is not None:
        each = each * torch.tensor(weights)[t if data.kind == "labels" else t.argmax(1)]
    return each.mean()


def gradients():
    cases = [
        ("relu", "input 6 | dense 7 relu | dense 5 relu | dense 3 linear", "labels", 0, None),
        ("gelu", "input 6 | dense 7 gelu | dense 3 linear", "labels", 0, None),
        ("tanh", "input 6 | dense 7 tanh | dense 3 linear", "labels", 0, None),
        ("sigmoid", "input 6 | dense 7 sigmoid | dense 3 linear", "labels", 0, None),
        ("activations alone", "input 6 | dense 7 linear | activation gelu | dense 3 linear", "labels", 0, None),
        ("layer norm", "input 6 | dense 8 linear | norm | activation relu | dense 3 linear", "labels", 0, None),
        ("layer norm first", "input 6 | norm | dense 5 tanh | norm | dense 4 linear", "labels", 0, None),
        ("residual", "input 6 | dense 6 tanh | mark | dense 6 gelu | add | dense 3 linear", "labels", 0, None),
        ("embedding, mean", "ids 4 | embedding 9 5 | reduce 0 mean | dense 4 relu | dense 2 linear", "labels", 0, None),
        ("embedding, sum", "ids 4 | embedding 9 5 | reduce 0 sum | dense 3 linear", "labels", 0, None),
        ("dense on each of several", "input 6 | reshape 2 3 | dense 4 tanh | reduce 0 mean | dense 3 linear", "labels", 0, None),
        ("regression", "input 6 | dense 7 tanh | dense 2 linear", "target", 0, None),
        ("regression, one output", "input 6 | dense 7 relu | dense 1 linear", "target", 0, None),
        ("label smoothing", "input 6 | dense 7 relu | dense 4 linear", "labels", 0.125, None),
        ("class weights", "input 6 | dense 7 relu | dense 3 linear", "labels", 0, [0.5, 2.0, 1.25]),
        ("class weights, smoothing", "input 6 | dense 7 tanh | dense 3 linear", "labels", 0.25, [0.5, 2.0, 1.25]),
        ("soft labels", "input 6 | dense 7 relu | dense 3 linear", "soft", 0, None),
        ("soft labels, smoothing", "input 6 | dense 7 gelu | dense 3 linear", "soft", 0.125, None),
        ("two classes", "input 6 | dense 2 linear", "labels", 0, None),
    ]
    for i, (name, stack, kind, smoothing, weights) in enumerate(cases):
        rng = np.random.RandomState(100 + i)
        net, n = Net(stack, rng), 5 + i % 4
        data = Data(net, kind, n, rng)
        logits = net.forward(data.x)
        loss = loss_of(logits, data, slice(None), smoothing, weights)
        loss.backward()
        yield ["case", name, stack, kind, n, golden.real(smoothing), "" if weights is None else golden.reals(weights)]
        yield from net.rows()
        yield from data.rows()
        yield ["loss", "%.12g" % loss.item()]
        yield ["output", brief(logits if kind == "target" else torch.softmax(logits, 1))]
        for w in net.weights:
            yield ["g", brief(w.grad)]


BATCH, BATCHES, STEPS = 8, 5, 100
MLP = "input 6 | dense 8 relu | dense 3 linear"
SMOOTH = "input 6 | dense 8 tanh | dense 3 linear"


def pytorch(make, clip_value=0.0):
    def steps(net, loss_at):
        optimizer = make(net)
        for t in range(STEPS):
            optimizer.zero_grad()
            loss = loss_at(t)
            loss.backward()
            if clip_value:
                torch.nn.utils.clip_grad_value_(net.weights, clip_value)
            optimizer.step()
            yield loss.item()

    return steps


def groups(net, decay):
    return [
        {"params": [w for w, d in zip(net.weights, net.decays) if d], "weight_decay": decay},
        {"params": [w for w, d in zip(net.weights, net.decays) if not d], "weight_decay": 0.0},
    ]


def by_keras(optimizer):
    def steps(net, loss_at):
        variables = [keras.Variable(w.detach().numpy()) for w in net.weights]
        net.weights = [v.value for v in variables]
        if optimizer.weight_decay:
            optimizer.exclude_from_weight_decay(var_list=[v for v, d in zip(variables, net.decays) if not d])
        optimizer.build(variables)
        for t in range(STEPS):
            loss = loss_at(t)
            for w in net.weights:
                w.grad = None
            loss.backward()
            with torch.no_grad():
                optimizer.apply([w.grad for w in net.weights])
            yield loss.item()

    return steps


def training():
    k, s = keras.optimizers, keras.optimizers.schedules
    sgd, adam = torch.optim.SGD, torch.optim.Adam
    trainings = [
        ("sgd learning_rate=0.1", "pytorch", MLP, "labels", pytorch(lambda n: sgd(n.weights, 0.1))),
        ("sgd learning_rate=0.02 momentum=0.9", "pytorch", MLP, "labels",
         pytorch(lambda n: sgd(n.weights, 0.02, momentum=0.9))),
        ("sgd learning_rate=0.02 momentum=0.9 nesterov=1", "pytorch", MLP, "labels",
         pytorch(lambda n: sgd(n.weights, 0.02, momentum=0.9, nesterov=True))),
        ("sgd learning_rate=0.02 momentum=0.9 nesterov=1", "keras", SMOOTH, "target",
         by_keras(k.SGD(0.02, momentum=0.9, nesterov=True))),
        ("sgd learning_rate=0.1 weight_decay=0.05", "keras", MLP, "labels", by_keras(k.SGD(0.1, weight_decay=0.05))),
        ("adam", "keras", MLP, "labels", by_keras(k.Adam())),
        ("adam learning_rate=0.02 epsilon=0.01", "keras", MLP, "labels", by_keras(k.Adam(0.02, epsilon=0.01))),
        ("adam learning_rate=0.02 epsilon=1e-12", "pytorch", MLP, "labels",
         pytorch(lambda n: adam(n.weights, 0.02, eps=1e-12))),
        ("adam learning_rate=0.01 beta1=0.8 beta2=0.95", "keras", "ids 4 | embedding 9 5 | reduce 0 mean | dense 3 linear",
         "labels", by_keras(k.Adam(0.01, beta_1=0.8, beta_2=0.95))),
        ("adam learning_rate=0.01", "keras", "input 6 | dense 8 linear | norm | activation relu | dense 3 linear", "labels",
         by_keras(k.Adam(0.01))),
        ("adamw learning_rate=0.01", "keras", MLP, "labels", by_keras(k.AdamW(0.01))),
        ("adamw learning_rate=0.02 epsilon=1e-12 weight_decay=0.5", "pytorch",
         "input 6 | dense 8 tanh | norm | dense 8 tanh | dense 3 linear", "labels",
         pytorch(lambda n: torch.optim.AdamW(groups(n, 0.5), 0.02, eps=1e-12))),
        ("rmsprop", "keras", MLP, "labels", by_keras(k.RMSprop())),
        ("rmsprop learning_rate=0.005 rho=0.8 momentum=0.5 epsilon=0.001", "keras", SMOOTH, "target",
         by_keras(k.RMSprop(0.005, rho=0.8, momentum=0.5, epsilon=1e-3))),
        ("sgd learning_rate=0.2 clip_norm=0.3", "keras", MLP, "labels", by_keras(k.SGD(0.2, global_clipnorm=0.3))),
        ("adam learning_rate=0.02 clip_norm=0.2", "keras", MLP, "labels", by_keras(k.Adam(0.02, global_clipnorm=0.2))),
        ("sgd learning_rate=0.2 clip_value=0.03", "pytorch", MLP, "labels",
         pytorch(lambda n: sgd(n.weights, 0.2), 0.03)),
        ("sgd learning_rate=0.1 momentum=0.5 accumulate=4", "keras", MLP, "labels",
         by_keras(k.SGD(0.1, momentum=0.5, gradient_accumulation_steps=4))),
        ("adam learning_rate=0.02 accumulate=3 clip_norm=0.2 weight_decay=0.1", "keras", MLP, "labels",
         by_keras(k.Adam(0.02, gradient_accumulation_steps=3, global_clipnorm=0.2, weight_decay=0.1))),
        ("sgd learning_rate=0.1 momentum=0.9 schedule=cosine decay_steps=70 warmup_steps=20 alpha=0.1", "keras", SMOOTH,
         "labels", by_keras(k.SGD(s.CosineDecay(0.0, 70, alpha=0.1, warmup_target=0.1, warmup_steps=20), momentum=0.9))),
        ("adam learning_rate=0.05 schedule=step decay_steps=30 decay_rate=0.5", "keras", SMOOTH, "target",
         by_keras(k.Adam(s.ExponentialDecay(0.05, 30, 0.5, staircase=True)))),
    ]
    for i, (name, reference, stack, kind, run) in enumerate(trainings):
        rng = np.random.RandomState(200 + i)
        net = Net(stack, rng)
        data = Data(net, kind, BATCH * BATCHES, rng)
        yield ["train", name, reference, stack, kind]
        yield from net.rows()
        yield from data.rows()

        def loss_at(t):
            rows = slice(t % BATCHES * BATCH, (t % BATCHES + 1) * BATCH)
            return loss_of(net.forward(data.x[rows]), data, rows)

        yield ["losses", " ".join("%.9g" % v for v in run(net, loss_at))]
        for w in net.weights:
            yield ["end", brief(w)]


def schedules():
    s = keras.optimizers.schedules
    cases = [
        ("learning_rate=0.1 schedule=step decay_steps=10 decay_rate=0.5", s.ExponentialDecay(0.1, 10, 0.5, staircase=True)),
        ("learning_rate=0.003 schedule=step decay_steps=7 decay_rate=0.9",
         s.ExponentialDecay(0.003, 7, 0.9, staircase=True)),
        ("learning_rate=0.1 schedule=cosine decay_steps=40", s.CosineDecay(0.1, 40)),
        ("learning_rate=0.1 schedule=cosine decay_steps=40 alpha=0.25", s.CosineDecay(0.1, 40, alpha=0.25)),
        ("learning_rate=0.5 schedule=cosine decay_steps=30 warmup_steps=12 alpha=0.01",
         s.CosineDecay(0.0, 30, alpha=0.01, warmup_target=0.5, warmup_steps=12)),
    ]
    for name, schedule in cases:
        yield ["rates", name, " ".join("%.15g" % float(schedule(t)) for t in range(60))]
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], 0.1)
    for name, schedule in (
        ("learning_rate=0.1 schedule=step decay_steps=8 decay_rate=0.3", torch.optim.lr_scheduler.StepLR(optimizer, 8, 0.3)),
    ):
        rates = []
        for t in range(60):
            rates.append(schedule.get_last_lr()[0])
            optimizer.step()
            schedule.step()
        yield ["rates", name, " ".join("%.15g" % v for v in rates)]
    for make in (keras.optimizers.SGD, keras.optimizers.Adam, keras.optimizers.AdamW, keras.optimizers.RMSprop):
        config = make().get_config()
        known = ("learning_rate", "momentum", "beta_1", "beta_2", "rho", "epsilon", "weight_decay")
        yield ["defaults", make.__name__.lower()] + ["%s %s" % (key, golden.real(config[key] or 0)) for key in known if key in config]


golden.write(
    "nn_gradients.tsv",
    STACK
    + """
rows: case, name, layers, targets (labels, soft, target), records, label smoothing, class weights
      w, shape, values of a parameter; x, all inputs; t, all targets
      loss, its mean over the records; output, probabilities (target: predictions)
      g, the gradient of the mean loss with respect to each parameter
""",
    list(gradients()),
)
golden.write(
    "nn_training.tsv",
    STACK
    + """
rows: train, optimizer and its settings, reference, layers, targets
      w, x, t as in nn_gradients.tsv: 40 records, 5 batches of 8, step i takes batch i modulo 5
      losses, the mean loss of each of 100 steps' batches, before the step; end, each parameter behind the last step
""",
    list(training()),
)
golden.write(
    "nn_schedules.tsv",
    """
rows: rates, schedule, the learning rate of steps 0, 1, ...
      defaults, rule, name and value of what Keras's constructors choose
""",
    list(schedules()),
)
