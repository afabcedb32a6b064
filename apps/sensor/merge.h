// What several workers say, as one stream in the order of its time.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "spine/base/bytes.h"
#include "spine/journal/byte_ring.h"
#include "spine/journal/encode.h"

namespace yagura::sensor {

/// Merges by (time, worker): a record goes out when nobody who may still say something older is silent. How
/// far each worker is, its watermarks tell. The coverage of one second comes from every worker and goes out
/// as one sum, so one worker or four say the same.
class Merge {
public:
    /// The rings outlive it.
    explicit Merge(const std::vector<journal::ByteRing*>& rings);

    /// Sends what may go, at most `most` records, to `out(body)`; false from it ends the merging.
    enum class State : std::uint8_t {
        moved,   ///< something went out, or a watermark came
        waiting, ///< for a worker
        ended,   ///< every worker has said its last
        refused, ///< by `out`
    };
    using Out = std::function<bool(Bytes)>;
    State move(std::size_t most, const Out& out);

    /// Does not wait for silent workers: they are late, and live traffic is not to wait for them.
    void hurry(bool on) noexcept { hurry_ = on; }

private:
    struct Worker {
        journal::ByteRing* ring = nullptr;
        std::array<std::byte, journal::record_room> room{};
        Bytes head{}; ///< the record that is next, in room
        journal::Envelope envelope{};
        observe::Time at{};    ///< of the head; never runs backwards
        observe::Time until{}; ///< nothing older will come
        bool ended = false;
    };
    /// Until there is a record in front, or nothing.
    bool look(Worker& worker);
    bool say_coverage(const Out& out);

    std::vector<std::unique_ptr<Worker>> workers_;
    // The coverage of the second that is being added up.
    bool covering_ = false;
    journal::Envelope cover_about_{};
    observe::Coverage cover_{};
    bool hurry_ = false;
};

} // namespace yagura::sensor
