#include "spine/dissect/protocols/mms/kept.h"

#include <algorithm>
#include <span>

namespace yagura::dissect::mms {

using observe::Object;
using observe::Operation;

namespace {

/// A name as it is kept for its answer: two records, 62 letters each.
constexpr std::size_t name_part = 62;
constexpr std::uint64_t name_key = 0x4d4d534e'00000000, file_key = 0x4d4d5346'00000000;
constexpr std::uint32_t kept_at_once = 8;

std::string_view known_file(const Ways::Record& record) noexcept {
    return as_text(
        Bytes{record}.subspan(9, std::min(std::to_integer<std::size_t>(record[8]), record.size() - 9)));
}

} // namespace

void keep(std::string_view name, const Operation& operation, Ways& ways) noexcept {
    for (std::uint64_t half = 0; half < 2; ++half) {
        auto* record = ways.remember(name_key | (operation.pair % kept_at_once) << 1 | half);
        if (!record) return;
        const auto part = name.substr(std::min(name.size(), half * name_part), name_part);
        (*record)[0] = static_cast<std::byte>(part.size());
        // Whose space it is: the request's own word, by its first letter and length.
        (*record)[1] = static_cast<std::byte>(operation.object.space.size());
        std::ranges::copy(std::as_bytes(std::span{part}), record->begin() + 2);
    }
}
void restore(std::uint32_t pair, NameRoom& name, Operation& operation, Ways& ways) noexcept {
    constexpr std::string_view spaces[]{"variable", "variable list", "domain", "program", "file"};
    name.clear();
    std::size_t space = 0;
    for (std::uint64_t half = 0; half < 2; ++half) {
        const auto* record = ways.remember(name_key | (pair % kept_at_once) << 1 | half);
        if (!record) return;
        const auto size = std::min(std::to_integer<std::size_t>((*record)[0]), name_part);
        name.add(as_text(Bytes{*record}.subspan(2, size)));
        space = std::to_integer<std::size_t>((*record)[1]);
    }
    for (const auto known : spaces)
        if (known.size() == space) operation.object = {.space = known, .text = name.view()};
}
void opened_file(std::uint32_t number, std::string_view name, Ways& ways) noexcept {
    auto* record = ways.remember(file_key | number);
    if (!record) return;
    record->fill({});
    const auto size = std::min<std::size_t>(name.size(), record->size() - 9);
    (*record)[8] = static_cast<std::byte>(size);
    std::ranges::copy(std::as_bytes(std::span{name.substr(0, size)}), record->begin() + 9);
}
void file_name(std::uint32_t number, NameRoom& name, Operation& operation, Ways& ways) noexcept {
    const auto* record = ways.remember(file_key | number);
    if (record) name.add(known_file(*record));
    operation.object = name.view().empty() ? Object{.space = "file", .number = number}
                                           : Object{.space = "file", .text = name.view()};
}
/// A piece of the file: the octets before it stand in its record, highest first.
void file_piece(Reader& fields, std::uint32_t number, const Tell& tell) noexcept {
    Tlv field;
    Bytes data;
    bool more = true;
    while (next(fields, field)) {
        if (field.cut) return;
        if (field.tag == 0x80) data = field.content;
        if (field.tag == 0x81) more = iec61850::truth_of(field.content);
    }
    auto* record = tell.ways.remember(file_key | number);
    if (!record) return;
    Reader in{Bytes{*record}};
    const auto before = in.u64(), after = before + data.size();
    for (unsigned i = 0; i < 8; ++i) (*record)[i] = static_cast<std::byte>(after >> (56 - 8 * i));
    tell.ways.transfer(file_key | number, observe::Transfer::Content::file, known_file(*record), before, data,
                       more ? Last::no : Last::yes, tell.pdu.origin);
}

} // namespace yagura::dissect::mms
