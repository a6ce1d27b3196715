/// Threads that the memory limit does not stop.
#pragma once

namespace convlens {

/// Lets the calling thread exceed memory_limit(), until it ends. What it takes counts nevertheless. For the thread of a
/// window, whose small images must not fail because others have taken all.
void exempt_this_thread_from_memory_limit();

}  // namespace convlens
