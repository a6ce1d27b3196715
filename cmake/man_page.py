"""Makes the manual page of convlens from the help that the program prints: man_page.py PROGRAM OUTPUT."""
import re
import subprocess
import sys

PROGRAM, OUTPUT = sys.argv[1:3]
COMMANDS = ["render", "network", "code", "info", "train", "selftest", "bench"]


def helped(*words):
    return subprocess.run([PROGRAM, *words, "--help"], capture_output=True, text=True, check=True).stdout


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in ".'" else text


def options(text):
    """The options as .TP entries, their groups as sub-headings."""
    lines, result, skip = text.split("\n"), [], True
    for line in lines:
        heading = re.fullmatch(r"(\S[^:]*):", line)
        entry = re.match(r"  (\S.*?)(?:\s{2,}(.*))?$", line) if not line.startswith("   ") else None
        if heading:
            skip = heading[1] == "Subcommands"
            if not skip:
                result.append(f".SS {escaped(heading[1])}")
        elif skip or not line.strip():
            continue
        elif entry:
            result += [".TP", f".B {escaped(entry[1])}"] + ([escaped(entry[2])] if entry[2] else [])
        else:
            result.append(escaped(line.strip()))
    return result


version = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
page = [f'.TH CONVLENS 1 "" "convlens {version}" "User Commands"', ".SH NAME", "convlens \\- see what a convolution does: an image in, every output channel on screen",
        ".SH SYNOPSIS", ".B convlens", "[options] [image or session ...]", ".br", ".B convlens", "|".join(COMMANDS) + " [options]", ".SH DESCRIPTION",
        "Without a command Convlens opens its window. The commands need none. Exit status: 0 done, 1 the world said no (a sentence on standard error says why), 2 wrong usage.",
        ".SH OPTIONS", *options(helped())]
for command in COMMANDS:
    page += [f".SH CONVLENS {command.upper()}", *options(helped(command))]
page += [".SH FILES", ".TP", "$XDG_STATE_HOME/convlens/", "Folders of late, and the session of a program that ended by accident."]
open(OUTPUT, "w").write("\n".join(page) + "\n")
