/// A pool that reuses large values after their last user has released them.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace convlens {

/// A pool for values whose memory is worth reusing, such as the image of a frame. Any thread may release a shared
/// value, even after the pool is destroyed.
template <class T>
class ObjectPool {
  public:
    /// Returns a value from the pool, or a default-constructed T if the pool is empty.
    T take() {
        const std::scoped_lock lock(shelf_->mutex);
        if (shelf_->values.empty()) return T();
        T value = std::move(shelf_->values.back());
        shelf_->values.pop_back();
        return value;
    }

    /// Keeps `value` for a later take(); destroys it if the pool is full.
    void put_back(T value) { put_on(*shelf_, std::move(value)); }

    /// Returns a shared pointer to `value`. When its last copy is destroyed, `value` returns to the pool.
    std::shared_ptr<const T> share(T value) {
        const auto put_back = [shelf = std::weak_ptr<Shelf>(shelf_)](const T* shared) {
            std::unique_ptr<T> owned(const_cast<T*>(shared));  // allocated below as a non-const T
            if (const auto still_there = shelf.lock()) put_on(*still_there, std::move(*owned));
        };
        return {new T(std::move(value)), put_back};
    }

  private:
    /// Maximum number of kept values: one on the screen and one on its way there.
    static constexpr std::size_t most = 2;

    struct Shelf {
        std::mutex mutex;
        std::vector<T> values;
    };

    static void put_on(Shelf& shelf, T value) {
        const std::scoped_lock lock(shelf.mutex);
        if (shelf.values.size() < most) shelf.values.push_back(std::move(value));
    }

    std::shared_ptr<Shelf> shelf_ = std::make_shared<Shelf>();
};

}  // namespace convlens
