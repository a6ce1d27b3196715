/// The layout of --help.
#include "app/cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace convlens {
namespace {

constexpr std::size_t help_width = 100;  ///< Maximum number of columns of a help text.
constexpr std::size_t indent = 28;       ///< Column where descriptions begin.

/// Returns `text` broken at spaces into lines of at most `help_width` columns. The first line begins in column `at`;
/// the following lines are indented to that column.
std::string wrapped(std::string_view text, std::size_t at) {
    std::string result;
    std::size_t column = at;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        if (column > at && column + 1 + word.size() > help_width) {
            result += "\n" + std::string(at, ' ');
            column = at;
        } else if (column > at) {
            result += ' ';
            ++column;
        }
        result += word;
        column += word.size();
    }
    return result;
}

/// Returns a name in the left column and its description in the right column. Below a long name, the description begins
/// on a new line.
std::string row(const std::string& name, const std::string& description) {
    const std::string left = "  " + name;
    const std::string gap =
        left.size() + 2 > indent ? "\n" + std::string(indent, ' ') : std::string(indent - left.size(), ' ');
    return left + gap + wrapped(description, indent) + "\n";
}

/// Returns the row of an option: names, values, description and default.
std::string option_row(const CLI::Option& option) {
    std::string name;
    if (option.get_positional()) {
        name = option.get_name(true);
    } else {
        for (const std::string& letter : option.get_snames()) name += fmt::format("-{}, ", letter);
        name += "--" + option.get_lnames().front();
    }
    if (!option.get_option_text().empty()) name += " " + option.get_option_text();
    std::string description = option.get_description();
    if (!option.get_default_str().empty()) description += fmt::format(" (default: {})", option.get_default_str());
    return row(name, description);
}

/// Returns a titled section with a row per option; an empty text if there are no options.
std::string section(std::string_view title, const std::vector<const CLI::Option*>& options) {
    if (options.empty()) return {};
    std::string text = fmt::format("\n{}:\n", title);
    for (const CLI::Option* option : options) text += option_row(*option);
    return text;
}

class HelpFormatter : public CLI::FormatterBase {
  public:
    std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode /*mode*/) const override {
        const auto arguments = app->get_options([](const CLI::Option* o) { return o->get_positional(); });
        const auto commands =
            app->get_subcommands([](const CLI::App* command) { return !command->get_name().empty(); });

        std::string usage = fmt::format("Usage: {} [OPTIONS]", name);
        for (const CLI::Option* argument : arguments) {
            const std::string word = argument->get_name(true) + (argument->get_expected_max() > 1 ? "..." : "");
            usage += argument->get_required() ? " " + word : fmt::format(" [{}]", word);
        }
        usage += "\n";
        if (!commands.empty()) usage += fmt::format("       {} COMMAND [OPTIONS] ...\n", name);

        std::string text = fmt::format("{}\n\n{}", wrapped(app->get_description(), 0), usage);
        if (!commands.empty()) text += "\nCommands:\n";
        for (const CLI::App* command : commands) text += row(command->get_name(), command->get_description());
        text += section("Arguments", arguments);
        // Commands do not inherit the group of the help flag.
        const auto is_general = [&](const CLI::Option* o) {
            return o->nonpositional() && (o == app->get_help_ptr() || o->get_group() == general_group);
        };
        for (const std::string& group : app->get_groups())
            text += section(group, app->get_options([&](const CLI::Option* o) {
                return !group.empty() && o->nonpositional() && o->get_group() == group && !is_general(o);
            }));
        text += section(general_group, app->get_options(is_general));
        if (const std::string footer = app->get_footer(); !footer.empty()) text += fmt::format("\n{}\n", footer);
        return text;
    }
};

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_formatter() { return std::make_shared<HelpFormatter>(); }

}  // namespace convlens
