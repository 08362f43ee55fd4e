"""image_resize.tsv, image_affine.tsv, image_rand.tsv: picture arithmetic by Pillow, Keras and torchvision.

Command: python3 tests/golden/make_images.py   (requirements_images.txt)
"""

import os
import platform

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import PIL
import scipy
import torch
import torchvision
from keras.src.legacy.preprocessing import image as legacy
from PIL import Image, ImageOps
from torchvision.transforms import InterpolationMode
from torchvision.transforms.autoaugment import RandAugment, _apply_op

import golden

golden.versions = lambda: "Python %s, Pillow %s, Keras %s, SciPy %s, torchvision %s, PyTorch %s, numpy %s" % (
    platform.python_version(),
    PIL.__version__,
    keras.__version__,
    scipy.__version__,
    torchvision.__version__.split("+")[0],
    torch.__version__.split("+")[0],
    np.__version__,
)

PICTURE = """
A picture is WIDTH HEIGHT CHANNELS SEED: its bytes, row after row, are xorshift64* numbers (golden_random in
tests/unit/base/text_golden.h) below 448, less 96, cut to 0...255: many are 0 or 255.
"""
MASK = 2**64 - 1


def picture(width, height, channels, seed):
    state, out = seed, []
    for _ in range(width * height * channels):
        state ^= state >> 12
        state = (state ^ (state << 25)) & MASK
        state ^= state >> 27
        v = (((state * 0x2545F4914F6CDD1D) & MASK) >> 33) % 448
        out.append(min(max(v - 96, 0), 255))
    return np.array(out, np.uint8).reshape(height, width, channels)


def pil(x):
    modes = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
    return Image.fromarray(x[:, :, 0] if x.shape[2] == 1 else x, modes[x.shape[2]])


FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "area": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "hamming": Image.Resampling.HAMMING,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def keras_crop(image, size, how):
    """What load_img does with keep_aspect_ratio=True, for a picture in memory."""
    width, height = image.size
    high, wide = min(height, width * size[1] // size[0]), min(width, height * size[0] // size[1])
    top, left = (height - high) // 2, (width - wide) // 2
    return image.resize(size, how, box=[left, top, left + wide, top + high])


def resized(shape, size, name, fit):
    image, how = pil(picture(*shape)), FILTERS[name]
    if fit == "stretch":
        out = image.resize(size, how)
    elif fit == "crop":
        out = keras_crop(image, size, how)
    else:
        out = ImageOps.pad(image, size, how, color=(10, 20, 30, 40)[: shape[2]] if shape[2] > 1 else 10)
    return np.asarray(out).tobytes()


def resize_rows():
    small = [
        ((23, 17, 3, 1), (9, 7), "stretch"),
        ((9, 7, 3, 2), (16, 11), "stretch"),
        ((40, 9, 3, 3), (7, 13), "stretch"),
        ((19, 12, 3, 4), (19, 5), "stretch"),
        ((12, 19, 3, 5), (6, 19), "stretch"),
        ((1, 5, 3, 6), (4, 2), "stretch"),
        ((21, 14, 1, 7), (8, 9), "stretch"),
        ((15, 16, 2, 8), (7, 10), "stretch"),
        ((15, 16, 4, 9), (7, 10), "stretch"),
        ((31, 14, 3, 10), (8, 8), "crop"),
        ((13, 30, 3, 11), (10, 7), "crop"),
        ((31, 14, 3, 12), (10, 8), "pad"),
        ((13, 30, 3, 13), (7, 9), "pad"),
    ]
    large = [
        ((500, 375, 3, 21), (224, 224)),
        ((375, 500, 1, 22), (224, 224)),
        ((101, 67, 3, 23), (224, 300)),
        ((333, 257, 4, 24), (100, 99)),
        ((1, 1, 3, 25), (64, 33)),
        ((700, 3, 3, 26), (5, 90)),
        ((97, 211, 2, 27), (96, 212)),
    ]
    rows = []
    for name in FILTERS:
        for shape, size, fit in small:
            digits = resized(shape, size, name, fit).hex()
            rows.append(["pixels", name, fit, golden.ints(shape), golden.ints(size), digits])
        for shape, size in large:
            total = golden.checksum(resized(shape, size, name, "stretch"))
            rows.append(["checksum", name, "stretch", golden.ints(shape), golden.ints(size), str(total)])
    return rows


golden.write(
    "image_resize.tsv",
    PICTURE
    + """
rows: pixels, filter, fit, picture, WIDTH HEIGHT wanted, Pillow's bytes in hexadecimal
      checksum, the same, the checksum of the bytes
fit stretch is Image.resize, crop is Keras's load_img with keep_aspect_ratio, pad is ImageOps.pad with the colour
10 20 30 40
""",
    resize_rows(),
)

TRANSFORMS = [
    {"theta": 20.0},
    {"theta": -137.5},
    {"tx": 3.25, "ty": -1.5},
    {"tx": -4.0, "ty": 2.0},
    {"shear": 18.0},
    {"zx": 0.7, "zy": 1.4},
    {"zx": 1.9, "zy": 1.6, "tx": 7.0},
    {"theta": 33.0, "tx": 2.7, "ty": 4.1, "shear": -12.0, "zx": 1.3, "zy": 0.8},
    {"theta": 170.0, "tx": 30.5, "ty": -41.25, "zx": 2.5, "zy": 2.5},
]
AFTER = [
    {"flip_horizontal": True},
    {"flip_vertical": True, "theta": 11.0},
    {"flip_horizontal": True, "flip_vertical": True, "tx": 1.75, "zx": 0.9, "zy": 0.9},
    {"channel_shift_intensity": 40.3, "theta": 5.0},
    {"channel_shift_intensity": -61.7},
    {"brightness": 0.63, "theta": -8.0},
    {"brightness": 1.42},
    {"theta": 15.5, "ty": 2.2, "shear": 7.0, "zx": 0.95, "zy": 1.05, "channel_shift_intensity": 12.5,
     "flip_horizontal": True, "flip_vertical": True, "brightness": 1.1},
]  # fmt: skip
NAMES = ["theta", "tx", "ty", "shear", "zx", "zy", "flip_horizontal", "flip_vertical"]
NAMES += ["channel_shift_intensity", "brightness"]
NONE = dict(zip(NAMES, [0, 0, 0, 0, 1, 1, False, False, None, None]))


def affine_row(shape, given, fill_mode, cval):
    numbers = {**NONE, **given}
    made = legacy.ImageDataGenerator(fill_mode=fill_mode, cval=cval)
    out = made.apply_transform(picture(*shape).astype("float32"), numbers)
    shown = " ".join("%s=%s" % (k, golden.real(v)) for k, v in numbers.items() if v is not None)
    digits = "".join("%04x" % round(float(v) * 256) for v in np.asarray(out).ravel())
    return [golden.ints(shape), fill_mode, golden.real(cval), shown, digits]


def affine_rows():
    rows = []
    for i, given in enumerate(TRANSFORMS):
        for fill_mode in ("nearest", "constant", "reflect", "wrap"):
            if i == 7 or (i + len(fill_mode)) % 2:
                rows.append(affine_row((11, 8, 3, 30 + i), given, fill_mode, 77.0 if i % 2 else 0.0))
        rows.append(affine_row((9, 9, 3, 50 + i), given, ("reflect", "constant", "wrap", "nearest")[i % 4], 128.5))
    for i, given in enumerate(AFTER):
        rows.append(affine_row((14, 10, 3, 70 + i), given, ("nearest", "reflect")[i % 2], 0.0))
    rows.append(affine_row((16, 16, 1, 80), TRANSFORMS[7], "nearest", 0.0))
    rows.append(affine_row((16, 16, 4, 81), TRANSFORMS[7], "wrap", 0.0))
    rows.append(affine_row((32, 24, 3, 82), TRANSFORMS[7], "reflect", 0.0))
    return rows


golden.write(
    "image_affine.tsv",
    PICTURE
    + """
ImageDataGenerator(fill_mode, cval).apply_transform(picture as float32, numbers)
rows: picture, fill_mode, cval, numbers by name, each float of the result times 256, rounded, as four hexadecimal digits
""",
    affine_rows(),
)


def rand_rows():
    rows = []
    space = RandAugment()._augmentation_space(31, (19, 22))
    for kind, name in enumerate(space):
        magnitudes, signed = space[name]
        for i, bin_ in enumerate((9, 25) if magnitudes.ndim else (0,)):
            m = float(magnitudes[bin_]) if magnitudes.ndim else 0.0
            m = -m if signed and i else m
            shape = (22, 19, 3, 90 + kind) if kind < 12 else (14, 21, 3, 90 + kind)
            x = picture(*shape) // 2 + 30 if name == "AutoContrast" else picture(*shape)
            out = _apply_op(pil(x), name, m, InterpolationMode.NEAREST, None)
            rows.append(["op", kind, bin_, i, golden.real(m), golden.ints(shape), np.asarray(out).tobytes().hex()])
    for bins in (31, 10):
        space = RandAugment()._augmentation_space(bins, (224, 300))
        for kind, (magnitudes, _) in enumerate(space.values()):
            if magnitudes.ndim:
                rows.append(["magnitudes", kind, bins, golden.reals(magnitudes)])
    return rows


golden.write(
    "image_rand.tsv",
    PICTURE
    + """
torchvision's RandAugment, its ops by their number in its table
rows: op, number, bin of 31, whether the sign is turned, magnitude, picture, bytes of the result in hexadecimal; the
      picture of op 12 is halved (whole numbers), plus 30
      magnitudes, number, bins, the magnitudes of all bins for a picture of 300 x 224
""",
    rand_rows(),
)
