#include "see/health/board.h"

#include <algorithm>

namespace yagura::see::health {

std::string_view word(Kind kind) {
    for (const auto& [one, text] : kind_words)
        if (one == kind) return text;
    return "unknown";
}

void Board::touch(Entry& entry) {
    if (!std::exchange(entry.changed, true)) changed_.push_back(entry.finding.key);
}

void Board::raise(Finding finding) {
    auto found = findings_.find(finding.key);
    if (found == findings_.end()) {
        if (findings_.size() >= most_) make_room();
        auto key = finding.key;
        if (finding.times == 0) finding.times = 1;
        found = findings_.emplace(std::move(key), Entry{std::move(finding), false}).first;
        return touch(found->second);
    }
    auto& known = found->second.finding;
    finding.first = std::min(finding.first, known.first);
    finding.times = finding.times == 0 ? known.times + (finding.last > known.last)
                                       : std::max(finding.times, known.times);
    if (finding.last < known.last) { // Late: what is known is the newer word.
        if (finding.first == known.first && finding.times == known.times) return;
        known.first = finding.first;
        known.times = finding.times;
        return touch(found->second);
    }
    finding.until = std::max(finding.until, known.until);
    known = std::move(finding);
    touch(found->second);
}

void Board::end(const std::string& key, observe::Time at) {
    const auto found = findings_.find(key);
    if (found == findings_.end() || found->second.finding.until <= at) return;
    found->second.finding.until = std::max(at, found->second.finding.last);
    touch(found->second);
}

void Board::drop(const std::string& key) {
    const auto found = findings_.find(key);
    if (found == findings_.end()) return;
    found->second.finding.gone = true;
    touch(found->second);
}

bool Board::open(const std::string& key, observe::Time now) const {
    const auto found = findings_.find(key);
    return found != findings_.end() && !found->second.finding.gone && found->second.finding.until > now;
}

/// An eighth at once, those that ended longest ago first: looking for one each time would cost as much. What
/// nobody was told of yet waits beside the table, as many as it holds.
void Board::make_room() {
    std::vector<std::pair<observe::Time, std::string>> all;
    for (const auto& [key, entry] : findings_) all.emplace_back(entry.finding.until, key);
    const auto some = std::min(all.size(), std::max<std::size_t>(1, most_ / 8));
    std::ranges::nth_element(all, all.begin() + static_cast<std::ptrdiff_t>(some - 1));
    all.resize(some);
    for (const auto& [until, key] : all) {
        const auto found = findings_.find(key);
        if (found->second.changed && leaving_.size() < most_)
            leaving_.push_back(std::move(found->second.finding));
        findings_.erase(found);
    }
    forgotten_ += all.size();
}

std::vector<Finding> Board::take() {
    auto out = std::exchange(leaving_, {});
    for (const auto& key : changed_) {
        const auto found = findings_.find(key);
        if (found == findings_.end()) continue;
        found->second.changed = false;
        out.push_back(found->second.finding);
        if (found->second.finding.gone) findings_.erase(found);
    }
    changed_.clear();
    return out;
}

void Board::load(Finding finding) {
    if (findings_.size() >= most_) make_room();
    auto key = finding.key;
    findings_.insert_or_assign(std::move(key), Entry{std::move(finding), false});
}

} // namespace yagura::see::health
