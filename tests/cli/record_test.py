"""`convlens record`: frames, size and duration as ffprobe sees them; the same bytes each time; no half file after Ctrl+C or a failure."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.abspath(sys.argv[1])
FFMPEG = shutil.which("ffmpeg") and shutil.which("ffprobe")
DOCUMENT = ["pattern:zone:96x64", "--weights", "random:6x5:3", "--backend", "cpu"]


def run(*arguments, **more):
    return subprocess.run([PROGRAM, "record", *arguments], capture_output=True, text=True, **more)


def content(path):
    with open(path, "rb") as file:
        return file.read()


def probe(path):
    """Width, height, frames and seconds."""
    done = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries",
                           "stream=width,height,nb_read_frames,r_frame_rate:format=duration", "-of", "json", path], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    stream = found["streams"][0]
    return stream["width"], stream["height"], int(stream["nb_read_frames"]), float(found["format"].get("duration", 0))


def check_formats():
    skipped = 0
    for ending in ("gif", "mp4", "webm", "y4m"):
        if ending in ("mp4", "webm") and not FFMPEG:
            skipped += 1
            continue
        for name in ("a", "b"):
            done = run(*DOCUMENT, "--sweep", "stride=1:8", "--size", "640x361", "--rate", "4", "--out", f"{name}.{ending}")
            assert done.returncode == 0, done.stderr
            assert "8 frames" in done.stdout and "2 s" in done.stdout, done.stdout
        assert content(f"a.{ending}") == content(f"b.{ending}"), f"{ending}: other bytes the second time"
        if FFMPEG:
            even = ending in ("mp4", "webm")
            width, height, frames, seconds = probe(f"a.{ending}")
            assert (width, height, frames) == (640, 362 if even else 361, 8), (ending, width, height, frames)
            assert abs(seconds - 2) < 0.02, (ending, seconds)
    done = run(*DOCUMENT, "--sweep", "rotation=0:90", "--frames", "3", "--out", "n_%02d.png")
    assert done.returncode == 0 and all(os.path.exists(f"n_0{i}.png") for i in range(3)), done.stderr
    return skipped


def check_colors():
    """A colormap's 256 colors in a GIF are those of the grid, pixel by pixel."""
    if not FFMPEG:
        return 1
    document = [*DOCUMENT, "--cell", "96x64", "--channels", "2", "--gap", "0"]
    for words in (["record", *document, "--sweep", "shift-x=0:2", "--no-caption", "--out", "c.gif"], ["render", *document, "--shift", "2,0", "--out", "c.png"]):
        subprocess.run([PROGRAM, *words], check=True, capture_output=True)
    pixels = [subprocess.run(["ffmpeg", "-v", "error", "-i", name, "-vf", f"select=eq(n\\,{frame})", "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                             check=True, capture_output=True).stdout for name, frame in (("c.gif", 2), ("c.png", 0))]
    assert len(pixels[0]) == 96 * 64 * 3 and pixels[0] == pixels[1], "the GIF has other colors"
    return 0


def check_video():
    """A recording is an input, and a video runs through the grid."""
    done = run(*DOCUMENT, "--sweep", "shift-x=0:9", "--size", "320x240", "--out", "source.gif")
    assert done.returncode == 0, done.stderr
    done = run("source.gif", "--weights", "edges", "--backend", "cpu", "--size", "640x480", "--out", "edges.gif")
    assert done.returncode == 0 and "10 frames of 640x480" in done.stdout and "2 per second" in done.stdout, (done.stdout, done.stderr)
    done = run("source.gif", "--frame", "7", "--weights", "edges", "--size", "640x480", "--out", "last.gif")
    assert done.returncode == 0 and " 3 frames" in done.stdout, (done.stdout, done.stderr)


def check_refusals():
    for arguments, status, words in (
        (["--sweep", "speed=1:2", "--out", "out.gif"], 2, "speed=1:2"),
        (["--sweep", "stride=1:2", "--out", "out.avi"], 2, "out.avi"),
        (["--sweep", "stride=1:2", "--out", "out.png"], 2, "frame_%03d.png"),
        (["--out", "out.gif"], 1, "expected a video"),
        (["--sweep", "stride=0:2", "--out", "out.gif"], 1, "stride 0"),
        (["--sweep", "stride=1:2", "--network", "largenet", "--out", "out.gif"], 1, "stride: expected a single convolution"),
        (["--sweep", "stride=1:2", "--out", "missing/out.gif"], 1, "missing"),
        (["--sweep", "stride=1:2"], 2, "--out"),
    ):
        done = run("pattern:zone:96x64", *arguments)
        assert done.returncode == status and words in done.stderr, (arguments, done.returncode, done.stderr)
    assert not [name for name in os.listdir(".") if "out." in name or name.endswith(".tmp")], os.listdir(".")
    empty = os.path.abspath("no programs")
    os.makedirs(empty)
    done = run(*DOCUMENT, "--sweep", "stride=1:2", "--out", "out.mp4", env={**os.environ, "PATH": empty})
    assert done.returncode == 1 and "install Debian's package ffmpeg" in done.stderr, done.stderr
    assert not os.path.exists("out.mp4")


def check_interrupted():
    """Ctrl+C, and a disk that is full: the old file stays, and nothing else is left."""
    os.makedirs("stopped")
    for ending in ("gif", "y4m", "mp4"):
        if ending == "mp4" and not FFMPEG:
            continue
        path = os.path.join("stopped", "r." + ending)
        with open(path, "w") as file:
            file.write("old")
        program = subprocess.Popen([PROGRAM, "record", "sample:cat", "--weights", "edges", "--backend", "cpu", "--sweep", "rotation=0:360", "--frames", "5000", "--out", path],
                                   stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 60
        while not any(name.endswith(".tmp") and (ending == "mp4" or os.path.getsize(os.path.join("stopped", name)) > 1000) for name in os.listdir("stopped")):
            assert time.monotonic() < end and program.poll() is None, "nothing was written"
            time.sleep(0.02)
        program.send_signal(signal.SIGINT)
        _, words = program.communicate(timeout=60)
        assert program.returncode == 1 and "interrupted" in words, (program.returncode, words)
        with open(path) as file:
            assert file.read() == "old"
    assert sorted(os.listdir("stopped")) == ["r.gif"] + (["r.mp4"] if FFMPEG else []) + ["r.y4m"], os.listdir("stopped")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        skipped = check_formats() + check_colors()
        check_video()
        check_refusals()
        check_interrupted()
        os.chdir("/")
    print(f"{skipped} checks skipped: ffmpeg and ffprobe are not installed" if skipped else "all checks ran")


main()
