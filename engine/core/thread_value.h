/// Objects of which every thread has its own.
#pragma once

namespace convlens {

#ifdef __MINGW32__
/// A pointer per thread, which `destroy` gets when the thread ends. Must not be destroyed.
class ThreadSlot {
  public:
    explicit ThreadSlot(void (*destroy)(void* value));
    void* get() const;
    void set(void* value) const;

  private:
    unsigned long index_;
};
#endif

/// Returns the T of the calling thread, which is made by its first call and destroyed when the thread ends. Each `Tag`
/// has another one.
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
