#include "fuzz/capture_file.h"

#include <cstdint>
#include <cstdlib>
#include <functional>

#include "spine/base/hash.h"
#include "spine/capture/file.h"

namespace yagura::fuzz {

namespace {

struct Seen {
    bool opened = false;
    std::uint64_t frames = 0, digest = 0;
    std::optional<capture::Damage> damage;
};

Seen walk(Result<std::unique_ptr<capture::File>> opened) {
    Seen seen;
    seen.opened = opened.has_value();
    if (!opened) {
        if (opened.error().text().empty()) std::abort();
        return seen;
    }
    auto& cursor = (*opened)->cursor(0);
    capture::Frame frame;
    // A packed bomb may hold frames without end; the first megabyte of records shows what there is to see.
    while (seen.frames < 65'536 && cursor.next(frame)) {
        ++seen.frames;
        if (frame.number != seen.frames || frame.bytes.size() > capture::frame_most ||
            frame.wire_length < frame.bytes.size())
            std::abort();
        Hasher hash{1, seen.digest};
        hash.add(static_cast<std::uint64_t>(frame.at)).add(frame.wire_length).add(frame.link_type);
        hash.add(frame.interface).add(cursor.interface(frame).name.size());
        for (const auto byte : frame.bytes)
            hash.add(std::to_integer<std::uint64_t>(byte)); // Reads every byte.
        seen.digest = hash.finish();
    }
    if (cursor.damage() && cursor.damage()->text().empty()) std::abort();
    seen.damage = cursor.damage();
    return seen;
}

} // namespace

void capture_file(Bytes input) {
    const auto mapped = walk(capture::File::memory(input));
    const auto stream = walk(capture::File::stream(capture::from_memory(input, 7), input.size()));
    if (!mapped.opened) return; // Packed, or not a capture: the stream has shown it.
    if (!stream.opened || mapped.frames != stream.frames || mapped.digest != stream.digest ||
        mapped.damage.has_value() != stream.damage.has_value())
        std::abort();
    if (mapped.damage &&
        (mapped.damage->offset != stream.damage->offset || mapped.damage->what != stream.damage->what))
        std::abort();
}

} // namespace yagura::fuzz
