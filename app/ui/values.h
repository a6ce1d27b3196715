/// Values and states of tools, whose types the window does not know.
#pragma once

#include <concepts>
#include <map>
#include <memory>
#include <type_traits>
#include <typeindex>
#include <utility>

namespace convlens {

/// One immutable value of any type, or none. Copies share the value. Two Values are equal if both are empty, or if they
/// hold equal values of the same type. A Value of a type without == is equal only to its copies.
class Value {
  public:
    Value() = default;

    template <class T>
    requires(!std::is_same_v<T, Value>) explicit Value(T value)
        : held_(std::make_shared<const T>(std::move(value))), kind_(&kind<T>) {}

    /// Returns the value if its type is T; null if the Value is empty or holds another type.
    template <class T>
    const T* as() const {
        return kind_ == &kind<T> ? static_cast<const T*>(held_.get()) : nullptr;
    }

    /// Returns true if the Value is not empty.
    explicit operator bool() const { return held_ != nullptr; }

    friend bool operator==(const Value& a, const Value& b) {
        return a.held_ == b.held_ || (a.kind_ && a.kind_ == b.kind_ && a.kind_->equal(a.held_.get(), b.held_.get()));
    }

  private:
    struct Kind {
        bool (*equal)(const void*, const void*);
    };

    template <class T>
    static bool equal(const void* a, const void* b) {
        if constexpr (std::equality_comparable<T>) return *static_cast<const T*>(a) == *static_cast<const T*>(b);
        return false;
    }

    template <class T>
    static constexpr Kind kind{&equal<T>};

    std::shared_ptr<const void> held_;
    const Kind* kind_ = nullptr;
};

/// The states of tools and panels, which they keep from frame to frame: one object of each type. Used on the main
/// thread.
class States {
  public:
    /// Returns the state of type T, which is default-constructed at the first call.
    template <class T>
    T& of() {
        std::shared_ptr<void>& state = states_[typeid(T)];
        if (!state) state = std::make_shared<T>();
        return *static_cast<T*>(state.get());
    }

  private:
    std::map<std::type_index, std::shared_ptr<void>> states_;
};

}  // namespace convlens
