// ISO 9506-2, clauses 7.5.2 (names), 14 (variables and their values); IEC 61850-8-1, clause 17.2 (reports).
#include "spine/dissect/protocols/mms/values.h"

#include <utility>

namespace yagura::dissect::mms {

using iec61850::each_value;
using iec61850::is_name;
using iec61850::value_of;
using observe::Operation;
using observe::Value;

bool read_name(const Tlv& name, NameRoom& out) noexcept {
    out.clear();
    if (name.tag == 0x80 || name.tag == 0x82) {
        if (!is_name(name.content)) return false;
        if (name.tag == 0x82) out.add('@');
        out.add(as_text(name.content));
        return true;
    }
    if (name.tag != 0xa1) return false;
    Reader in{name.content};
    Tlv domain, item;
    if (!next(in, domain) || !next(in, item) || domain.tag != 0x1a || item.tag != 0x1a ||
        !is_name(domain.content) || !is_name(item.content))
        return false;
    out.add(as_text(domain.content)).add('/').add(as_text(item.content));
    return true;
}
bool read_file(Bytes parts, NameRoom& out) noexcept {
    out.clear();
    Reader in{parts};
    for (Tlv part; next(in, part);) {
        if (part.tag != 0x19 || !is_name(part.content)) return false;
        if (!out.view().empty()) out.add('/');
        out.add(as_text(part.content));
    }
    return in.ok() && !out.view().empty();
}

bool variable_list(const Tlv& choice, NameRoom& name, Operation& operation) noexcept {
    if (choice.tag == 0xa1) {
        Reader in{choice.content};
        Tlv one;
        if (!next(in, one) || !read_name(one, name)) return false;
        operation.object = {.space = "variable list", .text = name.view()};
        return true;
    }
    if (choice.tag != 0xa0) return false;
    Reader in{choice.content};
    NameRoom other;
    for (Tlv entry; next(in, entry);) {
        if (entry.tag != 0x30 || entry.cut) return false;
        if (operation.count++ != 0) continue;
        operation.object = {.space = "variable", .text = "by address"};
        Reader one{entry.content};
        Tlv way, called;
        if (!next(one, way)) return false;
        if (way.tag != 0xa0) continue; // By address or description.
        Reader inner{way.content};
        if (!next(inner, called) || !read_name(called, name)) return false;
        operation.object.text = name.view();
    }
    return in.ok() && operation.count != 0;
}
bool nth_name(Bytes content, std::uint32_t nth, NameRoom& out) noexcept {
    Reader in{content};
    Tlv list;
    if (!next(in, list) || list.tag != 0xa0) return false;
    Reader entries{list.content};
    Tlv entry;
    for (std::uint32_t i = 0; i <= nth; ++i)
        if (!next(entries, entry)) return false;
    Reader one{entry.content};
    Tlv way, called;
    if (!next(one, way) || way.tag != 0xa0) return false;
    Reader inner{way.content};
    return next(inner, called) && read_name(called, out);
}

bool leaves(const Tlv& data, std::string_view name, std::uint32_t entry, std::uint32_t& most,
            Operation& operation, bool& first, const Tell& tell) noexcept {
    if (data.cut || !iec61850::is_data(data.tag)) return false;
    const auto tell_one = [&](std::string_view text, const Value& value) {
        if (std::exchange(first, false)) {
            operation.value = value;
            tell.operation(operation);
            if (text == operation.object.text) return;
        }
        if (value.index() != 0 && !text.empty())
            tell.ways.say().on(tell.pdu.origin,
                               observe::Variable{.protocol = tell.pdu.protocol,
                                                 .object = {.space = "variable", .text = text},
                                                 .value = value,
                                                 .count = 1});
    };
    TextRoom<160> path;
    path.add(name);
    if (entry) path.add('[').number(entry);
    if (!data.constructed()) {
        if (most == 0) return true;
        --most;
        if (entry) path.add(']');
        tell_one(path.view(), value_of(data));
        return true;
    }
    if (!entry) path.add('[');
    return each_value(data.content, path, entry ? 1 : 0, most, [&](std::string_view at, const Value& value) {
        TextRoom<168> closed;
        tell_one(closed.add(at).add(']').view(), value);
    });
}

/// IEC 61850-8-1, 17.2: a report's name, which of its fields there are, those, which entries are in it,
/// and they.
bool block_report(Bytes content, Operation& operation, const Tell& tell) noexcept {
    enum Option : unsigned {
        sequence = 1,
        time,
        reason,
        data_set,
        reference,
        overflow,
        entry,
        revision,
        segments
    };
    Reader in{content};
    Tlv id, options, field;
    operation.object = {.space = "report"};
    operation.count = 0;
    if (!next(in, id) || !next(in, options) || options.tag != iec61850::bit_string) {
        tell.operation(operation);
        return false;
    }
    if (is_name(id.content)) operation.object.text = as_text(id.content);
    const auto has = [&](unsigned bit) {
        return options.content.size() > 1 + bit / 8 &&
               (std::to_integer<unsigned>(options.content[1 + bit / 8]) >> (7 - bit % 8) & 1u) != 0;
    };
    bool good = true;
    const auto take = [&] { return good = good && next(in, field) && !field.cut; };
    std::string_view set;
    if (has(sequence)) take();
    if (has(time)) take();
    if (has(data_set) && take() && is_name(field.content)) set = as_text(field.content);
    for (const auto option : {overflow, entry, revision})
        if (has(option)) take();
    if (has(segments)) take(), take();
    if (!take() || field.tag != iec61850::bit_string || field.content.empty()) {
        tell.operation(operation);
        return false;
    }
    const auto inclusion = field.content;
    const auto members = (inclusion.size() - 1) * 8;
    std::uint32_t included = 0;
    const auto is_in = [&](std::size_t member) {
        return (std::to_integer<unsigned>(inclusion[1 + member / 8]) >> (7 - member % 8) & 1u) != 0;
    };
    for (std::size_t member = 0; member < members; ++member) included += is_in(member);
    operation.count = included;
    Reader names = in;
    if (has(reference))
        for (std::uint32_t i = 0; i < included; ++i) take();
    bool first = true;
    auto most = values_most;
    for (std::size_t member = 0; member < members && good; ++member) {
        if (!is_in(member) || !take()) continue;
        Tlv called;
        NameRoom name;
        if (has(reference) && next(names, called) && is_name(called.content))
            name.add(as_text(called.content));
        else
            name.add(set.empty() ? operation.object.text : set).add('[').number(member + 1).add(']');
        good = good && leaves(field, name.view(), 0, most, operation, first, tell);
    }
    if (first) tell.operation(operation);
    return good && in.ok();
}

} // namespace yagura::dissect::mms
