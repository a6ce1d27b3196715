/// Pool that reuses the memory of large results.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "engine/core/tensor.h"

namespace convlens {

/// Hands out tensors and takes their memory back when the last reference is released. The first access to newly
/// allocated pages costs more than computing the values written to them. Keeps two free buffers of any size, and more
/// within the limit set by keep(). Any thread may release a tensor, even after the pool is destroyed.
class TensorPool {
  public:
    /// Returns a tensor of `shape` with unspecified values. Throws std::bad_alloc if the machine is out of memory.
    std::shared_ptr<Tensor> take(Shape shape);

    /// Sets the maximum total size of the free buffers. It should be the size that the next chain of layers needs, so
    /// that the chain finds all its buffers when it runs again. Frees the oldest buffers that exceed the limit.
    void keep(std::size_t bytes);

    /// Total size of the free buffers in bytes.
    std::size_t free_bytes() const;

  private:
    struct Free {
        std::mutex mutex;
        std::vector<std::unique_ptr<Tensor>> tensors;  ///< Oldest first.
        std::size_t bytes = 0;                         ///< Total size of `tensors`.
        std::size_t max_bytes = 0;                     ///< Limit of `bytes` if there are more than two tensors; set by
                                                       ///< keep().

        void put(std::unique_ptr<Tensor> tensor);
        std::unique_ptr<Tensor> remove(std::size_t index);
        void drop_oldest(std::size_t bytes_to_come);
    };
    std::shared_ptr<Free> free_ = std::make_shared<Free>();
};

}  // namespace convlens
