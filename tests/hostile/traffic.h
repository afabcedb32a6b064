// Traffic that only an enemy sends, made on the fly and given to a pipeline, with a well-behaved conversation
// beside it that must be read as if nothing was.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "spine/worker/pipeline.h"

namespace yagura::hostile {

constexpr std::uint8_t fin = 1, syn = 2, rst = 4, push = 8, ack = 16;

struct End {
    std::uint32_t ip = 0;
    std::uint16_t port = 0;
};

/// One side's bytes, as the other side would count them.
struct Flow {
    End client, server;
    std::uint32_t asked = 1000, told = 5000; ///< next sequence numbers
};

/// What came out, in front of the fold.
struct Told final : observe::Listener {
    using Listener::on;
    void on(const observe::Origin&, const observe::Operation&) override;
    void on(const observe::Origin&, const observe::Anomaly&) override { ++anomalies; }
    void on(const observe::Origin&, const observe::Conversation&) override;
    void on(const observe::Origin&, const observe::Coverage&) override;

    std::uint64_t operations = 0, anomalies = 0;
    std::uint64_t opened = 0, ended = 0;
    std::uint64_t flows_with_loss = 0; ///< that ended and told lost bytes
    std::uint64_t packets = 0;         ///< as coverage tells them
    std::uint64_t forgotten = 0;       ///< the same
    std::uint64_t good = 0;            ///< answers of the well-behaved conversation, right in every field
};

/// A pipeline, a clock and a cable.
class Bench {
public:
    /// `every`: after so many frames comes a request and an answer of the well-behaved conversation.
    explicit Bench(const worker::PipelineSettings& = {}, std::uint32_t every = 1000);

    void frame(Bytes);
    void tcp(End from, End to, std::uint32_t sequence, std::uint32_t acknowledged, std::uint8_t flags,
             Bytes payload = {});
    void udp(End from, End to, Bytes payload);
    /// Payload in order, in segments of at most `size` bytes.
    void say(Flow&, observe::Speaker, Bytes payload, std::size_t size = 1400);
    void open(Flow&);
    void fragment(End from, End to, std::uint16_t id, Bytes payload);
    /// The well-behaved conversation, now.
    void say_something();
    /// Another pair of hosts each time.
    Flow fresh(std::uint16_t port);
    void pass(std::chrono::nanoseconds time) { now_ += time; }
    void finish();

    worker::Pipeline& pipeline() noexcept { return pipeline_; }
    const Told& told() const noexcept { return told_; }
    std::uint64_t frames() const noexcept { return number_; }
    std::uint64_t good_asked() const noexcept { return good_asked_; }
    const std::deque<Limit>& limits() const noexcept { return pipeline_.limits().all(); }
    std::uint64_t refused(std::string_view limit) const noexcept;
    std::uint64_t used(std::string_view limit) const noexcept;

private:
    void put(Bytes);
    void behave();
    Bytes around(End from, End to, std::uint8_t protocol, Bytes segment);

    Told told_;
    observe::Listener quiet_;
    worker::Pipeline pipeline_;
    Flow good_;
    std::uint32_t every_, since_ = 0, hosts_ = 0;
    std::uint64_t number_ = 0, good_asked_ = 0;
    bool behaving_ = false;
    std::uint16_t id_ = 0;
    observe::Time now_{std::chrono::seconds{1'700'000'000}};
    std::vector<std::byte> frame_, segment_;
};

/// One scene: plays itself on a bench and says what is wrong, a sentence each.
struct Scene {
    std::string_view name;
    std::function<std::vector<std::string>(Bench&, std::uint32_t size)> play;
    std::uint32_t small, whole;     ///< sizes: under the sanitizers, and at full length
    worker::PipelineSettings few{}; ///< settings for the small one, so that it fills the tables too
};
/// `source` is the root of the tree: the dissectors' cases are how conversations begin.
std::vector<Scene> scenes(const std::string& source);

/// What holds whatever was played: everything counted, every table within its limit, the well-behaved
/// conversation read whole. Ends the bench.
std::vector<std::string> wrong(Bench&);

} // namespace yagura::hostile
