/// Names and texts in generated Python.
#pragma once

#include <string>
#include <string_view>

namespace convlens {

/// Returns the text as a Python string literal. Bytes that are not UTF-8 become surrogates, as in os.fsdecode().
std::string python_string(std::string_view text);

/// Returns python_string() without the quotation marks, for a part of a string literal or of a comment.
std::string python_escaped(std::string_view text);

/// Returns the name of a layer in nn.Sequential, where names must not contain dots.
std::string python_name(std::string name);

}  // namespace convlens
