"""Languages: in a made-up language, every panel is looked at for texts that are not translated or are cut off at the right; in German and
Spanish, the window is switched at run time and operated, keeps the language, and cuts nothing off."""
import json
import os
import re
import shutil
import sys

from driver import Window

# In the made-up language, the selected network is wider than the panel on the left: no choice of the window is as narrow and as long.
TOO_LONG = "čóóñṽṽóĺúúťîîóñ»"
READY = lambda s: s.get("busy") == "0" and "output" in s
BEGIN, END = "\u00ab", "\u00bb"  # what frames each text of the made-up language

# What has plain letters in the made-up language, because it is no word of the window.
KEPT = re.compile(r"""
    \b[a-z0-9]+(_[a-z0-9]+)+\b                                   # names of arguments of PyTorch
  | (\.{3}|/)?[\w./-]*\.(png|gif|mp4|webm|y4m|npy|npz|jpg|csv|json|safetensors)\b | /[\w./-]+   # files and endings
  | \b(conv1|input)\b | \bConv2d\b | \bnv2d\b                           # names and types of layers
  | AlexNet\ \(trained\ by\ Convlens\ on\ Tiny | ImageNet\)    # titles of documents
  | \d+\ random\ kernels\ \S+,\ seed\ \d+
  | \bcat\b | \bSobel\ x\b                                      # names of images and kernels
  | \b(viridis|zeros|reflect|replicate|circular|imagenet|floor|ceil)\b   # values with the names of matplotlib, PyTorch and NumPy
  | (?<![A-Za-z])(ms|MB|kB|dB|px|GMAC/s)(?![A-Za-z])             # units
  | \bF\d+\b | \b[A-Z]\b | \d+(x\d+)+ | \b\d+x\b               # keys, sizes, factors
  | CPU\ .*threads | \bC\ ?K?\ ?.*= .* | .*log2\ ?S.*            # names of backends, and formulas
""", re.VERBOSE)


def texts(window):
    """Returns the texts on the screen in the order of drawing: whether a panel begins, left, top, right, room on the right, text."""
    states = window.read()[1]
    rows = [states[key].split(" ", 5) for key in sorted(states) if key.startswith("text.")]
    return [(row[0] == "1", *(float(n) for n in row[1:5]), row[5]) for row in rows]


def plain(rows):
    """Returns the words with plain letters that are not KEPT, with the text that they are in."""
    return [(word, text) for *_, text in rows for word in re.findall(r"[A-Za-z]{2,}", KEPT.sub(" ", text))]


def cut(rows):
    """Returns the texts that are cut off at the right edge of what clips them: a letter is cut, or a text that begins has no end. Paths in
    text fields may be longer than these, as they depend on where the story runs."""
    found, begun = [row[5] for row in rows if row[4] < -0.5 and not row[5].endswith(TOO_LONG) and not row[5].startswith("/")], []
    for index, row in enumerate(rows + [(True, 0, 0, 0, 0, "")]):
        if row[0]:
            found += [rows[i][5] for i in begun if rows[i][4] < 16]
            begun = []
        for letter in row[5]:
            if letter == BEGIN:
                begun.append(index)
            elif letter == END and begun:
                begun.pop()
    return found


# Parts of tools: the control that shows them, and its name in a list where there is no room for tabs.
PARTS = {
    "attribute": [("attribute.fool", "")], "maximize": [("maximize.patches", "")],
    "compare": [("compare.difference", ""), ("compare.normalized", "")],
    "filters": [("filters." + name.lower().split(" ")[0].replace("shifts", "shift"), "filters.part." + name) for name in (
        "Frequency response", "Spectra", "Design", "Separability", "Algebra", "Paint a filter", "Shifts", "Aliasing", "Borders", "Precision", "Algorithms")],
}


def show(window, control):
    """Shows a tool in the middle, by its tab or, where there is no room for tabs, from the list."""
    if control not in window.read()[0]:
        window.click("tools")
    window.click(control)
    window.wait(control, READY, 240)
    window.park()
    window.frames(3)


def panels(window, every):
    """Shows one part of the window after the other, and yields its name. Without `every`, leaves out the parts of tools and the menus."""
    window.wait("the first grid", READY)
    sides = sorted(c for c in window.read()[0] if c.startswith("side."))
    if "tools" in window.read()[0]:
        window.click("tools")
    tools = sorted(c for c in window.read()[0] if c.startswith("tool."))
    assert len(tools) > 8 and len(sides) > 4, (tools, sides)
    window.key("Escape")
    for control in tools:
        show(window, control)
        yield control
        for part, listed in PARTS.get(control[5:], []) if every else []:
            if part not in window.read()[0]:
                window.click("filters.part")
            window.click(part if part in window.read()[0] else listed)
            window.park()
            window.wait(part, READY, 240)
            window.frames(3)
            yield part
    show(window, "tool.grid")
    for control in sides:
        window.click(control)
        window.park()
        window.frames(3)
        yield control
    window.click("side.kernels")
    for control in sorted(c for c in window.read()[0] if c.startswith("menu.")) if every else []:
        window.click(control)
        window.frames(3)
        yield control
        window.key("Escape")
    for key in ("question", "ctrl+p", "ctrl+o", "ctrl+shift+e", "ctrl+shift+r", "ctrl+g", "F6"):
        window.key(key)
        window.frames(4)
        yield key
        window.key("Escape")


def look(window, shots, prefix, failures):
    for name in panels(window, prefix == "pseudo"):
        rows = texts(window)
        assert len(rows) > 20, f"{name}: {rows}"
        words = plain(rows) if prefix == "pseudo" else []
        off = cut(rows)
        if words or off:
            failures += [f"{prefix}, {name}: not translated: {word!r} in {text!r}" for word, text in words]
            failures += [f"{prefix}, {name}: cut off: {text!r}" for text in off]
        window.shot(f"{prefix}-{name}")


def lecture(window):
    """A lecture that comes with Convlens has the language of the window, also after the language was changed."""
    window.key("F6")
    window.click("lecture.open.filters.json")
    spanish = window.wait("the lecture", lambda s: s["scene_shown"] == "1" and s["scene"].startswith("1 of"), 120)["scenes"]
    window.key("Escape")
    window.click("menu.View")
    window.click("menu.language.de")
    german = window.wait("the lecture in German", lambda s: s["scenes"] != spanish)["scenes"]
    window.click("menu.View")
    window.click("menu.language.es")
    window.wait("the lecture in Spanish", lambda s: s["scenes"] == spanish)
    with open(os.path.join(sys.argv[3], "lectures", "filters.json"), encoding="utf-8") as file:
        english = "|".join(scene["title"] for scene in json.load(file)["scenes"])
    assert not english.startswith(german[:20]) and not english.startswith(spanish[:20]), (german, spanish)


def error(window):
    """What can't be opened is said in the language of the window."""
    folder = os.path.join(window.shots, "files")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "broken.png"), "w") as file:
        file.write("no picture")
    window.key("ctrl+o")
    window.click("browser.path")
    window.key("ctrl+a")
    window.type(folder + "/")
    window.key("Return")
    window.wait_control("file.broken.png")
    window.double_click("file.broken.png")
    states = window.wait("an error", lambda s: s["error"].startswith("broken.png"))
    assert "se esperaba" in states["error"] and "expected" not in states["error"], states["error"]


def german(program, shots):
    state = os.path.join(shots, "kept")
    shutil.rmtree(state, ignore_errors=True)
    with Window(program, shots, size=(1920, 1080), state=state) as window:
        states = window.wait("the grid", READY)
        assert not texts(window), "English texts are not reported"
        before = states["output"]
        window.click("menu.View")
        window.click("menu.language.de")
        window.wait("German", lambda s: any(v.endswith(" Datei") for k, v in s.items() if k.startswith("text.")))
        window.click("stride", 0.9, 0.5)  # the controls have their English names
        window.wait("another output", lambda s: READY(s) and s["output"] != before)
        window.click("menu.Edit")
        window.click("menu.undo")
        window.wait("the first output", lambda s: READY(s) and s["output"] == before)
        window.click("tool.microscope")
        window.wait("the microscope", lambda s: s["tool"] == "microscope")
        window.key("ctrl+p")
        window.type("spanisch")
        window.key("Escape")
        window.click("menu.View")
        window.click("menu.language.es")
        window.wait("Spanish", lambda s: any(v.endswith(" Archivo") for k, v in s.items() if k.startswith("text.")))
        lecture(window)
        error(window)
        window.click("tool.grid")
        window.wait("the grid", lambda s: READY(s) and s["tool"] == "grid")
        window.quit()
    with Window(program, shots, state=state, keep_state=True) as window:  # keeps it
        window.wait("Spanish", lambda s: any(v.endswith(" Archivo") for k, v in s.items() if k.startswith("text.")))
        window.click("menu.View")
        window.click("menu.language.en")
        window.wait("English", lambda s: READY(s) and not any(k.startswith("text.") for k in s))
        window.quit()
    with Window(program, shots, environment={"LC_ALL": "", "LC_MESSAGES": "de_AT.UTF-8"}) as window:  # that of the system
        window.wait("German", lambda s: any(v.endswith(" Datei") for k, v in s.items() if k.startswith("text.")))
        window.quit()


def main():
    program, shots = sys.argv[1], os.path.abspath(sys.argv[2])
    failures = []
    german(program, shots)
    for language, size in (("pseudo", (1920, 1080)), ("de", (1280, 720)), ("es", (1280, 720))):
        with Window(program, shots, size=size, arguments=["--language", language]) as window:
            look(window, shots, language, failures)
            window.quit()
    assert not failures, "\n".join(failures)


main()
