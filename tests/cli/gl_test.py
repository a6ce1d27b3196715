"""OpenGL on the command line, without a display: render, selftest, bench, and what a driver that fails gets."""
import json
import os
import struct
import subprocess
import sys
import tempfile

PROGRAM, MESA_CACHE = sys.argv[1], sys.argv[2]

# what $CONVLENS_GL_FAULT simulates, words of the message on stderr
FAULTS = {
    "no-egl": "OpenGL is not available",
    "no-compute": "computing needs 4.3",
    "compile": "does not compile shader",
    "link": "does not link shader",
    "memory": "no memory for the input",
    "lost": "was reset",
    "nan": "computes NaN values",
    "meteor": "'meteor'",
}


def run(*arguments, fault="", **more):
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment.update(LIBGL_ALWAYS_SOFTWARE="1", MESA_SHADER_CACHE_DISABLE="false", MESA_SHADER_CACHE_DIR=MESA_CACHE,
                       XDG_CACHE_HOME=os.getcwd(), CONVLENS_GL_FAULT=fault, **more)
    environment.setdefault("XDG_RUNTIME_DIR", os.getcwd())  # without it Mesa 25 writes a line of its own to stderr
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, env=environment)


def floats(path):
    data = open(path, "rb").read()
    header = struct.unpack("<H", data[8:10])[0]
    return struct.unpack(f"<{(len(data) - 10 - header) // 4}f", data[10 + header:])


def check_render():
    for backend in ("cpu", "gl"):
        done = run("render", "--backend", backend, "--out", f"{backend}.png", "--data", f"{backend}.npy", "--stats")
        assert done.returncode == 0, done.stderr
        stats = json.loads(done.stdout)
        assert stats["backend"].startswith({"cpu": "CPU", "gl": "OpenGL 4."}[backend]), stats["backend"]
        assert stats["shape"] == [1, 64, 74, 112]
    cpu, gl = floats("cpu.npy"), floats("gl.npy")
    assert len(cpu) == len(gl) == 64 * 74 * 112
    assert max(abs(a - b) for a, b in zip(cpu, gl)) <= 1e-5 * max(abs(a) for a in cpu)
    assert any(name.endswith(".glbin") for name in os.listdir("convlens")), "compiled shaders are kept"
    automatic = json.loads(run("render", "--stats").stdout)
    assert automatic["backend"].startswith("CPU"), "a software driver is no reason to leave the CPU"


def check_faults():
    for fault, words in FAULTS.items():
        done = run("render", "--backend", "gl", "--out", "out.png", fault=fault)
        assert done.returncode == 1, (fault, done)
        assert words in done.stderr and done.stderr.count("\n") == 1, (fault, done.stderr)
        assert not os.path.exists("out.png"), fault
    assert run("render", "--backend", "gl", "--shader-dir", "missing", "--out", "out.png").returncode == 2


def on_card(*arguments, fault=""):
    """With a driver that `auto` takes for a graphics card."""
    return run(*arguments, fault=fault, CONVLENS_GL_PRETEND_CARD="1")


def check_the_cpu_takes_over():
    document = ("--image", "pattern:zone:60x40", "--weights", "random:9x3")
    files = ("--out", "out.png", "--data", "out.npy", "--stats")
    assert run("render", *document, *files, "--backend", "cpu").returncode == 0
    expected = [open(name, "rb").read() for name in ("out.png", "out.npy")]
    done = on_card("render", *document, *files)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert json.loads(done.stdout)["backend"].startswith("OpenGL 4."), done.stdout
    cases = [(fault, fault not in ("no-egl", "no-compute")) for fault in FAULTS if fault != "meteor"]
    for fault, tried in cases + [("lost@out.png", True)]:  # the last after the picture has been written, before the values are
        for name in ("out.png", "out.npy"):
            if os.path.exists(name):
                os.remove(name)
        done = on_card("render", *document, *files, fault=fault)
        assert done.returncode == 0, (fault, done)
        assert json.loads(done.stdout)["backend"].startswith("CPU"), (fault, done.stdout)
        assert [open(name, "rb").read() for name in ("out.png", "out.npy")] == expected, fault
        words = "OpenGL failed, the CPU does the work: "
        if tried:
            assert done.stderr.count("\n") == 1 and words in done.stderr and FAULTS[fault.split("@")[0]].split(" the input")[0] in done.stderr, (fault, done.stderr)
        else:
            assert done.stderr == "", "a machine without a card is no failure: " + done.stderr

    os.mkdir("many")
    images = ["pattern:zone:60x40", "pattern:step:60x40", "pattern:bars:60x40"]
    done = on_card("render", *images, "--weights", "random:9x3", "--out-folder", "many", fault="lost@many/pattern:zone:60x40-grid.png")
    assert done.returncode == 0 and done.stderr.count("OpenGL failed") == 1 and done.stderr.count("\n") == 1, done.stderr
    made = sorted(os.listdir("many"))
    assert len(made) == 3, made
    for name in made:
        assert run("render", name.removesuffix("-grid.png"), "--weights", "random:9x3", "--backend", "cpu", "--out", "one.png").returncode == 0
        assert open("many/" + name, "rb").read() == open("one.png", "rb").read(), name
    # what the CPU can't do either is its failure, told once
    done = on_card("render", *document, "--cell", "16000x16000", "--out", "huge.png")
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "OpenGL" not in done.stderr, done.stderr


def check_selftest():
    done = run("selftest", "--cases", "40")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "OpenGL 4." in done.stdout and "verdict: every backend is right" in done.stdout, done.stdout
    without = run("selftest", "--cases", "4", fault="no-egl")
    assert without.returncode == 0 and "OpenGL was not tested" in without.stdout, without.stdout
    nothing = run("selftest", "--cases", "4", "--backend", "gl", fault="no-egl")
    assert nothing.returncode == 1 and "verdict: nothing to test" in nothing.stdout, nothing.stdout
    nan = run("selftest", "--cases", "4", fault="nan")
    assert nan.returncode == 1 and "computes NaN values" in nan.stdout and "verdict: WRONG" in nan.stdout, nan.stdout


def check_bench():
    document = ("--image", "pattern:noise:32x32", "--weights", "random:8x3")
    both, card = run("bench", *document), run("bench", *document, "--backend", "gl")
    assert both.returncode == 0 and card.returncode == 0, both.stderr + card.stderr
    for words in ("GMAC/s", "CPU", "OpenGL  ", "output 1x8x32x32"):
        assert words in both.stdout, both.stdout
    assert "OpenGL, naive shader" in card.stdout and "\n  CPU" not in card.stdout, card.stdout
    assert run("bench", "--weights", "missing.npy").returncode == 1


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    check_render()
    check_faults()
    check_the_cpu_takes_over()
    check_selftest()
    check_bench()
