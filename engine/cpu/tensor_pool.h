/// Memory for large results, used again instead of asked for again.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "engine/core/tensor.h"

namespace convlens {

/// Hands out tensors and takes their memory back when the last reference goes. Touching fresh pages costs
/// more than computing what is written to them. Keeps two free buffers of any size, and more as far as keep() allows.
/// Any thread may drop a tensor, also after the pool is gone.
class TensorPool {
  public:
    /// A tensor of `shape` with unspecified values. Throws std::bad_alloc when there is no memory.
    std::shared_ptr<Tensor> take(Shape shape);

    /// From now on, buffers of `bytes` together may stay free: as many as the chain of layers has that runs next, so
    /// that it finds all of them when it runs again. Lets go of the oldest that exceed this.
    void keep(std::size_t bytes);

    /// Bytes of the buffers that are free.
    std::size_t free_bytes() const;

  private:
    struct Free {
        std::mutex mutex;
        std::vector<std::unique_ptr<Tensor>> tensors;  ///< Oldest first.
        std::size_t bytes = 0;                         ///< Of all of them.
        std::size_t max_bytes = 0;                     ///< Of all of them when there are more than two.

        void put(std::unique_ptr<Tensor> tensor);
        std::unique_ptr<Tensor> remove(std::size_t index);
        void drop_oldest(std::size_t bytes_to_come);
    };
    std::shared_ptr<Free> free_ = std::make_shared<Free>();
};

}  // namespace convlens
