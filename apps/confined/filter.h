// A list of system calls for libseccomp: the first error counts.
#pragma once

#include <cerrno>
#include <cstdint>
#include <initializer_list>
#include <memory>

#include <seccomp.h>

namespace yagura::confined {

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

/// What is not on the list fails with EPERM, a call of another architecture ends the process (32-bit numbers
/// mean other things), and every thread is meant. 0, or what went wrong.
inline int prepare(scmp_filter_ctx filter) noexcept {
    int error = -::seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (error == 0) error = -::seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (error == 0) error = -::seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    return error;
}

class Rules {
public:
    explicit Rules(scmp_filter_ctx filter) : filter_{filter} {}
    void allow(std::initializer_list<int> calls) {
        for (const auto call : calls) add(SCMP_ACT_ALLOW, call, {});
    }
    void allow(int call, std::initializer_list<scmp_arg_cmp> only) { add(SCMP_ACT_ALLOW, call, only); }
    void kill(std::initializer_list<int> calls) {
        for (const auto call : calls) add(SCMP_ACT_KILL_PROCESS, call, {});
    }
    int error() const { return error_; }

private:
    void add(std::uint32_t action, int call, std::initializer_list<scmp_arg_cmp> only) {
        if (error_ != 0 || call == __NR_SCMP_ERROR) return;
        error_ = -::seccomp_rule_add_array(filter_, action, call, static_cast<unsigned>(only.size()),
                                           only.begin());
    }
    scmp_filter_ctx filter_;
    int error_ = 0;
};

// Comparing one argument of a call.
inline scmp_arg_cmp equals(unsigned argument, std::uint64_t value) {
    return {argument, SCMP_CMP_EQ, value, 0};
}
inline scmp_arg_cmp has_bits(unsigned argument, std::uint64_t mask, std::uint64_t value) {
    return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

} // namespace yagura::confined
