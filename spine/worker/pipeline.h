// One core's pipeline: frames in, observations out.
#pragma once

#include <memory>
#include <vector>

#include "spine/decode/conversations.h"
#include "spine/decode/decoder.h"
#include "spine/decode/duplicates.h"
#include "spine/dissect/labels.h"
#include "spine/worker/counts.h"
#include "spine/worker/fold.h"
#include "spine/worker/recogniser.h"
#include "spine/worker/said.h"
#include "spine/worker/shapes.h"
#include "spine/worker/ways.h"

namespace yagura::worker {

/// Copies that a SPAN shows: told once, or dissected as if each were a packet of its own.
enum class Copies : std::uint8_t { once, count };

/// The sizes are chosen so that Pipeline::memory_most() stays below 170 MB.
struct PipelineSettings {
    static constexpr std::uint16_t labels_usual = 96;

    Copies copies = Copies::once;
    observe::Realm realm = observe::Realm::common;
    decode::DecoderOptions decode{};
    decode::TableOptions table{.conversations_most = 1u << 17};
    Fold::Settings fold{};
    WorkerWays::Settings ways{};
    std::size_t waiting_bytes = 10u << 20;      ///< of messages that are not whole, and pieces of them
    std::size_t state_bytes = 16u << 20;        ///< of dissectors
    std::size_t out_of_order_bytes = 12u << 20; ///< TCP segments before a hole
    std::chrono::seconds update_window{60};     ///< a conversation that goes on is told once in each
    std::uint16_t labels = 0; ///< conversations that nDPI looks at at a time; 0: it is not asked
    std::uint32_t shapes = 0; ///< conversations that nobody claims of which the shape is kept

    /// For one of `workers`: each has its share of every bound, so that the sum stays what it is with one.
    PipelineSettings shared_by(unsigned workers) const noexcept;
};

/// What the worker knows of one conversation besides decode's Flow.
struct Track {
    WorkerWays::Claim claim;
    std::array<BlockPool::Lease, 2> waiting{}; ///< bytes of a message that is not whole; by Speaker
    std::array<std::uint64_t, 2> waiting_frame{};
    std::array<observe::Time, 2> waiting_at{};
    std::array<std::uint64_t, 2> passing{}; ///< bytes that its protocol does not want to see
    observe::Time asked{};                  ///< when the client last spoke, while the server has not answered
    std::uint32_t answer_time_us = 0;       ///< smoothed
    std::uint32_t active_at = UINT32_MAX;   ///< place among those to be told at the window's end
    Shape* shape = nullptr;                 ///< what its messages look like, while nobody claims it
    const dissect::Dissector* rejected = nullptr; ///< a protocol that it turned out not to be
    std::uint16_t label = 0; ///< of a conversation that nobody claims: see `label_sought`
    std::uint8_t tries = 0, losses = 0, confidence = 0, rejections = 0;
    bool shape_sought : 1 = true; ///< of a conversation that nobody claims
    bool opened_told : 1 = false;
    bool protocol_told : 1 = false;
    bool one_sided_told : 1 = false;
    bool closing = false;         ///< FIN from both, or RST
    bool label_sought : 1 = true; ///< nDPI may find a name: `label` is its place, else the name's number
    bool given_up : 1 = false;    ///< nobody is asked any more
    bool sure : 1 = false;        ///< `yes` was said, not only `maybe` with a hint
    bool spoke_last_server : 1 = false;
    bool any_payload : 1 = false;
    bool acknowledges : 1 = false; ///< a segment confirmed something: the other side exists
    // By Speaker:
    std::array<bool, 2> present{};   ///< its presence was told
    std::array<bool, 2> well{};      ///< it sent a well-formed message
    std::array<bool, 2> lost_sync{}; ///< its next message has to be looked for
    bool proven() const noexcept { return well[0] || well[1]; }
    bool named() const noexcept { return !label_sought && label != 0; }
};

/// Shares nothing with another pipeline. Time is that of the frames; it never runs backwards in what is said.
class Pipeline {
public:
    using Settings = PipelineSettings;

    /// `unfolded` gets every observation as dissectors say it, or is nullptr; `out` what the fold lets
    /// through. Both outlive the pipeline.
    Pipeline(const Settings&, observe::Sink* unfolded, observe::Sink& out);
    ~Pipeline();
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    /// One frame of `source`. Its bytes are needed only until this returns.
    void frame(const decode::Frame&, std::uint32_t source);
    /// Time has come so far: of frames that are another worker's, or by a clock in silence.
    void advance(observe::Time now);
    /// Frames that the card or the capturing host lost since it was told last; said in Coverage.
    void dropped(std::uint64_t frames) noexcept { coverage_.dropped += frames; }
    /// Ends all conversations and windows. Afterwards only counts() and limits() may be called.
    void finish();

    const Counts& counts();
    const Limits& limits() const noexcept { return limits_; }
    /// Of conversations that nobody claimed, once it is finished; and how many found no room.
    std::vector<std::unique_ptr<Shape>> take_shapes() noexcept { return shapes_.take(); }
    std::uint64_t shapes_left_out() const noexcept { return shapes_.left_out(); }
    /// Bytes that tables and pools hold, for tests and health.
    std::size_t bytes_taken() const noexcept;
    /// What a pipeline with these settings takes from the heap at most, whatever frames come.
    static std::size_t memory_most(const Settings&) noexcept;

private:
    using Table = decode::ConversationTable<Track>;
    using Conversation = Table::Entry;

    // pipeline.cpp
    void packet(const decode::Packet&);
    void odd(const decode::Packet&, const observe::Origin&);
    void say_conversation(Conversation&, observe::Conversation::State, observe::Time at);
    void open(Conversation&, observe::Time at);
    void touch(Conversation&);
    void ended(Conversation&, decode::Ending);
    void close_window();
    void seconds_ended();
    void cover(observe::Time end);
    observe::Evidence evidence(std::uint64_t frame, std::uint32_t offset = 0) const noexcept;

    // streams.cpp
    void tcp(Conversation&, const decode::Packet&, observe::Speaker);
    void doubtful(Conversation&, const decode::Packet&, observe::Speaker);
    void datagram(Conversation&, const decode::Packet&, observe::Speaker, Recogniser::Carrier);
    void piece(Conversation&, const decode::Piece&, observe::Speaker);
    void recognise(Conversation&, const decode::Piece&, observe::Speaker);
    /// False when there is no room for it. `speaker` changes with the roles, where the bytes tell them.
    bool take(Conversation&, const Recogniser::Verdict&, std::uint8_t confidence, observe::Speaker& speaker);
    void turn_round(Conversation&);
    void unclaim(Conversation&);
    void give_up(Conversation&);
    void stream(Conversation&, const decode::Piece&, observe::Speaker);
    /// What waits, this piece included, as far as it is whole.
    void drain(Conversation&, const decode::Piece&, observe::Speaker, std::size_t waited);
    std::size_t cut(Conversation&, Bytes, const decode::Piece&, observe::Speaker, std::size_t waited);
    void wait(Conversation&, const decode::Piece&, Bytes, observe::Speaker);
    void out_of_step(Conversation&, const decode::Piece&, observe::Speaker, Malformed);
    bool message(Conversation&, Bytes, observe::Time at, observe::Evidence, observe::Speaker, bool cut_short);
    void answered(Conversation&, observe::Speaker, observe::Time at);
    /// Asks nDPI for a name of what none of ours has claimed.
    void seek_label(Conversation&, const decode::Packet&, observe::Speaker);
    void drop_label(Conversation&);
    /// A message of a conversation that nobody has claimed yet.
    void look_at_shape(Conversation&, Bytes, observe::Speaker, observe::Time);

    Settings settings_;
    Limits limits_;
    Counts counts_;
    Recogniser recogniser_;
    Fold fold_;
    Said said_;
    BlockPool blocks_;
    StatePool states_;
    WorkerWays ways_;
    dissect::Labels labels_;
    Shapes shapes_;
    decode::Decoder decoder_;
    decode::Duplicates duplicates_;
    decode::TcpStore store_;
    Table table_;
    Limit& flows_limit_;
    Limit& early_limit_;
    Limit& fragments_limit_;

    std::vector<Conversation*> active_; ///< had packets in the window that is open
    observe::Coverage coverage_{};
    observe::Time now_{}, previous_{}, next_second_{}, window_end_{};
    std::uint64_t forgotten_before_ = 0;
    std::uint32_t source_ = 0;
    bool started_ = false, finished_ = false;
    bool turned_ = false; ///< the parties changed places while this segment's pieces are handed on
};

} // namespace yagura::worker
