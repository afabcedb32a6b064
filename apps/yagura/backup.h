// The whole state of one box in one file, taken while it runs, and put back.
//
// A backup holds, in this order: the settings; captures that wait to be read; state.sqlite, accounts.sqlite
// and the days of the history, each a consistent copy; the journal; certificate and key; manifest.json with a
// SHA-256 of each. The journal comes after what is made from it, so it knows at least as much: a center that
// starts on a restored folder plays the rest, as after a fall.
#pragma once

#include <cstdint>
#include <string>

#include "spine/base/result.h"

namespace yagura::run {

struct Copied {
    std::string path; ///< of the backup, or of the folder
    std::uint64_t files = 0, bytes = 0, records = 0;
    std::string made;          ///< when the backup was made, RFC 3339
    std::string replaced;      ///< where what was in the folder is now; empty: there was nothing
    std::string settings_file; ///< where the settings went; empty: there were none in it
};

/// `target`: a new file, or a folder, in which a file is named by the time. `settings`: a yagura.toml to
/// keep; empty or not there: none.
Result<Copied> back_up(const std::string& data, const std::string& settings, const std::string& target);

enum class Existing : unsigned char { refuse, replace };
/// Everything is read, unpacked and checked before anything is put in its place. What was in the folder is
/// kept aside, never deleted.
Result<Copied> restore(const std::string& backup, const std::string& data, Existing existing);

/// Reads every record and every database; the records' count, or what is wrong first.
Result<std::uint64_t> check_data(const std::string& data);

} // namespace yagura::run
