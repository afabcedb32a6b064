#include "see/ledger/reconcile.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "see/ledger/kinds.h"
#include "see/ledger/normal.h"
#include "spine/base/text.h"

namespace yagura::see::ledger {
namespace {

constexpr auto nobody = static_cast<std::size_t>(-1), several = nobody - 1;

/// Words between single blanks.
std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (end != 0) out.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string joined(const std::vector<std::string>& all) {
    std::string out;
    for (const auto& one : all) out += cat(out.empty() ? "" : " ", one);
    return out;
}

class Index {
public:
    void add(std::string key, std::size_t device) {
        if (key.empty()) return;
        const auto [found, is_new] = places_.emplace(std::move(key), device);
        if (!is_new && found->second != device) found->second = several;
    }
    void expect(std::size_t many) { places_.reserve(many); }
    /// Nobody, or several, where it names no one.
    std::size_t find(const std::string& key) const {
        const auto found = key.empty() ? places_.end() : places_.find(key);
        return found == places_.end() ? nobody : found->second;
    }

private:
    std::unordered_map<std::string, std::size_t> places_;
};

/// The last place up to `most` where no character is cut.
std::size_t whole_before(std::string_view text, std::size_t most) {
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
    return most;
}

bool has(const std::vector<std::string>& all, std::string_view one) {
    return std::ranges::find(all, one) != all.end();
}

/// A host's name rather than words of people: what a device calls itself can be compared with it.
bool is_host_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char one) {
        return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9') ||
               one == '-' || one == '_' || one == '.';
    });
}

/// "V1.12", "Ver.1.12" and "1.012" are one version: digits are numbers, and CIP writes three of the second.
std::string version(std::string_view text) {
    auto lower = plain(text);
    std::ranges::transform(lower, lower.begin(), [](char one) {
        return one >= 'A' && one <= 'Z' ? static_cast<char>(one - 'A' + 'a') : one;
    });
    std::string_view rest{lower};
    for (const std::string_view before : {"firmware", "version", "ver", "rev", "fw", "v"}) {
        if (rest.starts_with(before)) rest.remove_prefix(before.size());
        rest.remove_prefix(std::min(rest.find_first_not_of(" .:"), rest.size()));
    }
    std::string out;
    for (char before = ' '; !rest.empty(); rest.remove_prefix(1)) {
        const char one = rest.front();
        const bool led = one == '0' && (before < '0' || before > '9') && rest.size() > 1 && rest[1] >= '0' &&
                         rest[1] <= '9';
        if (!led) out += before = one;
    }
    return out;
}

/// One of them is the other, or says more of the same: "FX5U" and "FX5U-32MT/ES".
bool same_product(std::string_view a, std::string_view b) {
    if (a == b) return true; // Most are, and what makes others comparable takes its time.
    const auto one = compared(a), other = compared(b);
    const auto& shorter = one.size() < other.size() ? one : other;
    const auto& longer = one.size() < other.size() ? other : one;
    return one == other || (shorter.size() >= 3 && longer.contains(shorter));
}

class Comparison {
public:
    Comparison(const Entry& entry, const Seen& device) : entry_{entry}, device_{device} {}

    std::vector<Difference> differences() {
        addresses(Field::ip, device_.ips);
        addresses(Field::mac, device_.macs);
        text(Field::vendor, device_.vendor, same_maker);
        text(Field::product, device_.product, same_product);
        text(Field::serial, device_.serial, same_text);
        text(Field::firmware, device_.firmware,
             [](std::string_view a, std::string_view b) { return a == b || version(a) == version(b); });
        text(Field::line, device_.line, same_text);
        text(Field::kind, device_.role,
             [](std::string_view kind, std::string_view role) { return fits(kind, role) != Fits::no; });
        name();
        return std::move(out_);
    }

private:
    static bool same_text(std::string_view a, std::string_view b) {
        return a == b || compared(a) == compared(b);
    }

    void differ(Field field, std::string seen) { out_.push_back({field, entry_[field], std::move(seen)}); }
    /// It may have more than the ledger knows of; not others.
    void addresses(Field field, const std::vector<std::string>& seen) {
        if (seen.empty()) return;
        const auto all = words(entry_[field]);
        if (std::ranges::any_of(all, [&](std::string_view one) { return !has(seen, one); }))
            differ(field, joined(seen));
    }
    template <class Same>
    void text(Field field, const std::string& seen, Same same) {
        if (!seen.empty() && !entry_[field].empty() && !same(entry_[field], seen)) differ(field, seen);
    }
    void name() {
        const auto& name = entry_[Field::name];
        if (!is_host_name(name)) return;
        const std::string* seen = nullptr;
        for (const auto& one : device_.names) {
            if (!is_host_name(one)) continue;
            const std::string_view whole{one};
            if (same_text(whole, name) || same_text(whole.substr(0, whole.find('.')), name)) return;
            if (!seen) seen = &one;
        }
        if (seen) differ(Field::name, *seen);
    }

    const Entry& entry_;
    const Seen& device_;
    std::vector<Difference> out_;
};

class Matching {
public:
    Matching(std::span<const Asked> entries, std::span<const Seen> devices)
        : entries_{entries}, devices_{devices}, found_(entries.size()), by_mac_(devices.size(), nobody) {
        for (auto* const index : {&mac_, &ip_, &serial_, &name_}) index->expect(devices.size());
        for (std::size_t i = 0; i < devices.size(); ++i) {
            for (const auto& one : devices[i].macs) mac_.add(one, i);
            for (const auto& one : devices[i].ips) ip_.add(one, i);
            serial_.add(compared(devices[i].serial), i);
            for (const auto& one : devices[i].names) name_.add(compared(one), i);
        }
    }

    struct Found {
        std::size_t device = nobody;
        By by{};
    };
    /// One place an entry.
    std::vector<Found> run() {
        for (std::size_t i = 0; i < entries_.size(); ++i)
            for (const auto one : words(entries_[i].entry[Field::mac]))
                if (take(i, mac_.find(std::string{one}), By::mac)) break;
        for (std::size_t i = 0; i < entries_.size(); ++i)
            if (found_[i].device == nobody) by_ip(i);
        for (std::size_t i = 0; i < entries_.size(); ++i)
            if (found_[i].device == nobody)
                by_itself(i, serial_.find(compared(entries_[i].entry[Field::serial])), By::serial);
        for (std::size_t i = 0; i < entries_.size(); ++i)
            if (found_[i].device == nobody)
                by_itself(i, name_.find(compared(entries_[i].entry[Field::name])), By::name);
        return std::move(found_);
    }

private:
    bool take(std::size_t entry, std::size_t device, By by) {
        if (device >= devices_.size()) return false;
        found_[entry] = {device, by};
        taken_.emplace(device, entry);
        if (by == By::mac && by_mac_[device] == nobody) by_mac_[device] = entry;
        return true;
    }
    void by_ip(std::size_t entry) {
        for (const auto one : words(entries_[entry].entry[Field::ip])) {
            const auto device = ip_.find(std::string{one});
            if (device >= devices_.size()) continue;
            // Another entry's device that has come to this address is not this entry's.
            if (const auto owner = by_mac_[device]; owner != nobody) {
                const auto its = words(entries_[owner].entry[Field::ip]);
                if (std::ranges::find(its, one) == its.end()) continue;
            }
            if (take(entry, device, By::ip)) return;
        }
    }
    /// By what only says who it is, a device is one entry's.
    void by_itself(std::size_t entry, std::size_t device, By by) {
        if (!taken_.contains(device)) take(entry, device, by);
    }

    std::span<const Asked> entries_;
    std::span<const Seen> devices_;
    std::vector<Found> found_;
    std::vector<std::size_t> by_mac_; ///< device -> the entry with its MAC
    std::unordered_map<std::size_t, std::size_t> taken_;
    Index mac_, ip_, serial_, name_;
};

bool knows(const std::vector<Accepted>& accepted, const Difference& difference) {
    return std::ranges::any_of(accepted, [&](const Accepted& one) {
        return one.field == difference.field && one.seen == difference.seen;
    });
}
bool knows_unseen(const std::vector<Accepted>& accepted) {
    return std::ranges::any_of(accepted, [](const Accepted& one) { return !one.field; });
}

} // namespace

std::vector<Pair> reconcile(std::span<const Asked> entries, std::span<const Seen> devices, observe::Time now,
                            std::chrono::days unseen_after) {
    const auto found = Matching{entries, devices}.run();
    std::vector<Pair> out;
    out.reserve(entries.size() + devices.size());
    std::vector<bool> has_entry(devices.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
        auto& pair = out.emplace_back();
        pair.entry = i;
        const auto& accepted = entries[i].accepted;
        const auto device = found[i].device;
        if (device == nobody) {
            pair.list = knows_unseen(accepted) ? List::same : List::unseen;
            continue;
        }
        has_entry[device] = true;
        pair.device = device;
        pair.by = found[i].by;
        pair.differences = Comparison{entries[i].entry, devices[device]}.differences();
        std::erase_if(pair.differences, [&](const Difference& one) { return knows(accepted, one); });
        const bool unseen = devices[device].last < now - unseen_after && !knows_unseen(accepted);
        pair.list = unseen ? List::unseen : pair.differences.empty() ? List::same : List::different;
    }
    for (std::size_t i = 0; i < devices.size(); ++i)
        if (!has_entry[i]) {
            auto& pair = out.emplace_back();
            pair.list = List::not_in_ledger;
            pair.device = i;
        }
    return out;
}

Entry entry_of(const Seen& device) {
    Entry out;
    if (!device.names.empty()) out[Field::name] = plain(device.names.front());
    out[Field::ip] = joined(device.ips);
    out[Field::mac] = joined(device.macs);
    out[Field::vendor] = plain(device.vendor);
    out[Field::product] = plain(device.product);
    out[Field::serial] = plain(device.serial);
    out[Field::firmware] = plain(device.firmware);
    out[Field::line] = plain(device.line);
    for (auto& value : out.values)
        if (value.size() > value_most) value.resize(whole_before(value, value_most));
    return out;
}

} // namespace yagura::see::ledger
