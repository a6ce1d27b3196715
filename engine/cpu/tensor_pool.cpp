/// Reuse of result buffers.
#include "engine/cpu/tensor_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>

namespace convlens {
namespace {

constexpr std::size_t most_free = 2;
/// A buffer more than this many times too large is not used: a thumbnail must not hold a gigabyte.
constexpr std::size_t most_waste = 4;

/// Asks for large pages: a page is made when it is first written, which takes longer than computing what is
/// written.
void want_large_pages([[maybe_unused]] Tensor& tensor) {
#ifdef MADV_HUGEPAGE
    constexpr std::uintptr_t page = std::uintptr_t{2} << 20U;
    const auto begin = reinterpret_cast<std::uintptr_t>(tensor.data());
    const std::uintptr_t first = (begin + page - 1) / page * page,
                         end = (begin + tensor.capacity() * sizeof(float)) / page * page;
    // A refusal changes nothing but the speed.
    if (first < end) static_cast<void>(madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE));
#endif
}

}  // namespace

std::shared_ptr<Tensor> TensorPool::take(Shape shape) {
    std::unique_ptr<Tensor> tensor;
    {
        const std::scoped_lock lock(free_->mutex);
        auto& tensors = free_->tensors;
        const auto fits = std::find_if(tensors.begin(), tensors.end(), [&](const auto& t) {
            return t->capacity() >= shape.count() && t->capacity() / most_waste <= shape.count();
        });
        if (fits != tensors.end()) {
            tensor = std::move(*fits);
            tensors.erase(fits);
        } else if (tensors.size() == most_free) {
            tensors.erase(tensors.begin());  // the oldest no longer fits what is asked for: make room
        }
    }
    if (tensor) {
        tensor->reshape(shape);
    } else {
        tensor = std::make_unique<Tensor>(shape);
        want_large_pages(*tensor);
    }
    const auto give_back = [free = std::weak_ptr<Free>(free_)](Tensor* t) {
        std::unique_ptr<Tensor> owned(t);
        const auto pool = free.lock();
        if (!pool) return;
        const std::scoped_lock lock(pool->mutex);
        if (pool->tensors.size() < most_free) pool->tensors.push_back(std::move(owned));
    };
    return {tensor.release(), give_back};
}

}  // namespace convlens
