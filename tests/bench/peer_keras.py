"""The picture job as one writes it with Keras and tf.data. Usage: peer_keras.py FOLDER BATCH EPOCHS [SEED]

Prints the facts as one JSON object, by the names that "sluice run --json" uses; "rate": samples a second of the
training loop, median over its epochs.
"""

import gzip
import json
import os
import statistics
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf


def read(folder, name, offset):
    with gzip.open("%s/%s-ubyte.gz" % (folder, name)) as f:
        return np.frombuffer(f.read(), np.uint8, offset=offset)


def load(folder, part):
    return read(folder, part + "-images-idx3", 16).reshape(-1, 28, 28), read(folder, part + "-labels-idx1", 8)


class Rates(tf.keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.began)


def main():
    folder, batch, epochs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    tf.keras.utils.set_random_seed(int(sys.argv[4]) if len(sys.argv) > 4 else 0)
    x, y = load(folder, "train")
    x_test, y_test = load(folder, "t10k")

    def scale(image, label):
        return tf.cast(image, tf.float32) / 255.0, label

    train = tf.data.Dataset.from_tensor_slices((x, y)).map(scale, num_parallel_calls=tf.data.AUTOTUNE)
    train = train.cache().shuffle(len(x)).batch(batch).prefetch(tf.data.AUTOTUNE)
    test = tf.data.Dataset.from_tensor_slices((x_test, y_test)).map(scale, num_parallel_calls=tf.data.AUTOTUNE)
    test = test.batch(batch).cache().prefetch(tf.data.AUTOTUNE)
    model = tf.keras.models.Sequential(
        [
            tf.keras.layers.Input((28, 28)),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(128, activation="relu"),
            tf.keras.layers.Dense(10),
        ]
    )
    model.compile(
        optimizer=tf.keras.optimizers.Adam(0.001),
        loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    rates = Rates()
    model.fit(train, epochs=epochs, verbose=0, callbacks=[rates])
    loss, accuracy = model.evaluate(test, verbose=0)
    print(
        json.dumps(
            {
                "records": len(x) + len(x_test),
                "accuracy": accuracy,
                "log_loss": loss,
                "rate": len(x) / statistics.median(rates.seconds),
            }
        )
    )


if __name__ == "__main__":
    main()
