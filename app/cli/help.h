/// The layout of --help, and a class that adds options to its groups.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>

namespace convlens {

/// The group of --help and --version. Every help text prints it last.
inline constexpr const char* general_group = "General";

/// Makes the formatter of all help texts. A help text has at most 100 columns and consists of description, usage,
/// commands, arguments, options by group, and footer. Of an option's long names only the first is printed; the others
/// are undocumented aliases. The default value follows the description if CLI11 has captured it. cmake/read_help.py
/// reads this layout for the man page and for bash completion.
std::shared_ptr<CLI::FormatterBase> help_formatter();

/// Adds options to one group of a command's help.
class OptionGroup {
  public:
    /// Adds options to `app`, which must outlive this object, under the heading `group`.
    OptionGroup(CLI::App& app, std::string group) : app_(app), group_(std::move(group)) {}

    /// Adds an option, or an argument if `name` has no dashes. The help prints `value` after the name: alternatives
    /// separated by "|". In an alternative, lower-case text is literal and an upper-case word stands for a value, as in
    /// fixed:LO:HI. FILE (or FILE.png) and FOLDER stand for paths. Bash completion depends on these rules.
    template <class T>
    CLI::Option* add(const std::string& name, T& target, std::string value, const std::string& help) {
        return app_.add_option(name, target, help)->group(group_)->option_text(std::move(value));
    }

    /// Adds an option without a value, which sets `target` to true.
    CLI::Option* flag(const std::string& name, bool& target, const std::string& help) {
        return app_.add_flag(name, target, help)->group(group_);
    }

  private:
    CLI::App& app_;
    std::string group_;
};

}  // namespace convlens
