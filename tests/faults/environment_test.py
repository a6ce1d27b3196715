"""Runs the command line where something of the system is missing: streams, folders, rights, space, locales. It must work, or end with a
sentence and status 1, and leave no half-written file."""
import os
import resource
import shutil
import subprocess
import sys
import tempfile

PROGRAM, GOLDEN = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
RENDER = [PROGRAM, "render", "pattern:noise:64x64", "--weights", "edges", "--backend", "cpu", "--out"]
done = skipped = 0


def run(command, **options):
    global done
    done += 1
    return subprocess.run(command, stderr=options.pop("stderr", subprocess.PIPE), timeout=120, **options)


def refuses(command, *words, **options):
    result = run(command, **options)
    text = result.stderr.decode()
    assert result.returncode == 1 and text.startswith("convlens: ") and text.count("\n") == 1, (command, result)
    assert all(word in text for word in words), (text, words)


def works(command, **options):
    result = run(command, **options)
    assert result.returncode == 0 and not result.stderr, (command, result)
    return result


def streams(folder):
    whole = open(os.path.join(folder, "whole.png"), "rb").read()
    for closed in ([0], [1], [2], [0, 1, 2]):
        path = os.path.join(folder, "closed.png")
        works([*RENDER, path], preexec_fn=lambda closed=closed: [os.close(file) for file in closed])
        assert open(path, "rb").read() == whole, f"with {closed} closed"
        os.remove(path)
        # A message for a closed stderr must not get into a file.
        status = run([*RENDER, path, "--save-session", "/nowhere/s.json"], preexec_fn=lambda closed=closed: [os.close(file) for file in closed])
        assert status.returncode == 1 and open(path, "rb").read() == whole, f"with {closed} closed"
    with open("/dev/full", "w") as full:
        for words in (["info", f"{GOLDEN}/checkpoints/f32.npy"], ["network"], ["code", "pattern:noise:8x8", "--weights", "edges"], ["selftest", "--cases", "2"]):
            refuses([PROGRAM, *words], "standard output", "No space left", stdout=full, cwd=folder)
    # A reader that ends early ends the program as the shell expects, by SIGPIPE, or is not noticed.
    reader = subprocess.Popen(["true"], stdin=subprocess.PIPE)
    reader.wait()
    assert run([PROGRAM, "network", "--network", "alexnet"], stdout=reader.stdin).returncode in (-13, 0, 1)
    reader.stdin.close()


def environment(folder):
    path = os.path.join(folder, "environment.png")
    whole = open(os.path.join(folder, "whole.png"), "rb").read()
    rest = {key: value for key, value in os.environ.items() if key not in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
    for changes in ({}, {"HOME": "/nonexistent"}, {"HOME": ""}, {"HOME": "relative"}, {"HOME": "/dev/null"}, {"XDG_STATE_HOME": "/proc", "HOME": "/proc"},
                    {"LC_ALL": "tr_TR.UTF-8"}, {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}, {"LC_ALL": "nonsense"}, {"TZ": "nonsense"}, {"TMPDIR": "/nonexistent"}, {"PATH": ""}):
        works([*RENDER, path], env={**rest, **changes})
        assert open(path, "rb").read() == whole, changes
    works([*RENDER, path], env={})


def locales(folder):
    """With the real locales, if they can be made: a decimal comma, and an i without a dot."""
    global skipped
    for name in ("de_DE", "tr_TR"):
        if not os.path.isdir("/usr/share/i18n/locales") or subprocess.run(["localedef", "-i", name, "-f", "UTF-8", os.path.join(folder, name + ".UTF-8")], capture_output=True).returncode not in (0, 1):
            skipped += 1
            continue
        environment = {**os.environ, "LOCPATH": folder, "LC_ALL": name + ".UTF-8"}
        for words, expected in ((["network", "--json"], None), (["info", f"{GOLDEN}/checkpoints/f32.npy"], None)):
            assert works([PROGRAM, *words], env=environment, stdout=subprocess.PIPE).stdout == works([PROGRAM, *words], stdout=subprocess.PIPE).stdout, (name, expected)


def places(folder):
    global skipped
    for path, word in (("/proc/x.png", "No such file"), ("/sys/x.png", ""), (os.path.join(folder, "absent", "x.png"), "No such file"),
                       (os.path.join(folder, "n" * 300 + ".png"), "too long"), (folder + "/folder.png", "folder")):
        os.makedirs(folder + "/folder.png", exist_ok=True)
        refuses([*RENDER, path], word)
    # As no one special, where nothing may be written.
    if os.getuid() == 0:
        locked = os.path.join(folder, "locked")
        os.mkdir(locked, 0o755)
        os.chmod(folder, 0o755)
        refuses([*RENDER, os.path.join(locked, "x.png")], "Permission denied", user=65534, env={"HOME": "/"})
        assert not os.listdir(locked)
    # A limit of the size of files is met like a full disk, in the middle of writing.
    path = os.path.join(folder, "limited.png")

    def limit():
        import signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    with open(path, "wb") as old:
        old.write(b"old")
    before = sorted(os.listdir(folder))
    refuses([*RENDER, path], "too large", preexec_fn=limit)
    assert open(path, "rb").read() == b"old" and sorted(os.listdir(folder)) == before
    # A disk of one megabyte.
    small = os.path.join(folder, "small")
    os.mkdir(small)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], capture_output=True).returncode:
        skipped += 1
        return
    try:
        path = os.path.join(small, "x.npy")
        with open(path, "wb") as old:
            old.write(b"old")
        refuses([PROGRAM, "render", "pattern:noise:128x128", "--weights", "edges", "--backend", "cpu", "--data", path], "No space left on device")
        assert open(path, "rb").read() == b"old" and os.listdir(small) == ["x.npy"]
        subprocess.run(["mount", "-o", "remount,ro", small], check=True)
        refuses([*RENDER, os.path.join(small, "x.png")], "Read-only file system")
    finally:
        subprocess.run(["umount", small], check=True)


def memory(folder):
    refuses([PROGRAM, "render", "pattern:noise:2000x2000", "--weights", "edges", "--backend", "cpu", "--out", os.path.join(folder, "m.png"), "--memory", "200MB"], "more than half of the memory limit (200 MB)")
    assert not os.path.exists(os.path.join(folder, "m.png"))
    # What the limit allows stays within it, but for the program itself and the file that it writes (80 MB).
    command = [PROGRAM, "render", "pattern:noise:1024x1024", "--weights", "random:20x5", "--backend", "cpu", "--data", os.path.join(folder, "m.npy"), "--memory", "250MB"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0, process.stderr.read()
        process.returncode = 0
    assert usage.ru_maxrss < 400_000, f"{usage.ru_maxrss} kB were in use with a limit of 250 MB"


def main():
    with tempfile.TemporaryDirectory() as folder:
        works([*RENDER, os.path.join(folder, "whole.png")])
        for part in (streams, environment, locales, places, memory):
            part(folder)
    print(f"{done} runs; {skipped} cases skipped: they need the locales' sources, or the right to mount")


main()
