// The register ledger: what is written into the state and the days, and what is found in them again.
#include "spine/store/registers.h"

#include "spine/store/registers_writing.h"
#include "tests/support/plant_store.h"

using namespace yagura;
using namespace yagura::store;
using namespace yagura::test;
using observe::Act;
using observe::Outcome;

namespace {

/// A story, told operation by operation.
class Said {
public:
    explicit Said(std::uint64_t arrival = 2'000) : arrival_{arrival} {}
    OperationItem& say(std::chrono::seconds after, Act act, std::uint64_t who, std::string object,
                       std::string value) {
        auto& op = batch.operations.emplace_back();
        op.arrival = ++arrival_;
        op.source = 1;
        op.at = op.last = begin_time + after;
        op.who = ip_node(who), op.whom = ip_node(2);
        op.act = act;
        op.protocol = "modbus";
        op.function = act == Act::write ? "write multiple registers" : "read holding registers";
        op.code = act == Act::write ? 16 : 3;
        op.part = "unit 1";
        op.object = std::move(object);
        op.value = std::move(value);
        op.messages = 1;
        op.outcome = Outcome::done;
        batch.arrival = arrival_;
        return op;
    }
    /// A read and its answer.
    void read(std::chrono::seconds after, std::uint64_t who, const std::string& object,
              const std::string& value) {
        auto& asked = say(after, Act::read, who, object, "");
        asked.outcome = Outcome::pending;
        asked.pair = ++pair_;
        answer(after, Act::read, who, object, value);
    }
    /// A write that is to be answered.
    void write(std::chrono::seconds after, std::uint64_t who, const std::string& object,
               const std::string& value) {
        auto& asked = say(after, Act::write, who, object, value);
        asked.outcome = Outcome::pending;
        asked.pair = ++pair_;
    }
    void answer(std::chrono::seconds after, Act act, std::uint64_t who, const std::string& object,
                const std::string& value, Outcome outcome = Outcome::done) {
        auto& op = say(after, act, who, object, value);
        op.answer = true;
        op.answers = 1;
        op.pair = pair_;
        op.outcome = outcome;
        op.refusals = outcome == Outcome::refused;
    }
    Batch batch;

private:
    std::uint64_t arrival_;
    std::uint32_t pair_ = 0;
};

struct Ledger : test::Store {
    Ledger() : test::Store{12, [](Batch& batch) { batch.operations.clear(); }} {}
    void tell(Batch batch) {
        const auto done = writer->apply(batch);
        ASSERT_TRUE(done) << done.error().text();
    }
    RegisterReader reader() { return {*state, *history}; }
    RegisterRow only(const RegisterFilter& filter) {
        const auto found = reader().list(filter, {}).value();
        EXPECT_EQ(found.registers.size(), 1u);
        return found.registers.empty() ? RegisterRow{} : *reader().one(found.registers[0].id).value();
    }
    std::vector<std::string> objects(const RegisterFilter& filter) {
        std::vector<std::string> out;
        for (Page page{.most = 2};;) {
            const auto found = reader().list(filter, page);
            EXPECT_TRUE(found) << found.error().text();
            for (const auto& one : found->registers) out.push_back(one.object);
            if (found->next_cursor.empty()) return out;
            page.cursor = found->next_cursor;
        }
    }
};

using Objects = std::vector<std::string>;

void usual(Said& told) {
    told.read(0s, 0, "holding register 100", "[1,2,3,4]");
    told.read(1s, 1, "holding register 100", "[1,2]"); // Another reads less of it: no change.
    told.write(10s, 3, "holding register 100", "[7]");
    told.answer(10s, Act::write, 3, "holding register 100", "");
    told.write(20s, 4, "holding register 100", "[9]");
    told.answer(20s, Act::write, 4, "holding register 100", "", Outcome::refused);
    told.read(30s, 0, "holding register 100", "[7,2,3,5]");
    told.read(40s, 0, "holding register 50", "17");
    told.read(50s, 0, "holding register 50", "-3");
    told.write(60s, 5, "holding register 7", "1");
    told.write(70s, 3, "holding register 8", "5");
    told.answer(70s, Act::write, 3, "holding register 8", "");
    told.write(80s, 4, "holding register 8", "6");
    told.answer(80s, Act::write, 4, "holding register 8", "");
}

} // namespace

TEST(RegisterLedger, SayWhoWroteWhatAndWhatItWasBefore) {
    Ledger ledger;
    Said told;
    usual(told);
    ledger.tell(told.batch);
    const auto one = ledger.only({.text = "register 100"});
    EXPECT_EQ(one.device.name, "device 2");
    EXPECT_EQ(one.line.name, "Line 1");
    EXPECT_EQ(one.value, "[7,2,3,5]");
    EXPECT_EQ(one.previous, "[7,2,3,4]");
    EXPECT_EQ(one.elements, 4u);
    EXPECT_EQ(one.changes, 2u);
    EXPECT_EQ(one.changed, begin_time + 30s);
    EXPECT_EQ(one.began, begin_time + 10s);
    EXPECT_EQ(one.reads, 3u);
    EXPECT_EQ(one.writes, 1u);
    EXPECT_EQ(one.refused, 1u);
    ASSERT_EQ(one.writers.size(), 1u); // Who was refused wrote nothing.
    EXPECT_EQ(one.writers[0].who.name, "device 3");
    ASSERT_EQ(one.readers.size(), 2u);
    EXPECT_EQ(one.readers[0].who.name, "device 0");
    EXPECT_EQ(one.readers[0].count, 2u);
    EXPECT_EQ(one.written.at, begin_time + 10s);
    EXPECT_EQ(one.written.who.name, "device 3");
    EXPECT_EQ(one.written.value, "[7]");
    EXPECT_EQ(one.written.before, "[1,2,3,4]");
    EXPECT_EQ(one.written.function, "write multiple registers");
    EXPECT_EQ(one.asked.at, Time{});
    const auto operation = ledger.history->operation(one.written.operation).value();
    ASSERT_TRUE(operation);
    EXPECT_EQ(operation->value, "[7]");
    EXPECT_EQ(operation->in_ledger, one.id);
}

TEST(RegisterLedger, ABareNumberHasLeastAndMost) {
    Ledger ledger;
    Said told;
    usual(told);
    ledger.tell(told.batch);
    const auto one = ledger.only({.text = "holding register 50"});
    EXPECT_EQ(one.least, -3);
    EXPECT_EQ(one.most, 17);
    EXPECT_TRUE(one.writers.empty());
}

TEST(RegisterLedger, AWriteWithoutAnAnswerIsAskedFor) {
    Ledger ledger;
    Said told;
    usual(told);
    ledger.tell(told.batch);
    const auto one = ledger.only({.text = "holding register 7"});
    EXPECT_EQ(one.asked.who.name, "device 5");
    EXPECT_EQ(one.asked.value, "1");
    EXPECT_EQ(one.written.at, Time{});
    EXPECT_TRUE(one.value.empty()); // Nobody saw that it is so.
}

TEST(RegisterLedger, AreFoundByWhatPeopleAskFor) {
    Ledger ledger;
    Said told;
    usual(told);
    ledger.tell(told.batch);
    using Written = RegisterFilter::Written;
    const Objects all{"holding register 8", "holding register 50", "holding register 100",
                      "holding register 7"};
    EXPECT_EQ(ledger.objects({}), all);
    EXPECT_EQ(ledger.objects({.device = "d0-3"}), all);
    EXPECT_EQ(ledger.objects({.device = "d0-9"}), Objects{});
    EXPECT_EQ(ledger.objects({.device = "d0-99"}), Objects{});
    EXPECT_EQ(ledger.objects({.line = "l0-1"}), all);
    EXPECT_EQ(ledger.objects({.line = "l0-2"}), Objects{});
    EXPECT_EQ(ledger.objects({.text = "device 2 holding"}), all);
    EXPECT_EQ(ledger.objects({.text = "50"}), Objects{"holding register 50"});
    EXPECT_EQ(ledger.objects({.text = "nothing like it"}), Objects{});
    // Of 4 values from 100 on it is the last.
    EXPECT_EQ(ledger.objects({.text = "Holding register 103"}), Objects{"holding register 100"});
    EXPECT_EQ(ledger.objects({.text = "holding register 104"}), Objects{});
    EXPECT_EQ(ledger.objects({.reader = "d0-2"}), Objects{"holding register 100"});
    EXPECT_EQ(ledger.objects({.writer = "d0-4"}), (Objects{"holding register 8", "holding register 100"}));
    EXPECT_EQ(ledger.objects({.reader = "d0-1", .writer = "d0-4"}), Objects{"holding register 100"});
    EXPECT_EQ(ledger.objects({.changed_since = begin_time + 40s}),
              (Objects{"holding register 8", "holding register 50"}));
    EXPECT_EQ(ledger.objects({.written = Written::never}), Objects{"holding register 50"});
    EXPECT_EQ(ledger.objects({.written = Written::several}), Objects{"holding register 8"});
    EXPECT_EQ(ledger.objects({.written = Written::once}),
              (Objects{"holding register 8", "holding register 100", "holding register 7"}));
    EXPECT_EQ(ledger.objects({.protocol = "slmp"}), Objects{});
    EXPECT_EQ(ledger.objects({.sort = RegisterFilter::Sort::written}),
              (Objects{"holding register 8", "holding register 7", "holding register 100"}));
    EXPECT_EQ(
        ledger.objects({.device = "d0-3", .sort = RegisterFilter::Sort::object}),
        (Objects{"holding register 7", "holding register 8", "holding register 50", "holding register 100"}));
    EXPECT_FALSE(ledger.reader().list({}, {.cursor = "x"}));
}

TEST(RegisterLedger, TellTheirValuesBackInTime) {
    Ledger ledger;
    Said told;
    usual(told);
    told.read(20h, 0, "holding register 50", "4"); // Another day.
    ledger.tell(told.batch);
    const auto id = ledger.only({.text = "holding register 50"}).id;
    auto values = ledger.reader().values(id, {}, {}, {}).value();
    ASSERT_EQ(values.changes.size(), 3u);
    EXPECT_EQ(values.changes[0].value, "4");
    EXPECT_EQ(values.changes[0].before, "-3");
    EXPECT_EQ(values.changes[1].value, "-3");
    EXPECT_EQ(values.changes[1].who.name, "device 0");
    EXPECT_EQ(values.changes[1].function, "read holding registers");
    EXPECT_EQ(values.count, 3u);
    EXPECT_EQ(values.least, -3);
    EXPECT_EQ(values.most, 17);
    EXPECT_EQ(values.distinct, 3u);
    ASSERT_EQ(values.points.size(), 3u);
    EXPECT_EQ(values.points[0].at, begin_time + 40s);
    Page page{.most = 2};
    values = ledger.reader().values(id, {}, {}, page).value();
    ASSERT_EQ(values.changes.size(), 2u);
    page.cursor = values.next_cursor;
    values = ledger.reader().values(id, {}, {}, page).value();
    ASSERT_EQ(values.changes.size(), 1u);
    EXPECT_EQ(values.changes[0].value, "17");
    EXPECT_TRUE(values.next_cursor.empty());
    auto at = ledger.reader().at(id, begin_time + 49s, {}).value();
    EXPECT_EQ(at.was->value, "17");
    EXPECT_EQ(at.until, begin_time + 50s);
    at = ledger.reader().at(id, begin_time + 10h, {}).value();
    EXPECT_EQ(at.was->value, "-3");
    EXPECT_EQ(at.was->before, "17");
    EXPECT_EQ(at.until, begin_time + 20h);
    at = ledger.reader().at(id, begin_time + 21h, {}).value();
    EXPECT_EQ(at.was->value, "4");
    EXPECT_EQ(at.until, Time{});
    EXPECT_FALSE(ledger.reader().at(id, begin_time, {}).value().was);
}

TEST(RegisterLedger, OneElementHasItsOwnStory) {
    Ledger ledger;
    Said told;
    usual(told);
    ledger.tell(told.batch);
    const auto id = ledger.only({.text = "holding register 100"}).id;
    auto values = ledger.reader().values(id, {}, 0, {}).value();
    ASSERT_EQ(values.changes.size(), 2u);
    EXPECT_EQ(values.changes[0].value, "7");
    EXPECT_EQ(values.changes[0].before, "1");
    EXPECT_TRUE(values.changes[0].writes);
    EXPECT_EQ(values.changes[0].who.name, "device 3");
    EXPECT_EQ(ledger.reader().values(id, {}, 3, {}).value().changes.size(), 2u);
    EXPECT_EQ(ledger.reader().values(id, {}, 2, {}).value().changes.size(), 1u);
    EXPECT_TRUE(ledger.reader().values(id, {}, 4, {}).value().changes.empty());
    EXPECT_EQ(ledger.reader().at(id, begin_time + 15s, 0).value().was->value, "7");
    // What was refused was never there.
    for (const auto& one : ledger.reader().values(id, {}, 0, {}).value().changes) EXPECT_NE(one.value, "9");
}

TEST(RegisterLedger, KnowWhichOthersLieOverThem) {
    Ledger ledger;
    Said told;
    told.read(0s, 0, "D100", "[1,2,3,4]");
    told.read(0s, 0, "D103", "4");
    told.read(0s, 0, "D104", "4");
    told.read(0s, 0, "D99", "[1,2]");
    ledger.tell(told.batch);
    EXPECT_EQ(ledger.objects({.text = "d100"}), (Objects{"D99", "D100"}));
    std::string id;
    for (const auto& one : ledger.reader().list({.device = "d0-3"}, {})->registers)
        if (one.object == "D100") id = one.id;
    Objects near;
    for (const auto& one : ledger.reader().near(id).value()) near.push_back(one.object);
    EXPECT_EQ(near, (Objects{"D99", "D103"}));
}

TEST(RegisterLedger, AnswerInALaterBatchAndTwiceTheSame) {
    Said told;
    usual(told);
    Ledger whole, pieces;
    whole.tell(told.batch);
    for (const auto& op : told.batch.operations) {
        Batch one;
        one.arrival = op.arrival;
        one.operations.push_back(op);
        pieces.tell(one);
    }
    const auto dump = [](test::Store& store) {
        std::string out;
        auto state = Database::open(state_file(store.folder), Database::Mode::reader).value();
        for (const auto* sql :
             {"SELECT json_array(id, whom, part, name, elements, reads, writes, first, last, value, valued, "
              "previous, "
              "changed, began, changes, least, most, readers, writers, written, written_by, written_value, "
              "written_before, asked, asked_value, refused, wrote) FROM register ORDER BY id",
              "SELECT json_array(register, who, writes, acts, first, last, value) FROM register_user",
              "SELECT json_array(registers, forgotten, left_out) FROM register_sum"})
            EXPECT_TRUE(state.prepare(sql)->each([&](const Row& row) { out += row.string(0) + "\n"; }));
        for (const auto& day : store.history->days()) {
            auto file = Database::open(cat(history_folder(store.folder), "/", day, ".sqlite"),
                                       Database::Mode::reader)
                            .value();
            EXPECT_TRUE(
                file.prepare(
                        "SELECT object, hex(r.changes) FROM register_day d JOIN register_run r ON r.register "
                        "= d.id ORDER BY object")
                    ->each([&](const Row& row) { out += row.string(0) + row.string(1) + "\n"; }));
        }
        return out;
    };
    EXPECT_EQ(dump(whole), dump(pieces));
    // Made again from the rows of the days the values are the same.
    const auto before = dump(whole);
    for (const auto& day : whole.history->days()) {
        auto file = Database::open(cat(history_folder(whole.folder), "/", day, ".sqlite"),
                                   Database::Mode::writer)
                        .value();
        ASSERT_TRUE(RegisterDay::make_again(file, {}));
    }
    EXPECT_EQ(dump(whole), before);
}

TEST(RegisterLedger, MakeRoomForOthers) {
    auto database = Database::in_memory().value();
    ASSERT_TRUE(migrate(database, state_migrations()));
    const RegisterLimits limits{.registers = 10, .of_node = 1'000};
    for (int i = 0; i < 40; ++i) {
        Said told{static_cast<std::uint64_t>(3'000 + i * 10)};
        told.read(std::chrono::seconds{i}, 0, cat("D", i), "1");
        ASSERT_TRUE(write_registers(database, told.batch, limits));
    }
    const auto use = registers_used(database).value();
    EXPECT_EQ(use.registers, 10);
    EXPECT_EQ(use.forgotten, 30);
    const auto number = [&](const char* sql) {
        return database.prepare(sql)->one([](const Row& row) { return row.integer(0); }).value().value();
    };
    EXPECT_EQ(number("SELECT count(*) FROM register_name"), 10);
    EXPECT_EQ(number("SELECT count(*) FROM register_user"), 10);
    EXPECT_EQ(number("SELECT sum(registers) FROM register_node"), 10);
    EXPECT_EQ(number("SELECT count(*) FROM register_word WHERE object MATCH '\"D39\"'"), 1);
    EXPECT_EQ(number("SELECT count(*) FROM register_word WHERE object MATCH '\"D10\"'"), 0);
    ASSERT_TRUE(forget_registers(database));
    EXPECT_EQ(number("SELECT count(*) FROM register"), 0);
    EXPECT_EQ(number("SELECT count(*) FROM register_word WHERE object MATCH '\"D39\"'"), 0);
}

TEST(RegisterLedger, OneDeviceDoesNotTakeTheOthersRoom) {
    auto database = Database::in_memory().value();
    ASSERT_TRUE(migrate(database, state_migrations()));
    Said told;
    for (int i = 0; i < 40; ++i) told.read(0s, 0, cat("D", i), "1");
    for (int i = 0; i < 40; ++i) told.read(1s, static_cast<std::uint64_t>(i), "D0", "1");
    ASSERT_TRUE(write_registers(database, told.batch, {.of_node = 5, .users = 3}));
    EXPECT_EQ(registers_used(database)->registers, 5);
    EXPECT_EQ(registers_used(database)->left_out, 35);
    EXPECT_EQ(database.prepare("SELECT users_left_out FROM register WHERE id = 1")
                  ->one([](const Row& row) { return row.integer(0); })
                  .value(),
              37);
}

TEST(RegisterLedger, ValuesOfADayHaveALimit) {
    auto day = Database::in_memory().value();
    ASSERT_TRUE(migrate(day, history_migrations()));
    RegisterDay values{{.changes_of_register = 300}};
    SummedRow row;
    row.whom = 1, row.act = Act::read, row.object = "D1", row.protocol = "slmp";
    std::vector<std::string> texts;
    for (int i = 0; i < 400; ++i) texts.push_back(cat(i));
    for (int i = 0; i < 400; ++i) {
        row.id = i + 1, row.at = row.last = i;
        row.value = texts[static_cast<std::size_t>(i)];
        values.came(row);
    }
    ASSERT_TRUE(values.flush(day));
    EXPECT_EQ(RegisterDay::use_of(day).value(), (RegisterDay::Use{1, 300, 100}));
    EXPECT_EQ(day.prepare("SELECT count(*) FROM register_run")
                  ->one([](const Row& r) { return r.integer(0); })
                  .value(),
              3);
}

TEST(RegisterLedger, KnowWhereAnAddressBegins) {
    EXPECT_EQ(place_of_object("D100").space, "d");
    EXPECT_EQ(place_of_object("D100").number, 100);
    EXPECT_EQ(place_of_object("holding register 7").space, "holding register ");
    EXPECT_EQ(place_of_object("DB10.DBW4").number, 4);
    EXPECT_EQ(place_of_object("X10").number, -1); // Decimal with one maker, hexadecimal with another.
    EXPECT_EQ(place_of_object("CIO100.05").number, -1);
    EXPECT_EQ(place_of_object("Motor.Speed").number, -1);
    EXPECT_EQ(place_of_object("12").number, -1);
    EXPECT_EQ(laid_over("[1,2,3]", "[7]"), "[7,2,3]");
    EXPECT_EQ(laid_over("[1,2,3]", "7"), "[7,2,3]");
    EXPECT_EQ(laid_over("[1]", "[7,8]"), "[7,8]");
    EXPECT_EQ(laid_over("5", "[7,8]"), "[7,8]");
    EXPECT_EQ(laid_over("", "x"), "x");
}
