/// Counts the memory of tensors and images and compares it with the limit.
#include "engine/core/memory_limit.h"

#include <fmt/format.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/core/host.h"
#include "engine/core/memory_exempt.h"
#include "engine/core/sentence.h"
#include "engine/core/thread_value.h"

namespace convlens {
namespace {

constexpr std::size_t alignment = 64;
constexpr std::size_t smallest_limit = std::size_t{64} << 20U;

std::atomic<std::size_t>& limit() {
    static std::atomic<std::size_t> bytes = std::max(free_memory(), smallest_limit);
    return bytes;
}

std::atomic<std::size_t> used = 0;

/// Whether the calling thread may exceed the limit.
bool& exempt() {
    struct Exempt;
    return thread_value<bool, Exempt>();
}

/// Adds `bytes` to `used` unless that would exceed the limit.
bool reserve(std::size_t bytes) {
    std::size_t before = used.load(std::memory_order_relaxed);
    do {
        if (!exempt() && (before > memory_limit() || bytes > memory_limit() - before)) return false;
    } while (!used.compare_exchange_weak(before, before + bytes, std::memory_order_relaxed));
    return true;
}

/// Requests huge pages from the system: with small ones, the first write to each page takes longer than the computation
/// of the values, and releasing 1 GB stops the window for 0.1 s.
void want_large_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef MADV_HUGEPAGE
    constexpr std::uintptr_t page = std::uintptr_t{2} << 20U;
    const auto begin = reinterpret_cast<std::uintptr_t>(memory);
    const std::uintptr_t first = (begin + page - 1) / page * page, end = (begin + bytes) / page * page;
    // A failure affects only the speed.
    if (first < end) static_cast<void>(madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE));
#endif
}

}  // namespace

std::size_t memory_limit() { return limit(); }

void set_memory_limit(std::size_t bytes) { limit() = bytes; }

std::size_t counted_bytes() { return used; }

void* allocate_counted(std::size_t bytes) {
    if (bytes + alignment < bytes || !reserve(bytes)) throw std::bad_alloc();
    void* const start = ::operator new[](bytes + alignment, std::nothrow);
    if (!start) {
        used.fetch_sub(bytes, std::memory_order_relaxed);
        throw std::bad_alloc();
    }
    // Not with std::align_val_t: glibc before 2.38 does not find freed memory again for aligned requests, so that the
    // memory of the process grows to several times of what is in use. `start` is a multiple of the size of a pointer:
    // there is room for it before the first byte.
    std::byte* const memory =
        static_cast<std::byte*>(start) + alignment - reinterpret_cast<std::uintptr_t>(start) % alignment;
    std::memcpy(memory - sizeof(start), &start, sizeof(start));
    want_large_pages(memory, bytes);
    return memory;
}

void exempt_this_thread_from_memory_limit() { exempt() = true; }

void release_counted(void* memory, std::size_t bytes) noexcept {
    if (!memory) return;
    void* start = nullptr;
    std::memcpy(&start, static_cast<std::byte*>(memory) - sizeof(start), sizeof(start));
    ::operator delete[](start);
    used.fetch_sub(bytes, std::memory_order_relaxed);
}

static_assert(__STDCPP_DEFAULT_NEW_ALIGNMENT__ >= sizeof(void*));

void FreeFloats::operator()(float* floats) const { release_counted(floats, count * sizeof(float)); }

Floats allocate_floats(std::size_t count) {
    return Floats(CountedAllocator<float>().allocate(count), FreeFloats{count});
}

std::string memory_in_words() {
    return sentence("the limit is {} (--memory), {} of it are in use", bytes_in_words(memory_limit()),
                    bytes_in_words(counted_bytes()));
}

std::string bytes_in_words(std::size_t bytes) {
    constexpr double kilo = 1e3, mega = 1e6, giga = 1e9;
    const auto size = static_cast<double>(bytes);
    if (size >= giga) return fmt::format("{:.1f} GB", size / giga);
    if (size >= mega) return fmt::format("{:.0f} MB", size / mega);
    return fmt::format("{:.0f} kB", size / kilo);
}

}  // namespace convlens
