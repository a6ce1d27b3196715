"""The program is built as distributions build theirs: hardening_test.py CONVLENS. Reads its ELF headers with readelf of binutils."""
import platform
import subprocess
import sys


def readelf(*options):
    return subprocess.run(["readelf", "-W", *options, sys.argv[1]], check=True, capture_output=True, text=True).stdout


header, segments, dynamic, symbols, notes = (readelf(o) for o in ("-h", "-l", "-d", "--dyn-syms", "-n"))
assert "DYN" in header.split("Type:")[1].split("\n")[0], "not position-independent: its addresses are the same in every run"
assert "GNU_RELRO" in segments and ("BIND_NOW" in dynamic or "NOW" in dynamic), "the tables of functions stay writable"
stack = next(line for line in segments.splitlines() if "GNU_STACK" in line)
assert "RWE" not in stack, "the stack is executable"
assert "__stack_chk_fail" in symbols, "overflows of the stack are not detected"
assert "_chk@" in symbols or "_chk (" in symbols, "no function is fortified"
if platform.machine() == "x86_64":
    print("control-flow protection: " + ("yes" if "IBT" in notes else "not in every object that is linked"))
