// A capture on its way in: from the connection to a file, whole and fsynced, before anybody reads it. Nothing
// of it is parsed here but its first four bytes: that is a sensor's work, in a process that holds nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "spine/api/http.h"

namespace yagura::see {

class Uploads {
public:
    static constexpr std::size_t most_at_once = 4;
    static constexpr std::uint64_t kept_free = std::uint64_t{1} << 30; ///< of the disk: the journal needs it

    /// `folder` is made if it is not there; halves that a crash left in it are removed.
    Uploads(std::string folder, std::uint64_t most_bytes);

    /// One that is still coming in. Its id is of this run only: what is whole gets another from the model.
    struct UnderWay {
        std::string id, name, by;
        std::uint64_t bytes = 0; ///< as declared; 0: not said
        std::uint64_t received = 0;
        std::int64_t at = 0; ///< when it began
    };
    struct Whole {
        std::string name; ///< as the person calls it
        std::string file; ///< in the folder
        std::uint64_t bytes = 0;
    };
    /// `finish` is called with the closed file; when it refuses, the file has to be removed by it.
    Result<std::unique_ptr<api::BodySink>> begin(UnderWay what,
                                                 std::function<api::Response(const Whole&)> finish);
    std::vector<UnderWay> under_way() const; ///< newest first
    /// Its next piece is refused, and nothing of it stays. False: there is none.
    bool stop(std::string_view id);
    /// Called from the threads that receive, about once a MiB; set before the first upload.
    void on_progress(std::function<void(const UnderWay&)> tell) { tell_ = std::move(tell); }
    /// A copy of a file of ours, as if it had been uploaded.
    Result<Whole> take(const std::string& path);
    void discard(const std::string& file) const;

    std::uint64_t most_bytes() const noexcept { return most_bytes_; }

    struct One; ///< an upload under way, shared by who receives it and who asks for it

private:
    std::string folder_;
    std::uint64_t most_bytes_;
    std::function<void(const UnderWay&)> tell_;
    mutable std::mutex mutex_;
    std::list<std::shared_ptr<One>> receiving_;
    friend class Receiving;
};

} // namespace yagura::see
