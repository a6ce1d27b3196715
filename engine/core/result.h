/// Failures that the outside world can cause, as values.
#pragma once

#include <fmt/format.h>

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace convlens {

/// Why something did not work: one sentence for the user that names the file or the value,
/// what was expected and what was found. No line breaks, no full stop at the end.
struct Error {
    std::string message;
    bool canceled = false;  ///< Nobody waits for the answer any more; not a failure to report.
};

/// A value, or the Error that explains why there is none.
template <class T>
using Expected = tl::expected<T, Error>;

/// An Error with a formatted message, ready to be returned as any Expected<T>.
template <class... Args>
tl::unexpected<Error> fail(fmt::format_string<Args...> format, Args&&... args) {
    return tl::unexpected(Error{fmt::format(format, std::forward<Args>(args)...)});
}

/// What a function returns that stopped because its Cancel asked for it.
inline tl::unexpected<Error> canceled() { return tl::unexpected(Error{"canceled", true}); }

}  // namespace convlens
