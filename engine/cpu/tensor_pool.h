/// Memory for large results, used again instead of asked for again.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "engine/core/tensor.h"

namespace convlens {

/// Hands out tensors and takes their memory back when the last reference goes. Touching fresh pages costs
/// more than computing what is written to them. Keeps two free buffers at most. Any thread may drop a tensor,
/// also after the pool is gone.
class TensorPool {
  public:
    /// A tensor of `shape` with unspecified values. Throws std::bad_alloc when there is no memory.
    std::shared_ptr<Tensor> take(Shape shape);

  private:
    struct Free {
        std::mutex mutex;
        std::vector<std::unique_ptr<Tensor>> tensors;
    };
    std::shared_ptr<Free> free_ = std::make_shared<Free>();
};

}  // namespace convlens
