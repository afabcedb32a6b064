// A sink that encodes what it hears: what encodes to the same bytes was understood. For tests and fuzzing.
#pragma once

#include <array>
#include <vector>

#include "spine/journal/encode.h"

namespace yagura::test {

struct Again final : observe::Sink {
    using Record = std::vector<std::byte>;
    std::vector<Record> all;
    std::vector<observe::Parties> parties;

    template <class K>
    void say(const observe::Origin& o, const K& what) {
        const auto record = journal::encode(room,
                                            journal::Envelope{.kind = journal::kind_of<K>(),
                                                              .worth = journal::worth(what),
                                                              .at = o.at,
                                                              .conversation = o.conversation,
                                                              .speaker = o.speaker,
                                                              .evidence = o.evidence,
                                                              .message = o.message},
                                            what);
        all.emplace_back(record.begin(), record.end());
        parties.push_back(o.parties);
    }
    void on(const observe::Origin& o, const observe::Presence& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Identity& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Neighbour& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Conversation& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Operation& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Repeats& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Variable& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Name& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Login& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Transfer& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Log& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Match& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Anomaly& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Coverage& what) override { say(o, what); }

private:
    std::array<std::byte, journal::record_room> room;
};

} // namespace yagura::test
