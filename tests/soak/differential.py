"""Compares on random documents what must be equal: differential.py PROGRAM [--documents N] [--seed S].

For each document: the CPU and OpenGL against double precision (convlens verify), the pictures of the two (at most 4 of 255 apart), the
session written, read and written again (the same bytes), and the picture of the session (the same bytes)."""
import argparse
import os
import random
import subprocess
import sys
import tempfile


ONE_COLOR = 4  # values that differ in their last bits may get the next color of a colormap, at most this far away


def arguments(dice):
    """Returns options that describe a random document. Not all of them fit together; the program then says so."""
    words = [dice.choice(["pattern:noise:{}x{}", "pattern:zone:{}x{}", "pattern:checker:{}x{}", "pattern:step:{}x{}"]).format(dice.randint(8, 90), dice.randint(8, 90))]
    if dice.random() < 0.3:
        words = ["sample:" + dice.choice(["cat", "brick"]), "--resize", f"{dice.randint(16, 96)}x{dice.randint(16, 96)}"]
    if dice.random() < 0.3:
        words += ["--gray"]
    if dice.random() < 0.3:
        words += ["--normalize", dice.choice(["imagenet", "half", "none"])]
    if dice.random() < 0.2:
        words += ["--shift", f"{dice.randint(-9, 9)},{dice.randint(-9, 9)}"]
    kind = dice.random()
    if kind < 0.2:
        words += ["--network", "largenet", "--weights", f"random:{dice.randint(1, 99)}"]
    elif kind < 0.3:
        words += ["--network", "alexnet", "--weights", "convlens", "--layer", dice.choice(["features.0", "features.2", "features.3", "features.5", "features.12"])]
    else:
        words += ["--weights", dice.choice(["edges", "edges:sum", "alexnet", f"random:{dice.randint(1, 70)}x{dice.randint(1, 9)}x{dice.randint(1, 9)}:{dice.randint(1, 99)}"])]
        for option, values in (("--stride", "1 2 3 4x1 1x3"), ("--padding", "0 1 2 5 same 2x0"), ("--dilation", "1 2 3 1x2"), ("--padding-mode", "zeros reflect replicate circular"), ("--max-pool", "2 3 2x1")):
            if dice.random() < 0.4:
                words += [option, dice.choice(values.split())]
        words += [flag for flag in ("--flip", "--relu") if dice.random() < 0.3]
    for option, values in (("--scale", "per-channel shared symmetric per-channel-symmetric fixed:-1:1"), ("--colormap", "gray viridis magma coolwarm cividis"), ("--cell", "20x20 33x17 64x64"), ("--columns", "1 3 8 11")):
        if dice.random() < 0.4:
            words += [option, dice.choice(values.split())]
    return words


def largest_difference(a, b):
    """Returns the largest difference of a color, 0..255, of two pictures."""
    result = subprocess.run(["compare", "-metric", "PAE", a, b, "null:"], capture_output=True, text=True)
    return round(float(result.stderr.split("(")[-1].split(")")[0]) * 255)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    compared = refused = values = 0
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        run = lambda *words: subprocess.run([program, *words], capture_output=True, text=True, timeout=300)
        has_gl = run("verify", "pattern:noise:8x8", "--backend", "gl").returncode == 0
        for number in range(options.documents):
            words = arguments(random.Random(options.seed * 1_000_003 + number))
            first = run("render", *words, "--backend", "cpu", "--out", "cpu.png", "--save-session", "a.json")
            if first.returncode == 1 and first.stderr.startswith("convlens: "):
                refused += 1
                continue
            problems = [] if first.returncode == 0 else [f"status {first.returncode}: {first.stderr}"]
            again = run("render", "a.json", "--backend", "cpu", "--out", "again.png", "--save-session", "b.json")
            if again.returncode or open("a.json").read() != open("b.json").read():
                problems.append("the session differs after reading and writing it " + again.stderr)
            elif open("cpu.png", "rb").read() != open("again.png", "rb").read():
                problems.append("the picture of the session differs")
            for backend in ["cpu", "gl"] if has_gl else ["cpu"]:
                checked = run("verify", *without_display(words), "--backend", backend, "--values", "500", "--seed", str(number + 1))
                values += 500
                if checked.returncode:
                    problems.append(f"{backend}: {checked.stdout}{checked.stderr}")
            if has_gl:
                run("render", *words, "--backend", "gl", "--out", "gl.png")
                if (difference := largest_difference("cpu.png", "gl.png")) > ONE_COLOR:
                    problems.append(f"the pictures of CPU and OpenGL differ by {difference} of 255")
            compared += 1
            wrong += [f"{' '.join(words)}: {problem}" for problem in problems]
    for problem in wrong:
        print(problem)
    print(f"{compared} documents compared, {refused} refused, {values} values checked in double precision, {len(wrong)} differences{'' if has_gl else '; without OpenGL'}")
    assert compared > options.documents / 3, "too many documents are refused"
    sys.exit(1 if wrong else 0)


def without_display(words):
    """Returns the options of `words` that verify has, too."""
    display = ("--scale", "--colormap", "--cell", "--columns")
    return [word for i, word in enumerate(words) if word not in display and (i == 0 or words[i - 1] not in display)]


main()
