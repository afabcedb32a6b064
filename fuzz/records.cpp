// Records as a fallen or a hostile sensor may send them: through the pipe's batches, through a segment, and
// as bodies whose checksums are right, so that the fuzzer does not have to find them.
//
// The input is pieces: a control byte, two for a length (big-endian), that many bytes. What is understood of
// a record has to survive being said again: replay(encode(replay(record))) equals replay(record).
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "fuzz/targets.h"
#include "spine/journal/pipe.h"
#include "spine/journal/replay.h"
#include "spine/journal/segment.h"
#include "tests/support/say_again.h"

namespace yagura::fuzz {
namespace {

using namespace yagura::journal;

enum Control : unsigned { body = 0, batch = 1, raw_pipe = 2, segment = 3, ways = 4 };

struct FedPipe final : PipeReader {
    FedPipe() : PipeReader{-1} {}
    using PipeReader::take;
};

class Stage {
public:
    void record(Bytes bytes) {
        const auto envelope = open(bytes);
        if (first_.on(bytes, heard_) == Replay::Was::damaged) return;
        // Who refers to protocols by our numbers has to be told our names.
        for (; told_ < protocols_.size(); ++told_) {
            const auto number = static_cast<std::uint16_t>(told_ + 1);
            const auto record = encode(room_, Envelope{.kind = Kind::protocol},
                                       Protocol{number, protocols_.name(number)});
            if (second_.on(record, repeated_) != Replay::Was::context) std::abort();
        }
        if (envelope->kind == Kind::parties) (void)second_.on(bytes, repeated_);
        for (const auto& once : heard_.all)
            if (once.empty() || second_.on(once, repeated_) != Replay::Was::observation) std::abort();
        if (heard_.all != repeated_.all) std::abort();
        heard_.all.clear(), heard_.parties.clear();
        repeated_.all.clear(), repeated_.parties.clear();
    }

private:
    Protocols protocols_;
    Replay first_{protocols_, 16}, second_{protocols_, 16};
    test::Again heard_, repeated_;
    std::size_t told_ = 0;
    std::array<std::byte, record_room> room_;
};

void little(std::vector<std::byte>& out, std::uint64_t number) {
    for (int i = 0; i < 4; ++i, number >>= 8) out.push_back(static_cast<std::byte>(number & 0xff));
}

} // namespace

void records(Bytes input) {
    Stage stage;
    FedPipe pipe;
    std::vector<std::byte> made;
    Reader in{input};
    while (in.remaining() >= 3) {
        const auto control = in.u8();
        const std::size_t wanted = in.u16();
        const auto piece = in.take(std::min(wanted, in.remaining()));
        made.clear();
        switch (control % Control::ways) {
        case Control::body:
            stage.record(piece);
            break;
        case Control::batch: // As PipeWriter makes one, of one record.
            for (const char c : {'Y', 'G', 'B', '1'}) made.push_back(static_cast<std::byte>(c));
            little(made, piece.size() + 8);
            little(made, piece.size());
            little(made, crc32c(piece));
            made.insert(made.end(), piece.begin(), piece.end());
            break;
        case Control::raw_pipe:
            made.assign(piece.begin(), piece.end());
            break;
        default: {
            SegmentReader reader{piece};
            for (auto record = reader.next(); !record.empty(); record = reader.next()) stage.record(record);
            if (reader.good() > piece.size()) std::abort();
        }
        }
        for (Bytes rest{made}; !rest.empty();) {
            const auto taken = pipe.take(rest);
            rest = rest.subspan(taken);
            const auto skipped = pipe.skipped();
            bool any = false;
            for (auto record = pipe.next(); !record.empty(); record = pipe.next(), any = true)
                stage.record(record);
            // A reader that neither takes, gives nor skips would stand still for ever.
            if (taken == 0 && !any && pipe.skipped() == skipped) std::abort();
        }
    }
}

} // namespace yagura::fuzz
