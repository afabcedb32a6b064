#include "spine/capture/chunks.h"

#include <algorithm>
#include <limits>

namespace yagura::capture {

static_assert(Chunks::chunk_size >= 2 * Walker::stretch_most);

Chunks::Chunks(std::unique_ptr<Input> input, Bytes first, Walker walker, unsigned readers)
    : input_{std::move(input)}, walker_{std::move(walker)}, reading_(readers, 0) {
    // What was read to recognise the file becomes the end of a chunk "0" that nobody sees.
    const auto begun = static_cast<std::size_t>(walker_.position());
    auto& before = slots_[0];
    before.memory = std::make_unique_for_overwrite<std::byte[]>(chunk_size);
    std::ranges::copy(first, before.memory.get());
    before.filled = first.size();
    before.chunk = {{before.memory.get(), begun}, 0, false};
    taken_ = input_->taken();
}

std::uint64_t Chunks::slowest() const noexcept { return *std::ranges::min_element(reading_); }

const Chunks::Chunk* Chunks::next(unsigned reader) noexcept {
    std::unique_lock lock{mutex_};
    auto& mine = reading_[reader];
    ++mine;
    moved_.notify_all();
    while (made_ < mine) {
        if (ended_) return nullptr;
        // Chunk n lies where n - kept lay.
        if (made_ + 1 < slowest() + kept) {
            make();
            moved_.notify_all();
        } else {
            moved_.wait(lock);
        }
    }
    return &slots_[mine % kept].chunk;
}

void Chunks::leave(unsigned reader) noexcept {
    const std::scoped_lock lock{mutex_};
    reading_[reader] = std::numeric_limits<std::uint64_t>::max() / 2;
    moved_.notify_all();
}

void Chunks::make() noexcept {
    const auto& before = slots_[made_ % kept];
    auto& slot = slots_[(made_ + 1) % kept];
    if (!slot.memory) slot.memory = std::make_unique_for_overwrite<std::byte[]>(chunk_size);
    const std::span memory{slot.memory.get(), chunk_size};

    const auto begun = before.chunk.bytes.size();
    const auto offset = before.chunk.offset + begun;
    std::copy(before.memory.get() + begun, before.memory.get() + before.filled, memory.begin());
    slot.filled = before.filled - begun;

    for (;;) {
        walker_.show(memory.first(slot.filled), offset);
        Frame ignored;
        auto step = Walker::Step::frame;
        while (step == Walker::Step::frame) step = walker_.next(ignored);
        const auto whole = static_cast<std::size_t>(walker_.position() - offset);
        if (step == Walker::Step::damaged) {
            ended_ = true;
            slot.chunk = {memory.first(slot.filled), offset, true};
            break;
        }
        if (whole != 0) {
            slot.chunk = {memory.first(whole), offset, false};
            break;
        }
        const auto got = input_->read(memory.subspan(slot.filled));
        taken_.store(input_->taken(), std::memory_order_relaxed);
        if (got == 0) {
            failure_ = input_->failure();
            ended_ = true;
            slot.chunk = {memory.first(slot.filled), offset, true};
            break;
        }
        slot.filled += got;
    }
    ++made_;
}

} // namespace yagura::capture
