/// The limit of the memory that the data of the user takes.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <vector>

namespace convlens {

/// Returns the limit in bytes: the argument of the last set_memory_limit(), at first the memory that was free when this
/// function was first called, but at least 64 MB. It is one value for the process, because all parts share the memory.
///
/// Tensors, images, frames of cameras and data sets take at most this much in all, see allocate_counted(). The results
/// of the layers take at most half of it (check_memory() of the backends), a decoded picture or array at most half,
/// undo at most an eighth.
std::size_t memory_limit();

/// Sets the limit. May be called at any time, from any thread.
void set_memory_limit(std::size_t bytes);

/// Returns how many bytes of allocate_counted() are in use.
std::size_t counted_bytes();

/// Returns memory that starts at a multiple of 64 bytes. Throws std::bad_alloc if the machine is out of memory, or if
/// counted_bytes() would exceed memory_limit().
void* allocate_counted(std::size_t bytes);

/// Releases the memory of allocate_counted(bytes).
void release_counted(void* memory, std::size_t bytes) noexcept;

/// Lets a container take its memory from allocate_counted().
template <typename T>
struct CountedAllocator {
    using value_type = T;
    CountedAllocator() = default;
    template <typename U>
    CountedAllocator(const CountedAllocator<U>& /*other*/) {}
    T* allocate(std::size_t count) {
        if (count > std::numeric_limits<std::size_t>::max() / 2 / sizeof(T)) throw std::bad_alloc();
        return static_cast<T*>(allocate_counted(count * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t count) noexcept { release_counted(memory, count * sizeof(T)); }
    friend bool operator==(const CountedAllocator&, const CountedAllocator&) { return true; }
};

/// A std::vector that counts for the memory limit.
template <typename T>
using CountedVector = std::vector<T, CountedAllocator<T>>;

/// Releases the memory of allocate_floats(count).
struct FreeFloats {
    std::size_t count = 0;
    void operator()(float* floats) const;
};
using Floats = std::unique_ptr<float[], FreeFloats>;

/// Returns memory for `count` floats, see allocate_counted().
Floats allocate_floats(std::size_t count);

/// Returns the limit and its use for an error message: "the limit is 2.1 GB (--memory), 1.9 GB of it are in use".
std::string memory_in_words();

/// Returns a size for an error message: "1.5 GB", "20 MB".
std::string bytes_in_words(std::size_t bytes);

}  // namespace convlens
