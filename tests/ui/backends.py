"""CPU and OpenGL in the window: chosen, measured, compared; OpenGL that fails hands over to the CPU and is not asked twice."""
import os
import shutil
import subprocess
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s and s.get("comparison", "-") != "-"


def chooses_and_measures(program, shots):
    with Window(program, shots) as window:
        states = window.wait("the first grid, measured", lambda s: READY(s))
        assert states["backend"].startswith("CPU"), states["backend"]
        assert states["comparison"].startswith("missing: "), "there is no graphics card here: " + states["comparison"]
        assert states["gl_failure"] == "-", "OpenGL was not requested"
        window.key("ctrl+2")
        window.wait("random kernels", lambda s: READY(s) and s["output"].startswith("1x7x"))
        window.key("ctrl+g")
        window.click("measure")
        states = window.wait("both measured", lambda s: READY(s) and not s["comparison"].startswith("missing"), 120)
        cpu_ms, gl_ms, difference, magnitude = map(float, states["comparison"].split())
        assert cpu_ms > 0 and gl_ms > 0, states["comparison"]
        assert difference <= 1e-5 * magnitude and magnitude > 0, states["comparison"]
        assert states["backend"].startswith("CPU"), "a software driver is no reason to leave the CPU"
        window.shot("1-measured")
        window.click("use.gl")
        states = window.wait("OpenGL", lambda s: READY(s) and s["backend"].startswith("OpenGL 4."), 120)
        window.shot("2-opengl")
        window.key("Escape")
        window.key("ctrl+z")
        window.wait("an undo on OpenGL", lambda s: s.get("busy") == "0" and s["output"].startswith("1x64x") and s["backend"].startswith("OpenGL"), 120)
        window.click("backend")
        window.click("use.cpu")
        window.wait("the CPU again", lambda s: s.get("busy") == "0" and s["backend"].startswith("CPU"))
        window.key("Escape")
        window.quit()


def takes_over(program, shots, fault, words):
    """The document stays, the CPU shows it, a sentence says why."""
    os.environ["CONVLENS_GL_FAULT"] = fault
    try:
        with Window(program, shots) as window:
            before = window.wait("the first grid", lambda s: s.get("busy") == "0" and "output" in s and s["gl_failure"] == "-")
            window.key("ctrl+2")
            window.wait("random kernels", lambda s: s.get("busy") == "0" and s["output"].startswith("1x7x"))
            window.key("ctrl+g")
            window.click("use.gl")
            states = window.wait(f"the CPU to take over after {fault}", lambda s: s.get("busy") == "0" and s["gl_failure"] != "-", 120)
            assert words in states["gl_failure"], states["gl_failure"]
            assert states["backend"].startswith("CPU") and states["error"] == "-", states
            assert states["output"].startswith("1x7x"), states["output"]
            window.key("Escape")
            window.frames(3)
            window.shot("3-" + fault)
            window.key("ctrl+z")
            states = window.wait("an undo afterwards", lambda s: s.get("busy") == "0" and s["output"] == before["output"])
            assert words in states["gl_failure"], "it was forgotten"
            window.quit()
    finally:
        del os.environ["CONVLENS_GL_FAULT"]


def exports_on_the_cpu(program, shots):
    """The card is lost after it has made what is on screen: what is saved then is the CPU's, and whole."""
    os.makedirs(shots, exist_ok=True)
    lost, folder = os.path.abspath(os.path.join(shots, "lost")), os.path.abspath(os.path.join(shots, "exports"))
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    if os.path.exists(lost):
        os.remove(lost)
    os.environ["CONVLENS_GL_FAULT"] = "lost@" + lost
    picture, expected = os.path.join(folder, "zone.png"), os.path.join(folder, "expected.png")
    subprocess.run([program, "render", "--image", "pattern:zone:60x40", "--weights", "random:1x1", "--out", picture], check=True)
    subprocess.run([program, "render", picture, "--backend", "cpu", "--out", expected], check=True)
    try:
        with Window(program, shots, arguments=("--backend", "gl", picture)) as window:
            window.wait("a grid of OpenGL", lambda s: s.get("busy") == "0" and "output" in s and s["backend"].startswith("OpenGL"), 120)
            open(lost, "w").close()
            window.key("ctrl+e")
            states = window.wait("the grid to be saved", lambda s: s.get("busy") == "0" and s["note"].startswith("saved "), 120)
            assert "was reset" in states["gl_failure"] and states["error"] == "-", states
            assert states["backend"].startswith("CPU"), states["backend"]
            with open(os.path.join(folder, "zone-grid.png"), "rb") as saved, open(expected, "rb") as cpu:
                assert saved.read() == cpu.read(), "not the CPU's picture"
            window.frames(3)
            window.shot("4-exported")
            window.quit()
    finally:
        del os.environ["CONVLENS_GL_FAULT"]


def compares_on_the_cpu(program, shots):
    """Both sides of a comparison lie on cards that are lost: the next page of it comes from the CPU."""
    lost = os.path.abspath(os.path.join(shots, "lost"))
    if os.path.exists(lost):
        os.remove(lost)
    os.environ["CONVLENS_GL_FAULT"] = "lost@" + lost
    try:
        with Window(program, shots, arguments=("--backend", "gl")) as window:
            window.wait("a grid of OpenGL", lambda s: s.get("busy") == "0" and "output" in s and s["backend"].startswith("OpenGL"), 120)
            window.key("c")
            before = window.wait("a comparison", lambda s: s.get("busy") == "0" and s.get("compare.difference", "-") != "-", 120)
            assert before["backend"].startswith("OpenGL") and before["error"] == "-", before
            open(lost, "w").close()
            window.click("compare.difference")
            after = window.wait("the difference", lambda s: s.get("busy") == "0" and s["compare.page"] == "3" and s["gl_failure"] != "-", 120)
            assert after["backend"].startswith("CPU") and after["error"] == "-" and "was reset" in after["gl_failure"], after
            (largest, *_), (same, *_) = ((float(n) for n in s["compare.difference"].split()) for s in (before, after))
            assert abs(largest - same) <= 1e-5 * largest, (before["compare.difference"], after["compare.difference"])
            window.shot("5-compared")
            window.quit()
    finally:
        del os.environ["CONVLENS_GL_FAULT"]


program, shots = sys.argv[1:3]
chooses_and_measures(program, shots)
for fault, words in (("no-egl", "OpenGL is not available"), ("compile", "does not compile"), ("link", "does not link"), ("memory", "no memory"), ("lost", "was reset"), ("nan", "NaN values")):
    takes_over(program, shots, fault, words)
exports_on_the_cpu(program, shots)
compares_on_the_cpu(program, shots)
