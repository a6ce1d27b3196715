/// Nothing to prepare: terminals accept UTF-8 and escape sequences.
#include <cstdio>

#include "app/console.h"

namespace convlens {

Console::Console() = default;

Console::~Console() = default;

void Console::leave() {}

void Console::report(const Error& error) const { fmt::print(stderr, "convlens: {}\n", error.message); }

}  // namespace convlens
