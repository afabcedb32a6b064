// A capture on its way in: from the connection to a file, whole and fsynced, before anybody reads it. Nothing
// of it is parsed here but its first four bytes: that is a sensor's work, in a process that holds nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "spine/api/http.h"

namespace yagura::see {

class Uploads {
public:
    static constexpr int most_at_once = 4;
    static constexpr std::uint64_t kept_free = std::uint64_t{1} << 30; ///< of the disk: the journal needs it

    /// `folder` is made if it is not there; halves that a crash left in it are removed.
    Uploads(std::string folder, std::uint64_t most_bytes);

    struct Whole {
        std::string name; ///< as the person calls it
        std::string file; ///< in the folder
        std::uint64_t bytes = 0;
    };
    /// `finish` is called with the closed file; when it refuses, the file has to be removed by it.
    Result<std::unique_ptr<api::BodySink>> begin(std::string name, std::uint64_t declared,
                                                 std::function<api::Response(const Whole&)> finish);
    /// A copy of a file of ours, as if it had been uploaded.
    Result<Whole> take(const std::string& path);
    void discard(const std::string& file) const;

    std::uint64_t most_bytes() const noexcept { return most_bytes_; }

private:
    std::string folder_;
    std::uint64_t most_bytes_;
    std::atomic<int> receiving_{0};
};

} // namespace yagura::see
