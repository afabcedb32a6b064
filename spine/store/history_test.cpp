// The closed list of questions to the history, each answered as canonical JSON: whatever engine keeps it,
// these are its answers. With YAGURA_HISTORY_GOLDEN set, history.answers is written anew and a person reads
// the difference.
#include "spine/store/history.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "spine/base/json.h"
#include "spine/base/rfc3339.h"
#include "tests/support/plant_store.h"

using namespace yagura;
using namespace yagura::store;
using namespace yagura::test;
using namespace std::chrono_literals;

namespace {

/// Members in the order of the structs, every one of them: "unknown" is an answer, too.
class Canonical {
public:
    std::string text{};

    void say(Time at) { out_.value(rfc3339(at.time_since_epoch().count())); }
    void say(std::string_view words) { out_.value(words); }
    void say(const std::string& words) { out_.value(std::string_view{words}); }
    void say(bool on) { out_.value(on); }
    template <class T>
        requires std::integral<T> || std::is_enum_v<T>
    void say(T number) {
        out_.value(static_cast<std::int64_t>(number));
    }
    void say(std::byte byte) { out_.value(std::to_integer<unsigned>(byte)); }
    template <class A, class B>
    void say(const std::pair<A, B>& two) {
        list(two.first, two.second);
    }
    template <class T>
    void say(const std::vector<T>& all) {
        out_.begin_array();
        for (const auto& one : all) say(one);
        out_.end_array();
    }
    template <class T>
    void say(const std::optional<T>& perhaps) {
        if (perhaps)
            say(*perhaps);
        else
            out_.null();
    }
    void say(const Range& range) { list(range.from, range.until); }
    void say(const DeviceRef& who) { list(who.id, who.name, who.address, who.role); }
    void say(const EvidenceRef& e) { list(e.source, e.capture, e.frame, e.offset, e.at, e.protocol); }
    void say(const OperationRow& op) {
        list(op.id, op.at, op.last, op.who, op.whom, op.act, op.protocol, op.code, op.function, op.part,
             op.object, op.value, op.outcome, op.status, op.count, op.refused, op.changes, op.many, op.is_new,
             op.evidence);
    }
    void say(const OperationList& page) { list(page.operations, page.next_cursor.empty()); }
    void say(const ObjectRow::User& user) { list(user.who, user.count, user.last); }
    void say(const ObjectRow& one) {
        list(one.protocol, one.part, one.object, one.readers, one.writers, one.value, one.valued, one.changed,
             one.first, one.last, one.operation);
    }
    void say(const ObjectList& all) { list(all.objects, all.total, all.since); }
    void say(const Activity::Series& series) { list(series.act, series.counts); }
    void say(const Activity& of) { list(of.from, of.until, of.bucket_seconds, of.series, of.unseen); }
    void say(const Told& told) {
        list(told.id, told.at, told.kind, told.who, told.whom, told.protocol, told.what, told.value,
             told.evidence);
    }
    void say(const CoverageMinute& m) {
        list(m.source, m.minute, m.seconds, m.packets, m.bytes, m.dropped, m.refused, m.forgotten, m.lost,
             m.one_sided);
    }
    void say(const ProtocolUse& use) { list(use.protocol, use.messages, use.first, use.last); }

private:
    template <class... All>
    void list(const All&... all) {
        out_.begin_array();
        (say(all), ...);
        out_.end_array();
    }
    JsonWriter out_{text};
};

template <class T>
std::string canonical(const Result<T>& answer) {
    if (!answer) return cat("complaint ", answer.error().code);
    Canonical out;
    out.say(*answer);
    return out.text;
}

TEST(History, AnswersItsClosedListAsItAlwaysDid) {
    test::Store store{3};
    auto& history = *store.history;
    const Range all{begin_time, begin_time + 4h}, first_hour{begin_time, begin_time + 1h};
    const std::array<std::uint32_t, 1> sources{1};
    std::string answers;
    const auto ask = [&](std::string_view question, const std::string& answer) {
        answers += cat(question, "\n    ", answer, "\n");
    };
    ask("operations, newest first", canonical(history.operations({}, {.most = 3})));
    const auto page = history.operations({}, {.most = 3}).value().next_cursor;
    ask("operations, second page", canonical(history.operations({}, {.cursor = page, .most = 2})));
    ask("operations, bad cursor", canonical(history.operations({}, {.cursor = "nonsense", .most = 2})));
    ask("operations of an hour", canonical(history.operations({.range = first_hour}, {})));
    ask("operations of a device, writes",
        canonical(history.operations({.device = "d0-1", .acts = {observe::Act::write}}, {.most = 2})));
    ask("operations between two",
        canonical(history.operations({.device = "d0-1", .peer = "d0-2"}, {.most = 1})));
    ask("operations between two that do not talk",
        canonical(history.operations({.device = "d0-1", .peer = "d0-3"}, {})));
    ask("operations of nobody", canonical(history.operations({.device = "d0-99"}, {})));
    ask("operations by protocol", canonical(history.operations({.protocol = "modbus"}, {.most = 1})));
    ask("operations by another", canonical(history.operations({.protocol = "s7comm"}, {})));
    ask("operations by effect",
        canonical(history.operations({.effects = {observe::Effect::observes}}, {.most = 1})));
    ask("operations by outcome",
        canonical(history.operations({.outcomes = {observe::Outcome::refused}}, {.most = 1})));
    ask("operations by text", canonical(history.operations({.text = "register 17 modbus"}, {})));
    ask("operations by text, of an object", canonical(history.operations({.text = "Register 17"}, {})));
    ask("operations by text, of an end", canonical(history.operations({.text = "device 1"}, {.most = 1})));
    ask("operations of a line", canonical(history.operations({.line = "l0-1"}, {.most = 1})));
    ask("operations of no line", canonical(history.operations({.line = "l0-9"}, {})));
    ask("first acts", canonical(history.operations({.first = true}, {})));
    ask("first acts that change a value",
        canonical(history.operations({.effects = {observe::Effect::changes_value}, .first = true}, {})));
    ask("first acts of strangers",
        canonical(history.operations({.device = "d0-1", .peer = "d0-3", .first = true}, {})));
    const auto id = history.operations({}, {.most = 1}).value().operations.at(0).id;
    ask("one operation", canonical(history.operation(id)));
    ask("one that is none", canonical(history.operation("o-2023-11-14-999999")));
    ask("its message", canonical(history.message(id)));
    const auto now = begin_time + 4h;
    ask("activity of the plant", canonical(history.activity({.range = all}, 4, now)));
    ask("activity of a line", canonical(history.activity({.range = all, .line = "l0-1"}, 4, now)));
    ask("activity of a device", canonical(history.activity({.range = all, .device = "d0-2"}, 2, now)));
    ask("activity of one that is silent",
        canonical(history.activity({.range = all, .device = "d0-3"}, 2, now)));
    ask("activity by effect",
        canonical(history.activity({.range = all, .effects = {observe::Effect::changes_value}}, 2, now)));
    ask("activity of refusals",
        canonical(history.activity({.range = all, .outcomes = {observe::Outcome::refused}}, 2, now)));
    ask("objects", canonical(history.objects({.device = "d0-2", .text = "register 1"}, 2)));
    ask("objects that were written", canonical(history.objects({.device = "d0-2", .written = true}, 1)));
    ask("objects between strangers", canonical(history.objects({.device = "d0-2", .peer = "d0-3"}, 10)));
    ask("objects of nobody", canonical(history.objects({.device = "d0-99"}, 10)));
    ask("pulse of the lines", canonical(history.pulse(all, 4)));
    ask("told", canonical(history.told("", "", {}, 10)));
    ask("told, of a kind", canonical(history.told("anomaly", "d0-1", {}, 10)));
    ask("told, of another", canonical(history.told("login", "", {}, 10)));
    ask("coverage", canonical(history.coverage({begin_time - 1h, begin_time + 1h}, sources)));
    ask("coverage of no source", canonical(history.coverage(all, {})));
    ask("protocols", canonical(history.protocols(all)));
    ask("first and last", canonical(history.first_and_last("d0-1", "d0-2")));
    ask("first and last of strangers", canonical(history.first_and_last("d0-1", "d0-3")));
    ask("operations between two times", canonical(history.operations_between(first_hour)));
    ask("days", canonical(Result<std::vector<std::string>>{history.days()}));

    const std::string path = YAGURA_SOURCE "/spine/store/history.answers";
    if (std::getenv("YAGURA_HISTORY_GOLDEN")) {
        std::ofstream{path} << answers;
        GTEST_SKIP() << "written: " << path;
    }
    std::ifstream file{path};
    const std::string expected{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_EQ(answers, expected);
}

} // namespace
