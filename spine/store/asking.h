// Active queries as persons decided them: the draft, the approved plan, and who said so.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "spine/store/answers.h"
#include "spine/store/database.h"

namespace yagura::store {

/// All of it, as it is now. The texts are see/ask's.
struct AskingRow {
    std::string draft{};
    std::uint64_t version = 0; ///< of the draft
    Time draft_at{};
    std::string draft_who{};
    std::string plan{}; ///< approved; empty: nothing ever was
    bool running = false;
};
struct AskingDecisionRow {
    std::uint64_t record = 0;
    Time at{};
    std::string who{};
    bool approved = false; ///< else stopped
    std::string why{};
    std::string plan{};
};
inline constexpr std::size_t asking_decisions_most = 500, asking_text_most = 256 * 1024;

/// What a batch brings: the row as it is now, and what was decided since the one before.
struct AskingChange {
    bool changed = false;
    AskingRow now{};
    std::vector<AskingDecisionRow> decisions{};
};
Result<void> write_asking(Database& state, const AskingChange&);
Result<AskingRow> stored_asking(Database& state);

struct AskingNow : AskingRow {
    std::vector<AskingDecisionRow> decisions{}; ///< newest first; without their plans
};
class AskingReader {
public:
    explicit AskingReader(Readers& state) : state_{state} {}
    Result<AskingNow> now(std::size_t decisions);
    /// The devices that people know by these addresses.
    Result<std::map<std::string, DeviceRef>> names(const std::vector<std::string>& addresses);

private:
    Readers& state_;
};

} // namespace yagura::store
