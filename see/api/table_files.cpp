#include "see/api/table_files.h"

#include <algorithm>

#include "spine/api/passwords.h"

namespace yagura::see {

class TableSink final : public api::BodySink {
public:
    TableSink(TableFiles& in, std::string name, std::function<api::Response(const TableFiles::Kept&)> answer)
        : in_{in}, name_{std::move(name)}, answer_{std::move(answer)} {}

    Result<void> write(Bytes piece) override {
        const auto most = tables::TableLimits{}.bytes;
        if (piece.size() > most - body_.size())
            return std::unexpected{Complaint{.code = "api.too-large",
                                             .what = cat("the file has more than ", most, " bytes"),
                                             .next = "split it, or keep only the sheet that is wanted"}};
        body_.insert(body_.end(), piece.begin(), piece.end());
        return {};
    }

    api::Response finish() override {
        auto table = [&] {
            const std::lock_guard one_at_a_time{in_.reading_};
            return in_.read_(body_);
        }();
        if (!table) return api::problem(400, table.error());
        return answer_(in_.keep(std::move(name_), *std::move(table), std::move(body_)));
    }

private:
    TableFiles& in_;
    std::string name_;
    std::function<api::Response(const TableFiles::Kept&)> answer_;
    std::vector<std::byte> body_;
};

std::unique_ptr<api::BodySink> TableFiles::receive(std::string name,
                                                   std::function<api::Response(const Kept&)> answer) {
    return std::make_unique<TableSink>(*this, std::move(name), std::move(answer));
}

TableFiles::Kept TableFiles::keep(std::string name, tables::TableFile table, std::vector<std::byte> bytes) {
    auto file = std::make_shared<File>();
    file->id = cat("f0-", api::new_secret().substr(0, 16));
    file->name = std::move(name);
    file->table = std::move(table);
    file->bytes = std::move(bytes);
    const std::lock_guard lock{mutex_};
    drop_old();
    if (places_.size() >= most) {
        places_.pop_back();
        evicted_.fetch_add(1, std::memory_order_relaxed);
    }
    places_.push_front({file, clock_.now() + kept_for});
    return file;
}

TableFiles::Kept TableFiles::find(std::string_view id) {
    const std::lock_guard lock{mutex_};
    drop_old();
    const auto found = std::ranges::find_if(places_, [&](const Place& one) { return one.file->id == id; });
    if (found == places_.end()) return {};
    found->until = clock_.now() + kept_for;
    places_.splice(places_.begin(), places_, found);
    return places_.front().file;
}

std::size_t TableFiles::used() {
    const std::lock_guard lock{mutex_};
    drop_old();
    return places_.size();
}

void TableFiles::drop_old() {
    const auto now = clock_.now();
    std::erase_if(places_, [&](const Place& one) { return one.until < now; });
}

} // namespace yagura::see
