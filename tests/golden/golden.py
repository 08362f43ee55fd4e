"""What the make_*.py scripts share: the format of a golden file.

A golden file is UTF-8 text. Lines that start with "#" are comments; the first one names the script, the command and
the versions. Every other line is a record whose fields are separated by one tab. Inside a field a backslash starts an
escape: \\\\ \\n \\t \\r and \\xHH (other control bytes below 0x20 and 0x7f). Numbers are written with %.17g, so that
strtod gives back the very double; nan, inf and -inf are written so. Lists inside a field are separated by one blank.

checksum(list) = sum over i = 0, 1, ... of (i + 1) * list[i], modulo 2^32.
"""

import os
import platform
import sys
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))


def escape(text):
    out = []
    for c in text:
        if c == "\\":
            out.append("\\\\")
        elif c == "\n":
            out.append("\\n")
        elif c == "\t":
            out.append("\\t")
        elif c == "\r":
            out.append("\\r")
        elif ord(c) < 0x20 or ord(c) == 0x7F:
            out.append("\\x%02x" % ord(c))
        else:
            out.append(c)
    return "".join(out)


def real(x):
    return "%.17g" % float(x)


def reals(xs):
    return " ".join(real(x) for x in xs)


def ints(xs):
    return " ".join(str(int(x)) for x in xs)


def checksum(xs):
    return sum((i + 1) * int(x) for i, x in enumerate(xs)) % 2**32


def versions():
    import numpy
    import scipy
    import sklearn

    return "Python %s (Unicode %s), scikit-learn %s, numpy %s, scipy %s" % (
        platform.python_version(),
        unicodedata.unidata_version,
        sklearn.__version__,
        numpy.__version__,
        scipy.__version__,
    )


def write(name, about, rows):
    """rows: lists of fields; a str field is escaped, any other goes through str(). A plain str row is a comment."""
    script = os.path.basename(sys.argv[0])
    lines = ["# made by: python3 tests/golden/%s; %s" % (script, versions())]
    lines += ["# " + line for line in about.strip("\n").split("\n")]
    for row in rows:
        if isinstance(row, str):
            lines.append("# " + row)
        else:
            lines.append("\t".join(escape(f) if isinstance(f, str) else str(f) for f in row))
    path = os.path.join(HERE, name)
    with open(path, "w", encoding="utf-8", newline="\n") as f:
        f.write("\n".join(lines) + "\n")
    print("%-24s %7d bytes" % (name, os.path.getsize(path)))
