/// Sessions in the address of a web page.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace convlens {

/// Returns the fragment (the part after #) of an address that holds `session`, a session as JSON: "s=" and the JSON,
/// compressed in zlib's format and written as base64url without padding (RFC 4648). web/page.js unpacks it. Returns
/// nullopt if the fragment would have more than 4000 characters, or if the session refers to files that were opened in
/// the page, which another device does not have.
std::optional<std::string> session_fragment(std::string_view session);

}  // namespace convlens
