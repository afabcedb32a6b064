#include "spine/api/login_limit.h"

#include <algorithm>

#include "spine/base/hash.h"

namespace yagura::api {
namespace {

constexpr std::int64_t second = 1'000'000'000;

/// Keys come from strangers: only their keyed hash is kept, so that a long name costs no more than a short
/// one.
std::uint64_t key(char kind, std::string_view text, std::string_view more = {}) {
    Hasher hasher;
    hasher.add(static_cast<unsigned char>(kind)).add(text.size());
    for (const char c : text)
        hasher.add(static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
    for (const char c : more) hasher.add(static_cast<unsigned char>(c));
    return hasher.finish();
}

} // namespace

std::int64_t LoginLimit::until(std::uint64_t of, std::int64_t now) {
    const auto* tries = tries_.find(of);
    return tries && tries->until > now ? tries->until : 0;
}

std::uint32_t LoginLimit::wait(std::string_view name, std::string_view from, std::int64_t now) {
    const std::lock_guard lock{mutex_};
    auto end = until(key('a', from), now);
    if (!known_.find(key('k', name, from))) end = std::max(end, until(key('n', name), now));
    return end <= now ? 0 : static_cast<std::uint32_t>((end - now + second - 1) / second);
}

void LoginLimit::failed(std::string_view name, std::string_view from, std::int64_t now) {
    const std::lock_guard lock{mutex_};
    for (const auto of : {key('a', from), key('n', name)}) {
        auto* found = tries_.find(of);
        auto& tries = found ? *found : tries_.insert(of, {});
        if (now - std::max(tries.last, tries.until) > std::int64_t{longest_wait} * second) tries = {};
        tries.last = now;
        if (++tries.count < free_tries) continue;
        const auto doublings = std::min(tries.count - free_tries, 10u);
        tries.until = now + std::int64_t{std::min(first_wait << doublings, longest_wait)} * second;
    }
}

void LoginLimit::succeeded(std::string_view name, std::string_view from) {
    const std::lock_guard lock{mutex_};
    known_.insert(key('k', name, from), true);
    // Strangers may still be guessing this name from elsewhere; only this address has shown that it knows.
    if (auto* tries = tries_.find(key('a', from))) *tries = {};
    if (auto* tries = tries_.find(key('n', name)); tries && tries->until == 0) *tries = {};
}

std::int64_t LoginLimit::locked_until(std::string_view name, std::int64_t now) {
    const std::lock_guard lock{mutex_};
    return until(key('n', name), now);
}

} // namespace yagura::api
