"""Names, comments, messages and docs use the field's words and one spelling. Each row: what is not written, what is."""
import os
import re
import sys

SPELLING = [
    (r"colour", "color"), (r"\bgrey|grey\b", "gray"), (r"neighbour", "neighbor"), (r"normalis", "normaliz"),
    (r"cancell(ed|ing)", "canceled, canceling"), (r"recognis", "recogniz"), (r"\bcentre", "center"), (r"behaviour", "behavior"),
    (r"optimis(?!m|t)", "optimiz"), (r"initialis", "initializ"), (r"vectoris", "vectoriz"), (r"licence", "license"),
    (r"labell(ed|ing)", "labeled, labeling"), (r"standardis", "standardiz"), (r"learnt\b", "learned"), (r"artefact", "artifact"),
    (r"serialis", "serializ"), (r"summaris", "summariz"), (r"synchronis", "synchroniz"), (r"analys(e|ing)\b", "analyze"),
    (r"favour", "favor"), (r"specialis", "specializ"), (r"quantis", "quantiz"), (r"generalis", "generaliz"),
    (r"utilis(e|a|i)", "use"), (r"organis", "organiz"), (r"visualis", "visualiz"), (r"maximis|minimis", "maximiz, minimiz"),
]
NAMES = [  # identifiers of the old dialect
    (r"\bchoose_way\b|\bconv2d_way\b", "choose_strategy"), (r"\bSpare<", "ObjectPool"), (r"\bShowRequest\b|\bShowJob\b", "RenderRequest, RenderJob"),
    (r"\bTakeOut\b|\btake_out\b", "ExportRequest"), (r"\bLookOptions\b|\bfitted_look\b", "DisplayArguments, fit_display"),
    (r"\bSpot\b|\bspot_from\b", "PixelPosition"), (r"\bworld_said_no\b", "exit_failure"), (r"\bright_share\b", "accuracy"),
    (r"\bsaid_pixels\b", "pixel_predictions"), (r"\bJudgeRequest\b|\bjudges?_\b", "EvaluationRequest"), (r"\b[Oo]pponent(?! color)", "CompareTarget"),
    (r"\bUnloadedDocument\b", "DocumentSpec"), (r"\blively\b", "needs_redraw"), (r"\bstill_right\b", "is_current"),
    (r"\bmost_[a-z]", "max_"), (r"\bor_standard\b", "or_default"), (r"\bown_kernels\b|\bOwnKernels?\b", "custom_kernels"),
    (r"\bback_ends?\b", "backend"), (r"\bbring_into_sight\b", "scroll_into_view"), (r"\bgo_on_from_here\b", "resume_from_here"),
    (r"_a_second\b", "_per_second"), (r"\bfree_path\b", "unused_path"),
]
PHRASES = [  # sentences of the old dialect
    (r"nobody vouches|vouch", "untrusted"), (r"is told by", "is detected from"), (r"told right", "classified correctly"),
    (r"back end", "backend"), (r"\bshelf\b", "pool"), (r"turned by 180", "rotated by 180"), (r"\bwritten over\b", "overwritten"),
    (r"\banew\b", "again"), (r"\bof late\b", "recent"), (r"thousand millions", "10^9"), (r"multiply-adds a second", "GMAC/s"),
    (r"Scene before", "Previous scene"), (r"Do anything", "Command palette"), (r"What computes", "Compute backend"),
    (r"Learn on\b", "Resume"), (r"[Bb]lack moves in", "uncovered edges are filled with black"), (r"\bpart them\b", "separate them"),
    (r"\bhop by hop\b|the house\b", "data flow, layout"), (r"\bfloors\b|higher floor", "folder, layer"),
    (r"\b[Oo]ne an? (channel|cell|plane|layer|row|kernel|map|pixel|model|thread|parameter|value|image|picture)\b", "one per ..."),
    (r"(frames|layers|steps|moments|images|pictures|values|bytes|points) a second\b", "... per second"),
]
FOLDERS = ["app", "engine", "shaders", "docs", "tests", "scripts", "cmake", "assets", ".ci"]
FILES = ["README.md", "CHANGELOG.md", "CMakeLists.txt", "CMakePresets.json"]
ENDINGS = (".cpp", ".h", ".comp", ".glsl", ".md", ".py", ".txt", ".cmake", ".xml", ".desktop", ".bash", "")
# Data of others and of earlier versions, and this list. A line may hold an old word where it reads an old file: it says so.
SKIPPED = ["tests/golden", "tests/hostile", "tests/fuzz/corpus", "assets/images", "assets/weights"]
EXCUSE = "older name"

ROWS = [(re.compile(pattern, re.IGNORECASE), better) for pattern, better in SPELLING]
ROWS += [(re.compile(pattern), better) for pattern, better in NAMES + PHRASES]

root, seen, wrong = sys.argv[1], 0, []


def paths():
    for top in FOLDERS:
        for folder, _, names in os.walk(os.path.join(root, top)):
            inside = os.path.relpath(folder, root)
            if not inside.startswith(tuple(SKIPPED)) and "__pycache__" not in inside:
                yield from (os.path.join(inside, name) for name in names)
    yield from FILES


for path in paths():
    in_lecture = path.startswith("assets/lectures") and path.endswith(".json")
    if path == os.path.join("tests", "cli", "words_test.py") or not (in_lecture or os.path.splitext(path)[1] in ENDINGS):
        continue
    try:
        lines = open(os.path.join(root, path), encoding="utf-8").read().split("\n")
    except UnicodeDecodeError:
        continue
    seen += 1
    for number, line in enumerate(lines, 1):
        if EXCUSE in line or EXCUSE in (lines[number - 2] if number > 1 else ""):
            continue
        for pattern, better in ROWS:
            for found in pattern.finditer(line):
                wrong.append(f"{path}:{number}: {found.group()!r}: write {better}")

assert seen > 300, f"only {seen} files were read"
assert not wrong, f"{len(wrong)} words of the old dialect:\n" + "\n".join(wrong)
print(f"{seen} files, {len(ROWS)} rows")
