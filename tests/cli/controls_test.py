"""Compares the controls and actions that were on screen in the stories of the window with those that a story has operated: a new control
needs a story. controls_test.py FOLDER, where FOLDER has a folder for each story; run after the stories."""
import glob
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ui"))
from driver.controls import kind  # noqa: E402

FOLDER = sys.argv[1]
# What the mouse does not operate: it only shows something.
SHOWN_ONLY = {"status", "backend", "tools", "why.value", "slide.output", "kernel.selected", "histogram", "report", "total", "formula", "picture", "range", "chain",
              "train.progress", "features.progress", "caption", "second", "trail",
              *("filters." + part for part in ("approximation", "costs", "difference", "gabor", "kernel", "map", "original", "painted", "section", "values")),
              *("filters.algebra." + part for part in ("composed", "difference", "first", "once", "relu", "row", "second")),
              *(f"filters.{part}.chart" for part in ("shift", "aliasing", "borders", "precision", "breakeven", "spectra", "design")), "filters.shift.map",
              *("filters.spectra." + part for part in ("input", "response", "output", "before", "after")),
              *("filters.design." + part for part in ("wanted", "response", "kernel", "map")),
              *(f"filters.{part}.N" for part in ("aliasing", "borders", "precision"))}


def main():
    used, seen = set(), set()
    files = glob.glob(os.path.join(FOLDER, "**", "*.used"), recursive=True)
    for path in files:
        with open(path) as file:
            for line in file:
                mark, name = line.rstrip("\n").split(" ", 1)
                (used if mark == "+" else seen).add(kind(name))
    assert len(files) > 10, f"only {len(files)} stories have run in {FOLDER}"
    # A menu shows all actions of its kind; it is enough that each has been run somehow.
    missing = sorted(name for name in seen - used - SHOWN_ONLY if not (name.startswith("menu.") and "action." + name[5:] in seen | used))
    print(f"{len(used)} of {len(used | seen - SHOWN_ONLY)} controls and actions have been operated by {len(files)} windows")
    for name in missing:
        print(f"  never operated: {name}")
    sys.exit(1 if missing else 0)


main()
