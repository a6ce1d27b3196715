"""Runs the tests of a Windows build under Wine and counts what passed, failed and was skipped: run.py BUILD [NAME ...].

NAME is one of the groups below; without one all are run. Wine's folder is BUILD/wine, or $WINEPREFIX.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(sys.argv[1])
WINE = shutil.which("wine64") or "/usr/lib/wine/wine64"
CONVLENS = os.path.join(BUILD, "wine-convlens", "convlens")  # starts convlens.exe
RESULTS = {"passed": [], "failed": [], "skipped": []}

# What needs POSIX, with the reason.
SKIPPED = {
    "unit/signals_test.cpp": "signals of POSIX; Ctrl+C on Windows is not tested",
    "convlens_memory_tests": "std::aligned_alloc",
    "convlens_pool_tests": "the program for Windows runs its loops on oneTBB",
    "cli_test.check_installed": "cmake --install for Linux, the manual page and the completion of bash",
    "train_test.check_interrupts": "signals of POSIX",
    "kill_test": "signals of POSIX; the group windows ends the program while it writes",
    "get_weights_test": "scripts/get-weights is a shell script for Linux",
    "ui": "xdotool drives windows of X11; the group window opens one and reads its map of controls",
}

WRAPPER = """#!/bin/sh
# Starts the Windows program with Wine: absolute paths get the drive that Wine gives the root folder.
for name in XDG_STATE_HOME XDG_CACHE_HOME TORCH_HOME CONVLENS_ASSETS; do
    eval "value=\\${$name-}"
    case $value in /*) export "$name=Z:$value" ;; esac
done
: "${DISPLAY:=@DISPLAY@}"
export DISPLAY
count=$#
while [ "$count" -gt 0 ]; do
    word=$1
    shift
    case $word in
        /*) word=Z:$word ;;
        folder:/* | cifar10:/* | fashion-mnist:/*) word=${word%%:*}:Z:${word#*:} ;;
    esac
    set -- "$@" "$word"
    count=$((count - 1))
done
exec "@WINE@" "@PROGRAM@" "$@"
"""


def result(kind, name, why=""):
    RESULTS[kind].append(name)
    if kind != "passed":
        print(f"{kind}: {name}{': ' if why else ''}{why}", flush=True)


def wine(*words, **more):
    return subprocess.run([WINE, *words], capture_output=True, text=True, errors="replace", **more)


def end_wine():
    """Ends what runs in $WINEPREFIX."""
    subprocess.run([os.path.join(os.path.dirname(os.path.realpath(WINE)), "wineserver"), "-k"], capture_output=True)
    time.sleep(1)


def googletest(program, *options, prefix=""):
    """Every test of a program counts."""
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.json")
        done = wine(os.path.join(BUILD, "tests", program + ".exe"), f"--gtest_output=json:Z:{report}", *options, cwd=ROOT, timeout=3000)
        if not os.path.exists(report):
            result("failed", program, f"it ended with {done.returncode}: {(done.stdout + done.stderr)[-1500:]}")
            return
        for suite in json.load(open(report))["testsuites"]:
            for test in suite["testsuite"]:
                name = f"{prefix}{suite['name']}.{test['name']}"
                if test.get("failures"):
                    result("failed", name, test["failures"][0]["failure"][:600])
                elif test["result"] == "SKIPPED" or test["status"] == "NOTRUN":
                    result("skipped", name)
                else:
                    result("passed", name)


def script(name, *arguments, skip=()):
    """A Python test of the command line counts as one test, or as one per check that it prints."""
    for check in skip:
        result("skipped", f"{name}.{check}", SKIPPED[f"{name}.{check}"])
    environment = dict(os.environ, CONVLENS_SKIP=" ".join(skip))
    done = subprocess.run([sys.executable, os.path.join(ROOT, "tests/cli", name + ".py"), *arguments], env=environment, capture_output=True,
                          text=True, errors="replace", timeout=3000)
    checks = re.findall(r"^passed (\w+)", done.stdout, re.MULTILINE)
    for check in checks:
        result("passed", f"{name}.{check}")
    if done.returncode != 0:
        result("failed", name, done.stderr[-1500:])
    elif done.stdout.startswith("skipped"):
        result("skipped", name, done.stdout.strip())
    elif not checks:
        result("passed", name)


def check(name, right, found):
    result("passed" if right else "failed", name, "" if right else repr(found)[:1000])


def unit():
    result("skipped", "unit/signals_test.cpp", SKIPPED["unit/signals_test.cpp"])
    googletest("convlens_tests")
    result("skipped", "convlens_memory_tests", SKIPPED["convlens_memory_tests"])
    result("skipped", "convlens_pool_tests", SKIPPED["convlens_pool_tests"])


def gl():
    googletest("convlens_gl_tests", prefix="gl.")
    done = convlens(["render", "--backend", "gl", "--weights", "edges", "--stats"])
    check("gl.render", done.returncode == 0 and json.loads(done.stdout)["backend"].startswith("OpenGL 4."), done)
    done = convlens(["selftest", "--cases", "40"])
    check("gl.selftest", done.returncode == 0 and b"OpenGL 4." in done.stdout and b"verdict: every backend is right" in done.stdout, done)
    done = subprocess.run([CONVLENS, "render", "--backend", "gl", "--stats"], env={**os.environ, "CONVLENS_GL_FAULT": "no-egl"}, capture_output=True)
    check("gl.one_sentence_without_driver", done.returncode == 1 and done.stderr.count(b"\n") == 1 and b"OpenGL is not available" in done.stderr, done)


def cli():
    tests = os.path.join(ROOT, "tests")
    script("cli_test", CONVLENS, tests, BUILD, skip=["check_installed"])
    script("train_test", CONVLENS, skip=["check_interrupts"])
    script("code_test", CONVLENS, tests, BUILD)
    for name in ("kill_test", "get_weights_test"):
        result("skipped", name, SKIPPED[name])


def convlens(words, check=False, **more):
    done = subprocess.run([CONVLENS, *words], capture_output=True, timeout=180, **more)
    if check and done.returncode != 0:
        raise RuntimeError(f"{words}: {done.returncode}: {done.stderr[-600:]}")
    return done


def windows():
    """What only Windows has: line ends, code pages, drives, folders of settings."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        odd = os.path.join(folder, "Bücher 画像")
        os.mkdir(odd)
        shutil.copy(os.path.join(ROOT, "assets/images/cat.png"), os.path.join(odd, "ä 猫.png"))
        done = convlens(["render", os.path.join(odd, "ä 猫.png"), "--weights", "edges", "--out", os.path.join(odd, "グリッド ö.png")])
        made = os.path.join(odd, "グリッド ö.png")
        check("windows.unicode_path", done.returncode == 0 and os.path.exists(made) and os.path.getsize(made) > 1000, done)
        plain = os.path.join(folder, "plain.png")
        convlens(["render", "sample:cat", "--weights", "edges", "--out", plain])
        check("windows.unicode_pixels", os.path.exists(made) and open(made, "rb").read() == open(plain, "rb").read(), "other pixels")
        done = convlens(["render", os.path.join(odd, "犬.png"), "--out", plain])
        check("windows.unicode_message", done.returncode == 1 and "犬.png" in done.stderr.decode("utf-8", "replace"), done)
        relative = convlens(["info", "ä 猫.png"], cwd=odd)
        check("windows.unicode_argument", relative.returncode == 0 and "ä 猫.png" in relative.stdout.decode("utf-8", "replace"), relative)

        done = convlens(["--help"])
        check("windows.no_carriage_returns", done.returncode == 0 and b"\r" not in done.stdout and b"Usage: convlens" in done.stdout, done.stdout[:300])
        done = convlens(["render", "--stats", "--weights", "edges"])
        check("windows.json_in_a_pipe", done.returncode == 0 and b"\r" not in done.stdout and json.loads(done.stdout)["shape"][1] == 64, done)
        done = convlens(["--nonsense"])
        check("windows.exit_code", done.returncode == 2 and b"nonsense" in done.stderr, done)
        done = convlens(["info", "C:\\nowhere\\x.npy"], text=True)
        check("windows.drive_letter", done.returncode == 1 and "x.npy: cannot be read from C:\\nowhere: No such file or directory" in done.stderr, done)
        done = convlens(["render", "--weights", "C:\\nowhere\\x.npy", "--out", plain], text=True)
        check("windows.drive_letter_is_no_key", done.returncode == 1 and "x.npy: cannot be read from C:\\nowhere" in done.stderr, done)

        done = convlens(["render", "pattern:zone:60x40", "--out-folder", folder])
        check("windows.no_colon_in_a_name", done.returncode == 0 and any("zone" in n and ":" not in n for n in os.listdir(folder)), (done, os.listdir(folder)))

        # Text files with line ends of Windows.
        convlens(["render", "sample:brick", "--weights", "random:7x5:9", "--save-session", "s.json", "--out", "a.png"], check=True)
        convlens(["network", "--network", "largenet", "--save-layers", "net.json"], check=True)
        check("windows.writes_line_feeds", b"\r" not in open("s.json", "rb").read() + open("net.json", "rb").read(), "carriage returns")
        for name in ("s.json", "net.json"):
            text = open(name, "rb").read()
            open("crlf-" + name, "wb").write(text.replace(b"\n", b"\r\n"))
        done = convlens(["render", "crlf-s.json", "--out", "b.png"])
        check("windows.session_with_crlf", done.returncode == 0 and open("a.png", "rb").read() == open("b.png", "rb").read(), done)
        done = convlens(["network", "--network", "crlf-net.json"])
        check("windows.network_with_crlf", done.returncode == 0 and b"9,705" in done.stdout, done)
        open("raw.ppm", "wb").write(b"P6\r\n4 3\r\n255\n" + bytes(range(36)))
        done = convlens(["info", "--json", "raw.ppm"])
        check("windows.pnm_with_crlf", done.returncode == 0 and b'"width": 4' in done.stdout.replace(b'":4', b'": 4'), done)

        # Ended at any moment, a file is the old one or the new one.
        commands = [["render", "--weights", f"random:7x5:{seed}", "--cell", "300x200", "--out", "k.png"] for seed in (1, 2)]
        convlens(commands[0], check=True)
        old = open("k.png", "rb").read()
        convlens(commands[1], check=True)
        new, whole = open("k.png", "rb").read(), True
        for i in range(6):
            process = subprocess.Popen([CONVLENS, *commands[i % 2]])
            try:
                process.wait(timeout=0.4 + 0.15 * i)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            whole = whole and open("k.png", "rb").read() in (old, new)
        check("windows.ended_while_writing", whole and old != new, "neither the old nor the new file")
        os.chdir(ROOT)


def window():
    """Opens the window on an X server of its own; the picture of the screen stays in BUILD/window."""
    result("skipped", "ui", SKIPPED["ui"])
    shots = os.path.join(BUILD, "window")
    shutil.rmtree(shots, ignore_errors=True)
    os.makedirs(shots)
    sys.path.insert(0, os.path.join(ROOT, "tests/ui"))
    from driver import Window
    end_wine()  # its desktop would keep the size of another screen
    for name, size, arguments in (("100", (1280, 720), []), ("200", (1920, 1080), ["--ui-scale", "2"])):
        opened = Window(CONVLENS, os.path.join(shots, name), size, arguments)
        try:
            states = opened.wait("the grid", lambda s: s.get("output", "").startswith("1x64x74x112"), 180)
            subprocess.run(["import", "-window", "root", os.path.join(shots, f"{name}.png")], env=opened.environment)
            check(f"window.{name}", bool(states), states)
        except AssertionError as error:
            result("failed", f"window.{name}", str(error)[:600])
        finally:
            opened.program.kill()
            opened.program.wait()
            opened.server.terminate()
            opened.server.wait()
            end_wine()


GROUPS = {"unit": unit, "cli": cli, "windows": windows, "gl": gl, "window": window}


def main():
    wanted = sys.argv[2:] or list(GROUPS)
    os.environ.setdefault("WINEPREFIX", os.path.join(BUILD, "wine"))
    os.environ.update(WINEDEBUG="-all", CONVLENS_ASSETS=f"{ROOT}/assets", LIBGL_ALWAYS_SOFTWARE="1", WINEDLLOVERRIDES="mscoree=;mshtml=;winedbg.exe=")
    server = None
    if shutil.which("Xvfb"):
        read_end, write_end = os.pipe()
        server = subprocess.Popen(["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1280x720x24", "-nolisten", "tcp", "-noreset"],
                                  pass_fds=[write_end], stderr=subprocess.DEVNULL)
        os.close(write_end)
        with os.fdopen(read_end) as announced:
            os.environ["DISPLAY"] = ":" + announced.readline().strip()
    os.makedirs(os.path.dirname(CONVLENS), exist_ok=True)
    with open(CONVLENS, "w") as file:
        file.write(WRAPPER.replace("@WINE@", WINE).replace("@PROGRAM@", os.path.join(BUILD, "convlens.exe")).replace("@DISPLAY@", os.environ.get("DISPLAY", "")))
    os.chmod(CONVLENS, 0o755)
    try:
        wine("wineboot", "--init", timeout=300)
        for name in wanted:
            print(f"group {name}", flush=True)
            before = {kind: len(names) for kind, names in RESULTS.items()}
            try:
                GROUPS[name]()
            except Exception as error:  # the other groups still run
                result("failed", name, str(error)[-1500:])
            os.chdir(ROOT)
            print(f"{name}: " + ", ".join(f"{len(names) - before[kind]} {kind}" for kind, names in RESULTS.items()), flush=True)
    finally:
        if server:
            server.terminate()
    print(", ".join(f"{len(names)} {kind}" for kind, names in RESULTS.items()))
    for kind in ("failed", "skipped"):
        for name in RESULTS[kind]:
            print(f"  {kind}: {name}")
    sys.exit(1 if RESULTS["failed"] else 0)


main()
