"""The engine's folders are layered: a file includes nothing of a higher folder, and no OpenGL or ImGui. One file includes the thread pool."""
import os
import re
import sys

ORDER = ["core", "view", "nn", "reference", "cpu", "filter", "io", "train", "maximize", "attribute", "document", "open", "explain", "session", "export"]

OPEN = ["app/gpu/gl_backend.h", "app/gpu/gl_options.h"]  # what the program may see of the OpenGL backend


def rank(path):
    return ORDER.index(path.split("/")[1])  # every file is in one of the folders


POOL = "engine/core/parallel.cpp"  # the only one that may include oneTBB


def includes(top):
    for folder, _, files in os.walk(os.path.join(root, top)):
        for name in files:
            path = os.path.relpath(os.path.join(folder, name), root)
            if name.endswith((".cpp", ".h", ".inc")):
                for include in re.findall(r'#include ["<]([^">]+)[">]', open(os.path.join(root, path)).read()):
                    yield path, include


root, wrong, seen = sys.argv[1], [], 0
for path, include in includes("engine"):
    seen += 1
    if include.startswith("app/") or re.match(r"GL|epoxy|imgui", include):
        wrong.append(f"{path} includes {include}")
    if include.startswith("engine/") and rank(include) > rank(path):
        wrong.append(f"{path} includes {include} of a higher folder")
for path, include in includes("app"):
    if path.startswith("app/gpu/") and include.startswith("app/") and not include.startswith("app/gpu/"):
        wrong.append(f"{path} includes {include}: the OpenGL backend must not know the program")
    if not path.startswith("app/gpu/") and include.startswith("app/gpu/") and include not in OPEN:
        wrong.append(f"{path} includes {include}, which is the OpenGL backend's own")
users = [path for top in ["engine", "app", "tests"] for path, include in includes(top) if re.match(r"(oneapi/)?tbb[./]", include)]
wrong += [f"{path} includes oneTBB, which is {POOL}'s own" for path in sorted(set(users)) if path != POOL]
assert POOL in users, f"{POOL} includes no oneTBB: which file does?"
assert seen > 50, f"only {seen} includes found"
assert not wrong, "\n".join(wrong)
