/// Thread-local objects: every thread has its own.
#pragma once

namespace convlens {

#ifdef __MINGW32__
/// One pointer for each thread. A ThreadSlot is never released, so it must be a static object.
class ThreadSlot {
  public:
    /// Makes a slot that holds a null pointer in every thread. When a thread ends, destroy() gets the thread's pointer
    /// unless that is null.
    explicit ThreadSlot(void (*destroy)(void* value));
    /// Return and set the pointer of the calling thread.
    void* get() const;
    void set(void* value) const;

  private:
    unsigned long index_;
};
#endif

/// Returns the calling thread's own object of type T. The thread's first call creates the object as T(), and it is
/// destroyed when the thread ends. Calls with different types `Tag` return different objects.
template <class T, class Tag = T>
T& thread_value() {
#ifdef __MINGW32__
    // GCC for Windows frees the memory of a thread_local object before it calls the destructor.
    static const ThreadSlot slot([](void* value) { delete static_cast<T*>(value); });
    if (void* known = slot.get()) return *static_cast<T*>(known);
    T* made = new T;
    slot.set(made);
    return *made;
#else
    thread_local T value;
    return value;
#endif
}

}  // namespace convlens
