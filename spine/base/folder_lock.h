// One program at a time works on a folder: flock(2), so that it ends with whoever held it, however that
// ended.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "spine/base/result.h"

namespace yagura {

class FolderLock {
public:
    /// Waits for whoever holds it, at most so long; then a Complaint that says so. The folder has to exist.
    /// `name`: of the file in it that is locked; who works on different things takes different ones.
    /// `who`: the unit whose folder it is, for the person who reads the complaint.
    static Result<FolderLock> take(const std::string& folder, std::chrono::milliseconds wait,
                                   std::string_view name = "lock", std::string_view who = "yagura-center");
    FolderLock(FolderLock&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
    FolderLock& operator=(FolderLock&&) = delete;
    ~FolderLock();
    /// Whoever inherits it holds the lock, too.
    int descriptor() const noexcept { return descriptor_; }

private:
    explicit FolderLock(int descriptor) noexcept : descriptor_{descriptor} {}
    int descriptor_;
};

} // namespace yagura
