"""Reads the help of convlens, in the layout of app/cli/help.cpp, for man_page.py and bash_completion.py."""
import re
import subprocess


class Help:
    """The help of the program or of one command.

    description, usage: text. sections: {title: [(names and value, description)]}, in the order of the help.
    example: the command after "Example:", or "".
    """

    def __init__(self, program, *command):
        text = subprocess.run([program, *command, "--help"], capture_output=True, text=True, check=True).stdout
        self.description, self.usage, self.example, self.sections, rows = "", "", "", {}, None
        for line in text.split("\n"):
            heading = re.fullmatch(r"(\S.*):", line)
            if heading:
                rows = self.sections.setdefault(heading[1], [])
            elif rows is None:
                if line.startswith(("Usage: ", "       ")):
                    self.usage += line[7:] + "\n"
                else:
                    self.description = f"{self.description} {line}".strip()
            elif re.match(r"  \S", line):
                # Two spaces separate a name from its description, which may also begin on the next line.
                name, _, description = line.strip().partition("  ")
                rows.append((name, description.strip()))
            elif line.startswith(" "):
                rows[-1] = (rows[-1][0], f"{rows[-1][1]} {line.strip()}".strip())
        if "Example" in self.sections:
            self.example = self.sections.pop("Example")[0][0]


def commands(program):
    """The names of the commands and what they do."""
    return Help(program).sections["Commands"]
