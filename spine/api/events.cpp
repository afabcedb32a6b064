#include "spine/api/events.h"

#include <algorithm>
#include <vector>

#include "spine/api/passwords.h"
#include "spine/base/text.h"

namespace yagura::api {
namespace {
bool may(const std::set<std::string, std::less<>>& rights, std::string_view right) {
    return right == "self" || rights.contains(right);
}
} // namespace

EventHub::EventHub() : boot_{} {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto random = hash_of(new_secret());
    for (std::size_t i = 0; i < 6; ++i) boot_ += digits[std::to_integer<unsigned>(random[i]) & 15u];
}

void EventHub::put(Client& client, const Kept& event) {
    if (!may(client.rights_, event.right)) return;
    const std::lock_guard lock{client.mutex_};
    if (client.fell_behind_) return;
    if (client.waiting_.size() >= most_waiting && !client.waiting_.contains(event.key)) {
        client.fell_behind_ = true;
        client.waiting_.clear();
        return;
    }
    client.waiting_[event.key] = {event.number, event.text};
}

void EventHub::publish(std::string_view kind, std::string_view thing, std::string_view right,
                       std::string_view json) {
    const std::lock_guard lock{mutex_};
    const auto number = ++number_;
    Kept event{.number = number,
               .key = cat(kind, " ", thing),
               .right = std::string{right},
               .text = cat("id: ", boot_, ".", number, "\nevent: ", kind, "\ndata: ", json, "\n\n")};
    std::erase_if(clients_, [&](const auto& weak) {
        const auto client = weak.lock();
        if (client) put(*client, event);
        return !client;
    });
    kept_.push_back(std::move(event));
    if (kept_.size() > kept) kept_.pop_front();
}

std::shared_ptr<EventHub::Client> EventHub::join(const std::set<std::string, std::less<>>& rights,
                                                 std::string_view last_event) {
    const std::lock_guard lock{mutex_};
    std::erase_if(clients_, [](const auto& weak) { return weak.expired(); });
    if (clients_.size() >= most_clients) {
        ++refused_;
        return nullptr;
    }
    auto client = std::make_shared<Client>();
    client->rights_ = rights;
    // A browser waits this long before it comes back.
    client->start_ = cat("retry: 3000\nid: ", boot_, ".", number_,
                         "\nevent: hello\ndata: {\"kind\":\"hello\"}\n\n");
    if (!last_event.empty()) {
        const auto dot = last_event.rfind('.');
        const auto seen = dot == last_event.npos ? std::optional<std::uint64_t>{}
                                                 : number<std::uint64_t>(last_event.substr(dot + 1));
        if (seen && last_event.substr(0, dot) == boot_ && *seen <= number_ &&
            (kept_.empty() ? *seen == number_ : *seen + 1 >= kept_.front().number)) {
            for (const auto& event : kept_)
                if (event.number > *seen) put(*client, event);
        } else {
            client->fell_behind_ = true;
        }
    }
    clients_.push_back(client);
    return client;
}

std::size_t EventHub::clients() const {
    const std::lock_guard lock{mutex_};
    return static_cast<std::size_t>(
        std::ranges::count_if(clients_, [](const auto& weak) { return !weak.expired(); }));
}

std::string EventHub::Client::take() {
    const std::lock_guard lock{mutex_};
    auto out = std::exchange(start_, {});
    if (fell_behind_) out += "event: reload\ndata: {\"kind\":\"reload\"}\n\n";
    fell_behind_ = false;
    // In the order in which they happened, so that the last id that a client saw covers all before it.
    std::vector<const One*> ordered;
    for (const auto& [key, one] : waiting_) ordered.push_back(&one);
    std::ranges::sort(ordered, {}, &One::number);
    for (const auto* one : ordered) out += one->text;
    waiting_.clear();
    return out;
}

} // namespace yagura::api
