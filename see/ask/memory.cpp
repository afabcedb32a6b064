#include "see/ask/memory.h"

#include <algorithm>

#include "spine/journal/crc32c.h"

namespace yagura::see::ask {
namespace {

/// In the order of their numbers, from 1: append only.
constexpr std::array<std::string_view, 10> numbered{"bacnet", "cip",  "fins", "modbus",       "opcua",
                                                    "s7",     "slmp", "snmp", "switch_ports", "switch_state"};
constexpr std::uint32_t mark = 0x59474132;     // "YGA2"
constexpr std::size_t checked = row_bytes - 4; ///< bytes before the sum

void put(std::span<std::byte> out, std::uint64_t value) noexcept {
    for (auto& byte : out) {
        byte = static_cast<std::byte>(value >>
                                      (out.size() - 1 - static_cast<std::size_t>(&byte - out.data())) * 8);
    }
}

} // namespace

std::string_view word(End end) noexcept {
    constexpr std::string_view words[]{"never asked", "begun",  "answered",    "silent", "closed",
                                       "refused",     "broken", "fell silent", "stopped"};
    const auto number = static_cast<std::size_t>(end);
    return number < std::size(words) ? words[number] : words[0];
}

std::uint8_t query_number(std::string_view name) noexcept {
    const auto found = std::ranges::find(numbered, name);
    return found == numbered.end() ? std::uint8_t{0}
                                   : static_cast<std::uint8_t>(found - numbered.begin() + 1);
}

std::array<std::byte, row_bytes> encode(const Row& row) noexcept {
    std::array<std::byte, row_bytes> out{};
    const std::span all{out};
    put(all.subspan(0, 4), mark);
    std::ranges::copy(std::as_bytes(std::span{row.ip}), out.begin() + 4);
    out[20] = std::byte{row.query};
    out[21] = static_cast<std::byte>(row.end);
    out[22] = std::byte{row.silences};
    put(all.subspan(24, 8), static_cast<std::uint64_t>(row.begun.time_since_epoch().count()));
    put(all.subspan(32, 8), static_cast<std::uint64_t>(row.ended.time_since_epoch().count()));
    put(all.subspan(checked, 4), journal::crc32c(all.first(checked)));
    return out;
}

std::optional<Row> decode(Bytes bytes) noexcept {
    if (bytes.size() != row_bytes) return std::nullopt;
    Reader in{bytes};
    const auto found = in.u32();
    Row row;
    const auto ip = in.take(row.ip.size());
    row.query = in.u8();
    const auto end = in.u8();
    row.silences = in.u8();
    in.u8();
    const auto begun = in.u64(), ended = in.u64();
    in.take(checked - in.position());
    const auto sum = in.u32();
    if (!in.ok() || found != mark || sum != journal::crc32c(bytes.first(checked)) ||
        end > static_cast<std::uint8_t>(End::stopped))
        return std::nullopt;
    std::ranges::transform(ip, row.ip.begin(), [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
    row.end = static_cast<End>(end);
    row.begun = observe::Time{std::chrono::nanoseconds{static_cast<std::int64_t>(begun)}};
    row.ended = observe::Time{std::chrono::nanoseconds{static_cast<std::int64_t>(ended)}};
    return row;
}

Memory Memory::read(Bytes file) {
    Memory out;
    for (std::size_t at = 0; at < file.size() && out.places_.size() < rows_most; at += row_bytes) {
        out.end_ = at + row_bytes;
        const auto row = decode(file.subspan(at, std::min(row_bytes, file.size() - at)));
        if (row)
            out.places_.insert_or_assign({row->ip, row->query}, Place{*row, at});
        else
            ++out.damaged_;
    }
    return out;
}

Memory::Place* Memory::find(const observe::Ip& ip, const Query& query) {
    const Key key{ip, query_number(query.name)};
    if (const auto found = places_.find(key); found != places_.end()) return &found->second;
    if (key.second == 0 || !room()) return nullptr;
    auto at = end_;
    if (places_.size() < rows_most) {
        end_ += row_bytes;
    } else {
        const auto oldest = places_.find(spare_.back());
        spare_.pop_back();
        at = oldest->second.at;
        places_.erase(oldest);
        ++forgotten_;
    }
    return &places_.emplace(key, Place{Row{.ip = ip, .query = key.second}, at}).first->second;
}

void Memory::may_forget_all_but(const Planned& planned) {
    spare_.clear();
    for (const auto& [key, place] : places_)
        if (!planned(key.first, key.second)) spare_.push_back(key);
    std::ranges::sort(spare_, std::greater{},
                      [&](const Key& key) { return places_.find(key)->second.row.begun; });
}

const Row* Memory::known(const observe::Ip& ip, const Query& query) const {
    const auto found = places_.find({ip, query_number(query.name)});
    return found == places_.end() ? nullptr : &found->second.row;
}

} // namespace yagura::see::ask
