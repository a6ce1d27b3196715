"""The command line: what bad input gets, and that good input gives the same pixels every time."""
import csv
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

PROGRAM, DATA, BUILD = map(os.path.abspath, sys.argv[1:4])

# arguments of `render`, exit status, words of the sentence on stderr
REFUSED = [
    (["--image", "nope.png"], 1, "nope.png"),
    (["--image", "text.png"], 1, "not a picture"),
    (["--image", "a.gif"], 1, "the GIF is corrupt"),
    (["--stride", "0"], 2, "'0'"),
    (["--dilation", "0"], 2, "'0'"),
    (["--scale", "foo"], 2, "'foo'"),
    (["--isa", "foo"], 2, "'foo'"),
    (["--groups", "2"], 1, "groups is 2"),
    (["--image", "pattern:step:5x5"], 1, "larger than the padded input 9x9"),
    (["--padding-mode", "reflect", "--padding", "400"], 1, "reflect padding 400x400"),
    (["--weights", "random:512x1", "--image", "pattern:noise:8000x8000"], 1, "131.1 GB"),
    (["--weights", os.path.join(DATA, "golden/checkpoints/hostile/nan_inf.npy")], 1, "NaN or infinite"),
    (["--weights", os.path.join(DATA, "golden/checkpoints/hostile/runs_a_command.pth")], 1, "posix.system"),
    (["--weights", os.path.join(DATA, "golden/checkpoints/hostile/legacy_truncated.pth")], 1, "ends within the storage"),
    (["--weights", os.path.join(DATA, "golden/checkpoints/largenet_zip.pth:conv3.weight")], 1, "conv3.weight"),
    (["--channels", "64"], 1, "channel 64 does not exist"),
    (["--network", "nonet.json"], 1, "nonet.json"),
    (["--network", "largenet", "--resize", "36x36"], 1, "fc1: Linear expects 250 inputs, gets 360: 10 x 6 x 6"),
    (["--network", "largenet", "--layer", "conv9"], 1, "layer 'conv9' does not exist"),
    (["--network", "largenet", "--stride", "2"], 1, "--stride describes the one convolution of --network conv"),
    (["--network", "largenet", "--weights", os.path.join(DATA, "golden/conv2d_notebook.npz")], 1, "none of its arrays fits LargeNet"),
    (["--network", "alexnet", "--weights", "convlens", "--layer", "classifier.1"], 1, "classifier.1 has no weights"),
    (["--max-pool", "0"], 2, "'0'"),
]


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)


def check_refusals():
    open("text.png", "w").write("this is no picture at all, only words\n")
    open("a.gif", "wb").write(b"GIF89a" + bytes(20))
    for arguments, status, words in REFUSED:
        done = run("render", *arguments, "--out", "out.png")
        assert done.returncode == status, (arguments, done.returncode, done.stderr)
        assert words in done.stderr, (arguments, done.stderr)
        assert not os.path.exists("out.png"), arguments
    assert run("render").returncode == 2
    assert run("render", "--out", "missing/out.png").returncode == 1


def check_help():
    """Help texts fit 100 columns, and the example of every command works as it is printed."""
    commands = re.findall(r"^  (\w+) ", run("--help").stdout.split("\nCommands:\n")[1].split("\n\n")[0], re.MULTILINE)
    assert commands == ["render", "record", "network", "code", "maximize", "attribute", "patches", "analyze", "quiz", "classify", "info", "train", "selftest", "verify", "bench"], commands
    path = os.path.dirname(PROGRAM) + os.pathsep + os.environ["PATH"]
    for command in [None, *commands]:
        done = run(*([command] if command else []), "--help")
        assert done.returncode == 0 and not done.stderr, done
        for line in done.stdout.splitlines():
            assert len(line) <= 100 and line == line.rstrip(), (command, line)
        assert "--position" in done.stdout or command != "render"
        assert "--spot" not in done.stdout, "the old name of --position is not documented"
        if command is None:
            continue
        example = done.stdout.split("\nExample:\n")[1].strip()
        assert f"convlens {command} " in example and "\n" not in example, (command, example)
        folder = os.path.join("examples", command)
        os.makedirs(folder)
        tried = subprocess.run(example, shell=True, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True)
        assert tried.returncode == 0 and tried.stderr == "", (example, tried)


def completions(script, *words):
    """What bash offers for the last one of `words`."""
    ask = 'source "$1" && shift && COMP_WORDS=("$@") && COMP_CWORD=$(($# - 1)) && _convlens && printf "%s\n" "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "-c", ask, "bash", script, "convlens", *words], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", (words, done)
    return done.stdout.split()


def check_completion(script):
    os.makedirs("complete/spaces here")
    os.chdir("complete")
    open("cat.png", "w").close()
    for words, expected in {
        ("render", "--colormap", "v"): ["viridis"],
        ("render", "--colormap", "=", "v"): ["viridis"],
        ("--backend", "g"): ["gl"],
        ("render", "--scale", "fixed"): ["fixed:"],
        ("render", "--weights", "edges", ":", "s"): ["sum"],
        ("render", "--image", "sam"): ["sample:"],
        ("train", "--data", "f"): ["fashion-mnist", "folder:"],
        ("train", "feat"): ["features"],
        ("rend",): ["render"],
        ("render", "--posi"): ["--position"],
        ("--light", "--ful"): ["--fullscreen"],
        ("render", "--columns", ""): [],
        ("render", "--out", "c"): [],  # left to readline's own completion of file names
    }.items():
        assert completions(script, *words) == expected, (words, completions(script, *words))
    assert {"render", "network", "code", "maximize", "attribute", "patches", "classify", "info", "train", "selftest", "bench", "cat.png", "spaces\\"} <= set(completions(script, ""))
    for words in ("normalize", "none"), ("padding-mode", "reflect"), ("sort", "energy"), ("isa", ""), ("paper", "dark"), ("network", "alexnet"):
        assert completions(script, "render", "--" + words[0], words[1]), words
    for command in [], ["render"], ["network"], ["code"], ["info"], ["train"], ["selftest"], ["bench"]:
        options = re.findall(r"^  (?:-h, )?(--[\w-]+)", run(*command, "--help").stdout, re.MULTILINE)
        assert sorted(completions(script, *command, "--")) == sorted(options), command
    os.chdir("..")


def check_man_page(page):
    text = open(page).read()
    for words in (".SH OPTIONS", '.SH "CONVLENS RENDER"', ".SS Example", "\\-\\-colormap", "convlens selftest"):
        assert words in text, words
    if shutil.which("groff"):
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", page], capture_output=True, text=True)
        assert done.returncode == 0 and done.stderr == "", done.stderr


def check_sessions():
    made = run("render", "--image", "pattern:zone:50x40", "--weights", "random:7x5:9", "--save-session", "s.json", "--out", "a.png")
    assert made.returncode == 0, made.stderr
    assert run("render", "--session", "s.json", "--out", "b.png", "--save-session", "t.json").returncode == 0
    assert open("a.png", "rb").read() == open("b.png", "rb").read() and open("s.json").read() == open("t.json").read()
    changed = run("render", "--session", "s.json", "--stride", "2", "--stats")
    assert json.loads(changed.stdout)["shape"] == [1, 7, 20, 25], changed.stderr
    assert "session" in run("info", "s.json").stdout
    open("newer.json", "w").write('{"convlens": "session", "version": 7}')
    newer = run("render", "newer.json", "--out", "out.png")
    assert newer.returncode == 1 and "a newer Convlens wrote it" in newer.stderr, newer.stderr
    assert run("render", "--image", "sample:brick", "--save-session", "s.zip", "--out", "a.png").returncode == 0
    assert run("render", "s.zip", "--out", "b.png").returncode == 0
    assert open("a.png", "rb").read() == open("b.png", "rb").read()


def check_many():
    os.makedirs("grids")
    done = run("render", "sample:cat", "text.png", "--image", "sample:brick", "--weights", "edges", "--out-folder", "grids")
    assert done.returncode == 1 and "text.png" in done.stderr and "1 of 3 images failed" in done.stderr, done.stderr
    assert sorted(os.listdir("grids")) == ["brick-grid.png", "cat-grid.png"]
    assert run("render", "sample:cat", "--weights", "edges", "--out", "alone.png").returncode == 0
    assert open("alone.png", "rb").read() == open("grids/cat-grid.png", "rb").read()


def check_microscope():
    for name in ("m.png", "n.png"):
        done = run("render", "--weights", "edges", "--microscope", name, "--position", "5,40,60", "--pixels", "40")
        assert done.returncode == 0, done.stderr
    assert open("m.png", "rb").read() == open("n.png", "rb").read()
    assert run("render", "--weights", "edges", "--microscope", "n.png", "--position", "5,41,60", "--pixels", "40").returncode == 0
    assert open("m.png", "rb").read() != open("n.png", "rb").read()
    assert run("render", "--weights", "edges", "--microscope", "old.png", "--spot", "5,41,60", "--pixels", "40").returncode == 0
    assert open("old.png", "rb").read() == open("n.png", "rb").read(), "--spot is another name of --position"
    beyond = run("render", "--weights", "edges", "--microscope", "out.png", "--position", "64,0,0")
    assert beyond.returncode == 1 and "channel 64, y 0, x 0 does not exist: layer conv1 is 64 x 300 x 451" in beyond.stderr, beyond.stderr
    for words in (["--position", "1,2"], ["--position", "1,2,-3"], ["--pixels", "7"]):
        assert run("render", "--microscope", "out.png", *words).returncode == 2, words
    assert not os.path.exists("out.png")


def check_scenes():
    lecture = os.path.join(os.path.dirname(DATA), "assets/lectures/cnn.json")
    for folder in ("first", "second"):
        os.makedirs(folder)
        done = run("render", "--scenes", lecture, "--out-folder", folder)
        assert done.returncode == 0, done.stderr
    names = sorted(os.listdir("first"))
    assert len(names) == 15, names
    for name in names:
        assert open(os.path.join("first", name), "rb").read() == open(os.path.join("second", name), "rb").read(), name


def check_lecture_bundle():
    """A lecture and its image in a .zip, as another program packs them, gives what the files themselves give."""
    assert run("render", "--image", "sample:brick", "--weights", "edges", "--out", "picture.png").returncode == 0
    scene = {"title": "Edges", "text": "{output_shape}", "document": {"input": {"images": ["picture.png"], "resize": [90, 120]}, "kernels": {"bank": "edges"}}}
    lecture = {"convlens": "lecture", "version": 1, "title": "Packed", "scenes": [scene, dict(scene, title="Wide", document=dict(scene["document"], conv={"stride": 2}))]}
    json.dump(lecture, open("packed.json", "w"))
    packed = json.dumps(lecture).replace("picture.png", "images/0-picture.png")
    os.makedirs("far")
    with zipfile.ZipFile("far/packed.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("lecture.json", packed)
        file.write("picture.png", "images/0-picture.png")
    for name, folder in (("packed.json", "from-files"), ("far/packed.zip", "from-bundle")):
        os.makedirs(folder)
        for out in (["--out-folder", folder], ["--out", folder + "/h.html"], ["--out", folder + "/h.pdf"]):
            done = run("render", "--scenes", name, *out)
            assert done.returncode == 0, done.stderr
        if name == "packed.json":
            os.remove("picture.png")
    assert sorted(os.listdir("from-bundle")) == ["01-edges.png", "02-wide.png", "h.html", "h.pdf"]
    for name in os.listdir("from-bundle"):
        assert open(f"from-files/{name}", "rb").read() == open(f"from-bundle/{name}", "rb").read(), name
    assert run("render", "--scenes", "packed.json", "--out-folder", "from-files").returncode == 1, "its picture is gone"
    for words, said in ((["far/packed.zip"], "packed.zip: it is a bundle with a lecture, expected a session"),
                        (["--scenes", "s.zip", "--out-folder", "far"], "s.zip: it is a bundle with a session, expected a lecture")):
        done = run("render", *words, *(["--out", "out.png"] if "--scenes" not in words else []))
        assert done.returncode == 1 and said in done.stderr, done.stderr
    assert run("render", "--scenes", "lecture.txt", "--out-folder", "far").returncode == 2
    for name, wrong in (("cut", open("far/packed.zip", "rb").read()[:-40]), ("empty", b""), ("text", b"no archive" * 99)):
        open(f"far/{name}.zip", "wb").write(wrong)
        done = run("render", "--scenes", f"far/{name}.zip", "--out-folder", "far")
        assert done.returncode == 1 and f"{name}.zip: " in done.stderr and done.stderr.count("\n") == 1, done.stderr


def check_handouts():
    lecture = os.path.join(os.path.dirname(DATA), "assets/lectures/cnn.json")
    for name in ("handout.pdf", "handout.html"):
        done = run("render", "--scenes", lecture, "--out", name)
        assert done.returncode == 0, done.stderr
    pdf, html = open("handout.pdf", "rb").read(), open("handout.html").read()
    assert pdf.startswith(b"%PDF-1.4") and pdf.endswith(b"%%EOF\n") and 15 < pdf.count(b"/Type /Page ") < 40, pdf.count(b"/Type /Page ")
    assert html.count("<h2>") == 15 and "20,000,000" in html and "<script" not in html and "://" not in html, len(html)
    assert run("render", "--out", "grid.pdf").returncode == 2
    assert run("render", "--scenes", lecture).returncode == 2
    assert run("render", "--scenes", lecture, "--out", "grid.png").returncode == 2
    if shutil.which("pdftotext"):
        words = subprocess.run(["pdftotext", "handout.pdf", "-"], check=True, capture_output=True, text=True).stdout
        assert "Weight sharing: a convolution" in words and "Answers" in words, words[:2000]


def check_quiz():
    sheet = run("quiz", "--count", "6", "--seed", "3")
    assert sheet.returncode == 0 and sheet.stdout == run("quiz", "--count", "6", "--seed", "3").stdout != run("quiz", "--count", "6", "--seed", "4").stdout
    questions, key = sheet.stdout.split("Answers")
    assert all(f"\n{n}. " in questions and f"\n{n}. " in key for n in range(1, 7)), sheet.stdout
    for name in ("quiz.pdf", "quiz.html", "quiz.txt"):
        done = run("quiz", "--count", "4", "--out", name)
        assert done.returncode == 0 and not done.stdout and os.path.getsize(name) > 500, done.stderr
    assert run("quiz", "--count", "0").returncode == 2 and run("quiz", "--out", "quiz.doc").returncode == 2


def check_results():
    for threads in ("1", "2", "3"):
        done = run("render", "--threads", threads, "--out", f"{threads}.png", "--data", f"{threads}.npy", "--stats")
        assert done.returncode == 0, done.stderr
        stats = json.loads(done.stdout)
        assert stats["shape"] == [1, 64, 74, 112] and len(stats["channels"]) == 64
    for kind in ("png", "npy"):
        first = open(f"1.{kind}", "rb").read()
        assert first and all(open(f"{t}.{kind}", "rb").read() == first for t in "23"), kind
    batch = run("render", "--image", "pattern:noise:128x128", "--batch", "32", "--weights", "random:7x5", "--stats")
    assert json.loads(batch.stdout)["shape"] == [32, 7, 128, 128], batch.stderr
    checkpoint = os.path.join(DATA, "golden/checkpoints/largenet_training_checkpoint.pth")
    listed = json.loads(run("info", "--json", checkpoint).stdout)["arrays"]
    assert listed[0] == {"key": "module.conv1.weight", "dtype": "float32", "shape": [5, 3, 5, 5]}, listed
    render = run("render", "--weights", checkpoint + ":conv1.weight", "--stats")
    assert json.loads(render.stdout)["shape"][1] == 5, render.stderr
    info = json.loads(run("info", "--json", "1.npy").stdout)
    assert info["arrays"][0]["shape"] == [1, 64, 74, 112]


def check_installed():
    """The installed program finds its assets from any folder, without the source tree's."""
    prefix = os.path.join(os.getcwd(), "prefix")
    subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], check=True, capture_output=True)
    for file in ("share/applications/convlens.desktop", "share/icons/hicolor/scalable/apps/convlens.svg",
                 "share/convlens/assets/weights/alexnet_conv1.safetensors"):
        assert os.path.exists(os.path.join(prefix, file)), file
    check_man_page(os.path.join(prefix, "share/man/man1/convlens.1"))
    check_completion(os.path.join(prefix, "share/bash-completion/completions/convlens"))
    out = os.path.join(os.getcwd(), "installed.png")
    done = subprocess.run([os.path.join(prefix, "bin/convlens"), "render", "--out", out], cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert open(out, "rb").read() == open("1.png", "rb").read()
    os.rename(os.path.join(prefix, "share/convlens/assets/images/cat.png"), os.path.join(prefix, "share/convlens/assets/images/pet.png"))
    done = subprocess.run([os.path.join(prefix, "bin/convlens"), "render", "--out", out], cwd="/", capture_output=True, text=True)
    assert done.returncode == 1 and "sample:cat: no such sample" in done.stderr, "it took the source tree's assets"


def network(*arguments):
    done = run("network", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def check_networks():
    largenet = network("--network", "largenet")
    assert largenet["parameters"] == 9705 and largenet["layer"] == "fc2", largenet
    assert largenet["input_shape"] == [1, 3, 32, 32] and largenet["input"].startswith("resized to 32x32"), largenet
    alexnet = network("--network", "alexnet", "--weights", "random", "--resize", "224x224")
    shapes = {layer["name"]: layer["output_shape"] for layer in alexnet["layers"]}
    assert alexnet["parameters"] == 61100840 and shapes["features.12"] == [1, 256, 6, 6], alexnet
    fields = [layer["receptive_field"][0] for layer in alexnet["layers"] if layer["name"].startswith("features.")]
    assert sorted(set(fields)) == [11, 19, 51, 67, 99, 131, 163, 195], fields
    bundled = network("--network", "alexnet", "--weights", "convlens", "--resize", "210x350")
    assert bundled["layer"] == "classifier.0" and bundled["layers"][15]["weights"] == "missing", bundled
    assert bundled["layers"][0]["output_shape"] == [1, 64, 86, 51], bundled
    assert sum(row["state"] == "matched" for row in bundled["checkpoint"]["rows"]) == 10
    chain = network("--weights", "random:7x5", "--relu", "--max-pool", "2", "--image", "pattern:noise:32x32")
    assert [layer["name"] for layer in chain["layers"]] == ["conv1", "relu1", "pool1"], chain
    table = run("network", "--network", "largenet", "--csv").stdout.splitlines()
    assert len(table) == 10 and table[0].startswith("layer,type,inputs,batch,channels,height,width,parameters,MACs,bytes,"), table
    assert table[1] == "conv1,Conv2d,input,1,5,28,28,380,294000,15680,5,5,1,1,random", table[1]
    assert run("network", "--csv", "--json").returncode == 2
    measured = network("--network", "largenet", "--measure")["layers"]
    assert all(layer["milliseconds"] > 0 and layer["dead_channels"] >= 0 for layer in measured), measured
    assert all(sorted(layer["quantiles"].values()) == list(layer["quantiles"].values()) for layer in measured), measured
    assert list(measured[1]["quantiles"]) == ["0", "5", "25", "50", "75", "95", "100"] and measured[1]["quantiles"]["0"] == 0, measured[1]
    assert run("network", "--network", "largenet", "--csv", "--measure").stdout.splitlines()[0].endswith(",time (ms),dead channels,min,5%,25%,median,75%,95%,max")
    with open("formula.json", "w") as file:
        json.dump({"name": "f", "layers": [{"name": "=1+1,a", "type": "ReLU"}]}, file)
    assert run("network", "--network", "formula.json", "--csv").stdout.splitlines()[1].startswith('"\'=1+1,a",ReLU,input,')
    text = run("network", "--network", "largenet").stdout
    assert "9,705" in text and "> fc2" in text and "random" in text, text

    # Layers and weights out and in again give the same values; a checkpoint is seen through.
    saved = ["--save-layers", "net.json", "--save-weights"]
    assert run("network", "--network", "largenet", "--weights", "random:5", *saved, "w.safetensors").returncode == 0
    assert run("network", "--network", "net.json", "--weights", "w.safetensors", *saved, "w.npz").returncode == 0
    ways = [("largenet", "random:5"), ("net.json", "w.safetensors"), ("net.json", "w.npz"), ("largenet", "w.npz")]
    for layer in ("pool2", "7", "fc2"):
        for i, (name, weights) in enumerate(ways):
            done = run("render", "--network", name, "--weights", weights, "--layer", layer, "--data", f"{i}.npy", "--out", f"{i}.png", "--stats")
            assert done.returncode == 0, done.stderr
        for kind in ("npy", "png"):
            first = open(f"0.{kind}", "rb").read()
            assert first and all(open(f"{i}.{kind}", "rb").read() == first for i in range(4)), (layer, kind)
    assert json.loads(done.stdout)["layer"] == "fc2" and json.loads(done.stdout)["shape"] == [1, 1, 1, 1], done.stdout
    assert json.loads(run("render", "--network", "largenet", "--layer", "relu3", "--stats").stdout)["shape"] == [1, 32, 1, 1]


def check_classify():
    """The table is right for values that are known, names classes, and goes on after an image that fails."""
    done = run("classify", "sample:cat", "sample:brick", "--network", "largenet", "--weights", "random:5", "--top", "2", "--json")
    assert done.returncode == 0, done.stderr
    for row in json.loads(done.stdout):
        logit = json.loads(run("render", row["image"], "--network", "largenet", "--weights", "random:5", "--stats").stdout)["channels"][0]["mean"]
        second = 1 / (1 + math.exp(-logit))
        assert {c["class"]: round(c["probability"], 5) for c in row["classes"]} == {0: round(1 - second, 5), 1: round(second, 5)}, row
        assert row["classes"][0]["probability"] >= row["classes"][1]["probability"], row
    open("labels.txt", "w").write('bars, "up"\r\nbars down\n')
    table = ["classify", "sample:cat", "text.png", "--network", "largenet", "--weights", "random:5", "--labels", "labels.txt", "--out", "top.csv"]
    done = run(*table)
    assert done.returncode == 1 and "text.png" in done.stderr and done.stdout == "", done
    rows = list(csv.reader(open("top.csv")))
    assert rows[0] == ["image", "rank", "class", "label", "probability"] and len(rows) == 3, rows
    assert {row[3] for row in rows[1:]} == {'bars, "up"', "bars down"} and [row[1] for row in rows[1:]] == ["1", "2"], rows
    open("labels.txt", "a").write("one more\n")
    assert "labels.txt has 3 labels, but layer fc2 has 2 classes" in run(*table).stderr
    assert "expected one value for each class" in run("classify", "sample:cat", "--network", "largenet", "--layer", "conv1").stderr


def check_attribution():
    """Maps beside their twins in every form, alone and together, with the classes before and after a small change."""
    image = ["attribute", "--image", "pattern:noise:48x40", "--network", "largenet", "--layer", "fc2"]
    done = run(*image, "--json", "--data", "maps.npy", "--out", "maps.png", "--fool", "8", "--fool-steps", "3", "--fool-out", "fooled.png", "--field",
               "--patch", "8", "--patch-stride", "4")
    assert done.returncode == 0 and not done.stderr, done
    found = json.loads(done.stdout)
    assert [m["method"] for m in found["methods"]] == ["gradient", "gradient_input", "integrated_gradients", "guided_backprop", "deconvolution", "grad_cam", "occlusion"], found
    assert found["layer"] == found["random_from"] == "fc2" and found["channel"] == 0 and len(found["fooled"]["before"]) == 2, found
    assert all(m["meaning"] and "https://" in m["source"] and -1 <= m["rank_correlation"] <= 1 for m in found["methods"]), found
    with open("maps.npy", "rb") as file:
        assert b"(2, 7, 32, 32)" in file.read(128)
    open("classes.txt", "w").write("bars\ncrosses\n")
    named = run(*image, "--fool", "8", "--method", "gradient", "--labels", "classes.txt").stdout
    assert "channel 0 (crosses)" in named and re.search(r"^ +1 .*%  crosses$", named, re.MULTILINE), named
    open("classes.txt", "a").write("one more\n")
    assert "classes.txt has 3 labels, but fc2 has 2 classes" in run(*image, "--labels", "classes.txt").stderr
    for name in ("maps.png", "fooled.png"):
        with open(name, "rb") as file:
            assert file.read(8) == b"\x89PNG\r\n\x1a\n", name
    one = run(*image, "--method", "gradient", "--random-from", "conv1", "--seed", "3").stdout
    assert "random weights from conv1 on" in one and "guided_backprop" not in one, one
    for words, sentence in ((["--method", "grad_cam", "--layer", "conv1"], "Grad-CAM needs a convolution before the layer conv1"),
                            (["--random-from", "relu3", "--layer", "conv2"], "relu3 comes after conv2"),
                            (["--channel", "7"], "channel 7 does not exist: fc2 has channels 0 to 0"),
                            (["--patch", "33"], "a patch of 33x33 pixels does not fit"),
                            (["--method", "occlusion", "--patch", "33"], "a patch of 33x33 pixels does not fit")):
        failed = run(*image[:5], *words) if "--layer" in words else run(*image, *words)
        text = failed.stdout + failed.stderr
        assert sentence in text and failed.returncode == (0 if words[0] == "--patch" else 1), (words, failed)


def check_analysis():
    """The parts of analyze: numbers that must hold, plots, and sentences for what a part does not write."""
    image = ["sample:cat", "--resize", "96x96", "--network", "alexnet", "--layer", "features.3"]
    for part, arguments in (("shift", [*image, "--reach", "8", "--steps-per-pixel", "1"]), ("aliasing", ["pattern:star:64x64"]), ("borders", image),
                            ("precision", image), ("algorithms", ["--problem", "2,3,3,16", "--largest-kernel", "3"])):
        done = run("analyze", *arguments, "--part", part, "--plot", part + ".svg", "--table", part + ".csv")
        assert done.returncode == 0 and done.stdout, (part, done)
        assert run("analyze", *arguments, "--part", part, "--plot", part + ".png").returncode == 0
        with open(part + ".png", "rb") as file:
            assert file.read(8) == b"\x89PNG\r\n\x1a\n", part
        with open(part + ".svg") as file:
            assert file.read().endswith("</svg>\n"), part
    first = ["sample:cat", "--resize", "96x96", "--network", "alexnet", "--layer", "features.0", "--channel", "3"]
    for part, arguments, shape in (("spectra", first, (4, 1, 86, 86)), ("design", ["--band", "0.1,0.3", "--orientation", "30", "--spread", "40"], (1, 1, 11, 11)),
                                   ("algebra", [*first, "--second", "Gauss dx"], (1, 3, 17, 17))):
        done = run("analyze", *arguments, "--part", part, "--data", part + ".npy", "--table", part + ".csv", "--out", part + ".png")
        assert done.returncode == 0 and done.stdout, (part, done)
        with open(part + ".npy", "rb") as file:
            assert f"'shape': {shape}" in file.read(128).decode("latin-1"), part
    assert run("analyze", *first, "--part", "spectra", "--plot", "spectra.svg").returncode == 0
    with open("algebra.csv") as file:
        numbers = {row["number"]: float(row["value"]) for row in csv.DictReader(file)}
    assert numbers["composition"] < 1e-5 and numbers["relu"] > 0.01 and abs(numbers["forward"] / numbers["backward"] - 1) < 1e-3, numbers
    # A mask from the output of a hand-made filter: bright pixels are yes, dark ones no.
    assert run("render", "pattern:step:32x32", "--weights", "edges", "--channels", "0", "--scale", "fixed:0:1", "--colormap", "gray", "--gap", "0", "--out", "mask.png").returncode == 0
    done = run("analyze", "pattern:step:32x32", "--part", "paint", "--mask", "mask.png", "--test-mask", "mask.png", "--side", "3", "--data", "painted.npy", "--table", "paint.csv")
    assert done.returncode == 0 and "100.0 % right" in done.stdout, done
    with open("shift.csv") as file:
        shift = list(csv.DictReader(file))
    ones = [row["shift of the image (pixels)"] for row in shift if float(row["features.0"]) > 0.99999]
    assert ones == ["0", "4", "8"], f"features.0 has stride 4: {ones}"
    with open("borders.csv") as file:
        reached = [float(row["reached"]) for row in csv.DictReader(file)]
    assert reached == sorted(reached) and 0 < reached[0] < 0.3, reached
    for words, sentence in ((["--part", "shift", "--out", "x.png"], "part shift has no pictures"), (["--plot", "x.png"], "part frequency has no plot"),
                            (["--part", "algorithms", "--data", "x.npy", "--problem", "1,1,3,8"], "part algorithms has no arrays"),
                            (["--part", "borders", "--channel", "999"], "channel 999 does not exist"), (["--part", "paint"], "part paint needs --mask"),
                            (["--part", "paint", "--mask", "mask.png"], "the mask has 32x32 pixels"), (["--part", "design", "--band", "0.7,0.75", "--orientation", "0", "--spread", "1"], "no frequency"),
                            (["sample:cat", "--network", "alexnet", "--layer", "features.3", "--part", "algebra"], "expected --layer features.0")):
        failed = run("analyze", *words)
        assert failed.returncode == 1 and sentence in failed.stderr, (words, failed)
    assert run("analyze", "--problem", "1,2,3").returncode == 2


CHECKS = [check_refusals, check_help, check_results, check_sessions, check_many, check_scenes, check_lecture_bundle, check_handouts, check_quiz, check_microscope, check_installed, check_networks, check_classify, check_attribution, check_analysis]
SKIPPED = os.environ.get("CONVLENS_SKIP", "").split()  # names of checks that make no sense where the program runs
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    os.environ["TORCH_HOME"] = folder  # no weights of this machine's user
    for check in CHECKS:
        if check.__name__ not in SKIPPED:
            check()
            print("passed", check.__name__, flush=True)
