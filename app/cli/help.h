/// The layout of --help, and the helper that adds options with what it prints.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>

namespace convlens {

/// The group of --help and --version, which every help text prints last.
inline constexpr const char* general_group = "General";

/// Makes the formatter of all help texts: description, usage, commands, arguments, options by group, and the footer, in
/// at most 100 columns. Only the first long name of an option is printed; further long names are undocumented aliases.
/// If CLI11 captured the default value of an option, it follows the description. cmake/read_help.py reads this layout
/// for the man page and for bash completion.
std::shared_ptr<CLI::FormatterBase> help_formatter();

/// Adds options to one group of a command's help.
class OptionGroup {
  public:
    OptionGroup(CLI::App& app, std::string group) : app_(app), group_(std::move(group)) {}

    /// Adds an option, or with a `name` without dashes an argument. `value` is what the help prints behind the name:
    /// alternatives separated by "|". Alternatives in lower case are literal words, those in upper case stand for a
    /// value; FILE and FOLDER, also with an extension, stand for paths. Bash completion depends on these rules.
    template <class T>
    CLI::Option* add(const std::string& name, T& target, std::string value, const std::string& help) {
        return app_.add_option(name, target, help)->group(group_)->option_text(std::move(value));
    }

    CLI::Option* flag(const std::string& name, bool& target, const std::string& help) {
        return app_.add_flag(name, target, help)->group(group_);
    }

  private:
    CLI::App& app_;
    std::string group_;
};

}  // namespace convlens
