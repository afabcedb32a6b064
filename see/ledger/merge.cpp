#include "see/ledger/merge.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "see/ledger/normal.h"

namespace yagura::see::ledger {
namespace {

constexpr std::array keys{Field::number, Field::mac, Field::ip, Field::serial, Field::name};
constexpr auto nobody = static_cast<std::size_t>(-1), several = nobody - 1;

class Keys {
public:
    explicit Keys(const std::vector<Entry>& entries) : taken_(entries.size()) {
        for (std::size_t i = 0; i < entries.size(); ++i)
            for (std::size_t k = 0; k < keys.size(); ++k) {
                auto key = compared(entries[i][keys[k]]);
                if (key.empty()) continue;
                const auto [found, is_new] = places_[k].emplace(std::move(key), i);
                if (!is_new) found->second = several;
            }
    }
    /// The entry that this row is, and nobody else's from now on.
    std::size_t take(const Entry& row) {
        for (std::size_t k = 0; k < keys.size(); ++k) {
            const auto key = compared(row[keys[k]]);
            const auto found = key.empty() ? places_[k].end() : places_[k].find(key);
            if (found == places_[k].end() || found->second >= taken_.size() || taken_[found->second])
                continue;
            taken_[found->second] = true;
            return found->second;
        }
        return nobody;
    }
    bool taken(std::size_t entry) const { return taken_[entry]; }

private:
    std::array<std::unordered_map<std::string, std::size_t>, keys.size()> places_;
    std::vector<bool> taken_;
};

} // namespace

Merged merged(const std::vector<Entry>& ledger, const std::vector<Entry>& file, How how,
              std::uint64_t last_entry) {
    Merged out;
    out.last_entry = last_entry;
    out.entries.reserve(file.size() + (how == How::add ? ledger.size() : 0));
    Keys known{ledger};
    for (const auto& row : file) {
        auto& entry = out.entries.emplace_back(row);
        if (const auto place = known.take(row); place != nobody) {
            entry.id = ledger[place].id;
            if (entry.values != ledger[place].values) ++out.changed;
        } else {
            entry.id = ++out.last_entry;
            ++out.made;
        }
    }
    for (std::size_t i = 0; i < ledger.size(); ++i) {
        if (known.taken(i)) continue;
        ++out.gone;
        if (how == How::add) out.entries.push_back(ledger[i]);
    }
    return out;
}

} // namespace yagura::see::ledger
