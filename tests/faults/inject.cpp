/// A library for LD_PRELOAD that makes system calls and allocations of the program fail, for
/// tests/faults/faults_test.py.
///
/// CONVLENS_FAULT is KIND:N or KIND:N+ or KIND:N:ERRNO: the N-th call of that kind, counted from 1 and from the begin
/// of main(), fails once, or, with a +, it and all calls after it. Kinds:
/// - alloc: malloc, calloc, realloc, aligned_alloc, posix_memalign, wherever they are called but in the C library,
///   which does not survive all failures of its own (dlopen() of glibc 2.36); errno is ENOMEM
/// - new: operator new, called by the program itself or by the C++ library; throws std::bad_alloc
/// - thread: pthread_create, with EAGAIN; std_thread: only where the program itself or the C++ library calls it
/// - open, read, write, fsync, close, rename (with renameat2 and link), mmap: these calls, with ERRNO (default: EIO);
///   open only for regular paths outside of /dev, /proc and /sys
/// - short_read, short_write: the call transfers one byte
/// - gl_reset: glGetGraphicsResetStatus, as GLFW finds it, reports that the driver was reset
/// - scale: when the window waits for events, its display gets the scale factor 2
/// - clock: from the N-th reading on, CLOCK_REALTIME is ERRNO seconds later (negative: earlier)
///
/// CONVLENS_FAULT_COUNTS names a file; at exit, the number of calls of each kind is written there.
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

enum Kind {
    alloc,
    new_,
    thread,
    std_thread,
    open_,
    read_,
    write_,
    fsync_,
    close_,
    rename_,
    mmap_,
    short_read,
    short_write,
    clock_,
    gl_reset,
    scale,
    kinds
};
constexpr const char* names[kinds] = {"alloc",       "new",   "thread",   "std_thread", "open", "read",
                                      "write",       "fsync", "close",    "rename",     "mmap", "short_read",
                                      "short_write", "clock", "gl_reset", "scale"};

std::atomic<long> counts[kinds];
std::atomic<bool> armed = false;  ///< Whether main() runs.
int fault_kind = kinds;           ///< The kind that fails; `kinds` for none.
long fault_first = 0;             ///< The number of the first call that fails.
bool fault_all = false;           ///< Whether all later calls fail, too.
int fault_errno = EIO;
std::uintptr_t program_begin = 0, program_end = 0;  ///< Addresses of the program's own code.
/// Addresses of the C library and of the dynamic loader.
struct Code {
    std::uintptr_t begin = 0, end = 0;
} c_library[2];
std::uintptr_t library_begin = 0, library_end = 0;  ///< Addresses of libstdc++.

/// Returns the next definition of `name`, which is the C library's.
template <class Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// Counts a call and returns true if it must fail.
bool fails(Kind kind) {
    if (!armed.load(std::memory_order_relaxed)) return false;
    const long number = ++counts[kind];
    return kind == fault_kind && (number == fault_first || (fault_all && number > fault_first));
}

void read_fault() {
    const char* text = std::getenv("CONVLENS_FAULT");
    const char* colon = text ? std::strchr(text, ':') : nullptr;
    if (!colon) return;
    for (int kind = 0; kind < kinds; ++kind)
        if (std::strlen(names[kind]) == static_cast<std::size_t>(colon - text) &&
            std::strncmp(text, names[kind], std::strlen(names[kind])) == 0)
            fault_kind = kind;
    char* end = nullptr;
    fault_first = std::strtol(colon + 1, &end, 10);
    if (*end == '+') fault_all = true, ++end;
    if (*end == ':') fault_errno = std::atoi(end + 1);
}

/// Finds the addresses of the program, which is the first object, and of libstdc++.
int find_code(dl_phdr_info* info, std::size_t /*size*/, void* number) {
    std::uintptr_t begin = UINTPTR_MAX, end = 0;
    for (int i = 0; i < info->dlpi_phnum; ++i) {
        const auto& part = info->dlpi_phdr[i];
        if (part.p_type != PT_LOAD) continue;
        const std::uintptr_t at = info->dlpi_addr + part.p_vaddr;
        if (at < begin) begin = at;
        if (at + part.p_memsz > end) end = at + part.p_memsz;
    }
    if ((*static_cast<int*>(number))++ == 0) {
        program_begin = begin;
        program_end = end;
    } else if (std::strstr(info->dlpi_name, "/libc.so") || std::strstr(info->dlpi_name, "/ld-linux")) {
        for (Code& code : c_library)
            if (code.begin == 0) {
                code = {begin, end};
                break;
            }
    } else if (std::strstr(info->dlpi_name, "libstdc++")) {
        library_begin = begin;
        library_end = end;
    }
    return 0;
}

bool from_program(void* caller) {
    const auto at = reinterpret_cast<std::uintptr_t>(caller);
    return (at >= program_begin && at < program_end) || (at >= library_begin && at < library_end);
}

bool fails_to_allocate(void* caller) {
    if (!armed.load(std::memory_order_relaxed)) return false;
    const auto at = reinterpret_cast<std::uintptr_t>(caller);
    for (const Code& code : c_library)
        if (at >= code.begin && at < code.end) return false;
    return fails(alloc);
}

void write_counts() {
    armed = false;
    const char* path = std::getenv("CONVLENS_FAULT_COUNTS");
    std::FILE* file = path ? std::fopen(path, "w") : nullptr;
    if (!file) return;
    for (int kind = 0; kind < kinds; ++kind) std::fprintf(file, "%s %ld\n", names[kind], counts[kind].load());
    std::fclose(file);
}

using Main = int(int, char**, char**);
Main* program_main = nullptr;

int counted_main(int argc, char** argv, char** environment) {
    read_fault();
    int number = 0;
    ::dl_iterate_phdr(find_code, &number);
    armed = true;
    const int status = program_main(argc, argv, environment);
    write_counts();
    return status;
}

void* out_of_memory() {
    errno = ENOMEM;
    return nullptr;
}

void* allocated(std::size_t bytes, std::size_t alignment, void* caller) {
    if (from_program(caller) && fails(new_)) throw std::bad_alloc();
    void* memory = alignment ? ::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment)
                             : std::malloc(bytes ? bytes : 1);
    if (!memory) throw std::bad_alloc();
    return memory;
}

template <class Result>
Result failed(Result result) {
    errno = fault_errno;
    return result;
}

bool is_file(const char* path) {
    return std::strncmp(path, "/dev/", 5) != 0 && std::strncmp(path, "/proc/", 6) != 0 &&
           std::strncmp(path, "/sys/", 5) != 0;
}

// GLFW's types, without its header.
struct GLFWwindow;
using ScaleCallback = void (*)(GLFWwindow*, float, float);
ScaleCallback scale_callback = nullptr;
GLFWwindow* scale_window = nullptr;

unsigned reset_status() {
    constexpr unsigned innocent_context_reset = 0x8254;
    return fails(gl_reset) ? innocent_context_reset : 0;
}

void change_scale() {
    if (scale_callback && fails(scale)) scale_callback(scale_window, 2, 2);
}

}  // namespace

extern "C" {

using GlFunction = void (*)();
GlFunction glfwGetProcAddress(const char* name) {
    static const auto real = next<GlFunction(const char*)>("glfwGetProcAddress");
    if (std::strncmp(name, "glGetGraphicsResetStatus", 24) == 0) return reinterpret_cast<GlFunction>(reset_status);
    return real(name);
}

ScaleCallback glfwSetWindowContentScaleCallback(GLFWwindow* window, ScaleCallback callback) {
    static const auto real = next<ScaleCallback(GLFWwindow*, ScaleCallback)>("glfwSetWindowContentScaleCallback");
    scale_window = window;
    scale_callback = callback;
    return real(window, callback);
}

void glfwWaitEvents() {
    static const auto real = next<void()>("glfwWaitEvents");
    real();
    change_scale();
}

void glfwWaitEventsTimeout(double seconds) {
    static const auto real = next<void(double)>("glfwWaitEventsTimeout");
    real(seconds);
    change_scale();
}

int __libc_start_main(Main* main, int argc, char** argv, void (*init)(), void (*fini)(), void (*rtld_fini)(),
                      void* stack_end) {
    program_main = main;
    return next<int(Main*, int, char**, void (*)(), void (*)(), void (*)(), void*)>("__libc_start_main")(
        counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}

// glibc's own names of these functions: dlsym() allocates, so it can't be asked for them.
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t bytes) noexcept {
    return fails_to_allocate(__builtin_return_address(0)) ? out_of_memory() : __libc_malloc(bytes);
}

void* calloc(std::size_t count, std::size_t bytes) noexcept {
    return fails_to_allocate(__builtin_return_address(0)) ? out_of_memory() : __libc_calloc(count, bytes);
}

void* realloc(void* old, std::size_t bytes) noexcept {
    return fails_to_allocate(__builtin_return_address(0)) ? out_of_memory() : __libc_realloc(old, bytes);
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
    return fails_to_allocate(__builtin_return_address(0)) ? out_of_memory() : __libc_memalign(alignment, bytes);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) noexcept {
    void* found = fails_to_allocate(__builtin_return_address(0)) ? nullptr : __libc_memalign(alignment, bytes);
    if (!found) return ENOMEM;
    *memory = found;
    return 0;
}

int pthread_create(pthread_t* id, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) noexcept {
    static const auto real = next<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
    const bool own = from_program(__builtin_return_address(0)) && fails(std_thread);
    return own || fails(thread) ? EAGAIN : real(id, attributes, start, argument);
}

int open(const char* path, int flags, ...) {
    static const auto real = next<int(const char*, int, ...)>("open");
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & O_CREAT) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return is_file(path) && fails(open_) ? failed(-1) : real(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
    static const auto real = next<int(const char*, int, ...)>("open64");
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & O_CREAT) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return is_file(path) && fails(open_) ? failed(-1) : real(path, flags, mode);
}

/// What a fortified program calls for open() without a mode.
int __open_2(const char* path, int flags) { return ::open(path, flags, 0); }
int __open64_2(const char* path, int flags) { return ::open64(path, flags, 0); }

ssize_t read(int file, void* to, std::size_t bytes) {
    static const auto real = next<ssize_t(int, void*, std::size_t)>("read");
    if (fails(read_)) return failed<ssize_t>(-1);
    return real(file, to, fails(short_read) && bytes > 1 ? 1 : bytes);
}

ssize_t __read_chk(int file, void* to, std::size_t bytes, std::size_t /*buffer*/) { return ::read(file, to, bytes); }

ssize_t write(int file, const void* from, std::size_t bytes) {
    static const auto real = next<ssize_t(int, const void*, std::size_t)>("write");
    if (file > 2 && fails(write_)) return failed<ssize_t>(-1);
    return real(file, from, file > 2 && fails(short_write) && bytes > 1 ? 1 : bytes);
}

int fsync(int file) {
    static const auto real = next<int(int)>("fsync");
    return fails(fsync_) ? failed(-1) : real(file);
}

int close(int file) {
    static const auto real = next<int(int)>("close");
    if (!fails(close_)) return real(file);
    real(file);
    return failed(-1);
}

int rename(const char* from, const char* to) noexcept {
    static const auto real = next<int(const char*, const char*)>("rename");
    return fails(rename_) ? failed(-1) : real(from, to);
}
int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) noexcept {
    static const auto real = next<int(int, const char*, int, const char*, unsigned)>("renameat2");
    return fails(rename_) ? failed(-1) : real(from_folder, from, to_folder, to, flags);
}
int link(const char* from, const char* to) noexcept {
    static const auto real = next<int(const char*, const char*)>("link");
    return fails(rename_) ? failed(-1) : real(from, to);
}

void* mmap(void* at, std::size_t bytes, int protection, int flags, int file, off_t offset) noexcept {
    static const auto real = next<void*(void*, std::size_t, int, int, int, off_t)>("mmap");
    return file >= 0 && fails(mmap_) ? failed(MAP_FAILED) : real(at, bytes, protection, flags, file, offset);
}

void* mmap64(void* at, std::size_t bytes, int protection, int flags, int file, off64_t offset) noexcept {
    return ::mmap(at, bytes, protection, flags, file, offset);
}

int clock_gettime(clockid_t clock, timespec* time) noexcept {
    static const auto real = next<int(clockid_t, timespec*)>("clock_gettime");
    const int status = real(clock, time);
    if (clock == CLOCK_REALTIME && fails(clock_)) time->tv_sec += fault_errno;
    return status;
}

}  // extern "C"

void* operator new(std::size_t bytes) { return allocated(bytes, 0, __builtin_return_address(0)); }
void* operator new[](std::size_t bytes) { return allocated(bytes, 0, __builtin_return_address(0)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return allocated(bytes, static_cast<std::size_t>(alignment), __builtin_return_address(0));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
    return allocated(bytes, static_cast<std::size_t>(alignment), __builtin_return_address(0));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
