/// Whether the build has threads, and how urgent they are.
#pragma once

namespace convlens {

/// False in a build for browsers without threads: there no thread can be started and nothing may wait, so that loops
/// and background jobs run on their caller. Tests define CONVLENS_NO_THREADS to run the same code elsewhere.
#if defined(CONVLENS_NO_THREADS) || (defined(__EMSCRIPTEN__) && !defined(__EMSCRIPTEN_PTHREADS__))
inline constexpr bool has_threads = false;
#else
inline constexpr bool has_threads = true;
#endif

/// Lets other threads run before the calling one where there are too few cores. Does nothing where the system does not
/// allow it. On Linux and Windows this affects only the calling thread.
void lower_thread_priority();

}  // namespace convlens
