"""The input pipeline alone, as one writes it with Keras or PyTorch. Usage: peer_pictures.py PROGRAM FOLDER EPOCHS

PROGRAM is keras (ImageDataGenerator, two threads), keras-processes (the same, two processes) or torch (DataLoader and
torchvision's transforms, two workers). Batches are made and thrown away. Prints one JSON object: "rate", pictures a
second, median over the epochs; "first", that of the first epoch, in which workers are started.
"""

import json
import multiprocessing.pool
import os
import statistics
import sys
import time

WORKERS, BATCH, SIDE = 2, 32, 224


def start(flow):
    global source
    source = flow


def batch(i):
    return source[i]


def keras(folder, epochs, processes):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    generator = ImageDataGenerator(
        rescale=1 / 255, rotation_range=20, width_shift_range=0.2, height_shift_range=0.2, horizontal_flip=True
    )
    flow = generator.flow_from_directory(folder, target_size=(SIDE, SIDE), batch_size=BATCH, class_mode="categorical")
    flow[0]  # the order of the first epoch is drawn
    pool = multiprocessing.get_context("fork").Pool if processes else multiprocessing.pool.ThreadPool
    with pool(WORKERS, start, (flow,)) as workers:
        for _ in range(epochs):
            began = time.perf_counter()
            seen = sum(len(x) for x, _ in workers.imap(batch, range(len(flow))))
            yield seen, time.perf_counter() - began


def torch(folder, epochs):
    from torch.utils.data import DataLoader
    from torchvision import datasets, transforms

    change = transforms.Compose(
        [
            transforms.Resize((SIDE, SIDE)),
            transforms.RandomAffine(20, translate=(0.2, 0.2), interpolation=transforms.InterpolationMode.BILINEAR),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
        ]
    )
    loader = DataLoader(
        datasets.ImageFolder(folder, change), BATCH, shuffle=True, num_workers=WORKERS, persistent_workers=True
    )
    for _ in range(epochs):
        began = time.perf_counter()
        seen = sum(len(x) for x, _ in loader)
        yield seen, time.perf_counter() - began


def main():
    program, folder, epochs = sys.argv[1], sys.argv[2], int(sys.argv[3])
    run = torch(folder, epochs) if program == "torch" else keras(folder, epochs, program == "keras-processes")
    rates = [seen / seconds for seen, seconds in run]
    print(json.dumps({"rate": statistics.median(rates), "first": rates[0]}), flush=True)


if __name__ == "__main__":
    main()
