"""Makes allocations and system calls of the command line fail, one after the other, with tests/faults/inject.cpp: the program must end
with a sentence and status 1, or succeed, and every file must be the old or the new one. CONVLENS_FAULTS=all tries every call."""
import concurrent.futures
import os
import subprocess
import sys
import tempfile

PROGRAM, LIBRARY = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
GOLDEN = os.path.abspath(sys.argv[3])
EVERY = os.environ.get("CONVLENS_FAULTS") == "all"
AT_MOST = 60  # tries of a kind of fault for a command, spread over all its calls; all of them with CONVLENS_FAULTS=all
ONE = ["--threads", "1", "--backend", "cpu"]

# What is run, and the files that it writes.
COMMANDS = {
    "render": (["render", "pattern:noise:24x24", "--weights", "edges", "--cell", "40x30", "--labels", "--out", "grid.png", "--data", "y.npz",
                "--stats-file", "stats.csv", "--save-session", "s.json", *ONE], ["grid.png", "y.npz", "stats.csv", "s.json"]),
    "session": (["render", "old.json", "--out", "grid.png", "--save-session", "b.zip", *ONE], ["grid.png", "b.zip"]),
    "pth": (["render", "pattern:noise:64x64", "--network", "largenet", "--weights", f"{GOLDEN}/checkpoints/largenet_zip.pth", "--out", "grid.png", *ONE], ["grid.png"]),
    "safetensors": (["info", f"{GOLDEN}/checkpoints/largenet.safetensors"], []),
    "train": (["train", "filter", "--image", "pattern:noise:16x16", "--kernel", "Sobel x", "--steps", "3", "--out", "kernel.npz"], ["kernel.npz"]),
    "code": (["code", "pattern:noise:16x16", "--weights", "random:4x3", "--numpy"], ["convlens-weights.npz"]),
}
# Kinds of faults and how they are injected: at one call, or at it and at all later ones.
FAULTS = [("alloc", ""), ("alloc", "+"), ("new", ""), ("new", "+"), ("thread", "+"), ("open", ":13"), ("open", ":24"), ("read", ":5"), ("write", ":5"), ("write", "+:28"),
          ("fsync", ":5"), ("close", ":5"), ("rename", ":30"), ("mmap", ":12"), ("short_read", "+"), ("short_write", "+")]
# These must not even be noticed.
HARMLESS = {"short_read", "short_write"}


class Case:
    """A command that is run in a folder of its own."""

    def __init__(self, name):
        self.name = name
        self.command, self.files = COMMANDS[name]
        self.whole = {}

    def run(self, folder, fault=None, counts=None):
        environment = dict(os.environ, LD_PRELOAD=LIBRARY, HOME=folder, XDG_STATE_HOME=folder, XDG_CACHE_HOME=folder)
        for name, value in (("CONVLENS_FAULT", fault), ("CONVLENS_FAULT_COUNTS", counts)):
            environment.pop(name, None)
            if value:
                environment[name] = value
        return subprocess.run([PROGRAM, *self.command], cwd=folder, env=environment, capture_output=True, timeout=120)

    def content(self, folder, file):
        path = os.path.join(folder, file)
        if not os.path.exists(path):
            return None
        with open(path, "rb") as opened:
            return opened.read()

    def prepare(self, folder):
        """Runs without a fault: learns the results and how many calls there are."""
        write_session(folder)
        counts = os.path.join(folder, "counts")
        done = self.run(folder, counts=counts)
        assert done.returncode == 0, (self.name, done.stderr)
        self.output = done.stdout.replace(folder.encode(), b"")
        self.whole = {file: self.content(folder, file) for file in self.files}
        assert all(self.whole.values()), self.files
        with open(counts) as lines:
            return {name: int(count) for name, count in (line.split() for line in lines)}

    def check(self, folder, fault):
        """Runs with a fault, first with old files and, if it fails, returns what is wrong."""
        for file in self.files:
            if file == "convlens-weights.npz":  # never overwritten: another name would be chosen
                if os.path.exists(os.path.join(folder, file)):
                    os.remove(os.path.join(folder, file))
                continue
            with open(os.path.join(folder, file), "wb") as old:
                old.write(b"old")
        before = set(os.listdir(folder))
        try:
            done = self.run(folder, fault)
        except subprocess.TimeoutExpired:
            return f"{self.name} with {fault}: never ends"
        text = done.stderr.decode("utf-8", "replace")
        what = f"{self.name} with {fault}: status {done.returncode}, {text!r}"
        if done.returncode not in (0, 1):
            return what
        if done.returncode == 1 and not (text.startswith("convlens: ") and text.endswith("\n") and len(text) > 20):
            return what + ", expected a sentence"
        if any(not c.isprintable() for c in text.replace("\n", "")):
            return what + ", expected printable text"
        if done.returncode == 0 and done.stdout.replace(folder.encode(), b"") != self.output:
            return what + f", but prints {done.stdout[-200:]!r}"
        for file in self.files:
            content = self.content(folder, file)
            if content != self.whole[file] and (content not in (b"old", None) or done.returncode == 0):
                return what + f", {file} has {len(content or b'')} bytes: {(content or b'')[:40]!r}"
        left = set(os.listdir(folder)) - before - set(self.files)
        if left and fault.split(":")[0] != "alloc":
            return what + f", left {left}"
        for file in left:
            os.remove(os.path.join(folder, file))
        if done.returncode == 1 and fault.split(":")[0] in HARMLESS:
            return what + ", expected success"
        return None


def write_session(folder):
    done = subprocess.run([PROGRAM, "render", "pattern:noise:16x16", "--weights", "random:5x3:1", "--save-session", "old.json", *ONE], cwd=folder)
    assert done.returncode == 0


def chosen(count):
    """Returns the numbers of the calls that fail."""
    if EVERY or count <= AT_MOST:
        return list(range(1, count + 1))
    return sorted({1 + round(i * (count - 1) / (AT_MOST - 1)) for i in range(AT_MOST)})


def main():
    names = sys.argv[4:] or list(COMMANDS)
    tries, wrong = 0, []
    with tempfile.TemporaryDirectory() as top, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name in names:
            case = Case(name)
            learned = os.path.join(top, name)
            os.mkdir(learned)
            counts = case.prepare(learned)
            faults = [f"{kind}:{number}{rest}" for kind, rest in FAULTS for number in ([1] if rest == "+" and kind in HARMLESS | {"thread"} else chosen(counts[kind]))]

            def part(index, case=case, faults=faults, name=name):
                folder = os.path.join(top, f"{name}-{index}")
                os.mkdir(folder)
                write_session(folder)
                return [error for fault in faults[index::os.cpu_count()] if (error := case.check(folder, fault))]

            found = [error for errors in pool.map(part, range(os.cpu_count())) for error in errors]
            tries += len(faults)
            wrong += found
            print(f"{name}: {len(faults)} faults among {sum(counts.values())} calls, {len(found)} wrong", flush=True)
            for error in found[:20]:
                print("  " + error[:600])
    print(f"{tries} faults injected, {len(wrong)} wrong")
    sys.exit(1 if wrong else 0)


main()
