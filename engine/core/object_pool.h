/// Large values that are used again when the last of those who share them has let go.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace convlens {

/// A shelf for values whose memory is worth keeping, such as the picture of a frame. Any thread may let go of what was
/// shared, also after the shelf is gone.
template <class T>
class ObjectPool {
  public:
    /// What nobody uses any more, or a fresh T.
    T take() {
        const std::scoped_lock lock(shelf_->mutex);
        if (shelf_->values.empty()) return T();
        T value = std::move(shelf_->values.back());
        shelf_->values.pop_back();
        return value;
    }

    /// Keeps `value` for the next take(), unless there are enough.
    void put_back(T value) { put_on(*shelf_, std::move(value)); }

    /// `value`, to be put back when the last copy of the pointer is gone.
    std::shared_ptr<const T> share(T value) {
        const auto put_back = [shelf = std::weak_ptr<Shelf>(shelf_)](const T* shared) {
            std::unique_ptr<T> owned(const_cast<T*>(shared));  // made below, and not const
            if (const auto still_there = shelf.lock()) put_on(*still_there, std::move(*owned));
        };
        return {new T(std::move(value)), put_back};
    }

  private:
    static constexpr std::size_t most = 2;  ///< One is on the screen, one is on its way there.

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
