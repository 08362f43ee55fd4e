"""The film-review corpus that the bench reads: the real one if it is there, else a drawn one of the same shape.

Real: imdb50k.csv or imdb50k.csv.xz in the folder SLUICE_DATA or its imdb/ (50,000 reviews, 66 MB).
Drawn: 50,000 reviews of Zipf-distributed words (the stop words, then made-up ones), in which a few hundred lean to one
label; about the same size, share of tags, quotes and vocabulary. Times on it compare with times on it only.
"""

import bisect
import csv
import itertools
import lzma
import os
import random
import shutil

NAME = "imdb50k.csv"
RECORDS = 50000
WORDS = 100000
LEANING = 400
STOPWORDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden", "stopwords.txt")


def unpack(source, target):
    opener = lzma.open if source.endswith(".xz") else open
    with opener(source, "rb") as a, open(target + ".part", "wb") as b:
        shutil.copyfileobj(a, b, 1 << 20)
    os.replace(target + ".part", target)


def vocabulary(rng):
    vowels, consonants = "aeiou", "bcdfghjklmnprstvwz"
    with open(STOPWORDS, encoding="utf-8") as f:
        words = [line.strip() for line in f if not line.startswith("#")]
    words.sort(key=lambda w: (len(w), w))
    seen = set(words)
    while len(words) < WORDS:
        n = 1 + min(len(words) // 40, 1) + (rng.random() < 0.6) + (rng.random() < 0.25)
        word = "".join(rng.choice(consonants) + rng.choice(vowels) for _ in range(n)) + rng.choice(["", "n", "s", "r"])
        if word not in seen:
            seen.add(word)
            words.append(word)
    return words


def review(rng, words, cumulative, positive):
    n = min(2500, max(8, int(rng.lognormvariate(5.13, 0.65))))
    lean = rng.gauss(0.045 if positive else -0.045, 0.04)
    out = []
    for rank in (bisect.bisect_left(cumulative, rng.random()) for _ in range(n)):
        if rng.random() < abs(lean):
            rank = 400 + 2 * rng.randrange(LEANING // 2) + (lean > 0)
        out.append(words[rank])
    for i in range(0, n, 13):
        out[i] = out[i].capitalize()
        if i:
            out[i - 1] += rng.choice([".", ".", ",", "!", "?", ";"])
    if rng.random() < 0.58:
        for _ in range(1 + n // 120):
            out[rng.randrange(n)] += ".<br /><br />"
    if rng.random() < 0.3:
        i = rng.randrange(n)
        out[i] = '"' + out[i] + '"'
    return " ".join(out) + "."


def draw(target):
    rng = random.Random(20240229)
    words = vocabulary(rng)
    weights = list(itertools.accumulate(1.0 / (i + 2.7) for i in range(WORDS)))
    cumulative = [w / weights[-1] for w in weights]
    with open(target + ".part", "w", encoding="utf-8", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["review_text", "sentiment"])
        for _ in range(RECORDS):
            positive = rng.random() < 0.5
            out.writerow([review(rng, words, cumulative, positive), "positive" if positive else "negative"])
    os.replace(target + ".part", target)


def prepare(data, work):
    """Put the corpus into the folder work; returns a sentence that says which one it is."""
    target = os.path.join(work, NAME)
    for folder in (data, os.path.join(data, "imdb")) if data else ():
        for name in (NAME, NAME + ".xz"):
            source = os.path.join(folder, name)
            if not os.path.exists(source):
                continue
            stamp = target + ".real"
            if not (os.path.exists(stamp) and os.path.exists(target)):
                unpack(source, target)
                open(stamp, "w").close()
            return "imdb50k.csv, the 50,000 film reviews"
    if os.path.exists(target + ".real"):
        os.remove(target + ".real")
        os.remove(target)
    if not os.path.exists(target):
        draw(target)
    return "a drawn corpus of the same shape as the 50,000 film reviews (the real one was not found; set SLUICE_DATA)"
