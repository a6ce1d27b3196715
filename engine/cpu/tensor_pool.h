/// A pool that reuses the memory of large tensors.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "engine/core/tensor.h"

namespace convlens {

/// Returns tensors and takes them back when their last shared pointer is destroyed. This saves time, because the first
/// access to newly allocated memory takes longer than the computation of the values. The pool keeps two free tensors of
/// any size, and more within the limit that keep() sets. Any thread may release a tensor, even after the pool is
/// destroyed.
class TensorPool {
  public:
    /// Returns a tensor of `shape` with unspecified values. Throws std::bad_alloc if the machine is out of memory.
    std::shared_ptr<Tensor> take(Shape shape);

    /// Returns `tensor` with the values that it was released with, if it has been released and not been taken since;
    /// null otherwise.
    std::shared_ptr<Tensor> take_again(const Tensor* tensor);

    /// Sets the maximum total size of the free tensors in bytes. This should be the size of all outputs of the network,
    /// so that the pool can provide all of them when the network runs again. Frees the oldest tensors above the limit.
    void keep(std::size_t bytes);

    /// Returns the total size of the free tensors in bytes.
    std::size_t free_bytes() const;

  private:
    struct Free {
        std::mutex mutex;
        std::vector<std::unique_ptr<Tensor>> tensors;  ///< Oldest first.
        std::size_t bytes = 0;                         ///< Total size of `tensors`.
        std::size_t max_bytes = 0;  ///< Limit of `bytes` if there are more than two tensors, set by keep().

        void put(std::unique_ptr<Tensor> tensor);
        std::unique_ptr<Tensor> remove(std::size_t index);
        void drop_oldest(std::size_t bytes_to_come);
    };
    std::shared_ptr<Tensor> lend(std::unique_ptr<Tensor> tensor) const;

    std::shared_ptr<Free> free_ = std::make_shared<Free>();
};

}  // namespace convlens
