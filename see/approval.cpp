#include "see/approval.h"

#include <algorithm>
#include <array>
#include <optional>

namespace yagura::see {
namespace {

using observe::Attribute;
using store::Approval;
using store::ApprovalRow;
using store::Standing;

constexpr char between = '\x1f', end = '\n';
constexpr std::size_t facts_most = 12, name_most = 128;
constexpr std::array telling{Attribute::vendor, Attribute::product, Attribute::serial};

bool tells(const Evidence& one) {
    // The card's maker follows from the MAC, which is compared by itself.
    return one.part.empty() && one.protocol != "mac" && one.protocol != "oui" &&
           std::ranges::find(telling, one.attribute) != telling.end();
}

void put(std::string& into, std::string_view text, std::size_t most) {
    for (const char one : text.substr(0, most)) into += one == between || one == end ? ' ' : one;
}

struct Remembered {
    std::string_view name;
    bool has_mac = false;
    struct Fact {
        std::string_view attribute, protocol, value;
    };
    std::vector<Fact> facts;
};

std::string_view piece(std::string_view& text, char until) {
    const auto at = std::min(text.find(until), text.size());
    const auto out = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return out;
}

Remembered remembered(std::string_view identity) {
    Remembered out;
    auto head = piece(identity, end);
    out.has_mac = piece(head, between) == "mac";
    out.name = head;
    while (!identity.empty() && out.facts.size() < facts_most) {
        auto line = piece(identity, end);
        const auto attribute = piece(line, between), protocol = piece(line, between);
        out.facts.push_back({attribute, protocol, line});
    }
    return out;
}

struct Changed {
    std::string attribute, from, to;
};

/// What one and the same protocol says otherwise since, and does not say any more as it did. Two that answer
/// in turn behind one address are no change, nor are two devices that were let in and then merged.
std::optional<Changed> changed(const std::vector<Remembered::Fact>& then, const Portrait& now) {
    std::string value;
    for (const auto& fact : then) {
        const Evidence *same = nullptr, *other = nullptr;
        for (const auto& one : now.evidence) {
            if (!tells(one) || one.protocol != fact.protocol ||
                attribute_name(one.attribute) != fact.attribute)
                continue;
            value.clear();
            put(value, one.value, 256);
            const auto is_told = [&](const Remembered::Fact& each) {
                return each.attribute == fact.attribute && each.protocol == fact.protocol &&
                       each.value == value;
            };
            if (value == fact.value)
                same = &one;
            else if (std::ranges::none_of(then, is_told) && (!other || one.last > other->last))
                other = &one;
        }
        if (other && (!same || other->first > same->last))
            return Changed{std::string{fact.attribute}, std::string{fact.value}, other->value};
    }
    return std::nullopt;
}

int strictness(Approval state) noexcept {
    return state == Approval::rejected ? 2 : state == Approval::temporary ? 1 : 0;
}

const ApprovalRow* stricter(const ApprovalRow* a, const ApprovalRow* b) {
    if (!a || !b) return a ? a : b;
    if (const auto one = strictness(a->state), two = strictness(b->state); one != two)
        return one > two ? a : b;
    if (a->state == Approval::temporary && a->until != b->until) return a->until < b->until ? a : b;
    return a->at >= b->at ? a : b;
}

Standing waits(std::string_view why, std::string_view from, std::string_view to) {
    return {.why = std::string{why}, .from = std::string{from}, .to = std::string{to}};
}

} // namespace

std::string identity_of(const Portrait& portrait) {
    std::string out{portrait.macs.empty() ? "ip" : "mac"};
    out += between;
    put(out, portrait.name, name_most);
    out += end;
    std::size_t facts = 0;
    for (const auto& one : portrait.evidence) {
        if (!tells(one) || facts++ >= facts_most) continue;
        out += attribute_name(one.attribute);
        out += between;
        put(out, one.protocol, 32);
        out += between;
        put(out, one.value, 256);
        out += end;
    }
    return out;
}

store::Standing standing(const Portrait& portrait, std::span<const Decided> marks) {
    const auto is = [](model::Node::Kind kind) {
        return [kind](const Decided& mark) { return mark.kind == kind; };
    };
    const auto has_mac = std::ranges::any_of(marks, is(model::Node::Kind::mac));
    const auto mac_decided = std::ranges::any_of(
        marks, [](const Decided& mark) { return mark.kind == model::Node::Kind::mac && mark.said; });
    const auto by = has_mac && mac_decided ? model::Node::Kind::mac : model::Node::Kind::ip;

    const ApprovalRow* holds = nullptr;
    const Decided *decided = nullptr, *undecided = nullptr, *taken_over = nullptr;
    for (const auto& mark : marks) {
        if (mark.kind != by) continue;
        const bool of_another = mark.said && by == model::Node::Kind::ip &&
                                (mark.elsewhere || (has_mac && remembered(mark.said->identity).has_mac));
        if (mark.said && !of_another) {
            holds = stricter(holds, mark.said);
            if (!decided) decided = &mark;
        } else if (mark.said) {
            if (!taken_over) taken_over = &mark;
        } else if (!undecided) {
            undecided = &mark;
        }
    }
    if (holds && holds->state == Approval::rejected)
        return {holds->state, {}, holds->at, holds->who, holds->reason, "", "", ""};
    if (taken_over) return waits("address", remembered(taken_over->said->identity).name, taken_over->address);
    if (!holds) return waits("new", "", "");
    if (undecided && (by == model::Node::Kind::mac || !has_mac))
        return waits(by == model::Node::Kind::mac ? "mac" : "address",
                     by == model::Node::Kind::mac ? decided->address : "", undecided->address);
    std::vector<Remembered::Fact> then;
    for (const auto& mark : marks)
        if (mark.kind == by && mark.said)
            for (const auto& fact : remembered(mark.said->identity).facts) then.push_back(fact);
    if (const auto found = changed(then, portrait)) return waits(found->attribute, found->from, found->to);
    return {holds->state, holds->until, holds->at, holds->who, holds->reason, "", "", ""};
}

} // namespace yagura::see
