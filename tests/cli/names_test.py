"""No type of the program has two definitions under one name: the linker would join their functions, and memory would be damaged."""
import collections
import os
import re
import sys

NAMESPACE = re.compile(r"(?:inline )?namespace ?([\w:]*) ?\{")
TYPE = re.compile(r"(?:struct|class|enum class|enum|union) (?:\w+\([^)]*\) |\[\[\w+\]\] )?(\w+)(?: final)?(?: :(?!:).*)? ?\{")


def types(path):
    """Returns the full names of the types that a file defines outside of functions, classes and nameless namespaces."""
    inside, names = [], []
    for line in open(path):
        if (start := NAMESPACE.match(line)) and "}" not in line:
            inside.append(start[1] or "nameless")
        elif re.match(r"\}  // (inline )?namespace", line) and inside:
            inside.pop()
        elif (found := TYPE.match(line)) and "nameless" not in inside:
            names.append("::".join(inside + [found[1]]))
    return names


root = sys.argv[1]
where = collections.defaultdict(set)
for top in ["app", "engine"]:
    for folder, _, files in os.walk(os.path.join(root, top)):
        for name in files:
            path = os.path.join(folder, name)
            # One file of a pair is built.
            whole = re.sub(r"_(windows|posix)\.cpp$", ".cpp", os.path.relpath(path, root))
            for full in types(path) if name.endswith((".h", ".cpp")) else []:
                where[full].add(whole)
assert len(where) > 400, f"only {len(where)} types found"
twice = [f"{name} is defined in {' and in '.join(sorted(paths))}" for name, paths in sorted(where.items()) if len(paths) > 1]
assert not twice, "\n".join(twice)
