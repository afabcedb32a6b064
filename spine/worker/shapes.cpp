#include "spine/worker/shapes.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace yagura::worker {
namespace {

constexpr std::array<std::size_t, 3> widths{1, 2, 2};

std::uint8_t at(Bytes bytes, std::size_t place) noexcept {
    return std::to_integer<std::uint8_t>(bytes[place]);
}
std::int32_t number(Bytes bytes, std::size_t place, std::size_t kind) noexcept {
    if (kind == 0) return at(bytes, place);
    return kind == 1 ? at(bytes, place) << 8 | at(bytes, place + 1)
                     : at(bytes, place + 1) << 8 | at(bytes, place);
}

} // namespace

void SideShape::add(Bytes message, observe::Time when) noexcept {
    if (messages != 0) {
        const auto us = static_cast<double>(
            std::chrono::duration_cast<std::chrono::microseconds>(when - last_).count());
        if (us >= 0) {
            if (intervals_ != 0 && std::abs(us - mean_us_) > mean_us_ / 2) ++odd_intervals_;
            ++intervals_;
            mean_us_ += (us - mean_us_) / intervals_;
        }
    }
    last_ = when;
    ++messages;
    bytes += message.size();
    const auto size = static_cast<std::uint32_t>(message.size());
    least = std::min(least, size);
    most = std::max(most, size);
    if (sampled_ == sampled_most) return;
    ++sampled_;
    const auto end = std::min(message.size(), places_most);
    for (std::size_t i = 0; i < end; ++i) {
        auto& place = places_[i];
        const auto value = at(message, i);
        if (place.seen == 0) {
            place.first = value;
        } else {
            place.changes += value != place.last;
            place.steps += value == static_cast<std::uint8_t>(place.last + 1);
        }
        place.last = value;
        place.values.set(value);
        for (std::size_t kind = 0; kind < widths.size(); ++kind) {
            if (i + widths[kind] > message.size()) {
                place.holds[kind] = false;
                continue;
            }
            const auto plus = static_cast<std::int32_t>(size) - number(message, i, kind);
            if (place.seen == 0) place.plus[kind] = plus;
            place.holds[kind] = place.holds[kind] && place.plus[kind] == plus;
        }
        ++place.seen;
    }
    for (const auto byte : message.first(std::min<std::size_t>(message.size(), 256)))
        ++histogram_[std::to_integer<std::uint8_t>(byte)];
}

void SideShape::merge(const SideShape& more) noexcept {
    if (more.messages == 0) return;
    if (messages == 0) {
        *this = more;
        return;
    }
    messages += more.messages;
    bytes += more.bytes;
    least = std::min(least, more.least);
    most = std::max(most, more.most);
    for (std::size_t i = 0; i < places_most; ++i) {
        auto& mine = places_[i];
        const auto& theirs = more.places_[i];
        if (theirs.seen == 0) continue;
        if (mine.seen == 0) {
            mine = theirs;
            continue;
        }
        mine.values |= theirs.values;
        mine.seen += theirs.seen;
        mine.steps += theirs.steps;
        mine.changes += theirs.changes;
        for (std::size_t kind = 0; kind < widths.size(); ++kind)
            mine.holds[kind] = mine.holds[kind] && theirs.holds[kind] && mine.plus[kind] == theirs.plus[kind];
    }
    for (std::size_t i = 0; i < histogram_.size(); ++i) histogram_[i] += more.histogram_[i];
    sampled_ += more.sampled_;
    // Each conversation has its own period: the mean of what they keep.
    const auto all = intervals_ + more.intervals_;
    if (all != 0) mean_us_ = (mean_us_ * intervals_ + more.mean_us_ * more.intervals_) / all;
    intervals_ = all;
    odd_intervals_ += more.odd_intervals_;
}

std::size_t SideShape::common() const noexcept {
    return messages == 0 ? 0 : std::min<std::size_t>(least, places_most);
}
bool SideShape::constant(std::size_t place) const noexcept {
    return place < common() && places_[place].values.count() == 1;
}
bool SideShape::counts(std::size_t place) const noexcept {
    const auto& it = places_[place];
    return place < common() && it.changes >= 4 && it.steps * 5 >= it.changes * 4 &&
           it.changes * 5 >= it.seen * 4;
}

std::optional<SideShape::Length> SideShape::length() const noexcept {
    if (least >= most) return std::nullopt; // Of one length any constant would do.
    for (const auto kind : {std::size_t{1}, std::size_t{2}, std::size_t{0}})
        for (std::size_t i = 0; i + widths[kind] <= std::min<std::size_t>(common(), 16); ++i) {
            const auto& place = places_[i];
            // A length counts bytes behind itself, or all of them.
            if (place.holds[kind] && place.plus[kind] >= 0 &&
                place.plus[kind] <= static_cast<std::int32_t>(i + widths[kind] + 8))
                return Length{i, widths[kind], kind == 2, place.plus[kind]};
        }
    return std::nullopt;
}

double SideShape::entropy() const noexcept {
    double sum = 0, bits = 0;
    for (const auto count : histogram_) sum += count;
    if (sum == 0) return 0;
    for (const auto count : histogram_)
        if (count != 0) bits -= count / sum * std::log2(count / sum);
    return bits;
}

std::uint64_t SideShape::period_us() const noexcept {
    if (intervals_ < 8 || odd_intervals_ * 10 > intervals_) return 0;
    return static_cast<std::uint64_t>(std::llround(mean_us_));
}

Shape* Shapes::begin(const observe::Parties& parties, observe::Time when) {
    if (all_.size() >= most_) {
        ++left_out_;
        return nullptr;
    }
    auto& shape = *all_.emplace_back(std::make_unique<Shape>());
    shape.parties = parties;
    shape.first = shape.last = when;
    return &shape;
}

} // namespace yagura::worker
