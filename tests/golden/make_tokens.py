"""tokens.tsv, wordchars.txt, lowercase.txt: Python's lower-casing and the words of scikit-learn's token pattern.

Command: python3 tests/golden/make_tokens.py
"""

import re
import sys
import unicodedata

import golden

TEXTS = [
    "",
    " ",
    "a",
    "ab",
    "a b c",
    "The quick brown fox",
    "I'm don't can't o'clock 'quoted'",
    "rock'n'roll",
    "snake_case __init__ _ __ a_ _b",
    "x1 1x 12 3 4567 1,234.56",
    "e-mail re-enter co-op",
    "C++ C# .NET a.b.c U.S.A.",
    "tab\tseparated\twords",
    "line\nbreak\r\nand\rCR",
    "nul\x00inside and bell\x07here",
    "UPPER Lower MiXeD",
    "caf\u00e9 na\u00efve \u00c9COLE \u00c0 \u00e0 la",
    "cafe\u0301 E\u0301cole n\u0303o",
    "Stra\u00dfe STRASSE GRO\u00df \u1e9e",
    "\u0130stanbul I\u0131\u0130i D\u0130YARBAKIR",
    "\u039f\u0394\u039f\u03a3 \u03a3 \u03a3\u0391\u03a3 \u0391\u03a3. \u03a3\u03a3\u03a3",
    "\u0391\u03a3\u0301 \u0391\u03a3\u00ad\u0391 A\u03a3' A\u03a3'b \u0391\u03a3-\u0391",
    "\u0391\u03a3:\u0391 \u0391:\u03a3 .\u03a3 1\u03a3 \u03a31 \u0301\u03a3",
    "\u041c\u043e\u0441\u043a\u0432\u0430 \u0401\u041b\u041a\u0410 \u0439",
    "\u4e2d\u6587\u5b57\u7b26 \u6771\u4eac\u90fd \u6f22",
    "\u3053\u3093\u306b\u3061\u306f \u30ab\u30bf\u30ab\u30ca\u30fc \u3042",
    "\ud55c\uad6d\uc5b4 \uac00 \u1100\u1161",
    "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e04\u0e23\u0e31\u0e1a \u0e44\u0e17\u0e22",
    "\u0939\u093f\u0928\u094d\u0926\u0940 \u0928\u092e\u0938\u094d\u0924\u0947",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u0645\u064f\u062d\u064e\u0645\u064e\u0651\u062f",
    "\u05e9\u05c1\u05dc\u05d5\u05b9\u05dd \u05e2\u05d5\u05dc\u05dd",
    "\u10a0\u10a1 \u10d0\u10d1 \u1c90\u1c91 \u13a0\u13a1 \uab70",
    "x\u00b2 m\u00b3 \u00bd\u00bc 1\u00bd \u2460\u2461 \u2163 \u216f",
    "\u0663\u0664 \u0663 \u096a\u096b \uff11\uff12 \u2070\u2071 \u2080\u2081",
    "\u00aa\u00ba a\u00aa \u00b5m \u212bngstrom \u2126hm \u212a\u212a",
    "\u017fs \u0149a \u01c5x \u01f0k \u1e96h",
    "\ufb01nd \ufb02ow o\ufb03ce \ufb06",
    "\uff28\uff25\uff2c\uff2c\uff2f \uff57\uff4f",
    "good \U0001f600\U0001f44d\U0001f3fd bad",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 family",
    "flag \U0001f1e9\U0001f1ea keycap 1\ufe0f\u20e3 a\ufe0fb",
    "zero\u200bwidth zero\u200cnon zero\u200djoin",
    "soft\u00adhyphen word\u2060joiner \ufeffbom x\ufeffy",
    "next\u0085line C1\u0096dash\u0091quote",
    "no\u00a0break thin\u2009space ideo\u3000graphic nnb\u202fsp",
    "line\u2028sep para\u2029sep \x1cfs\x1dgs\x1ers\x1fus",
    "\u2018single\u2019 don\u2019t \u201cdouble\u201d \u2026 \u2014 \u2013",
    "\U0001d400\U0001d401 \U0001d7d8\U0001d7d9 \U00010400\U00010428",
    "\U00020000\U00020001 \U0001f100 \U000e0061\U000e0062",
    "z\u0351\u036b\u0343a\u0329l\u0348g\u033bo\u0300",
    "\u0301\u0301 \u0301a a\u0301 ab\u0301cd",
    "<br /><br />Great <b>film</b>&amp;more",
    "http://www.example.org/a_b?c=d&e=f",
    "10/10 8.5/10 100% $5.00 #tag @user",
    "a" * 80,
    "\ufffd\ufffd a\ufffdb \ufffe",
    "\u203f\u2040 a\u203fb \uff3f\uff3f \ufe33a",
    "\u1d43\u1d47 \u02b0\u02b1 \u02c0\u02c1 \u02c2\u02c3 \u02ec\u02ed",
    "\u0250\u0251 \u0299 \u2c60 \u2c62 \ua7aa \u1e9e\u1e9e",
    "\u06f1\u06f2 \u0be7\u0bf0 \u0f2a\u0f33 \u3007\u3021 \u4e00",
    "\u24b6\u24d0 \u249c \u1f150 \u2160\u2170",
    "Dz\u01c4\u01c5\u01c6 Lj\u01c7\u01c8\u01c9 \u01f1\u01f2\u01f3",
]
WORD = re.compile(r"(?u)\b\w\w+\b")


def ranges(accept):
    out, start = [], None
    for cp in range(0x110001):
        ok = cp <= 0x10FFFF and not 0xD800 <= cp <= 0xDFFF and accept(cp)
        if ok and start is None:
            start = cp
        elif not ok and start is not None:
            out.append((start, cp - 1))
            start = None
    return out


rows = []
for text in TEXTS:
    low = text.lower()
    words = WORD.findall(low)
    rows.append([text, low, len(words)] + words)
golden.write(
    "tokens.tsv",
    r"""
fields: text, text.lower(), number of tokens, then each token of re.compile(r"(?u)\b\w\w+\b").findall(lowered)
""",
    [["text"] + r for r in rows],
)

word = re.compile(r"\w")
rows = [
    [kind, "%X" % a, "%X" % b]
    for kind, accept in (
        ("word", lambda cp: word.match(chr(cp)) is not None),
        ("space", lambda cp: chr(cp).isspace()),
        ("unassigned", lambda cp: unicodedata.category(chr(cp)) == "Cn"),
    )
    for a, b in ranges(accept)
]
golden.write(
    "wordchars.txt",
    r"""
fields: kind, first, last (hexadecimal, inclusive); surrogates are left out everywhere
word: re.match(r"\w", c); space: c.isspace(), which is what str.strip() takes away; unassigned: category Cn
A library of a newer Unicode differs from these lists in code points that are listed as unassigned here.
""",
    rows,
)

total, single, several = 0, [], []
for cp in range(0x110000):
    if 0xD800 <= cp <= 0xDFFF:
        continue
    low = chr(cp).lower()
    for k, c in enumerate(low):
        total = (total + (cp + 1) * (k + 1) * (ord(c) + 1)) % 2**64
    if len(low) > 1:
        several.append(["several", "%X" % cp, " ".join("%X" % ord(c) for c in low)])
    elif ord(low) != cp:
        single.append((cp, ord(low)))
runs = []
for cp, low in single:
    last = runs[-1] if runs else None
    if last and low - cp == last[3] and cp - last[1] == (last[2] or cp - last[1]) and cp - last[1] <= 2:
        last[2] = cp - last[1]
        last[1] = cp
    else:
        runs.append([cp, cp, 0, low - cp])
golden.write(
    "lowercase.txt",
    """
str.lower() of each code point alone (surrogates left out)
checksum: sum over code points cp and output positions k = 0, 1, ... of (cp + 1) * (k + 1) * (out[k] + 1), mod 2^64
several: code point whose lower case is more than one code point
run: first, last, step, delta: each code point of first, first + step, ... last maps to itself + delta (decimal);
     step 0 means one code point; every code point not in a run or in several maps to itself
""",
    [["checksum", total]] + several + [["run", "%X" % a, "%X" % b, step, d] for a, b, step, d in runs],
)
