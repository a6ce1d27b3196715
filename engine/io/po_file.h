/// Catalogues of translations in gettext's format (.po), as far as Convlens uses it.
/// https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"

namespace convlens {

/// An entry of a catalogue: a text and its translation.
struct PoEntry {
    std::string id;    ///< msgid: the English text.
    std::string text;  ///< msgstr: the translation; empty if there is none yet.
    friend bool operator==(const PoEntry&, const PoEntry&) = default;
};

/// Maximum number of bytes of a catalogue.
inline constexpr std::size_t max_po_bytes = std::size_t{4} << 20U;

/// Reads the entries of a catalogue, in their order. Leaves out the header (the entry without an id), comments, and
/// translations that are marked as fuzzy, whose text is then empty. Fails with a sentence that names the line if the
/// text is not UTF-8 without control characters, is longer than max_po_bytes, has something else than msgid and msgstr
/// (contexts and plural forms are not read), or has an id twice.
Expected<std::vector<PoEntry>> parse_po(std::string_view text);

/// Returns true if both texts have the same placeholders: those of fmt ("{}", "{0:.1f}"), where "{}" counts up and the
/// order is free if they are numbered; and, if one of the texts has a conversion of printf ("%d"), the same conversions
/// in the same order, also unusual ones ("% S", "%*d", "%1$s").
bool same_placeholders(std::string_view a, std::string_view b);

}  // namespace convlens
