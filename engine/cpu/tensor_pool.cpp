/// Reuse of the memory of tensors.
#include "engine/cpu/tensor_pool.h"

#include <algorithm>
#include <new>

namespace convlens {
namespace {

constexpr std::size_t always_free = 2;  ///< Number of free tensors that are kept whatever their size.
/// A tensor with memory for more than this many times the needed values is not used, so that a thumbnail does not
/// occupy a gigabyte.
constexpr std::size_t max_waste = 4;

std::size_t bytes_of(const Tensor& tensor) { return tensor.capacity() * sizeof(float); }

}  // namespace

void TensorPool::Free::put(std::unique_ptr<Tensor> tensor) {
    const std::size_t more = bytes_of(*tensor);
    if (tensors.size() >= always_free && bytes + more > max_bytes) return;
    try {
        tensors.push_back(std::move(tensor));
    } catch (const std::bad_alloc&) {
        return;  // destructors call this: without memory for the list, the tensor is dropped
    }
    bytes += more;
}

std::unique_ptr<Tensor> TensorPool::Free::remove(std::size_t index) {
    auto tensor = std::move(tensors[index]);
    tensors.erase(tensors.begin() + static_cast<std::ptrdiff_t>(index));
    bytes -= bytes_of(*tensor);
    return tensor;
}

void TensorPool::Free::drop_oldest(std::size_t bytes_to_come) {
    while (tensors.size() + (bytes_to_come > 0 ? 1 : 0) > always_free && bytes + bytes_to_come > max_bytes) remove(0);
}

std::shared_ptr<Tensor> TensorPool::take(Shape shape) {
    std::unique_ptr<Tensor> tensor;
    {
        const std::scoped_lock lock(free_->mutex);
        const auto& tensors = free_->tensors;
        std::size_t best = tensors.size();
        for (std::size_t i = 0; i < tensors.size(); ++i)
            if (tensors[i]->capacity() >= shape.count() && tensors[i]->capacity() / max_waste <= shape.count() &&
                (best == tensors.size() || tensors[i]->capacity() < tensors[best]->capacity()))
                best = i;
        if (best < tensors.size()) {
            tensor = free_->remove(best);
        } else {
            free_->drop_oldest(shape.count() * sizeof(float));  // makes room by dropping buffers over the limit
        }
    }
    if (tensor) {
        tensor->reshape(shape);
    } else {
        tensor = std::make_unique<Tensor>(shape);
    }
    return lend(std::move(tensor));
}

std::shared_ptr<Tensor> TensorPool::take_again(const Tensor* tensor) {
    const std::scoped_lock lock(free_->mutex);
    for (std::size_t i = 0; i < free_->tensors.size(); ++i)
        if (free_->tensors[i].get() == tensor) return lend(free_->remove(i));
    return nullptr;
}

/// Makes a pointer that gives the tensor back to the pool in the end.
std::shared_ptr<Tensor> TensorPool::lend(std::unique_ptr<Tensor> tensor) const {
    const auto give_back = [free = std::weak_ptr<Free>(free_)](Tensor* t) {
        std::unique_ptr<Tensor> owned(t);
        const auto pool = free.lock();
        if (!pool) return;
        const std::scoped_lock lock(pool->mutex);
        pool->put(std::move(owned));
    };
    return {tensor.release(), give_back};
}

void TensorPool::keep(std::size_t bytes) {
    const std::scoped_lock lock(free_->mutex);
    free_->max_bytes = bytes;
    free_->drop_oldest(0);
}

std::size_t TensorPool::free_bytes() const {
    const std::scoped_lock lock(free_->mutex);
    return free_->bytes;
}

}  // namespace convlens
