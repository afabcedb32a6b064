// The journal on disk: segments of one stream and at most one hour each, appended to and then compressed,
// deleted as whole files. Everything that any answer rests on is in here, in the order in which it came.
//
//   FOLDER/<sensor>-<boot>/<first arrival>.ygj                        being written, or left by a fall
//   FOLDER/<sensor>-<boot>/<first>-<last arrival>.ygj.zst             closed (zstd; `zstd -d` gives the .ygj)
//
// A record is in the file (write(2)) when write() returns and on the disk when sync() returns. After kill -9
// a segment may end in half a record, which its reader leaves out; a new start begins new segments.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "spine/base/result.h"
#include "spine/journal/replay.h"
#include "spine/journal/segment.h"

namespace yagura::journal {

/// (sensor, boot): whose sequences count together. The center's own decisions are the stream of zeros.
struct Stream {
    std::array<std::uint8_t, 16> sensor{};
    std::uint64_t boot = 0;
    friend auto operator<=>(const Stream&, const Stream&) = default;
    std::string text() const; ///< as its folder is called
};
std::optional<Stream> stream(std::string_view text) noexcept;
inline Stream stream(const Source& source) noexcept { return {source.sensor, source.boot}; }

class Journal {
public:
    struct Settings {
        std::chrono::hours keep{24 * 30};
        std::uint64_t keep_bytes = std::uint64_t{20} << 30;
        std::uint64_t segment_bytes = std::uint64_t{64} << 20;
        std::size_t conversations = 65536; ///< remembered for each stream
    };
    using Seconds = std::chrono::sys_seconds; ///< our clock, from whoever has one

    static Result<Journal> open(std::string folder, const Settings& settings);
    Journal(Journal&&) noexcept;
    Journal& operator=(Journal&&) noexcept;
    ~Journal();

    /// Takes a record into its stream's segment, preceded by what it refers to if the segment has not been
    /// told. Gives its arrival, which is in the record from now on; 0: it only explains others and was told
    /// already, so that there is nothing to keep.
    Result<std::uint64_t> append(const Stream& stream, const Envelope& envelope, Bytes record, Seconds now);
    Result<void> write(); ///< everything appended is the kernel's now: our own death does not lose it
    Result<void> sync();  ///< and now it is the disk's
    bool dirty() const noexcept;

    /// The highest sequence that this stream has in the journal: what comes again is known by it.
    std::uint64_t last_sequence(const Stream& stream);
    /// What explains this stream's records, as far as it is known: for a reader that begins in the middle.
    void explain(const Stream& stream, const std::function<void(const Envelope&)>& use);
    /// The next arrival will be above; for a journal that was lost while the store was not.
    void go_on_after(std::uint64_t arrival) noexcept;
    std::uint64_t last_arrival() const noexcept;

    /// Closes segments of hours that are over, compresses one, deletes what is too old or too much. To be
    /// called now and then, from any one thread at a time together with append().
    Result<void> tidy(Seconds now);
    /// Takes a stream out whole.
    Result<void> remove(const Stream& stream);
    std::vector<Stream> streams() const;
    std::uint64_t bytes() const noexcept; ///< on disk
    const std::string& folder() const noexcept;

private:
    struct Inside;
    explicit Journal(std::unique_ptr<Inside> in);
    std::unique_ptr<Inside> in_;
};

/// Every record with an arrival above `after`, in the order of arrival over all streams, with what explains
/// it in front. Damaged files end where the damage begins and are counted. `use` may stop by returning false.
struct ReplayCounts {
    std::uint64_t records = 0, segments = 0, damaged = 0;
};
Result<ReplayCounts> replay_journal(const std::string& folder, std::uint64_t after,
                                    const std::function<bool(const Stream&, Bytes record)>& use);

/// One segment file, compressed or not, as its bytes.
Result<std::vector<std::byte>> read_segment(const std::string& path);

} // namespace yagura::journal
