/// Sessions in the address of a web page.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace convlens {

/// Returns the fragment of an address that holds `session`, a session as JSON: "s=" and base64url of zlib's format,
/// which web/page.js unpacks. Returns nullopt if that has more than 4000 characters or if the session refers to files
/// of the page, which another device does not have.
std::optional<std::string> session_fragment(std::string_view session);

}  // namespace convlens
