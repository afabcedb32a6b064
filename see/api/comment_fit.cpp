#include "see/api/comment_fit.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_set>

#include "see/ledger/normal.h"
#include "spine/base/text.h"

namespace yagura::see {
namespace {

constexpr std::size_t fits_most = 20, objects_most = 2'000, units_most = 64;

/// As operations look a word up: of the object itself, or of what it is a part of.
bool has_word(const std::unordered_set<std::string>& words, std::string_view object) {
    const auto form = lower(object);
    return std::ranges::any_of(store::wholes_of(form),
                               [&](std::string_view whole) { return words.contains(std::string{whole}); });
}

/// Controllers, and whoever else holds what has an address.
std::vector<std::string> roles() {
    return {"plc", "safety_controller", "rtu", "remote_io", "drive", "cnc", "robot", "gateway"};
}

} // namespace

Result<std::vector<CommentFit>> fits_of(const std::vector<comments::Word>& words, comments::Tool tool,
                                        store::DeviceReader& devices, store::History& history) {
    std::unordered_set<std::string> objects;
    for (const auto& word : words)
        for (const auto& object : word.objects) objects.insert(lower(object));
    YAGURA_TRY(const auto seen, history.objects_seen(objects_most));
    const auto maker = comments::maker_of(tool);
    std::map<std::string, CommentFit> by_device;
    for (const auto& one : seen) {
        CommentFit fit;
        fit.seen = one.objects.size();
        fit.found = static_cast<std::size_t>(std::ranges::count_if(
            one.objects, [&](const auto& object) { return has_word(objects, object.second); }));
        for (const auto& [unit, object] : one.objects)
            if (!unit.empty() && fit.units.size() < units_most &&
                (fit.units.empty() || fit.units.back() != unit))
                fit.units.push_back(unit);
        by_device.emplace(one.device, std::move(fit));
    }
    std::vector<CommentFit> out;
    store::Page page{.most = 1'000};
    do { // Thousands of devices of these roles are a few pages.
        YAGURA_TRY(const auto list,
                   devices.list({.roles = roles()}, store::DeviceSort::name, store::Order::ascending, page));
        for (const auto& device : list.devices) {
            CommentFit fit;
            if (const auto known = by_device.find(device.id); known != by_device.end()) fit = known->second;
            fit.device = {device.id, device.name, device.address, device.role};
            fit.vendor = device.vendor;
            fit.product = device.product;
            fit.maker = !maker.empty() && !device.vendor.empty() && ledger::same_maker(maker, device.vendor);
            if (fit.found > 0 || fit.maker) out.push_back(std::move(fit));
        }
        page.cursor = list.next_cursor;
    } while (!page.cursor.empty());
    std::ranges::stable_sort(out, [](const CommentFit& a, const CommentFit& b) {
        const auto place = [](const CommentFit& one) { // Of two with as many the one of which more of what
                                                       // was seen is in the list.
            return std::tuple{one.found, one.maker, -static_cast<std::int64_t>(one.seen)};
        };
        return place(a) > place(b);
    });
    if (out.size() > fits_most) out.resize(fits_most);
    return out;
}

} // namespace yagura::see
