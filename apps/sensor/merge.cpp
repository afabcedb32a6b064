#include "apps/sensor/merge.h"

#include <algorithm>

#include "spine/journal/replay.h"

namespace yagura::sensor {

Merge::Merge(const std::vector<journal::ByteRing*>& rings) {
    for (auto* const ring : rings) {
        workers_.push_back(std::make_unique<Worker>());
        workers_.back()->ring = ring;
    }
}

bool Merge::look(Worker& worker) {
    while (worker.head.empty() && !worker.ended) {
        Bytes record;
        if (worker.ring->drain(worker.room, 1, [&](Bytes one) { record = one; }) == 0) return false;
        const auto envelope = journal::open(record);
        if (!envelope) continue; // Our own encoder wrote it: this cannot be.
        if (envelope->kind == journal::Kind::watermark) {
            worker.until = std::max(worker.until, envelope->at);
            worker.ended = envelope->at == observe::Time::max();
            continue;
        }
        worker.head = record;
        worker.envelope = *envelope;
        worker.at = std::max(worker.at, envelope->at);
    }
    return !worker.head.empty();
}

bool Merge::say_coverage(const Out& out) {
    if (!covering_) return true;
    covering_ = false;
    std::array<std::byte, 256> room;
    return out(journal::encode(room, cover_about_, std::as_const(cover_)));
}

Merge::State Merge::move(std::size_t most, const Out& out) {
    for (std::size_t moved = 0; moved < most; ++moved) {
        Worker* first = nullptr;
        bool all_ended = true;
        for (const auto& worker : workers_) {
            const bool there = look(*worker);
            all_ended = all_ended && worker->ended && !there;
            if (there && (!first || worker->at < first->at)) first = worker.get();
        }
        if (all_ended) return say_coverage(out) ? State::ended : State::refused;
        if (!first) return moved != 0 ? State::moved : State::waiting;
        if (!hurry_)
            for (bool before = true; const auto& worker : workers_) {
                if (worker.get() == first) before = false;
                // At the same time the lower worker comes first: the same file gives the same order again.
                if (worker->head.empty() && !worker->ended &&
                    (worker->until < first->at || (before && worker->until == first->at)))
                    return moved != 0 ? State::moved : State::waiting;
            }

        const auto& about = first->envelope;
        if (covering_ &&
            (about.at != cover_about_.at || about.evidence.source != cover_about_.evidence.source) &&
            first->at > cover_about_.at)
            if (!say_coverage(out)) return State::refused;
        if (about.kind == journal::Kind::coverage) {
            const auto said = journal::message<observe::Coverage>(about);
            if (covering_ && cover_about_.at != about.at && !say_coverage(out)) return State::refused;
            if (!covering_) {
                covering_ = true;
                cover_about_ = about;
                cover_ = {};
            }
            cover_.packets += said.packets;
            cover_.bytes += said.bytes;
            cover_.dropped += said.dropped;
            cover_.refused += said.refused;
            cover_.forgotten += said.forgotten;
            cover_.spool_lost += said.spool_lost;
            cover_.one_sided = cover_.one_sided || said.one_sided;
        } else if (!out(first->head)) {
            return State::refused;
        }
        first->head = {};
    }
    return State::moved;
}

} // namespace yagura::sensor
