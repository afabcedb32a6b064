#include "apps/center/projector.h"

#include <algorithm>

#include "spine/observe/text.h"

namespace yagura::center {
namespace {

constexpr std::size_t value_shown = 1024, text_shown = 512;

std::string text(std::string_view some, std::size_t most = text_shown) {
    return std::string{some.substr(0, most)};
}

/// Operations quote what they carry so that a terminal is safe; the store keeps the text itself.
std::string plain(const observe::Value& value) {
    if (const auto* words = std::get_if<std::string_view>(&value)) return text(*words, value_shown);
    auto out = observe::text(value);
    if (out.size() > value_shown) out.resize(value_shown);
    return out;
}

std::vector<std::byte> kept(Bytes message) {
    const auto some = message.first(std::min(message.size(), observe::message_kept));
    return {some.begin(), some.end()};
}

} // namespace

template <class K>
void Projector::feed(const observe::Origin& origin, const K& what) {
    plant_.on(origin, what);
    watch_.on(origin, what);
    batch_.latest = std::max(batch_.latest, origin.at);
}

std::pair<model::NodeId, model::NodeId> Projector::nodes(const observe::Origin& origin,
                                                         observe::Speaker acting) const {
    const auto realm = origin.parties.lane.realm;
    const auto client = plant_.node_of(origin.parties.client, realm).value_or(model::NodeId{});
    const auto server = plant_.node_of(origin.parties.server, realm).value_or(model::NodeId{});
    return acting == observe::Speaker::client ? std::pair{client, server} : std::pair{server, client};
}

store::OperationItem Projector::item(const observe::Origin& origin, const observe::Operation& op) const {
    const bool answer = op.phase == observe::Phase::response;
    const auto [who, whom] = nodes(origin, answer ? other(origin.speaker) : origin.speaker);
    store::OperationItem out;
    out.arrival = arrival_;
    out.source = origin.evidence.source;
    out.at = out.last = origin.at;
    out.who = who;
    out.whom = whom;
    out.act = op.act;
    out.protocol = protocols_.name(op.protocol);
    out.code = op.function.code;
    out.function = text(op.function.name);
    out.part = observe::text(op.part);
    if (!op.object.space.empty() || !op.object.text.empty() || op.object.form == observe::Object::Form::cip)
        out.object = text(observe::text(op.object));
    out.value = plain(op.value);
    out.outcome = op.outcome;
    out.status = op.status;
    out.answer = answer;
    out.messages = 1;
    out.answers = answer;
    out.refusals = op.outcome == observe::Outcome::refused;
    out.talk = origin.conversation;
    out.pair = op.pair;
    out.frame = origin.evidence.frame;
    out.offset = origin.evidence.offset;
    out.message = kept(origin.message);
    return out;
}

store::ToldItem& Projector::told(const observe::Origin& origin, journal::Kind kind) {
    auto& out = batch_.told.emplace_back();
    out.arrival = arrival_;
    out.source = origin.evidence.source;
    out.at = origin.at;
    out.kind = kind;
    std::tie(out.who, out.whom) = nodes(origin, origin.speaker);
    out.frame = origin.evidence.frame;
    out.offset = origin.evidence.offset;
    out.message = kept(origin.message);
    return out;
}

void Projector::on(const observe::Origin& origin, const observe::Presence& what) { feed(origin, what); }
void Projector::on(const observe::Origin& origin, const observe::Neighbour& what) { feed(origin, what); }
void Projector::on(const observe::Origin& origin, const observe::Conversation& what) { feed(origin, what); }

void Projector::on(const observe::Origin& origin, const observe::Identity& what) {
    feed(origin, what);
    if (!origin.message.empty())
        batch_.evidence.push_back(
            {origin.evidence.source, origin.evidence.frame, origin.evidence.offset, kept(origin.message)});
    if (what.attribute != observe::Attribute::state || what.subject == observe::Subject::third) return;
    auto& out = told(origin, journal::Kind::identity);
    if (what.subject != observe::Subject::speaker) std::swap(out.who, out.whom);
    out.whom = {};
    out.message.clear(); // Kept as evidence already.
    out.protocol = protocols_.name(what.protocol);
    out.what = text(observe::text(what.part));
    out.value = plain(what.value);
}

void Projector::on(const observe::Origin& origin, const observe::Operation& what) {
    feed(origin, what);
    batch_.operations.push_back(item(origin, what));
}

void Projector::on(const observe::Origin& origin, const observe::Repeats& what) {
    feed(origin, what);
    auto out = item(origin, what.like);
    out.many = true;
    out.answer = false;
    if (what.first != observe::Time{}) out.at = what.first;
    if (what.last != observe::Time{}) out.last = what.last;
    out.messages = what.messages;
    out.answers = what.answers;
    out.refusals = what.refusals;
    out.changes = what.changes;
    out.least = what.least;
    out.most = what.most;
    out.pair = 0;
    batch_.operations.push_back(std::move(out));
}

void Projector::on(const observe::Origin& origin, const observe::Variable& what) {
    feed(origin, what);
    auto& out = told(origin, journal::Kind::variable);
    out.protocol = protocols_.name(what.protocol);
    out.part = text(observe::text(what.part));
    out.writes = origin.speaker == observe::Speaker::client;
    out.what = text(observe::text(what.object));
    out.value = plain(what.value);
    out.number = what.count;
}

void Projector::on(const observe::Origin& origin, const observe::Name& what) {
    feed(origin, what);
    auto& out = told(origin, journal::Kind::name);
    out.what = text(what.asked);
    out.value = text(what.answer);
    out.number = what.code;
}

void Projector::on(const observe::Origin& origin, const observe::Login& what) {
    feed(origin, what);
    auto& out = told(origin, journal::Kind::login);
    out.protocol = protocols_.name(what.protocol);
    out.what = text(what.user);
    out.value = text(what.method);
    out.number = static_cast<std::int64_t>(what.outcome);
}

void Projector::on(const observe::Origin& origin, const observe::Transfer& what) {
    feed(origin, what);
    auto& out = told(origin, journal::Kind::transfer);
    out.what = text(what.name);
    constexpr std::string_view digits = "0123456789abcdef";
    for (const auto byte : what.sha256)
        out.value += cat(digits.substr(std::to_integer<unsigned>(byte) >> 4, 1),
                         digits.substr(std::to_integer<unsigned>(byte) & 15u, 1));
    out.number = static_cast<std::int64_t>(std::min<std::uint64_t>(what.bytes, INT64_MAX));
}

void Projector::on(const observe::Origin& origin, const observe::Log& what) {
    feed(origin, what);
    auto& out = told(origin, journal::Kind::log);
    out.protocol = text(what.format, 32);
    out.what = text(what.text, journal::log_kept);
    out.number = what.severity;
}

void Projector::on(const observe::Origin& origin, const observe::Match& what) {
    feed(origin, what);
    auto& out = told(origin, journal::Kind::match);
    out.what = cat(what.rule);
    out.number = what.revision;
}

void Projector::on(const observe::Origin& origin, const observe::Anomaly& what) {
    feed(origin, what);
    auto& out = told(origin, journal::Kind::anomaly);
    out.protocol = protocols_.name(what.protocol);
    out.what = text(what.detail.what);
    out.number = what.detail.offset;
}

void Projector::on(const observe::Origin& origin, const observe::Coverage& what) {
    batch_.latest = std::max(batch_.latest, origin.at);
    watch_.on(origin, what);
    batch_.coverage.push_back({arrival_, origin.evidence.source, origin.at, what});
    seen_.push_back({origin.evidence.source, origin.at, what});
}

} // namespace yagura::center
