// Observations that outlive the call in which they were said: on their way from a worker's thread to another.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "spine/observe/observation.h"

namespace yagura::worker {

/// Bytes that stay where they are until clear(). Keeps its memory for the next batch.
class Arena {
public:
    Bytes copy(Bytes bytes) {
        if (bytes.empty()) return {};
        held_ += bytes.size();
        if (bytes.size() > piece - used_) {
            if (bytes.size() > piece) return own(bytes);
            if (++current_ >= pieces_.size())
                pieces_.push_back(std::make_unique_for_overwrite<std::byte[]>(piece));
            used_ = 0;
        }
        if (pieces_.empty()) pieces_.push_back(std::make_unique_for_overwrite<std::byte[]>(piece));
        auto* to = pieces_[current_].get() + used_;
        std::memcpy(to, bytes.data(), bytes.size());
        used_ += bytes.size();
        return {to, bytes.size()};
    }
    std::string_view copy(std::string_view text) { return as_text(copy(std::as_bytes(std::span{text}))); }
    std::size_t held() const noexcept { return held_; } ///< bytes, since it was cleared
    void clear() noexcept {
        current_ = used_ = held_ = 0;
        large_.clear();
    }

private:
    static constexpr std::size_t piece = 1u << 16;

    Bytes own(Bytes bytes) {
        large_.push_back(std::make_unique_for_overwrite<std::byte[]>(bytes.size()));
        std::memcpy(large_.back().get(), bytes.data(), bytes.size());
        return {large_.back().get(), bytes.size()};
    }
    std::vector<std::unique_ptr<std::byte[]>> pieces_, large_;
    std::size_t current_ = 0, used_ = 0, held_ = 0;
};

namespace detail {
// What is static by contract (names of functions, spaces of objects, literals) stays as it is.
inline void keep(observe::Value& value, Arena& arena) {
    if (auto* text = std::get_if<std::string_view>(&value))
        *text = arena.copy(*text);
    else if (auto* raw = std::get_if<Bytes>(&value))
        *raw = arena.copy(*raw);
    else if (auto* array = std::get_if<observe::Array>(&value))
        array->bytes = arena.copy(array->bytes);
}
inline void keep(std::string_view& text, Arena& arena) { text = arena.copy(text); }
inline void keep(observe::Object& object, Arena& arena) { keep(object.text, arena); }
inline void keep(observe::Presence&, Arena&) {}
inline void keep(observe::Identity& it, Arena& arena) { keep(it.value, arena); }
inline void keep(observe::Neighbour& it, Arena& arena) {
    keep(it.port, arena), keep(it.far_port, arena), keep(it.far_name, arena);
}
inline void keep(observe::Conversation&, Arena&) {}
inline void keep(observe::Operation& it, Arena& arena) { keep(it.object, arena), keep(it.value, arena); }
inline void keep(observe::Repeats& it, Arena& arena) { keep(it.like, arena); }
inline void keep(observe::Variable& it, Arena& arena) { keep(it.object, arena), keep(it.value, arena); }
inline void keep(observe::Name& it, Arena& arena) { keep(it.asked, arena), keep(it.answer, arena); }
inline void keep(observe::Login& it, Arena& arena) { keep(it.user, arena), keep(it.method, arena); }
inline void keep(observe::Transfer& it, Arena& arena) { keep(it.name, arena); }
inline void keep(observe::Log& it, Arena& arena) { keep(it.format, arena), keep(it.text, arena); }
inline void keep(observe::Match&, Arena&) {}
inline void keep(observe::Anomaly&, Arena&) {}
inline void keep(observe::Coverage&, Arena&) {}
} // namespace detail

/// One observation with all that it refers to.
struct Copied {
    std::uint64_t position = 0; ///< of the frame that was walked when it was said, for the order
    observe::Parties parties;
    observe::Time at{};
    std::uint64_t conversation = 0;
    observe::Evidence evidence{};
    Bytes message{};
    observe::Observation what;
    observe::Speaker speaker{};
    bool unfolded = false; ///< said before the fold

    template <class Kind>
    Copied(std::uint64_t place, bool before_fold, const observe::Origin& origin, const Kind& said,
           Arena& arena)
        : position{place},
          parties{origin.parties},
          at{origin.at},
          conversation{origin.conversation},
          evidence{origin.evidence},
          message{arena.copy(origin.message)},
          what{said},
          speaker{origin.speaker},
          unfolded{before_fold} {
        detail::keep(std::get<Kind>(what), arena);
    }
    void say(observe::Sink& to) const {
        const observe::Origin origin{.at = at,
                                     .parties = parties,
                                     .conversation = conversation,
                                     .speaker = speaker,
                                     .evidence = evidence,
                                     .message = message};
        std::visit([&](const auto& kind) { to.on(origin, kind); }, what);
    }
};

} // namespace yagura::worker
