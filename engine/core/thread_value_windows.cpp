/// ThreadSlot with the fiber-local storage of Windows, which calls a function when a thread ends.
#include <windows.h>

#include "engine/core/thread_value.h"

namespace convlens {

ThreadSlot::ThreadSlot(void (*destroy)(void* value)) : index_(::FlsAlloc(destroy)) {}

void* ThreadSlot::get() const { return ::FlsGetValue(index_); }

void ThreadSlot::set(void* value) const { ::FlsSetValue(index_, value); }

}  // namespace convlens
