"""nn_safetensors.tsv: small files as the package safetensors writes them, byte for byte.

Command: python3 tests/golden/make_safetensors.py        (with tests/golden/requirements_nn.txt)
"""

import platform

import numpy as np
import safetensors
import torch
from safetensors.torch import load, save

import golden

golden.versions = lambda: "Python %s, PyTorch %s, safetensors %s" % (
    platform.python_version(),
    torch.__version__.split("+")[0],
    safetensors.__version__,
)
ABOUT = """
A network of 3 inputs, 4 hidden and 2 outputs, as PyTorch's state_dict: weights are (out, in).
rows: file, name, the bytes in base 16
      tensor, name, shape, the values as float32 has them (float16, bfloat16: those kinds' values)
"""


def network(rng):
    layers = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    names = {"0": "dense_1", "2": "dense_2"}
    with torch.no_grad():
        for p in layers.parameters():
            p.copy_(torch.tensor(rng.normal(size=p.shape)))
        layers[0].bias[:] = torch.tensor([0.0, -0.0, 3e-6, -60000.0])  # float16: a subnormal, and near its end
    return {names[k[0]] + k[1:]: v for k, v in layers.state_dict().items()}


def rows():
    rng = np.random.RandomState(5)
    plain = network(rng)
    files = {
        "F32": save(plain, metadata={"format": "pt", "made": 'by "torch" \u00fc'}),
        "F16": save({k: v.half() for k, v in plain.items()}),
        "BF16": save({k: v.bfloat16() for k, v in plain.items()}),
        "F64": save({k: v.double() / 3 for k, v in plain.items()}),
        "mixed": save(
            dict(
                {k: v.half() if "bias" in k else v for k, v in plain.items()},
                step=torch.tensor(7),
                empty=torch.zeros(0, 5),
                mask=torch.tensor([True, False, True]),
                **{"nam\u00e9 \"x\"\n": torch.ones(2, 2, 1, 1, 1)},
            )
        ),
    }
    for name, data in files.items():
        yield ["file", name, data.hex()]
        for key in plain:
            value = load(data)[key].float()
            yield ["tensor", key, golden.ints(value.shape), golden.reals(value.ravel())]


golden.write("nn_safetensors.tsv", ABOUT, list(rows()))
