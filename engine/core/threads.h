/// Whether the build supports threads, and the priority of a thread.
#pragma once

namespace convlens {

/// False in a build for browsers without threads. Such a build can't start threads, and no code may wait for another
/// thread: loops and background jobs run on the calling thread. Tests define CONVLENS_NO_THREADS to run this
/// single-threaded code on other systems.
#if defined(CONVLENS_NO_THREADS) || (defined(__EMSCRIPTEN__) && !defined(__EMSCRIPTEN_PTHREADS__))
inline constexpr bool has_threads = false;
#else
inline constexpr bool has_threads = true;
#endif

/// Lowers the priority of the calling thread, so that the other threads run first when there are more threads than
/// cores. On POSIX systems other than Linux, this lowers the priority of the whole process. Does nothing in a browser
/// or if the system refuses.
void lower_thread_priority();

}  // namespace convlens
