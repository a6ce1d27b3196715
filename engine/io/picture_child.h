/// Decoding of pictures in a child process, so that a decoder that crashes, hangs or is taken over costs a sentence.
/// The child is this program with other arguments.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/io/image_file.h"

namespace convlens {

/// First argument of the program when it is such a child.
inline constexpr std::string_view picture_child_word = "decode-picture";

/// Returns the command that starts the child: this program and picture_child_word.
std::vector<std::string> picture_child();

/// Decodes `file` in a child process that `command` starts. Checks all that the child answers: the size, before memory
/// is allocated for it, and that each value is a number. Fails, with a sentence that begins with `name`, if the child
/// fails, ends, is stopped, or does not answer for half a minute. `format` is the format's name in messages; `frame` is
/// as for decode_picture_here().
Expected<Picture> decode_in_child(std::vector<std::string> command, std::span<const std::byte> file,
                                  const std::string& format, std::string_view name, int frame);

/// The child's part: reads a file from standard input, confines this process, decodes the file and writes the answer to
/// standard output. `arguments` are those after picture_child_word. Returns the exit status.
int run_picture_child(std::span<const std::string> arguments);

}  // namespace convlens
