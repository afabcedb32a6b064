// Captures that people bring: each is read by a fresh sensor on a passed descriptor, never in here.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "spine/base/result.h"
#include "spine/store/writer.h"

namespace yagura::center {

/// One sensor that reads one file. Its records come through `records`.
class FileSensor {
public:
    /// `protocols`: the file of described protocols that it reads, or empty.
    static Result<FileSensor> start(const std::string& program, const std::string& file,
                                    const std::string& protocols);
    FileSensor(FileSensor&& other) noexcept;
    FileSensor& operator=(FileSensor&&) = delete;
    ~FileSensor(); ///< ends it

    int records() const noexcept { return records_; }
    std::uint64_t bytes_read() const noexcept; ///< it shares our place in the file
    void look() noexcept;                      ///< takes in what it says in words
    struct Ended {
        int code = 0; ///< as it exited; 128 + signal
        std::string words;
    };
    std::optional<Ended> ended() noexcept;

private:
    FileSensor() = default;
    int child_ = -1, file_ = -1, records_ = -1, words_ = -1;
    std::string said_;
};

} // namespace yagura::center
