/// Text from files and from users, made safe to print.
#pragma once

#include <string>
#include <string_view>

namespace convlens {

/// Returns `text` in a form that terminals, logs and the window show as it is. Control characters, line ends and bytes
/// that are not UTF-8 become "\xHH"; characters that are invisible or change the direction of writing, such as U+202E,
/// become "\uHHHH". If the result would have more than `max_bytes` bytes, at least 3, it is cut and ends with "...";
/// it then has at most `max_bytes` bytes, too. Printable text that fits is unchanged.
std::string printable(std::string_view text, std::size_t max_bytes = 4000);

/// Returns `text` with each of its lines made printable(), however long it is: only the line ends stay.
std::string printable_lines(std::string_view text);

/// Returns at most the first `max_bytes` bytes of UTF-8 text; does not cut inside a character.
std::string_view cut_text(std::string_view text, std::size_t max_bytes);

/// Returns true for characters that control terminals, break lines, are invisible, or change the direction in which
/// others are shown (Unicode's bidirectional controls).
bool is_hidden(char32_t code);

/// Returns the number of bytes of the UTF-8 character that `text` begins with, 1 to 4, and stores its code point in
/// `code`. Returns 0 if `text` is empty or begins with bytes that are not UTF-8 (Unicode 15, table 3-7).
std::size_t utf8_character(std::string_view text, char32_t& code);

}  // namespace convlens
