#include "spine/api/server.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "spine/api/account_api.h"
#include "spine/api/server_api.h"
#include "spine/link/certificate.h"
#include "tests/support/account_book.h"
#include "tests/support/tls_client.h"

using namespace yagura;
using namespace yagura::api;
using nlohmann::json;
using tests::TlsClient;

namespace {

struct Quiet final : Status {
    std::vector<Part> parts() override { return {}; }
    std::vector<LimitRow> limits() override {
        return std::vector<LimitRow>(
            200, {.name = "worker.flows", .bound = 1'000, .used = 7, .refused = 0, .unit = "flows"});
    }
    FirstRun first_run() override { return {}; }
};

/// What a sink was given, once it is gone: handlers run on the server's threads, and an answer on a socket is
/// no promise that the thread which sent it is done.
struct Collected {
    std::string text{};
    bool finished = false;
};
class Mailbox {
public:
    void put(Collected one) {
        const std::lock_guard lock{mutex_};
        waiting_.push_back(std::move(one));
        some_.notify_all();
    }
    std::optional<Collected> take() {
        std::unique_lock lock{mutex_};
        if (!some_.wait_for(lock, std::chrono::seconds{20}, [&] { return !waiting_.empty(); })) return {};
        auto one = std::move(waiting_.front());
        waiting_.pop_front();
        return one;
    }

private:
    std::mutex mutex_;
    std::condition_variable some_;
    std::deque<Collected> waiting_;
};

struct Collecting final : BodySink {
    Collecting(Mailbox& to, std::size_t bytes) : into{to}, most{bytes} {}
    ~Collecting() override { into.put(std::move(so_far)); }
    Result<void> write(Bytes piece) override {
        if (so_far.text.size() + piece.size() > most)
            return std::unexpected{
                Complaint{.code = "api.too-large", .what = "too large", .next = "send less"}};
        so_far.text += as_text(piece);
        return {};
    }
    Response finish() override {
        so_far.finished = true;
        return answer({{"id", "u1"},
                       {"name", "x.pcap"},
                       {"state", "waiting"},
                       {"bytes", so_far.text.size()},
                       {"received", so_far.text.size()},
                       {"at", time_text(1)},
                       {"by", "admin"}},
                      201);
    }
    Mailbox& into;
    std::size_t most;
    Collected so_far;
};

class ServerTest : public ::testing::Test {
protected:
    ServerTest() {
        char path[] = "/tmp/yagura-server-XXXXXX";
        folder = mkdtemp(path);
        std::filesystem::create_directories(folder + "/console/assets");
        std::ofstream{folder + "/console/index.html"} << "<!doctype html><style nonce=__CSP_NONCE__></style>";
        std::ofstream{folder + "/console/assets/a1.js"} << "// " << std::string(5'000, 'x');
        std::ofstream{folder + "/secret.txt"} << "outside";
        const auto pair = link::own_certificate(folder + "/tls", {"localhost"}).value();
        settings = {.port = 0, .certificate = pair.certificate, .key = pair.key, .stopping = 1};
        files = StaticFiles::load(folder + "/console").value();
        add_account_handlers(service, gate, book, book, clock);
        add_server_handlers(service, book, book, status);
        service.on_stream("uploadCapture", [this](const Request&) -> Result<std::unique_ptr<BodySink>> {
            return std::make_unique<Collecting>(uploads, upload_most);
        });
        model::Account account;
        account.name = "admin";
        account.role = "admin";
        account.must_change_password = false;
        EXPECT_TRUE(gate.add_account(account, "correct horse battery"));
    }
    ~ServerTest() override {
        server.reset();
        std::filesystem::remove_all(folder);
    }
    void start() {
        auto opened = Server::open(settings, service, files, events);
        ASSERT_TRUE(opened) << opened.error().text();
        server = std::make_unique<Server>(*std::move(opened));
        server->start();
    }
    std::string headers() {
        const auto in = gate.login("admin", "correct horse battery", "127.0.0.1").value();
        return cat("Host: localhost\r\nCookie: __Host-yagura=", in.secret, "\r\nX-CSRF-Token: ", in.csrf,
                   "\r\n");
    }
    /// A sentence from a fresh connection.
    std::string ask(std::string_view text) {
        TlsClient client{server->port()};
        EXPECT_TRUE(client.shake_hands());
        return client.ask(text);
    }

    std::string folder;
    tests::HandClock clock;
    tests::MemoryAccounts book;
    Quiet status;
    Gate gate{book, clock, {.effort = {.operations = 1, .memory = 8192}}};
    Service service{Contract::open().value(), gate, book, clock};
    StaticFiles files;
    EventHub events;
    Mailbox uploads;
    std::atomic<std::size_t> upload_most{1 << 20};
    ServerSettings settings;
    std::unique_ptr<Server> server;
};

TEST_F(ServerTest, SpeaksTls12AndUpOnly) {
    start();
    for (const auto& [version, good] :
         {std::pair{TLS1_3_VERSION, true}, {TLS1_2_VERSION, true}, {TLS1_1_VERSION, false}}) {
        TlsClient client{server->port()};
        EXPECT_EQ(client.shake_hands(version), good) << version;
    }
    TlsClient plain{server->port()};
    plain.send_plain("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(plain.receive_plain().ends_with("This port speaks HTTPS: use https:// in the address\n"));
}

TEST_F(ServerTest, KeepsTheConnectionAndAnswersInOrder) {
    start();
    TlsClient client{server->port()};
    ASSERT_TRUE(client.shake_hands());
    for (int i = 0; i < 3; ++i) {
        const auto answer = client.ask("GET /api/v1/about HTTP/1.1\r\nHost: localhost\r\n\r\n");
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK")) << answer;
        EXPECT_TRUE(answer.contains("X-Content-Type-Options: nosniff"));
        EXPECT_TRUE(answer.contains("Strict-Transport-Security: max-age=31536000"));
    }
    const auto head = client.ask(
        "HEAD /api/v1/about HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
    EXPECT_TRUE(client.receive().empty());
}

TEST_F(ServerTest, WhatIsNoHttpIsRefused) {
    start();
    for (const auto* text :
         {"NONSENSE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
          "POST /api/v1/session HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: "
          "chunked\r\n\r\n0\r\n\r\n"})
        EXPECT_TRUE(ask(text).starts_with("HTTP/1.1 400")) << text << ask(text);
    EXPECT_TRUE(
        ask(cat("GET / HTTP/1.1\r\nX: ", std::string(20'000, 'x'), "\r\n\r\n")).starts_with("HTTP/1.1 431"));
    EXPECT_TRUE(ask(cat("POST /api/v1/session HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: "
                        "100000\r\n\r\n",
                        std::string(100'000, ' ')))
                    .starts_with("HTTP/1.1 413"));
    EXPECT_TRUE(ask(cat("POST /api/v1/session HTTP/1.1\r\nContent-Type: "
                        "application/json\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
                        std::string(0xfffff, ' '), "\r\n0\r\n\r\n"))
                    .starts_with("HTTP/1.1 413"));
    EXPECT_TRUE(ask("TRACE /api/v1/session HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
}

TEST_F(ServerTest, ConsoleComesWithItsPolicyAndNothingElse) {
    start();
    const auto page = ask("GET /devices/d0-7?lang=ja HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_TRUE(page.starts_with("HTTP/1.1 200"));
    EXPECT_TRUE(page.contains("frame-ancestors 'none'"));
    EXPECT_FALSE(page.contains("__CSP_NONCE__"));
    EXPECT_FALSE(page.contains("unsafe-inline"));
    const auto script = ask("GET /assets/a1.js HTTP/1.1\r\nAccept-Encoding: gzip\r\n\r\n");
    EXPECT_TRUE(script.contains("Content-Encoding: gzip"));
    EXPECT_TRUE(script.contains("immutable"));
    const auto at = script.find("ETag: ") + 6;
    const auto etag = script.substr(at, script.find('\r', at) - at);
    EXPECT_TRUE(ask(cat("GET /assets/a1.js HTTP/1.1\r\nIf-None-Match: ", etag, "\r\n\r\n"))
                    .starts_with("HTTP/1.1 304"));
    for (const auto* path : {"/assets/none.js", "/../secret.txt", "/%2e%2e/secret.txt",
                             "/assets/..%2f..%2fsecret.txt", "//secret.txt", "/%00.js"})
        EXPECT_TRUE(ask(cat("GET ", path, " HTTP/1.1\r\n\r\n")).starts_with("HTTP/1.1 404")) << path;
    EXPECT_TRUE(ask("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx").starts_with("HTTP/1.1 405"));
}

TEST_F(ServerTest, LargeAnswersAreCompressedForWhoWantsIt) {
    start();
    const auto with = ask(
        cat("GET /api/v1/health/limits HTTP/1.1\r\n", headers(), "Accept-Encoding: gzip, br\r\n\r\n"));
    const auto without = ask(cat("GET /api/v1/health/limits HTTP/1.1\r\n", headers(), "\r\n"));
    EXPECT_TRUE(with.contains("Content-Encoding: gzip"));
    EXPECT_LT(with.size() * 5, without.size());
    EXPECT_EQ(json::parse(without.substr(without.find("\r\n\r\n") + 4))["limits"].size(), 200u);
}

TEST_F(ServerTest, UploadsPassThroughWithoutBeingKept) {
    start();
    const std::string body(700'000, 'p');
    const auto answer = ask(cat("POST /api/v1/captures?name=x.pcap HTTP/1.1\r\n", headers(),
                                "Content-Length: ", body.size(), "\r\n\r\n", body));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 201")) << answer;
    const auto whole = uploads.take();
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->text, body);
    EXPECT_TRUE(whole->finished);
    EXPECT_EQ(book.last().what, "uploadCapture");

    EXPECT_TRUE(ask(cat("POST /api/v1/captures?name=x.pcap HTTP/1.1\r\n", headers(),
                        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"))
                    .starts_with("HTTP/1.1 201"));
    const auto chunks = uploads.take();
    ASSERT_TRUE(chunks);
    EXPECT_EQ(chunks->text, "abcde");

    upload_most = 100'000;
    EXPECT_TRUE(ask(cat("POST /api/v1/captures?name=x.pcap HTTP/1.1\r\n", headers(),
                        "Content-Length: ", body.size(), "\r\n\r\n", body))
                    .starts_with("HTTP/1.1 413"));
    const auto refused = uploads.take();
    ASSERT_TRUE(refused);
    EXPECT_FALSE(refused->finished);

    // Who may not is told before the bytes are read.
    EXPECT_TRUE(ask("POST /api/v1/captures?name=x.pcap HTTP/1.1\r\nContent-Length: 1000000000\r\nExpect: "
                    "100-continue\r\n\r\n")
                    .starts_with("HTTP/1.1 401"));
}

TEST_F(ServerTest, AnUploadThatEndsEarlyLeavesNothing) {
    start();
    {
        TlsClient client{server->port()};
        ASSERT_TRUE(client.shake_hands());
        client.send(cat("POST /api/v1/captures?name=x.pcap HTTP/1.1\r\n", headers(),
                        "Content-Length: 100000\r\n\r\nhalf"));
    }
    const auto half = uploads.take();
    ASSERT_TRUE(half);
    EXPECT_FALSE(half->finished);
}

TEST_F(ServerTest, WhoIsSlowIsLetGo) {
    settings.header = settings.handshake = settings.body = 1;
    settings.idle = 1;
    start();
    TlsClient silent{server->port()}, half{server->port()}, idle{server->port()}, stingy{server->port()};
    ASSERT_TRUE(half.shake_hands() && idle.shake_hands() && stingy.shake_hands());
    half.send("GET / HTT");
    stingy.send(
        "POST /api/v1/session HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{");
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(half.receive(), "");
    EXPECT_EQ(idle.receive(), "");
    EXPECT_EQ(stingy.receive(), "");
    EXPECT_EQ(silent.receive_plain(), "");
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds{5});
    // The socket is closed before it is counted.
    for (int i = 0; i < 200 && server->counts().timed_out < 3; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    EXPECT_EQ(server->counts().timed_out, 3u);
}

TEST_F(ServerTest, OneAddressCannotHaveEveryConnection) {
    settings.connections_of_one = 3;
    start();
    TlsClient one{server->port()}, two{server->port()}, three{server->port()};
    ASSERT_TRUE(one.shake_hands() && two.shake_hands() && three.shake_hands());
    TlsClient four{server->port()};
    EXPECT_FALSE(four.shake_hands());
    EXPECT_EQ(server->counts().refused, 1u);
    EXPECT_TRUE(one.ask("GET /api/v1/about HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 200"));
}

TEST_F(ServerTest, EventsReachWhoMayHearThem) {
    start();
    TlsClient client{server->port()};
    ASSERT_TRUE(client.shake_hands());
    client.send(cat("GET /api/v1/events HTTP/1.1\r\n", headers(), "\r\n"));
    std::string seen;
    const auto until = [&](std::string_view word) {
        for (int i = 0; i < 50 && !seen.contains(word); ++i) seen += client.receive();
        return seen.contains(word);
    };
    EXPECT_TRUE(until("event: hello"));
    EXPECT_TRUE(seen.starts_with("HTTP/1.1 200"));
    events.publish("device", "d0-7", "device.look", R"({"kind":"device","id":"d0-7"})");
    EXPECT_TRUE(until(R"(data: {"kind":"device","id":"d0-7"})"));
    EXPECT_EQ(events.clients(), 1u);
}

TEST_F(ServerTest, StopsWhileClientsAreConnected) {
    start();
    TlsClient idle{server->port()}, listening{server->port()};
    ASSERT_TRUE(idle.shake_hands() && listening.shake_hands());
    listening.send(cat("GET /api/v1/events HTTP/1.1\r\n", headers(), "\r\n"));
    EXPECT_TRUE(listening.receive().contains("text/event-stream"));
    const auto before = std::chrono::steady_clock::now();
    server->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds{3});
    TlsClient late{server->port()};
    EXPECT_FALSE(late.connected);
}

TEST(Events, TheNewestOfEachThingOnceASecond) {
    EventHub hub;
    const auto client = hub.join({"device.look"}, "");
    EXPECT_TRUE(client->take().contains("event: hello"));
    for (int i = 0; i < 100; ++i)
        hub.publish("capture", "u1", "self", cat(R"({"kind":"capture","received":)", i, "}"));
    hub.publish("sensors", "", "sensor.look", R"({"kind":"sensors"})");
    const auto text = client->take();
    EXPECT_TRUE(text.contains(R"("received":99)"));
    EXPECT_FALSE(text.contains(R"("received":98)"));
    EXPECT_FALSE(text.contains("sensors")); // Without the right.
    EXPECT_EQ(client->take(), "");
    for (int i = 0; i < 1'000; ++i) hub.publish("device", cat(i), "self", R"({"kind":"device"})");
    EXPECT_EQ(client->take(), "event: reload\ndata: {\"kind\":\"reload\"}\n\n");
}

TEST(Events, GoOnWhereAClientLeft) {
    EventHub hub;
    hub.publish("device", "a", "self", R"({"kind":"device","id":"a"})");
    auto first = hub.join({}, "")->take();
    const auto id = first.substr(first.find("id: ") + 4, first.find("\nevent") - first.find("id: ") - 4);
    hub.publish("device", "b", "self", R"({"kind":"device","id":"b"})");
    const auto again = hub.join({}, id)->take();
    EXPECT_TRUE(again.contains(R"("id":"b")"));
    EXPECT_FALSE(again.contains(R"("id":"a")"));
    EXPECT_TRUE(hub.join({}, "elsewhere.7")->take().contains("event: reload"));
    EXPECT_TRUE(hub.join({}, "nonsense")->take().contains("event: reload"));
    std::vector<std::shared_ptr<EventHub::Client>> many;
    while (auto one = hub.join({}, "")) many.push_back(one);
    EXPECT_EQ(many.size(), EventHub::most_clients);
    EXPECT_EQ(hub.refused(), 1u);
}

} // namespace
