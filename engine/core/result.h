/// Errors as return values, for failures with external causes: files, user input, the system.
#pragma once

#include <fmt/format.h>

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "engine/core/printable.h"
#include "engine/core/sentence.h"

namespace convlens {

/// Why an operation failed: one sentence for the user that names the file or the value, what was expected and what was
/// found. No line breaks, no period at the end.
struct Error {
    std::string message;
    bool canceled = false;  ///< True if the operation was canceled; such an error is not shown to the user.
};

/// A value, or the Error that explains why there is none.
template <class T>
using Expected = tl::expected<T, Error>;

/// Returns an Error with a sentence() as its message, made printable(); convertible to any Expected<T>. Names and
/// contents of files may be formatted as they are.
template <class... Args>
tl::unexpected<Error> fail(fmt::format_string<Args...> format, Args&&... args) {
    return tl::unexpected(Error{printable(format_sentence(format, fmt::make_format_args(args...)))});
}

/// Returns the Error of a function that stopped because its Cancel requested it.
inline tl::unexpected<Error> canceled() { return tl::unexpected(Error{"canceled", true}); }

}  // namespace convlens
