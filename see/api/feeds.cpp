#include "see/api/feeds.h"

#include <unistd.h>

#include <cmath>
#include <map>
#include <mutex>

#include "see/api/answers.h"
#include "see/api/kept_files.h"
#include "see/weakness/feed.h"
#include "spine/api/passwords.h"
#include "spine/base/sha256.h"

namespace yagura::see {
namespace {

std::string millionths(double share) { return cat(static_cast<std::uint32_t>(std::lround(share * 1e6))); }

struct Written {
    std::string text{};
    std::size_t changed = 0;
};

Result<Written> written(const weakness::FeedFile& feed, store::WeaknessReader& reader) {
    YAGURA_TRY(const auto heads, reader.heads());
    std::map<std::string, std::string> known;
    for (const auto& head : heads) known.emplace(head.name, head.digest);
    Written out;
    store::FeedText text;
    for (const auto& one : feed.advisories) {
        auto body = weakness::text_of(one);
        const auto sum = Sha256{}.add(std::as_bytes(std::span{body})).finish();
        const auto digest = hex(Bytes{sum}.first(16));
        const auto before = known.find(one.id);
        out.changed += before == known.end() || before->second != digest;
        known[one.id] = digest;
        text.add(one.source, {one.id, digest, body});
    }
    if (known.size() > store::advisories_most)
        return std::unexpected{Complaint{
            .code = "feed.too-large",
            .what = cat("with this file there would be more than ", store::advisories_most, " advisories"),
            .next = "take out a kind of feed that nobody needs, or bring fewer"}};
    if (!feed.exploited.empty()) text.add("whole", {"kev"});
    for (const auto& one : feed.exploited)
        text.add("kev", {one.cve, one.name, one.added, one.due, one.ransomware ? "1" : "0"});
    if (!feed.likelihoods.empty()) text.add("whole", {"epss"});
    for (const auto& one : feed.likelihoods)
        text.add("epss", {one.cve, millionths(one.score), millionths(one.percentile)});
    if (!feed.supports.empty()) text.add("whole", {"support"});
    for (const auto& one : feed.supports)
        text.add("support", {one.product, one.cycle, one.title, one.category, one.label, one.latest,
                             one.active_end, one.end, one.extended_end});
    for (const auto& [kind, dated] :
         {std::pair{"csaf", feed.csaf_dated}, std::pair{"nvd", feed.nvd_dated},
          std::pair{"kev", feed.exploited_dated}, std::pair{"epss", feed.likelihood_dated}})
        if (!dated.empty()) text.add("dated", {kind, dated});
    out.text = std::move(text).take();
    return out;
}

json problem_json(const Complaint& one) {
    json out{{"code", one.code}, {"what", api::clipped(one.what)}};
    put_text(out, "why", one.why);
    put_text(out, "where", one.where, 700);
    return out;
}

api::Response taken(const WeaknessParts& in, std::string_view name, Bytes body, std::string_view who) {
    static std::mutex one_at_a_time; // It takes memory.
    const std::lock_guard lock{one_at_a_time};
    const auto feed = weakness::read_feed(body, name);
    if (!feed) return api::problem(400, feed.error());
    const auto text = written(*feed, in.reader);
    if (!text)
        return text.error().code.starts_with("feed.") ? api::problem(400, text.error())
                                                      : failed(text.error());
    const auto file = api::new_secret();
    if (auto done = write_whole(in.folder, file, text->text, "the feed"); !done)
        return api::problem(507, done.error());
    const auto done = in.commands.run(model::TakeFeed{std::string{name}, file}, who);
    if (!done) {
        ::unlink(cat(in.folder, "/", file).c_str());
        return refused(done.error());
    }
    forget_old(in.folder);
    auto problems = json::array();
    for (const auto& one : feed->problems) problems.push_back(problem_json(one));
    auto response = api::answer({{"files", feed->files},
                                 {"advisories", feed->advisories.size()},
                                 {"changed", text->changed},
                                 {"exploited", feed->exploited.size()},
                                 {"likelihoods", feed->likelihoods.size()},
                                 {"supports", feed->supports.size()},
                                 {"passed_over", feed->passed_over},
                                 {"other_files", feed->other_files},
                                 {"problem_count", feed->problem_count},
                                 {"problems", std::move(problems)}},
                                201);
    response.audit = cat(yagura::quoted(name), ", ", feed->advisories.size(), " advisories");
    return response;
}

class FeedSink final : public api::BodySink {
public:
    FeedSink(const WeaknessParts& in, std::string name, std::string who)
        : in_{in}, name_{std::move(name)}, who_{std::move(who)} {}

    Result<void> write(Bytes piece) override {
        const auto most = weakness::FeedLimits{}.bytes;
        if (piece.size() > most - body_.size())
            return std::unexpected{Complaint{.code = "api.too-large",
                                             .what = cat("the file has more than ", most, " bytes"),
                                             .next = "bring it packed (.gz, .zip), or in parts"}};
        body_.insert(body_.end(), piece.begin(), piece.end());
        return {};
    }
    api::Response finish() override { return taken(in_, name_, body_, who_); }

private:
    WeaknessParts in_;
    std::string name_, who_;
    std::vector<std::byte> body_;
};

} // namespace

std::unique_ptr<api::BodySink> receive_feed(const api::Request& request, const WeaknessParts& in) {
    return std::make_unique<FeedSink>(in, request.in_query("name"), request.who->name);
}

} // namespace yagura::see
