"""Makes the manual page of convlens from the help that the program prints: man_page.py PROGRAM OUTPUT."""
import subprocess
import sys

sys.dont_write_bytecode = True  # nothing is written to the source folder
from read_help import Help, commands

PROGRAM, OUTPUT = sys.argv[1:3]


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return "\\&" + text if text[:1] == "." else text


def entry(name, description):
    """A .TP entry: options in bold, the value of an option in italics."""
    options, _, value = name.partition(" ") if not name.startswith("-h") else (name, "", "")
    head = f'.BI "{escaped(options)} " "{escaped(value)}"' if value else f'.B "{escaped(options)}"'
    return [".TP", head, escaped(description)]


def sections(help_text, main=None):
    """The sections as sub-headings. Of a command only those that differ from the program's in `main`: the others are named."""
    same = [title for title, rows in help_text.sections.items() if main and main.sections.get(title) == rows]
    lines = []
    for title, rows in help_text.sections.items():
        if title in same or title == "Commands" or (main and title == "General"):
            continue
        lines.append(f'.SS "{escaped(title)}"')
        for name, description in rows:
            lines += entry(name, description)
    same = [title for title in same if title not in ("Arguments", "General")]
    if same:
        lines += [".PP", escaped(f"The options of these groups are described under OPTIONS: {'; '.join(same)}.")]
    return lines


version = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
main = Help(PROGRAM)
page = [f'.TH CONVLENS 1 "" "convlens {version}" "User Commands"',
        ".SH NAME", "convlens \\- see what a convolution does: every output channel of an image",
        ".SH SYNOPSIS", ".B convlens", "[\\fIOPTIONS\\fR] [\\fIFILE\\fR...]", ".br",
        ".B convlens", "\\fICOMMAND\\fR [\\fIOPTIONS\\fR] ...",
        ".SH DESCRIPTION", escaped(main.description),
        ".SH COMMANDS"]
for name, description in commands(PROGRAM):
    page += entry(name, description)
page += [".SH OPTIONS", *sections(main)]
for name, description in commands(PROGRAM):
    help_text = Help(PROGRAM, name)
    usage = help_text.usage.strip().removeprefix(f"convlens {name}")
    page += [f'.SH "CONVLENS {name.upper()}"', f'.B "convlens {name}"', escaped(usage.strip()), ".PP", escaped(help_text.description) + ".",
             *sections(help_text, main), ".SS Example", ".EX", escaped(help_text.example), ".EE"]
page += [".SH EXIT STATUS",
         ".TP", ".B 0", "Success.",
         ".TP", ".B 1", "An error, for instance a file that cannot be read; a message on standard error describes it.",
         ".TP", ".B 2", "Wrong usage of an option.",
         ".SH FILES",
         ".TP", ".I $XDG_STATE_HOME/convlens/", "Recently opened folders, and the session of a program that ended unexpectedly.",
         ".TP", ".I $XDG_CACHE_HOME/convlens/", "Compiled OpenGL shaders."]
with open(OUTPUT, "w") as file:
    file.write("\n".join(page) + "\n")
