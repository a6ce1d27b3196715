"""Collects the texts of the window and of lectures, and the sentences of the engine, and compares them with assets/languages/convlens.pot. languages_test.py ROOT [--write]

Without --write, fails if the template is not what the sources have. With it, writes the template. Texts are string literals in the
arguments of functions that translate (TEXTS), in declarations of Word and Words (app/ui/language.h), and in tables (TABLES)."""
import glob
import json
import os
import re
import sys

# Functions whose first argument is a sentence, in all sources but those of commands.
SENTENCES = {"fail": None, "sentence": None, "translated": None, "add_error": None, "expected": (0, 1), "whole": (0, 1, 2), "check_finite": (0, 1),
             "too_many": (), "invalid": (0,), "weight_of": (0, 1, 2), "memory": (0,), "json_from": (0, 1), "word": (0, 1, 2, 3)}
# Functions whose arguments are texts, and which of their arguments are names of controls or formats. None: only the first argument is a text.
TEXTS = {
    "tr": (), "tr_format": None, "tr_label": (), "tooltip": (), "section": (), "label": (), "button_width": (), "choice_beside": (),
    "button": (1,), "tab": (1,), "number_row": (), "number_field": (1,), "pair_row": (), "check_row": (), "choice_row": (), "choice": (1,), "choice_as_shown": (1,),
    "color_bar": (1,), "axes": (1,), "plot": (1,), "mark_x": (), "part": (), "muted_text": (), "small_text": (), "words": (), "statement": (),
    "captioned": (1,), "small_picture": (1,), "spectrum": (1,), "select": (1,), "number": (), "slider": (), "check": (), "flag": (2,),
    "number_of_view": (2,), "end_of_sweep": (2,), "named_number": (1,), "shift": (0,), "paper": (0,), "board": (1,), "layer_column": (2,),
    "picture_row": (1,), "line_button": (2,), "scene_text": (2,), "fact": (), "line": (), "cell": (), "scale_bar": (), "answers": (),
    "formula": (), "add": (),
    "required": (), "optional": (), "padding": (),  # hyperparameters of layers
    "square": (0,), "derivative": (0,),  # kernels of the bank
    "marked": (),  # steps of the algorithms
    **SENTENCES,
}
NOT_IN = {"add": "app/ui/panels/source_panel.cpp", "formula": "app/ui/tools/slide", "cell": "app/ui/tools/filters/algorithms_part.cpp",
          "required": "engine/nn/layers", "optional": "engine/nn/layers", "padding": "engine/nn/layers", "line": "app/ui/tools/microscope", "shift": "app/ui/tools/lab",
          "paper": "app/ui/tools/lab", "marked": "engine/filter/algorithm_steps.cpp", "square": "engine/nn/kernel_bank.cpp", "derivative": "engine/nn/kernel_bank.cpp"}  # functions that have another meaning elsewhere
# Types whose tables have texts. True: the first literal of a row is a name.
TABLES = {"Action": True, "Kind": True, "Mode": True, "Button": True, "Callout": True, "Part": True, "ExportName": False,
          "MethodText": True, "SweepNumber": True, "Page": True, "KeyName": False, "KindRow": False, "FormatText": True}
# Files with texts that are translated where they are drawn: what begins the statements with texts.
PLACES = {
    "app/ui/tools/filters/filters_job.cpp": [r"made\.error ="],
    "app/ui/tools/filters/study.cpp": [r"push_back\(\s*\{", r"FilterStudyPicture picture\{"],
    "app/ui/tools/filters/study_network.cpp": [r"push_back\(", r"emplace_back\(", r"second\{"],
    "engine/attribute/method.cpp": [],
    "engine/document/checkpoint_report.cpp": [r"state_names\{"],
    "engine/document/pattern.cpp": [r"names\{"],
    "engine/document/sweep.cpp": [],
    "engine/filter/algorithm_costs.cpp": [r"chart\.[xy] =", r"\? \"the engine"],
    "engine/filter/algorithm_steps.cpp": [r"\{\"(?:The kernel is padded|One matrix|The inverse)"],
    "engine/filter/algorithms.cpp": [r"names\{"],
    "engine/filter/aliasing.cpp": [r"chart\.[xy] =", r"names\{"],
    "engine/filter/band_filter.cpp": [r"chart\.[xy] =", r"ChartCurve wanted"],
    "engine/filter/borders.cpp": [r"chart\.[xy] =", r"\badd\("],
    "engine/filter/filtered_spectra.cpp": [r"chart\.[xy] =", r"\} rows\[\] ="],
    "engine/filter/precision.cpp": [r"chart\.[xy] =", r"names\{"],
    "engine/filter/response.cpp": [r"names\[\] ="],
    "engine/filter/shift.cpp": [r"chart\.[xy] ="],
    "engine/nn/kernel_bank.cpp": [r"\} families\[\] ="],
    "engine/nn/layer_traits.h": [r"inline constexpr const char \*in_channels ="],
}
LECTURE_TEXTS = ("title", "text", "number", "notes", "prompt", "answer", "why")  # and "choices"
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
NAME = re.compile(r"[a-z_]+([._][a-z_0-9]+)+|[-.#]\S*")  # names of controls and of PyTorch's arguments, endings of files


def blanked(text):
    """Returns the text with comments and the insides of literals replaced, of the same length."""
    out, i = list(text), 0
    while i < len(text):
        if text.startswith("//", i):
            end = text.find("\n", i)
            end = len(text) if end < 0 else end
            out[i:end] = " " * (end - i)
        elif text.startswith('R"', i):
            mark = ")" + text[i + 2:text.index("(", i)] + '"'
            end = text.index(mark, i) + len(mark)
            out[i:end] = "_" * (end - i)
        elif text[i] == '"':
            end = LITERAL.match(text, i).end()
            out[i + 1:end - 1] = "_" * (end - i - 2)
        elif text[i] == "'" and not text[i - 1].isalnum() and (found := re.compile(r"'(?:[^'\\\n]|\\.)+'").match(text, i)):
            end = found.end()
            out[i:end] = "_" * (end - i)
        else:
            end = i + 1
        i = end
    return "".join(out)


def closing(code, start):
    """Returns the position of the bracket that closes the one at `start`, and the positions of the commas between."""
    depth, commas = 0, []
    for i in range(start, len(code)):
        if code[i] in "([{":
            depth += 1
        elif code[i] in ")]}":
            depth -= 1
            if depth == 0:
                return i, commas
        elif code[i] == "," and depth == 1:
            commas.append(i)
    raise ValueError("brackets do not match")


def literals(text, code, start, end, inside_calls=False):
    """Returns the string literals between two positions as (text, position, depth of braces); those that follow each other are one."""
    found, calls, braces, i, last = [], [], 0, start, -1
    while i < end:
        c = code[i]
        if c == "(":
            before = code[start:i].rstrip()
            calls.append(bool(before) and (before[-1].isalnum() or before[-1] in "_>]") and not re.search(r"\breturn$", before))
        elif c == ")" and not calls:
            break
        elif c == ")":
            calls.pop()
        elif c in "{}":
            braces += 1 if c == "{" else -1
        elif c == '"':
            stop = code.index('"', i + 1)
            if inside_calls or not any(calls):
                if last >= 0 and not code[last:i].strip():
                    found[-1] = (found[-1][0] + text[i + 1:stop], found[-1][1], found[-1][2])
                else:
                    found.append((text[i + 1:stop], i, braces))
                last = stop + 1
            i = stop
        i += 1
    return found


def is_text(literal):
    if re.fullmatch(r"\d{1,3}(,\d{3})+", literal):
        return True  # the mark between groups of digits
    letters = re.sub(r"\{[^}]*\}|\\n|%[-+.0-9lz]*[a-z]", "", literal)
    return bool(re.search(r"[A-Za-z]{2}", letters)) and not NAME.fullmatch(literal) and "https://" not in literal


def texts_of(path, root, functions):
    text = open(os.path.join(root, path), encoding="utf-8").read()
    code = blanked(text)
    found = []
    for call in re.finditer(r"(?<![\w:])(?:convlens::|visit\.)?(\w+)\(", code):
        name = call.group(1)
        if name not in functions or not path.startswith(NOT_IN.get(name, "")):
            continue
        end, commas = closing(code, call.end() - 1)
        edges = [call.end() - 1] + commas + [end]
        for k in range(len(edges) - 1):
            if functions[name] is None and k > 0 or functions[name] and k in functions[name]:
                continue
            found += literals(text, code, edges[k] + 1, edges[k + 1])
    if functions is SENTENCES:
        return [(literal, text.count("\n", 0, at) + 1) for literal, at, _ in found if is_text(literal)]
    for table in re.finditer(r"\bWords?\b[^;(){}=]*(?:=\s*)?([{\"])", code):
        start = table.start(1)
        if code[start] == '"':
            found += literals(text, code, start, code.index(";", start))
        else:
            found += literals(text, code, start, closing(code, start)[0])
    for table in re.finditer(r"\b(?:%s)(?:>|, \d+>)? \w+(?:\[\])?\s*(?:=\s*)?\{" % "|".join(TABLES), code):
        kind = re.match(r"\w+", table.group()).group()
        row = None
        for literal in literals(text, code, table.end() - 1, closing(code, table.end() - 1)[0]):
            start = code.rfind("{", 0, literal[1])
            first, row = start != row and literal[1] - start < 40 and '"' not in code[start:literal[1]], start
            if not (TABLES[kind] and first):
                found.append(literal)
    for part in re.finditer(r"\.(?:middle|side)\s*=\s*\{", code):
        found += literals(text, code, part.end() - 1, closing(code, part.end() - 1)[0])
    for pattern in PLACES.get(path, []):
        for start in re.finditer(pattern, text):
            found += literals(text, code, start.start(), code.index(";", start.end()), True)
    return [(literal, text.count("\n", 0, at) + 1) for literal, at, _ in found if is_text(literal)]


def lecture_texts(part):
    """Returns the texts of a lecture, or of a part of it, as literals of C."""
    if isinstance(part, list):
        return [literal for item in part for literal in lecture_texts(item)]
    if not isinstance(part, dict):
        return []
    found = []
    for key, value in part.items():
        strings = value if key == "choices" else [value] if key in LECTURE_TEXTS else []
        found += [s.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for s in strings if isinstance(s, str)]
        found += lecture_texts(value)
    return [literal for literal in found if is_text(literal)]


def template(root):
    places = {}
    sources = sorted(os.path.relpath(p, root) for top in ("app", "engine") for p in glob.glob(os.path.join(root, top, "**", "*"), recursive=True))
    sources = [p for p in sources if p.endswith((".cpp", ".h")) and not p.startswith(("app/cli/", "app/web/"))]
    whole = [p for p in sources if p.startswith(("app/ui/", "engine/nn/layers/")) or p in PLACES]
    for path in whole + [p for p in sources if p not in whole]:
        for literal, line in texts_of(path, root, TEXTS if path in whole else SENTENCES):
            places.setdefault(literal, []).append(path)
    for path in sorted(glob.glob(os.path.join(root, "assets", "lectures", "*.json"))):
        with open(path, encoding="utf-8") as file:
            for literal in lecture_texts(json.load(file)):
                places.setdefault(literal, []).append(os.path.relpath(path, root))
    text = ("# Texts of the window of Convlens. tests/cli/languages_test.py writes this file.\n"
            'msgid ""\nmsgstr ""\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n')
    for literal, paths in places.items():
        text += "\n#: " + " ".join(dict.fromkeys(paths)) + "\n" + entry("msgid", literal) + 'msgstr ""\n'
    return text, len(places)


def entry(key, literal):
    lines, rest = [], literal
    while len(rest) > 110:
        cut = rest.rfind(" ", 0, 110) + 1 or len(rest)
        lines.append(rest[:cut])
        rest = rest[cut:]
    lines.append(rest)
    return f'{key} "{lines[0]}"\n' if len(lines) == 1 else f'{key} ""\n' + "".join(f'"{line}"\n' for line in lines)


def main():
    root = sys.argv[1]
    path = os.path.join(root, "assets", "languages", "convlens.pot")
    text, count = template(root)
    if "--write" in sys.argv:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "w", encoding="utf-8").write(text)
    stored = open(path, encoding="utf-8").read()
    assert count > 800, f"only {count} texts were found"
    ids = lambda t: set(re.findall(r'^msgid ((?:"(?:[^"\\]|\\.)*"\s*)+)', t, re.M))
    missing, old = ids(text) - ids(stored), ids(stored) - ids(text)
    assert text == stored, "assets/languages/convlens.pot is not current: run languages_test.py ROOT --write\n" + "\n".join(["+ " + i for i in sorted(missing)] + ["- " + i for i in sorted(old)])
    print(f"{count} texts")


main()
