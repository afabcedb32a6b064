// Tables that somebody brought and looks at before importing them: in memory, for an hour.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "see/tables/table_file.h"
#include "spine/api/http.h"
#include "spine/base/clock.h"

namespace yagura::see {

class TableFiles {
public:
    /// Kept at once; who was looked at longest ago makes room, and is counted.
    static constexpr std::size_t most = 3;
    static constexpr std::int64_t kept_for = 3'600'000'000'000; ///< nanoseconds

    struct File {
        std::string id{}, name{};
        tables::TableFile table{};
        std::vector<std::byte> bytes{}; ///< as they came
    };
    using Kept = std::shared_ptr<const File>;
    using Read = std::function<Result<tables::TableFile>(Bytes)>;

    explicit TableFiles(
        const Clock& clock, Read read = [](Bytes file) { return tables::read_table(file); })
        : clock_{clock}, read_{std::move(read)} {}

    /// Takes a body of at most TableLimits::bytes, reads it as a table and answers with what `answer` says of
    /// it.
    std::unique_ptr<api::BodySink> receive(std::string name,
                                           std::function<api::Response(const Kept&)> answer);
    Kept find(std::string_view id);
    std::size_t used();
    std::uint64_t refused() const noexcept { return evicted_.load(std::memory_order_relaxed); }

private:
    friend class TableSink;
    struct Place {
        Kept file;
        std::int64_t until = 0; ///< by the clock
    };
    Kept keep(std::string name, tables::TableFile table, std::vector<std::byte> bytes);
    void drop_old();

    const Clock& clock_;
    const Read read_;
    std::mutex mutex_, reading_; ///< reading_: one table is read at a time
    std::list<Place> places_;    ///< most recently looked at first
    std::atomic<std::uint64_t> evicted_{0};
};

} // namespace yagura::see
