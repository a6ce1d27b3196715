/// Pool that reuses the memory of large results.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "engine/core/tensor.h"

namespace convlens {

/// Hands out tensors and takes their memory back when the last reference is released. Touching fresh pages costs more
/// than computing what is written to them. Keeps two free buffers of any size, and more within the limit set by keep().
/// Any thread may release a tensor, even after the pool is destroyed.
class TensorPool {
  public:
    /// Returns a tensor of `shape` with unspecified values. Throws std::bad_alloc when there is not enough memory.
    std::shared_ptr<Tensor> take(Shape shape);

    /// Sets how many bytes of buffers in total may stay free: as many as the chain of layers that runs next needs, so
    /// that it finds all of them when it runs again. Frees the oldest buffers that exceed the limit.
    void keep(std::size_t bytes);

    /// Total size of the free buffers in bytes.
    std::size_t free_bytes() const;

  private:
    struct Free {
        std::mutex mutex;
        std::vector<std::unique_ptr<Tensor>> tensors;  ///< Oldest first.
        std::size_t bytes = 0;                         ///< Total size of all of them.
        std::size_t max_bytes = 0;                     ///< Limit of `bytes` when there are more than two tensors.

        void put(std::unique_ptr<Tensor> tensor);
        std::unique_ptr<Tensor> remove(std::size_t index);
        void drop_oldest(std::size_t bytes_to_come);
    };
    std::shared_ptr<Free> free_ = std::make_shared<Free>();
};

}  // namespace convlens
