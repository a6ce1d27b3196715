"""Names from the disk and from files never reach the terminal raw and never become code: hostile_names_test.py CONVLENS GOLDEN."""
import ast
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

PROGRAM, GOLDEN = map(os.path.abspath, sys.argv[1:3])
IMAGE = os.path.join(os.path.dirname(GOLDEN), "..", "assets", "images", "grass.png")
NAMES = [
    b"plain.png", "żółć 猫.png".encode(), b"quote'\"quote.png", b"back\\slash.png", b"new\nline.png", b"\x1b[2J\x1b]0;title\a.png",
    b"\xff\xfe.png", b"caf\xe9.png", "gpj.\u202egnp.png".encode(), b'"); import os; os.abort() #.png', b'"""\nimport os\n"""#.png',
    b"$(touch gone).png", b"{0}%s%n.png", b"=cmd|' '!A0.png", b"-option.png", b"\xc2\x9b31m.png",
]


def run(*arguments, cwd):
    return subprocess.run([PROGRAM, *arguments], cwd=cwd, capture_output=True, timeout=120)


def expect_clean(output, what):
    text = output.decode()  # fails if it is not UTF-8
    for c in text.replace("\n", ""):
        assert c.isprintable(), f"{what}: {c!r} in {text!r}"


def names_on_disk(folder):
    for name in NAMES:
        path = os.path.join(os.fsencode(folder), name)
        shutil.copy(IMAGE, path)
        done = run("render", os.path.join(b".", name), "--out", "x.png", cwd=folder)
        assert done.returncode == 0, (name, done.stderr)
        expect_clean(done.stdout + done.stderr, name)
        for library in ((), ("--numpy",)):
            done = run("code", os.path.join(b".", name), *library, "--out", "x.py", cwd=folder)
            assert done.returncode == 0, (name, done.stderr)
            with open(os.path.join(folder, "x.py"), "rb") as file:
                tree = ast.parse(file.read())
            strings = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
            assert os.fsdecode(path) in strings, (name, strings)
            modules = {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
            assert "os" not in modules, (name, modules)
        done = run("info", os.path.join(b".", name), cwd=folder)
        assert done.returncode == 0 and done.stdout.count(b"\n") == 1, (name, done)
        expect_clean(done.stdout + done.stderr, name)
        os.remove(path)
        for arguments in (("render", "--stats"), ("info",)):
            done = run(*arguments, os.path.join(b".", name), cwd=folder)
            assert done.returncode == 1 and done.stderr.count(b"\n") == 1, (name, done)
            expect_clean(done.stdout + done.stderr, name)
    assert sorted(os.listdir(folder)) == ["x.npz", "x.png", "x.py"], os.listdir(folder)


def safetensors(path, keys, metadata):
    header = {"__metadata__": metadata}
    for i, key in enumerate(keys):
        header[key] = {"dtype": "F32", "shape": [2, 3, 3, 3], "data_offsets": [216 * i, 216 * i + 216]}
    text = json.dumps(header, ensure_ascii=False).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + bytes(216 * len(keys)))


def names_in_files(folder):
    for text in ("\x1b[31mred", "a\nb", "\u202egnp", "\u0000", "x" * 5000, "\x9b2J"):
        path = os.path.join(folder, "k.safetensors")
        safetensors(path, [text + ".weight"], {"title": text, text: text})
        for arguments in (("info", path), ("render", "--image", "pattern:noise:9x9", "--weights", path, "--out", "x.png", "--stats"),
                          ("render", "--image", "pattern:noise:9x9", "--weights", path + ":nothing", "--out", "x.png"),
                          ("info", path, "--json"), ("render", "--image", "pattern:noise:9x9", "--weights", path, "--stats-file", "x.json")):
            done = run(*arguments, cwd=folder)
            assert done.returncode in (0, 1), (text, done)
            expect_clean(done.stderr + done.stdout, (text, arguments))
        done = run("code", "--image", "pattern:noise:9x9", "--weights", path, "--out", "y.py", cwd=folder)
        assert done.returncode == 0, done.stderr
        with open(os.path.join(folder, "y.py"), "rb") as file:
            ast.parse(file.read())


def names_in_networks(folder):
    """The report on a checkpoint, the table of the layers and the line about a session show names from these files."""
    path = os.path.join(folder, "n.json")
    for layer in ("\x9b2J", "\u202egnp"):
        with open(path, "w") as file:
            json.dump({"name": layer, "layers": [{"name": layer, "type": "Conv2d", "in_channels": 3, "out_channels": 2,
                                                  "kernel_size": 3, "bias": False}]}, file)
        for text in ("\x1b[2J", "a\nb", "\u202egnp", "\x9b2J"):
            weights = os.path.join(folder, "w.safetensors")
            safetensors(weights, [f"{text}.{layer}.weight", text], {"note": text})
            done = run("network", "pattern:noise:9x9", "--network", path, "--weights", weights, cwd=folder)
            assert done.returncode == 0 and b"left over: " in done.stdout and b"keys begin with" in done.stdout, (text, done)
            assert len(done.stdout.splitlines()) == 7, (text, done)  # title, input, head, layer, sum, summary, left over
            expect_clean(done.stdout + done.stderr, (layer, text))
        for library in ((), ("--numpy",)):
            done = run("code", "pattern:noise:9x9", "--network", path, "--weights", weights, *library, cwd=folder)
            assert done.returncode == 0, (layer, done)
            expect_clean(done.stdout + done.stderr, layer)
            ast.parse(done.stdout)
    path = os.path.join(folder, "s.json")
    done = run("render", "pattern:noise:9x9", "--save-session", path, cwd=folder)
    assert done.returncode == 0, done
    with open(path) as file:
        session = json.load(file)
    for layer in ("\u202egnp", "\x9b2J", "a\nb"):
        session["document"]["layer"] = layer
        with open(path, "w") as file:
            json.dump(session, file)
        done = run("info", path, cwd=folder)
        assert done.returncode == 0 and b", layer " in done.stdout and done.stdout.count(b"\n") == 1, (layer, done)
        expect_clean(done.stdout + done.stderr, layer)


def names_become_no_code(folder):
    """Names of layers are in strings of the script, whatever characters they have: in the names of arrays and of modules."""
    path = os.path.join(folder, "n.json")
    for name in ('"]); import os #', "a; import os; b", "\\", "';\"\"\"", "0", "a b"):
        layers = [{"name": name, "type": "Conv2d", "in_channels": 3, "out_channels": 2, "kernel_size": 3, "flip": True},
                  {"name": name + "2", "type": "Linear", "in_features": 98, "out_features": 2}]
        with open(path, "w") as file:
            json.dump({"layers": layers}, file)
        for library in ((), ("--numpy",)):
            done = run("code", "pattern:noise:9x9", "--network", path, "--layer", name + "2", *library, cwd=folder)
            assert done.returncode == 0, (name, done)
            tree = ast.parse(done.stdout)
            modules = {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
            assert "os" not in modules, (name, done.stdout)
            strings = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
            assert any(s.startswith(name) for s in strings), (name, strings)


def arguments_in_messages(folder):
    for text in ("\x1b[2J", "a\nb", "\u202egnp", "\x9b2J"):
        for arguments in (("--x" + text,), ("render", "--scale", text), ("record", "pattern:noise:9x9", "--out", text)):
            done = run(*arguments, cwd=folder)
            assert done.returncode == 2 and done.stderr.count(b"\n") == 2, (text, done)
            expect_clean(done.stdout + done.stderr, (text, arguments))
        done = run("train", "filter", "--image", "pattern:noise:16x16", "--steps", "1", "--out", text + ".npz", cwd=folder)
        assert done.returncode == 0 and b"weights written to" in done.stdout, (text, done)
        expect_clean(done.stdout + done.stderr, text)


with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
    names_on_disk(first)
    names_in_files(second)
    names_in_networks(second)
    names_become_no_code(second)
    arguments_in_messages(second)
print(f"{len(NAMES)} hostile names")
