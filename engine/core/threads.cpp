/// Lowers the priority of a thread on each operating system.
#include "engine/core/threads.h"

#if defined(_WIN32)
#include <windows.h>
#elif !defined(__EMSCRIPTEN__)
#include <sys/resource.h>
#endif

namespace convlens {

void lower_thread_priority() {
#if defined(_WIN32)
    SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_BELOW_NORMAL);
#elif !defined(__EMSCRIPTEN__)
    setpriority(PRIO_PROCESS, 0, 10);  // a failure is ignored
#endif
}

}  // namespace convlens
