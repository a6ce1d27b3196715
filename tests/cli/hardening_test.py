"""The program is built as distributions build theirs: hardening_test.py CONVLENS COMPILE_COMMANDS. Reads its ELF headers with
readelf of binutils, its code, and the commands that compiled it."""
import json
import platform
import re
import subprocess
import sys


def readelf(*options):
    return subprocess.run(["readelf", "-W", *options, sys.argv[1]], check=True, capture_output=True, text=True).stdout


header, segments, dynamic, symbols = (readelf(o) for o in ("-h", "-l", "-d", "--dyn-syms"))
assert "DYN" in header.split("Type:")[1].split("\n")[0], "not position-independent: its addresses are the same in every run"
assert "GNU_RELRO" in segments and ("BIND_NOW" in dynamic or "NOW" in dynamic), "the tables of functions stay writable"
stack = next(line for line in segments.splitlines() if "GNU_STACK" in line)
assert "RWE" not in stack, "the stack is executable"
assert "__stack_chk_fail" in symbols, "overflows of the stack are not detected"
assert "_chk@" in symbols or "_chk (" in symbols, "no function is fortified"
with open(sys.argv[2]) as file:
    commands = [entry["command"] for entry in json.load(file)]
commands = [command for command in commands if re.search(r" -o \S*CMakeFiles/convlens(_engine\w*|_app|_gpu)?\.dir/", command)]
assert len(commands) > 20, f"only {len(commands)} commands compile the program"
for command in commands:
    assert re.findall("-D_FORTIFY_SOURCE=([0-9])", command)[-1:] == ["3"], f"not fortified with level 3: {command}"
if platform.machine() == "x86_64":
    # The property of the whole program is lost if one object that is linked, as Debian 12's crt1.o, lacks it. The marks of the functions stay.
    with open(sys.argv[1], "rb") as file:
        marks = file.read().count(b"\xf3\x0f\x1e\xfa")  # endbr64
    assert marks > 1000, f"only {marks} places are marked as targets of indirect jumps"
    print(f"control-flow protection: {marks} marks")
