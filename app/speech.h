/// Reads texts aloud.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace convlens {

/// Reads `text`, UTF-8, aloud in a language (ISO 639-1), with spd-say, the program of speech-dispatcher; what it still
/// reads is canceled. Returns when all of it is handed over. An empty text only cancels. Must not be called on the main
/// thread. Fails if the program is missing or reports an error.
Expected<void> speak(std::string_view text, std::string_view language);

}  // namespace convlens
