// What is found by typing: devices, objects by the plant's words, lines, captures.
#include "spine/base/text.h"
#include "spine/store/devices.h"
#include "spine/store/reading.h"

namespace yagura::store {

using namespace reading;

namespace {

/// Objects of controllers by the plant's own words for them: "ワーク" finds D100.
Result<void> search_objects(Database& state, const std::vector<std::string>& words,
                            std::vector<SearchHit>& out) {
    constexpr std::size_t objects_most = 10;
    Query query{"SELECT w.object, w.comment, w.name, s.device, s.name, s.role FROM comment_use u JOIN link l "
                "ON l.node = u.node AND l.ends IS NULL JOIN shown s ON s.device = l.device JOIN comment_word "
                "w ON w.list = u.list WHERE w.also = 0"};
    for (const auto& word : words)
        query.add(" AND (instr(lower(w.comment), ?) > 0 OR instr(lower(w.name), ?) > 0 OR lower(w.object) = "
                  "? OR lower(w.address) = ?)",
                  word, word, word, word);
    return query.add(cat(" ORDER BY length(w.object), w.object, s.device LIMIT ", objects_most))
        .each(state, [&](const Row& row) {
            out.push_back({"object", device_text(row.integer(3)),
                           cat(row.text(0), " ", row.text(1).empty() ? row.text(2) : row.text(1)),
                           row.string(4), row.string(5), row.string(0)});
        });
}

} // namespace

Result<std::vector<SearchHit>> DeviceReader::search(std::string_view text, std::size_t most) {
    YAGURA_TRY(auto loan, state_.borrow());
    std::vector<SearchHit> out;
    auto words = split(text);
    if (words.empty()) return out;
    most = std::min<std::size_t>(most, 50);
    for (auto& word : words) word = lower(word);
    std::vector<SearchHit> objects;
    YAGURA_STORE_DO(search_objects(*loan, words, objects));
    Query devices{"SELECT device, name, address, product, role FROM shown WHERE 1"};
    for (const auto& word : words) devices.add(" AND instr(words, ?) > 0", word);
    // Whose name or address begins so comes first.
    devices.add(
        " ORDER BY lower(name) = ? DESC, address = ? DESC, instr(lower(name), ?) = 1 DESC, lower(name)",
        words[0], words[0], words[0]);
    YAGURA_STORE_DO(
        devices.add(cat(" LIMIT ", most - std::min(most, objects.size()))).each(*loan, [&](const Row& row) {
            out.push_back({"device", device_text(row.integer(0)), row.string(1),
                           row.text(3).empty() ? row.string(2) : cat(row.text(2), " · ", row.text(3)),
                           row.string(4)});
        }));
    std::ranges::move(objects, std::back_inserter(out));
    YAGURA_STORE_DO(Query{"SELECT id, name FROM line WHERE instr(lower(name), "}
                        .add("?) > 0 ORDER BY name LIMIT 10", words[0])
                        .each(*loan, [&](const Row& row) {
                            out.push_back({"line", line_text(row.integer(0)), row.string(1), "", ""});
                        }));
    YAGURA_STORE_DO(Query{"SELECT id, name FROM upload WHERE instr(lower(name), "}
                        .add("?) > 0 ORDER BY id DESC LIMIT 10", words[0])
                        .each(*loan, [&](const Row& row) {
                            out.push_back({"capture", upload_text(row.integer(0)), row.string(1), "", ""});
                        }));
    if (out.size() > most) out.resize(most);
    return out;
}

} // namespace yagura::store
