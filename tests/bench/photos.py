"""Class folders of JPEG photos for the bench: links to real ones, or drawn ones of the same sizes and numbers.

Looked for in SLUICE_DATA and its folder images/: flowers (photos of mixed size), flowers224 (224 × 224) and cifar10
(32 × 32), each with train/CLASS/*.jpg. What is not there is drawn, if Pillow and NumPy are installed: each class has
its own colours and waves, with noise, so that a network has something to learn and a decoder something to do.
"""

import os
import shutil

# name: (parts, classes, photos a class and part, width, height)
DRAWN = {
    "flowers": (("train", "val"), 5, 40, 500, 375),
    "flowers224": (("train", "test"), 12, 60, 224, 224),
    "cifar10": (("train", "test"), 10, 200, 32, 32),
}


def draw(folder, parts, classes, number, width, height):
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(20240229)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / max(width, height)
    for part in parts:
        for c in range(classes):
            at = os.path.join(folder, part, "class%02d" % c)
            os.makedirs(at, exist_ok=True)
            for i in range(number):
                angle, phase = rng.uniform(0, np.pi), rng.uniform(0, 2 * np.pi)
                wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 6 * (c + 1) + phase)
                colour = np.array([(c * 37) % 200, (c * 91) % 200, (c * 53) % 200], np.float32)
                pixels = 28 + colour + 40 * wave[:, :, None] + rng.normal(0, 20, (height, width, 3))
                photo = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
                photo.save(os.path.join(at, "%04d.jpg" % i), quality=90)


def find(data, name):
    for folder in (os.path.join(data, "images"), data) if data else ():
        if os.path.isdir(os.path.join(folder, name, "train")):
            return os.path.abspath(os.path.join(folder, name))
    return None


def some(source, target, number):
    """A folder with the first photos of each class of another, as links."""
    if os.path.isdir(target) or not os.path.isdir(source):
        return
    for name in sorted(os.listdir(source)):
        os.makedirs(os.path.join(target, name))
        for photo in sorted(os.listdir(os.path.join(source, name)))[:number]:
            os.symlink(os.path.realpath(os.path.join(source, name, photo)), os.path.join(target, name, photo))


def many(source, target, number):
    """A folder of many files in few classes: copies of some photos, the rest hard links to them."""
    if os.path.isdir(target) or not os.path.isdir(source):
        return
    shutil.rmtree(target + ".part", ignore_errors=True)
    classes = sorted(os.listdir(source))[:10]
    for name in classes:
        at = os.path.join(target + ".part", name)
        os.makedirs(at)
        photos = sorted(os.listdir(os.path.join(source, name)))[:20]
        for i in range(number // len(classes)):
            path = os.path.join(at, "%06d.jpg" % i)
            if i < len(photos):
                shutil.copyfile(os.path.join(source, name, photos[i]), path)
            else:
                os.link(os.path.join(at, "%06d.jpg" % (i % len(photos))), path)
    os.rename(target + ".part", target)


def prepare(data, work):
    """Put the folders into the folder work; returns a sentence that says which ones they are."""
    told = []
    for name, shape in DRAWN.items():
        target, real = os.path.join(work, name), find(data, name)
        if os.path.islink(target):
            os.remove(target)
        if real and not os.path.isdir(target):
            os.symlink(real, target)
        elif not os.path.isdir(target):
            try:
                draw(target + ".part", *shape)
            except ImportError as e:
                told.append("%s missing (%s)" % (name, e))
                continue
            os.rename(target + ".part", target)
        told.append("%s %s" % (name, "real" if os.path.islink(target) else "drawn"))
    some(os.path.join(work, "flowers224", "train"), os.path.join(work, "few224", "train"), 8)
    some(os.path.join(work, "cifar10", "train"), os.path.join(work, "few32", "train"), 200)
    some(os.path.join(work, "cifar10", "test"), os.path.join(work, "few32", "test"), 50)
    for number in (1000, int(os.environ.get("BENCH_FILES", "100000"))):
        many(os.path.join(work, "flowers224", "train"), os.path.join(work, "files%d" % number), number)
    return "photos: " + ", ".join(told)
