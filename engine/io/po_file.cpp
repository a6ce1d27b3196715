/// Parses gettext's catalogues.
#include "engine/io/po_file.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

namespace convlens {
namespace {

/// Returns the string between the quotes of `line`, with its escapes replaced; nullopt if it is not such a string.
std::optional<std::string> unquoted(std::string_view line) {
    if (line.size() < 2 || line.front() != '"' || line.back() != '"') return std::nullopt;
    line = line.substr(1, line.size() - 2);
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"') return std::nullopt;
        if (line[i] != '\\') {
            text += line[i];
            continue;
        }
        if (++i == line.size()) return std::nullopt;
        constexpr std::pair<char, char> escapes[] = {{'n', '\n'}, {'t', '\t'}, {'"', '"'}, {'\\', '\\'}};
        const auto* const found =
            std::ranges::find(escapes, line[i], [](const std::pair<char, char>& escape) { return escape.first; });
        if (found == std::end(escapes)) return std::nullopt;
        text += found->second;
    }
    return text;
}

/// Returns the next line of `text` without its end and without spaces around it, and removes it from `text`.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) line.remove_suffix(1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    return line;
}

/// Returns true if the line is UTF-8 without control characters and invisible ones.
bool is_plain(std::string_view line) {
    while (!line.empty()) {
        char32_t code = 0;
        const std::size_t bytes = utf8_character(line, code);
        if (bytes == 0 || (is_hidden(code) && code != U'\t')) return false;
        line.remove_prefix(bytes);
    }
    return true;
}

/// The entry that is being read.
struct Reading {
    PoEntry entry;
    bool has_id = false, has_text = false, fuzzy = false;
};

constexpr std::string_view conversion_marks = "-+#'.*$0123456789hlLqjztI";  ///< Flags, widths and sizes of printf.

/// Returns true if printf would read a value for `text`. A percent sign before a space is one of prose, as in "5 % of".
bool is_printf_format(std::string_view text) {
    for (std::size_t i = text.find('%'); i != std::string_view::npos; i = text.find('%', i)) {
        const std::size_t end = text.find_first_not_of(conversion_marks, i + 1);
        if (end == std::string_view::npos) return false;
        const char last = text[end];
        if ((last >= 'a' && last <= 'z') || (last >= 'A' && last <= 'Z')) return true;
        i = last == '%' ? end + 1 : end;
    }
    return false;
}

/// Returns the placeholders of fmt in a text as "{index:format}", and, if it is a format of printf, all that follows
/// percent signs up to the letter of the conversion, numbered because its values have an order. The result is sorted.
std::vector<std::string> placeholders(std::string_view text, bool is_format) {
    std::vector<std::string> all;
    int next = 0, conversions = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view rest = text.substr(i);
        if (rest.starts_with("{{") || rest.starts_with("}}") || rest.starts_with("%%")) {
            all.emplace_back(rest.substr(0, 2)), ++i;
        } else if (rest.front() == '{') {
            const std::size_t end = rest.find('}');
            if (end == std::string_view::npos) {
                all.emplace_back("{");
                continue;
            }
            const std::string_view inside = rest.substr(1, end - 1);
            const bool counted = inside.empty() || inside.front() == ':';
            all.push_back(counted ? fmt::format("{{{}{}", next++, inside) : fmt::format("{{{}", inside));
            i += end;
        } else if (rest.front() == '}') {
            all.emplace_back("}");
        } else if (rest.front() == '%' && is_format) {
            std::size_t end = 1;
            while (end < rest.size() &&
                   (rest[end] == ' ' || conversion_marks.find(rest[end]) != std::string_view::npos))
                ++end;
            end = std::min(end, rest.size() - 1);
            all.push_back(fmt::format("%{} {}", conversions++, rest.substr(0, end + 1)));
            i += end;
        }
    }
    std::ranges::sort(all);
    return all;
}

}  // namespace

Expected<std::vector<PoEntry>> parse_po(std::string_view text) {
    if (text.size() > max_po_bytes)
        return fail("the catalogue has {} bytes, expected at most {}", text.size(), max_po_bytes);
    std::vector<PoEntry> entries;
    std::unordered_set<std::string> ids;
    Reading now;
    bool next_is_fuzzy = false;
    std::string* continued = nullptr;
    const auto finish = [&]() -> Expected<void> {
        continued = nullptr;
        if (now.has_id != now.has_text) return fail("the entry '{}' has no msgstr", printable(now.entry.id, 60));
        if (!now.entry.id.empty()) {
            if (!ids.insert(now.entry.id).second)
                return fail("the msgid '{}' is there twice", printable(now.entry.id, 60));
            if (now.fuzzy) now.entry.text.clear();
            entries.push_back(std::move(now.entry));
        }
        now = {};
        return {};
    };
    for (int number = 1; !text.empty(); ++number) {
        const std::string_view line = take_line(text);
        const auto wrong = [&](std::string_view expected) {
            return fail("line {}: expected {}, found '{}'", number, expected, cut_text(line, 60));
        };
        if (!is_plain(line)) return fail("line {} is not UTF-8 without control characters", number);
        if (line.empty() || line.front() == '#') {
            if (now.has_text)
                if (auto ok = finish(); !ok) return fail("line {}: {}", number, ok.error().message);
            if (line.starts_with("#~")) next_is_fuzzy = false;  // an old entry, to which the flag belongs
            if (line.starts_with("#,") && line.find("fuzzy") != std::string_view::npos) next_is_fuzzy = true;
            continue;
        }
        if (line.front() == '"') {
            const auto more = unquoted(line);
            if (!continued || !more) return wrong("a string that continues a msgid or msgstr");
            *continued += *more;
            continue;
        }
        const bool is_id = line.starts_with("msgid ");
        if (!is_id && !line.starts_with("msgstr ")) return wrong("msgid, msgstr, a string or a comment");
        if (is_id && now.has_text)
            if (auto ok = finish(); !ok) return fail("line {}: {}", number, ok.error().message);
        if (is_id == now.has_id) return wrong(is_id ? "the msgstr of the last msgid" : "a msgid before its msgstr");
        if (!is_id && now.has_text) return wrong("one msgstr for a msgid");
        const auto value = unquoted(line.substr(line.find('"') == std::string_view::npos ? 0 : line.find('"')));
        if (!value) return wrong("a string in quotes with the escapes \\n, \\t, \\\" and \\\\");
        (is_id ? now.has_id : now.has_text) = true;
        if (is_id) now.fuzzy = std::exchange(next_is_fuzzy, false);
        continued = is_id ? &now.entry.id : &now.entry.text;
        *continued = *value;
    }
    if (auto ok = finish(); !ok) return fail("at the end: {}", ok.error().message);
    return entries;
}

bool same_placeholders(std::string_view a, std::string_view b) {
    const bool is_format = is_printf_format(a) || is_printf_format(b);
    return placeholders(a, is_format) == placeholders(b, is_format);
}

}  // namespace convlens
