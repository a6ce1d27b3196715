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
    /// Returns a value from the pool, as its last user left it, or T() if the pool is empty.
    T take() {
        const std::scoped_lock lock(stored_->mutex);
        if (stored_->values.empty()) return T();
        T value = std::move(stored_->values.back());
        stored_->values.pop_back();
        return value;
    }

    /// Keeps `value` for a later take(); destroys it if the pool is full.
    void put_back(T value) { store(*stored_, std::move(value)); }

    /// Returns a shared pointer to `value`. When the last copy of that pointer is destroyed, `value` returns to the
    /// pool.
    std::shared_ptr<const T> share(T value) {
        const auto put_back = [stored = std::weak_ptr<Stored>(stored_)](const T* shared) {
            std::unique_ptr<T> owned(const_cast<T*>(shared));  // allocated below as a non-const T
            if (const auto still_there = stored.lock()) store(*still_there, std::move(*owned));
        };
        return {new T(std::move(value)), put_back};
    }

  private:
    /// Maximum number of kept values: one for the picture on screen and one for the next picture.
    static constexpr std::size_t max_stored = 2;

    struct Stored {
        Stored() { values.reserve(max_stored); }  // so that store(), which destructors call, does not allocate
        std::mutex mutex;
        std::vector<T> values;
    };

    static void store(Stored& stored, T value) {
        const std::scoped_lock lock(stored.mutex);
        if (stored.values.size() < max_stored) stored.values.push_back(std::move(value));
    }

    std::shared_ptr<Stored> stored_ = std::make_shared<Stored>();
};

}  // namespace convlens
