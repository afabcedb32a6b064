// Exchanges that repeat in a steady rhythm: what is usual for each, and when it goes wrong.
#pragma once

#include <array>
#include <vector>

#include "see/health/board.h"

namespace yagura::see::health {

/// From the fold's windows of a minute. What is usual is the median of the windows that were as usual.
class Cycles {
public:
    struct Most {
        std::size_t cycles = 8'192, stations = 16'384;
    };
    Cycles(Board& board, const Most& most);

    void repeated(const observe::Origin&, const observe::Repeats&, std::string_view protocol);
    /// One that was told by itself: it counts into the window that is open.
    void acted(const observe::Origin&, const observe::Operation&, std::string_view protocol);
    void spoke(const observe::Origin&, observe::Time at);
    /// Time has come so far for this source; `lossy`: its sensor could not keep up in this second.
    void time(std::uint32_t source, observe::Time now, bool lossy);

    /// What the console shows of one.
    struct Row {
        std::string key{};
        observe::Station asks{}, answers{};
        observe::Realm realm{};
        std::uint16_t vlan = 0;
        std::string protocol{}, function{}, object{};
        observe::Time first{}, last{};
        std::uint32_t usual_us = 0, usual_most_us = 0, now_us = 0, now_most_us = 0;
        std::uint32_t asked = 0, answered = 0, refused = 0; ///< in the last window
        std::uint32_t windows = 0;
        observe::Evidence evidence{};
        bool event = false; ///< nobody asks: cyclic I/O
        bool gone = false;
    };
    void take(std::vector<Row>& into);

    template <class Use>
    void tables(Use&& use) {
        use("health.cycles", "cycles", cycles_);
        use("health.speakers", "stations", stations_);
    }

private:
    struct Window {
        float mean = 0, most = 0, unanswered = 0, refused = 0;
    };
    struct Cycle {
        static constexpr std::size_t kept = 30;
        observe::Station asks{}, answers{};
        observe::Realm realm{};
        std::uint16_t vlan = 0;
        std::string protocol{}, function{}, object{};
        observe::Time first{}, last{}, lossy{};
        std::array<Window, kept> usual{};
        std::uint8_t size = 0, next = 0;
        Window now{};
        std::uint32_t told_asked = 0, told_answered = 0, told_refused = 0;
        std::uint32_t asked = 0, answered = 0, refused = 0, windows = 0;
        std::array<std::uint16_t, 4> bad{}; ///< windows in a row: slower, jitter, unanswered, refused
        bool event = false, stopped = false;
        observe::Evidence evidence{};
        void pack(Packer&) const;
        void unpack(Unpacker&);
    };
    struct Spoke {
        observe::Time at{};
        void pack(Packer&) const;
        void unpack(Unpacker&);
    };
    void judge(const std::string& key, Cycle& cycle);
    void judge_stopped(const std::string& key, Cycle& cycle, observe::Time now);
    Finding finding(Kind, const std::string& key, const Cycle&) const;
    Window median(const Cycle&) const;

    Board& board_;
    Remembered<Cycle> cycles_;
    Remembered<Spoke> stations_;
    std::vector<std::string> shown_;
    struct Clock {
        std::uint32_t source = 0;
        observe::Time now{}, looked{}, lossy{};
    };
    std::vector<Clock> clocks_;
};

} // namespace yagura::see::health
