/// Parses the markup of rich text, and writes it as HTML and as plain text.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/core/printable.h"
#include "engine/view/rich_text.h"

namespace convlens {
namespace {

using Kind = FormulaNode::Kind;

/// Commands that stand for a character.
constexpr std::pair<std::string_view, std::string_view> symbols[] = {
    {"times", "×"}, {"cdot", "·"},  {"pm", "±"},     {"le", "≤"},    {"ge", "≥"},    {"ne", "≠"},    {"approx", "≈"},
    {"to", "→"},    {"infty", "∞"}, {"alpha", "α"},  {"beta", "β"},  {"gamma", "γ"}, {"delta", "δ"}, {"epsilon", "ε"},
    {"eta", "η"},   {"theta", "θ"}, {"lambda", "λ"}, {"mu", "μ"},    {"pi", "π"},    {"rho", "ρ"},   {"sigma", "σ"},
    {"tau", "τ"},   {"phi", "φ"},   {"omega", "ω"},  {"Delta", "Δ"}, {"Sigma", "Σ"}, {"Omega", "Ω"},
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Parses one formula.
class FormulaParser {
  public:
    explicit FormulaParser(std::string_view text) : text_(text) {}

    /// Parses up to the end or, inside of a group, up to its closing brace, which is removed.
    FormulaNode row(int depth) {
        FormulaNode made;
        while (!text_.empty()) {
            const char c = text_.front();
            if (c == '}' && depth > 0) {
                text_.remove_prefix(1);
                break;
            }
            if (depth > max_formula_depth) {
                append(made, take(1));
            } else if (c == '_' || c == '^') {
                text_.remove_prefix(1);
                script(made, c == '_' ? 1 : 2, depth);
            } else if (c == '{') {
                text_.remove_prefix(1);
                made.parts.push_back(row(depth + 1));
            } else if (c == '\\' && text_.size() > 1) {
                command(made, depth);
            } else {
                text_.remove_prefix(1);
                append(made, c == '-' ? "−" : c == '*' ? "·" : std::string_view(&c, 1));
            }
        }
        return made;
    }

  private:
    std::string_view take(std::size_t bytes) {
        const std::string_view taken = text_.substr(0, bytes);
        text_.remove_prefix(taken.size());
        return taken;
    }

    /// Appends text to the row: to its last part if that is text.
    static void append(FormulaNode& row, std::string_view text) {
        if (row.parts.empty() || row.parts.back().kind != Kind::text) row.parts.push_back({Kind::text, {}, {}});
        row.parts.back().text += text;
    }

    /// Parses {...}, or a single character or command.
    FormulaNode group(int depth) {
        while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
        FormulaNode made;
        if (text_.empty() || text_.front() == '}') return made;
        if (text_.front() == '{') {
            text_.remove_prefix(1);
            return row(depth + 1);
        }
        if (text_.front() == '\\' && text_.size() > 1 && depth < max_formula_depth) {
            command(made, depth + 1);
            return made;
        }
        char32_t code = 0;
        append(made, take(std::max<std::size_t>(utf8_character(text_, code), 1)));
        return made;
    }

    /// Makes the last part of `row` the base of a script, and parses its subscript (1) or superscript (2).
    void script(FormulaNode& row, std::size_t which, int depth) {
        if (row.parts.empty()) row.parts.push_back({});
        if (row.parts.back().kind != Kind::script) {
            FormulaNode made{Kind::script, {}, {std::move(row.parts.back()), {}, {}}};
            row.parts.back() = std::move(made);
        }
        FormulaNode read = group(depth);
        row.parts.back().parts[which] = std::move(read);
    }

    void command(FormulaNode& row, int depth) {
        std::size_t length = 1;
        while (length < text_.size() && is_letter(text_[length])) ++length;
        if (length == 1) {  // \{ and the like
            text_.remove_prefix(1);
            return append(row, take(1));
        }
        const std::string_view all = take(length), name = all.substr(1);
        constexpr std::pair<std::string_view, Kind> structures[] = {
            {"frac", Kind::fraction}, {"sqrt", Kind::root}, {"floor", Kind::floor}, {"ceil", Kind::ceil}};
        for (const auto& [word, kind] : structures) {
            if (name != word) continue;
            FormulaNode made{kind, {}, {}};
            made.parts.push_back(group(depth));
            if (kind == Kind::fraction) made.parts.push_back(group(depth));
            row.parts.push_back(std::move(made));
            return;
        }
        if (name == "sum") {
            row.parts.push_back({Kind::sum, {}, {}});
            return;
        }
        const auto* found =
            std::find_if(std::begin(symbols), std::end(symbols), [&](auto& s) { return s.first == name; });
        append(row, found == std::end(symbols) ? all : found->second);
    }

    std::string_view text_;
};

/// Returns the length of the formula that `text`, which begins with '$', begins with, including both '$'; 0 if it is
/// not a formula. As in Pandoc's Markdown, the text "$5 and $6" is none.
std::size_t formula_length(std::string_view text) {
    const std::size_t end = text.find('$', 1);
    if (end == std::string_view::npos || end < 2 || text[1] == ' ' || text[end - 1] == ' ') return 0;
    const bool digit = end + 1 < text.size() && text[end + 1] >= '0' && text[end + 1] <= '9';
    return digit ? 0 : end + 1;
}

RichLine parse_line(std::string_view line) {
    RichLine made;
    made.entry = line.substr(0, 2) == "- ";
    if (made.entry) line.remove_prefix(2);
    InlineText now;
    const auto close = [&] {
        if (!now.text.empty()) made.parts.push_back(now);
        now.text.clear();
    };
    while (!line.empty()) {
        if (line[0] == '\\' && line.size() > 1 && std::string_view("*${\\").find(line[1]) != std::string_view::npos) {
            now.text += line[1];
            line.remove_prefix(2);
        } else if (line.substr(0, 2) == "**" && (now.bold || line.find("**", 2) != std::string_view::npos)) {
            close();
            now.bold = !now.bold;
            line.remove_prefix(2);
        } else if (const std::size_t length = line[0] == '$' ? formula_length(line) : 0; length > 0) {
            close();
            made.parts.push_back({{}, now.bold, FormulaParser(line.substr(1, length - 2)).row(0)});
            line.remove_prefix(length);
        } else {
            now.text += line[0];
            line.remove_prefix(1);
        }
    }
    close();
    return made;
}

std::string escaped(std::string_view text) {
    std::string made;
    for (const char c : text) switch (c) {
            case '&': made += "&amp;"; break;
            case '<': made += "&lt;"; break;
            case '>': made += "&gt;"; break;
            case '"': made += "&quot;"; break;
            default: made += c;
        }
    return made;
}

std::string formula_html(const FormulaNode& node) {
    std::string inner;
    if (node.kind != Kind::fraction && node.kind != Kind::script)
        for (const FormulaNode& part : node.parts) inner += formula_html(part);
    const auto span = [](std::string_view name, const std::string& content) {
        return fmt::format("<span class=\"{}\">{}</span>", name, content);
    };
    const auto script = [&](const char* tag, const FormulaNode& part) {
        return part.parts.empty() ? std::string() : fmt::format("<{0}>{1}</{0}>", tag, formula_html(part));
    };
    switch (node.kind) {
        case Kind::text: return escaped(node.text);
        case Kind::row: return inner;
        case Kind::fraction:
            return span("frac", span("num", formula_html(node.parts[0])) + span("den", formula_html(node.parts[1])));
        case Kind::root: return "√" + span("root", inner);
        case Kind::floor: return "⌊" + inner + "⌋";
        case Kind::ceil: return "⌈" + inner + "⌉";
        case Kind::sum: return span("sum", "∑");
        case Kind::script:
            return formula_html(node.parts[0]) + script("sub", node.parts[1]) + script("sup", node.parts[2]);
    }
    return {};
}

std::string formula_text(const FormulaNode& node) {
    const auto part = [&](std::size_t i) { return formula_text(node.parts[i]); };
    const auto script = [&](std::size_t i, char sign) {
        return node.parts[i].parts.empty() ? std::string() : sign + part(i);
    };
    switch (node.kind) {
        case Kind::text: return node.text;
        case Kind::row: {
            std::string made;
            for (const FormulaNode& each : node.parts) made += formula_text(each);
            return made;
        }
        case Kind::fraction: return fmt::format("({}) / ({})", part(0), part(1));
        case Kind::root: return fmt::format("sqrt({})", part(0));
        case Kind::floor: return fmt::format("floor({})", part(0));
        case Kind::ceil: return fmt::format("ceil({})", part(0));
        case Kind::sum: return "sum";
        case Kind::script: return part(0) + script(1, '_') + script(2, '^');
    }
    return {};
}

}  // namespace

std::vector<RichLine> parse_rich_text(std::string_view markup) {
    std::vector<RichLine> lines;
    while (!markup.empty()) {
        const std::size_t end = std::min(markup.find('\n'), markup.size());
        lines.push_back(parse_line(markup.substr(0, end)));
        markup.remove_prefix(std::min(end + 1, markup.size()));
    }
    return lines;
}

std::string with_values(std::string_view text, const LiveValues& values) {
    std::string made;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t open = std::min(text.find('{', at), text.size()), end = text.find('}', open);
        made += text.substr(at, open - at);
        if (open == text.size()) break;
        std::optional<std::string> value;
        constexpr std::size_t longest_name = 40;
        if (end != std::string_view::npos && end - open - 1 <= longest_name)
            value = values(text.substr(open + 1, end - open - 1));
        made += value ? *value : "{";
        at = value ? end + 1 : open + 1;
    }
    return made;
}

std::string rich_text_html(std::string_view markup) {
    std::string html;
    bool list = false;
    for (const RichLine& line : parse_rich_text(markup)) {
        if (line.entry != list) html += line.entry ? "<ul>\n" : "</ul>\n";
        list = line.entry;
        if (line.parts.empty()) continue;
        html += line.entry ? "<li>" : "<p>";
        for (const InlineText& part : line.parts) {
            const std::string inner = part.formula
                                          ? "<span class=\"formula\">" + formula_html(*part.formula) + "</span>"
                                          : escaped(part.text);
            html += part.bold ? "<strong>" + inner + "</strong>" : inner;
        }
        html += line.entry ? "</li>\n" : "</p>\n";
    }
    return list ? html + "</ul>\n" : html;
}

std::string plain_text(std::string_view markup) {
    std::string text;
    for (const RichLine& line : parse_rich_text(markup)) {
        if (!text.empty() && !line.parts.empty()) text += ' ';
        for (const InlineText& part : line.parts) text += part.formula ? formula_text(*part.formula) : part.text;
    }
    return text;
}

}  // namespace convlens
