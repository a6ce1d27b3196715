/// The limit of the memory that the data of the user takes.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace convlens {

/// Returns the limit in bytes: the argument of the last set_memory_limit(), at first the memory that was free when this
/// function was first called, but at least 64 MB. It is one value for the process, because all parts share the memory.
///
/// Tensors take at most this much in all, see allocate_floats(). The results of the layers take at most half of it
/// (check_memory() of the backends), a decoded picture or array at most half, undo at most an eighth.
std::size_t memory_limit();

/// Sets the limit. May be called at any time, from any thread.
void set_memory_limit(std::size_t bytes);

/// Returns how many bytes of allocate_floats() are in use.
std::size_t tensor_bytes();

/// Releases the memory of allocate_floats(count).
struct FreeFloats {
    std::size_t count = 0;
    void operator()(float* floats) const;
};
using Floats = std::unique_ptr<float[], FreeFloats>;

/// Returns memory for `count` floats, which starts at a multiple of 64 bytes. Throws std::bad_alloc if the machine is
/// out of memory, or if tensor_bytes() would exceed memory_limit().
Floats allocate_floats(std::size_t count);

/// Returns the limit and its use for an error message: "the limit is 2.1 GB (--memory), 1.9 GB of it are in use".
std::string memory_in_words();

/// Returns a size for an error message: "1.5 GB", "20 MB".
std::string bytes_in_words(std::size_t bytes);

}  // namespace convlens
