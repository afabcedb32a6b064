#include "spine/capture/mapping.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>

namespace yagura::capture {

namespace {

// What a signal handler may see has to be static: a signal has no other context. Slots are claimed before
// a mapping is handed out and given back after it is gone, so the handler never sees half of one.
struct Slot {
    std::atomic<bool> taken{false};
    std::atomic<std::uintptr_t> from{~std::uintptr_t{0}}, to{0};
    std::atomic<bool> shortened{false};
};
std::array<Slot, 64> slots;
struct sigaction before;
std::uintptr_t page_size = 4096;

void fault(int signal, siginfo_t* info, void*) {
    const auto saved = errno;
    const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
    for (auto& slot : slots) {
        if (at < slot.from.load(std::memory_order_acquire) || at >= slot.to.load(std::memory_order_acquire))
            continue;
        // NOLINTNEXTLINE(performance-no-int-to-ptr): where it fell, nobody else knows as a pointer.
        auto* const page = reinterpret_cast<void*>(at & ~(page_size - 1));
        if (::mmap(page, page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
            break;
        slot.shortened.store(true, std::memory_order_release);
        errno = saved;
        return;
    }
    // Not ours: the instruction is tried again and meets whoever was there before us.
    ::sigaction(signal, &before, nullptr);
    errno = saved;
}

void guard() {
    static std::once_flag once;
    std::call_once(once, [] {
        page_size = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
        struct sigaction action{};
        action.sa_sigaction = fault;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK;
        sigemptyset(&action.sa_mask);
        ::sigaction(SIGBUS, &action, &before);
    });
}

} // namespace

std::unique_ptr<Mapping> Mapping::of(int descriptor, std::size_t size) {
    guard();
    for (std::size_t i = 0; i < slots.size(); ++i) {
        auto& slot = slots[i];
        if (slot.taken.exchange(true)) continue;
        auto* const memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (memory == MAP_FAILED) {
            slot.taken = false;
            return nullptr;
        }
        ::madvise(memory, size, MADV_SEQUENTIAL);
        const auto from = reinterpret_cast<std::uintptr_t>(memory);
        slot.shortened = false;
        slot.to = from + (size + page_size - 1) / page_size * page_size;
        slot.from = from;
        return std::unique_ptr<Mapping>{new Mapping{{static_cast<const std::byte*>(memory), size}, i}};
    }
    return nullptr;
}

Mapping::~Mapping() {
    slots[slot_].from = ~std::uintptr_t{0};
    ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
    slots[slot_].to = 0;
    slots[slot_].taken = false;
}

bool Mapping::shortened() const noexcept { return slots[slot_].shortened.load(std::memory_order_acquire); }

} // namespace yagura::capture
