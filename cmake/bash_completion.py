"""Makes the bash completion of convlens from the help that the program prints: bash_completion.py PROGRAM OUTPUT."""
import re
import sys

sys.dont_write_bytecode = True  # nothing is written to the source folder
from read_help import Help, commands

PROGRAM, OUTPUT = sys.argv[1:3]

SCRIPT = """\
# Bash completion of convlens. Generated from the program's help by cmake/bash_completion.py.
_convlens()
{
    local -a line=()
    local command='' previous='' current words='' paths='' word joined='' i
    COMPREPLY=()

    # Bash splits words at ":" and "=". Join them at ":", as in sample:cat, and drop "=", as in --colormap=viridis.
    for ((i = 1; i <= COMP_CWORD; ++i)); do
        word=${COMP_WORDS[i]}
        if ((${#line[@]} > 0)) && [[ $word == : || $joined && $word ]]; then
            line[-1]+=$word
        elif [[ $word != = ]]; then
            line+=("$word")
        elif ((i == COMP_CWORD)); then
            line+=('')
        fi
        [[ $word == : ]] && joined=yes || joined=''
    done
    current=${line[-1]}
    if ((${#line[@]} > 1)); then
        previous=${line[-2]}
        [[ ' @COMMANDS@ ' == *" ${line[0]} "* ]] && command=${line[0]}
    fi

    # What may follow: words, and file names, folder names, or folder names after a colon.
    case "$command $previous" in
@VALUES@
        *)
            if [[ $current == -* ]]; then
                case $command in
@OPTIONS@
                esac
            else
                paths=files
                case $command in
@ARGUMENTS@
                esac
                ((${#line[@]} == 1)) && words='@COMMANDS@'
            fi
            ;;
    esac

    while IFS= read -r word; do
        [[ $current == *:* ]] && word=${word#"${current%:*}:"}  # readline replaces only what follows the last colon
        [[ $word ]] && COMPREPLY+=("$word")
    done <<< "$(compgen -W "$words" -- "$current")"

    if ((${#COMPREPLY[@]} == 0)); then
        case $paths in
            files) [[ $current == sample:* || $current == pattern:* ]] || compopt -o default ;;
            folders) compopt -o dirnames ;;
            after_colon) [[ $current == *:* ]] && compopt -o dirnames ;;
        esac 2> /dev/null
    elif [[ $paths == files && $current != *:* ]]; then
        while IFS= read -r word; do
            [[ $word ]] && printf -v word %q "$word" && COMPREPLY+=("$word")
        done <<< "$(compgen -f -- "$current")"
    fi
    ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *: ]] && compopt -o nospace 2> /dev/null
    return 0
}
complete -F _convlens convlens
"""


def words(value):
    """The words of a value such as "auto|fixed:LO:HI|FILE": alternatives up to a placeholder, here "auto" and "fixed:"."""
    literal = (re.match(r"[^A-Z\[]*", alternative)[0] for alternative in value.split("|"))
    return " ".join(word for word in literal if word)


def paths(value):
    """The kind of paths that a value may be."""
    if re.search(r"\bFILE\b", value):
        return "files"
    return "folders" if value == "FOLDER" else "after_colon" if "FOLDER" in value else ""


values, options, arguments = {}, [], []
names = [name for name, _ in commands(PROGRAM)]
for command in ["", *names]:
    flags = []
    for title, rows in Help(PROGRAM, *command.split()).sections.items():
        for row, _ in rows:
            *shorter, row = row.split(", ")
            name, _, value = row.partition(" ")
            if title == "Arguments" and value:
                arguments.append(f"                    '{command}') words='{words(value)}' paths={paths(value)} ;;")
            elif name.startswith("-"):
                flags += [*shorter, name]
                if value:
                    values.setdefault((words(value), paths(value)), []).append(f"'{command} {name}'")
    options.append(f"                    '{command}') words='{' '.join(flags)}' ;;")

for key, lines in {"VALUES": [f"        {' | '.join(patterns)}) words='{literal}' paths={kind} ;;" for (literal, kind), patterns in values.items()],
                   "OPTIONS": options, "ARGUMENTS": arguments, "COMMANDS": [" ".join(names)]}.items():
    SCRIPT = SCRIPT.replace(f"@{key}@", "\n".join(lines))
with open(OUTPUT, "w") as file:
    file.write(SCRIPT)
