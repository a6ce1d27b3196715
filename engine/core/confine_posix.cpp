/// Limits by setrlimit() and, on Linux, a seccomp filter.
#include "engine/core/confine.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
#define CONVLENS_SECCOMP
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#endif
#ifdef __linux__
#include <sys/prctl.h>
#endif

// Sanitizers reserve terabytes of addresses and make calls of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CONVLENS_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#define CONVLENS_SANITIZED
#endif
#endif

namespace convlens {

#ifndef __EMSCRIPTEN__
namespace {

template <class Resource>
void limit(Resource resource, rlim_t most) {
    rlimit now{};
    if (::getrlimit(resource, &now) != 0) return;
    if (now.rlim_max != RLIM_INFINITY && now.rlim_max < most) most = now.rlim_max;
    now.rlim_cur = now.rlim_max = most;
    ::setrlimit(resource, &now);
}

}  // namespace
#endif

void limit_process([[maybe_unused]] const Limits& limits) {
#ifndef __EMSCRIPTEN__
#ifndef CONVLENS_SANITIZED
    limit(RLIMIT_AS, limits.memory);
#endif
    limit(RLIMIT_CPU, limits.cpu_seconds);
    limit(RLIMIT_FSIZE, limits.file);
    limit(RLIMIT_CORE, 0);
#ifdef __linux__
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
#endif
}

#if defined(CONVLENS_SECCOMP) && !defined(CONVLENS_SANITIZED)

namespace {

#ifdef __x86_64__
constexpr std::uint32_t machine = AUDIT_ARCH_X86_64;
#else
constexpr std::uint32_t machine = AUDIT_ARCH_AARCH64;
#endif

constexpr auto load = static_cast<std::uint16_t>(BPF_LD | BPF_W | BPF_ABS);
constexpr auto equal = static_cast<std::uint16_t>(BPF_JMP | BPF_JEQ | BPF_K);
constexpr auto any_bit = static_cast<std::uint16_t>(BPF_JMP | BPF_JSET | BPF_K);
constexpr auto give = static_cast<std::uint16_t>(BPF_RET | BPF_K);
constexpr std::uint32_t forbidden = SECCOMP_RET_ERRNO | EPERM;

/// Offset of the lower half of argument `index` of a system call.
constexpr std::uint32_t argument(std::size_t index) {
    return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t));
}

}  // namespace

bool forbid_system_calls() {
    constexpr long allowed[] = {
        SYS_read,
        SYS_write,
        SYS_close,
        SYS_fstat,
        SYS_lseek,
        SYS_munmap,
        SYS_mremap,
        SYS_brk,
        SYS_madvise,
        SYS_futex,
        SYS_exit,
        SYS_exit_group,
        SYS_rt_sigaction,
        SYS_rt_sigprocmask,
        SYS_rt_sigreturn,
        SYS_getpid,
        SYS_gettid,
        SYS_set_robust_list,
        SYS_sched_yield,
        SYS_sched_getaffinity,
        SYS_nanosleep,
        SYS_clock_gettime,
        SYS_clock_nanosleep,
        SYS_gettimeofday,
        SYS_getrandom,
        SYS_sysinfo,
#ifdef SYS_rseq
        SYS_rseq,
#endif
    };
    /// A call that is allowed if an argument has none of the bits, or is equal to the value.
    struct Checked {
        long call;
        std::size_t index;
        std::uint16_t test;
        std::uint32_t value;
        bool wanted;
    };
    const Checked checked[] = {
        {SYS_mmap, 2, any_bit, PROT_EXEC, false},
        {SYS_mprotect, 2, any_bit, PROT_EXEC, false},
        {SYS_clone, 0, any_bit, CLONE_THREAD, true},
        {SYS_tgkill, 0, equal, static_cast<std::uint32_t>(::getpid()), true},
    };
    std::vector<sock_filter> filter{{load, 0, 0, offsetof(seccomp_data, arch)},
                                    {equal, 1, 0, machine},
                                    {give, 0, 0, SECCOMP_RET_KILL_PROCESS},
                                    {load, 0, 0, offsetof(seccomp_data, nr)}};
    for (const long call : allowed) {
        filter.push_back({equal, 0, 1, static_cast<std::uint32_t>(call)});
        filter.push_back({give, 0, 0, SECCOMP_RET_ALLOW});
    }
    for (const Checked& c : checked) {
        const std::uint32_t yes = c.wanted ? SECCOMP_RET_ALLOW : forbidden,
                            no = c.wanted ? forbidden : SECCOMP_RET_ALLOW;
        filter.push_back({equal, 0, 4, static_cast<std::uint32_t>(c.call)});
        filter.push_back({load, 0, 0, argument(c.index)});
        filter.push_back({c.test, 0, 1, c.value});
        filter.push_back({give, 0, 0, yes});
        filter.push_back({give, 0, 0, no});
    }
    // The C library starts threads by clone() where clone3(), whose flags can't be checked, is unknown.
    filter.push_back({equal, 0, 1, SYS_clone3});
    filter.push_back({give, 0, 0, SECCOMP_RET_ERRNO | ENOSYS});
    filter.push_back({give, 0, 0, forbidden});
    const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

namespace {

/// Forbids connections; other programs that are started inherit that.
void forbid_connections() {
    std::vector<sock_filter> filter{{load, 0, 0, offsetof(seccomp_data, arch)},
                                    {equal, 1, 0, machine},
                                    {give, 0, 0, SECCOMP_RET_KILL_PROCESS},
                                    {load, 0, 0, offsetof(seccomp_data, nr)}};
    for (const long call : {SYS_socket, SYS_connect, SYS_ptrace}) {
        filter.push_back({equal, 0, 1, static_cast<std::uint32_t>(call)});
        filter.push_back({give, 0, 0, forbidden});
    }
    filter.push_back({give, 0, 0, SECCOMP_RET_ALLOW});
    const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

}  // namespace

#else

bool forbid_system_calls() { return false; }

namespace {
void forbid_connections() {}
}  // namespace

#endif

int become_confined([[maybe_unused]] std::span<const std::string> command, [[maybe_unused]] std::uint64_t file_bytes) {
#ifndef __EMSCRIPTEN__
    if (command.empty()) return status_without_program;
    limit_process({std::size_t{4} << 30U, 24 * 60 * 60, file_bytes});
    forbid_connections();
    std::vector<char*> arguments;
    for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    ::execvp(arguments[0], arguments.data());
#else
    forbid_connections();
#endif
    return status_without_program;
}

}  // namespace convlens
