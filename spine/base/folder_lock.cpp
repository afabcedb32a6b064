#include "spine/base/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "spine/base/text.h"

namespace yagura {

Result<FolderLock> FolderLock::take(const std::string& folder, std::chrono::milliseconds wait,
                                    std::string_view name, std::string_view who) {
    const auto path = cat(folder, "/", name);
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0)
        return std::unexpected{
            Complaint{.code = "base.no-lock",
                      .what = "this folder cannot be used",
                      .why = std::strerror(errno),
                      .where = path,
                      .next = cat("let the user of ", who, " own the folder and everything in it")}};
    FolderLock lock{descriptor};
    const auto until = std::chrono::steady_clock::now() + wait;
    while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EINTR && (errno != EWOULDBLOCK || std::chrono::steady_clock::now() >= until))
            return std::unexpected{Complaint{.code = "base.folder-in-use",
                                             .what = "another program works on this folder",
                                             .why = "two at once would damage what is kept there",
                                             .where = folder,
                                             .next = cat("end the other one first (`systemctl stop ", who,
                                                         "`, or Ctrl-C where `yagura run` runs)")}};
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    return lock;
}

FolderLock::~FolderLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

} // namespace yagura
