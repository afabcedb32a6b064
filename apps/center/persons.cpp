// What persons ask for: judged, written into the journal, fsynced, and only then answered.
#include <algorithm>

#include "apps/center/inside.h"

namespace yagura::center {
namespace {

std::unexpected<Complaint> refuse(std::string_view code, std::string what, std::string next) {
    return std::unexpected{Complaint{.code = code, .what = std::move(what), .next = std::move(next)}};
}

/// A name of ours in a folder of ours: whoever asks cannot point elsewhere.
bool a_file_of_ours(std::string_view name) {
    return !name.empty() && name.find('/') == name.npos && !name.starts_with('.');
}

} // namespace

void Inside::decide(const Decision& told, std::uint64_t arrival) {
    switch (told.what) {
    case What::correct: {
        auto& all = people.corrections[told.subject];
        store::CorrectionRow row{{told.subject}, told.text, told.value.value_or(""),
                                 told.at,        told.who,  !told.value.has_value()};
        if (told.value)
            all[told.text] = row;
        else
            all.erase(told.text);
        batch.corrections.push_back(row);
        plant->settle();
        if (const auto device = plant->device_of(model::NodeId{told.subject})) {
            portraits->changed(*device);
            store::ChangeRow change;
            change.at = told.at;
            change.kind = "correction";
            change.device = *device;
            change.attribute = told.text;
            change.new_value = told.value.value_or("");
            change.who = told.who;
            batch.changes.push_back(std::move(change));
        }
        break;
    }
    case What::merge:
        decide_merge(told, arrival);
        break;
    case What::split:
        decide_split(told, arrival);
        break;
    case What::undone:
        decide_undone(told);
        break;
    case What::approve:
        decide_approval(told);
        break;
    case What::line: {
        const auto id = static_cast<std::int64_t>(told.subject);
        last_line = std::max(last_line, id);
        // A subnet is one line's: the last word counts.
        for (auto& [other, line] : people.lines)
            if (other != id && std::erase_if(line.subnets, [&](const store::Subnet& subnet) {
                    return std::ranges::find(told.subnets, subnet) != told.subnets.end();
                }))
                batch.lines.push_back(line);
        people.lines[id] = {id, told.text, told.subnets, false};
        batch.lines.push_back(people.lines[id]);
        plant->settle();
        portraits->changed_all();
        break;
    }
    case What::line_gone:
        people.lines.erase(static_cast<std::int64_t>(told.subject));
        batch.lines.push_back({static_cast<std::int64_t>(told.subject), {}, {}, true});
        plant->settle();
        portraits->changed_all();
        break;
    case What::upload: {
        const auto id = static_cast<std::int64_t>(told.subject);
        last_upload = std::max(last_upload, id);
        if (arrival <= decided) break;
        auto& row = uploads[id];
        row.id = id;
        row.name = told.text;
        row.file = told.value.value_or("");
        row.state = "waiting";
        row.bytes = told.other;
        row.at = told.at;
        row.who = told.who;
        uploads_changed.insert(id);
        break;
    }
    case What::upload_gone: {
        const auto found = uploads.find(static_cast<std::int64_t>(told.subject));
        if (arrival <= decided || found == uploads.end()) break;
        found->second.state = "removing";
        uploads_changed.insert(found->first);
        rebuild = true;
        break;
    }
    case What::setting:
        people.settings[told.text] = {told.text, told.value.value_or(""), told.at, told.who};
        batch.settings.push_back(people.settings[told.text]);
        break;
    case What::ledger:
    case What::ledger_entry:
    case What::ledger_entry_gone:
    case What::ledger_layout:
        if (arrival > decided) decide_ledger(told);
        break;
    case What::ledger_rule:
    case What::ledger_rule_gone:
    case What::ledger_rule_order:
        if (arrival > decided) decide_rules(told);
        break;
    case What::feed:
    case What::feed_gone:
    case What::weakness_state:
        if (arrival > decided) decide_weakness(told);
        break;
    case What::comments:
    case What::comments_of:
    case What::comments_gone:
        if (arrival > decided) decide_comments(told);
        break;
    case What::ask_draft:
    case What::ask_approve:
    case What::ask_stop:
        if (arrival > decided) decide_asking(told, arrival);
        break;
    case What::unknown:
        break;
    }
}

void Inside::decide_ledger(const Decision& told) {
    using Did = store::LedgerChange::What;
    ++people.ledger_version;
    people.ledger_last_entry = std::max(people.ledger_last_entry, told.subject);
    auto& change = batch.ledger.emplace_back();
    change.id = told.subject;
    change.at = told.at;
    change.who = told.who;
    if (told.what == What::ledger) {
        change.what = Did::whole;
        change.name = told.text;
        change.file = told.value.value_or("");
    } else if (told.what == What::ledger_layout) {
        change.what = Did::layout;
        change.name = told.text;
        change.file = told.value.value_or("");
    } else if (told.what == What::ledger_entry) {
        change.what = Did::put;
        change.made = told.other != 0;
        change.text = told.value.value_or("");
    } else {
        change.what = Did::gone;
    }
}

void Inside::decide_weakness(const Decision& told) {
    using Did = store::WeaknessChange::What;
    auto& change = batch.weaknesses.emplace_back();
    change.at = told.at;
    change.who = told.who;
    change.what = told.what == What::feed        ? Did::feed
                  : told.what == What::feed_gone ? Did::feed_gone
                                                 : Did::state;
    if (told.what == What::feed) {
        change.name = told.text;
        change.file = told.value.value_or("");
    } else if (told.what == What::feed_gone) {
        change.text = told.text;
    } else {
        change.node = model::NodeId{told.subject};
        change.text = told.value.value_or("");
    }
}

void Inside::decide_comments(const Decision& told) {
    using Did = store::CommentChange::What;
    auto& change = batch.comments.emplace_back();
    change.list = told.subject;
    change.at = told.at;
    change.who = told.who;
    if (told.what == What::comments) {
        people.last_comment_list = std::max(people.last_comment_list, told.subject);
        people.comment_lists.insert(told.subject);
        change.what = Did::whole;
        change.name = told.text;
        change.file = told.value.value_or("");
    } else if (told.what == What::comments_of) {
        change.what = Did::uses;
        change.uses = told.value.value_or("");
    } else {
        people.comment_lists.erase(told.subject);
        change.what = Did::gone;
    }
}

Result<model::DeviceId> Inside::device(std::string_view text) {
    plant->settle();
    const auto id = model::device_id(text);
    const auto* row = id ? plant->device(*id) : nullptr;
    if (!row || row->gone)
        return refuse("model.no-such-device", "there is no such device",
                      "take the id from the list of devices");
    return *id;
}

Result<std::uint64_t> Inside::mark(std::string_view text) {
    YAGURA_TRY(const auto id, device(text));
    const auto nodes = plant->nodes_of(id);
    if (nodes.empty())
        return refuse("model.no-such-device", "there is no such device",
                      "take the id from the list of devices");
    return nodes.front().value;
}

Result<std::int64_t> Inside::line(std::string_view text) {
    const auto id = text.starts_with("l0-") ? number<std::uint32_t>(text.substr(3)) : std::nullopt;
    if (!id || !people.lines.contains(*id))
        return refuse("model.no-such-line", "there is no such line", "take the id from the list of lines");
    return static_cast<std::int64_t>(*id);
}

Result<std::vector<store::Subnet>> Inside::subnets(const std::vector<std::string>& texts) {
    std::vector<store::Subnet> out;
    if (texts.size() > 256)
        return refuse("model.bad-subnet", "a line has at most 256 subnets", "name fewer, larger ones");
    for (const auto& text : texts) {
        const auto one = observe::subnet_of(text);
        if (!one)
            return refuse("model.bad-subnet", cat("this is no subnet: ", yagura::quoted(text)),
                          "write it as 10.2.3.0/24 or fd00:1::/64");
        out.push_back(*one);
    }
    return out;
}

Result<std::string> Inside::name(std::string_view text, std::int64_t but) {
    if (text.empty() || text.size() > 256)
        return refuse("model.bad-value", "a name has 1 to 256 bytes", "choose a shorter name");
    for (const auto& [id, line] : people.lines)
        if (id != but && line.name == text)
            return refuse("model.name-taken", cat("another line is called ", yagura::quoted(text)),
                          "choose another name");
    return std::string{text};
}

Result<Inside::Judged> Inside::judge(const model::Command& command) {
    struct Judge {
        Inside& in;
        using Out = Result<Judged>;
        Out operator()(const model::DecideDevices& asked) const { return in.judge_approvals(asked); }
        Out operator()(const model::CorrectDevice& asked) const {
            YAGURA_TRY(const auto id, in.device(asked.device));
            const auto nodes = in.plant->nodes_of(id);
            if (nodes.empty())
                return refuse("model.no-such-device", "there is no such device",
                              "take the id from the list of devices");
            Decision out;
            out.what = What::correct;
            out.text = asked.attribute;
            out.value = asked.value;
            out.subject = nodes.front().value;
            // What is given back is what somebody said of any of its marks.
            for (const auto node : nodes)
                if (const auto said = in.people.corrections.find(node.value);
                    said != in.people.corrections.end() && said->second.contains(asked.attribute))
                    out.subject = node.value;
            if (asked.attribute == "line" && asked.value) {
                YAGURA_TRY(const auto line, in.line(*asked.value));
                out.value = cat(line);
            } else if (asked.attribute != "name" && asked.attribute != "role" && asked.attribute != "line") {
                return refuse("model.bad-value", cat("nobody can correct ", yagura::quoted(asked.attribute)),
                              "correct name, role or line");
            }
            if (out.value && (out.value->empty() || out.value->size() > 256))
                return refuse("model.bad-value", "a correction has 1 to 256 bytes", "choose a shorter text");
            return std::pair{out, std::string{asked.device}};
        }
        Out operator()(const model::MergeDevices& asked) const {
            YAGURA_TRY(auto out, in.judge_merge(asked));
            return std::pair{std::move(out), asked.into};
        }
        Out operator()(const model::SplitDevice& asked) const {
            YAGURA_TRY(auto out, in.judge_split(asked));
            auto id = model::text(model::DeviceId{out.other});
            return std::pair{std::move(out), std::move(id)};
        }
        Out operator()(const model::UndoRegrouping& asked) const {
            YAGURA_TRY(auto out, in.judge_undo(asked));
            return std::pair{std::move(out), std::string{}};
        }
        Out operator()(const model::CreateLine& asked) const {
            if (in.people.lines.size() >= 500)
                return refuse("model.bad-value", "there are 500 lines already",
                              "delete one that is not used");
            Decision out;
            out.what = What::line;
            YAGURA_TRY(out.text, in.name(asked.name));
            YAGURA_TRY(out.subnets, in.subnets(asked.subnets));
            out.subject = static_cast<std::uint64_t>(in.last_line + 1);
            return std::pair{out, cat("l0-", out.subject)};
        }
        Out operator()(const model::EditLine& asked) const {
            YAGURA_TRY(const auto id, in.line(asked.line));
            const auto& now = in.people.lines.at(id);
            Decision out;
            out.what = What::line;
            out.subject = static_cast<std::uint64_t>(id);
            out.text = now.name;
            out.subnets = now.subnets;
            if (asked.name) {
                YAGURA_TRY(out.text, in.name(*asked.name, id));
            }
            if (asked.subnets) {
                YAGURA_TRY(out.subnets, in.subnets(*asked.subnets));
            }
            return std::pair{out, asked.line};
        }
        Out operator()(const model::DeleteLine& asked) const {
            YAGURA_TRY(const auto id, in.line(asked.line));
            Decision out;
            out.what = What::line_gone;
            out.subject = static_cast<std::uint64_t>(id);
            return std::pair{out, asked.line};
        }
        Out operator()(const model::AddUpload& asked) const {
            if (!a_file_of_ours(asked.file))
                return refuse("model.bad-value", "an upload is a file in the folder of uploads",
                              "name only the file");
            Decision out;
            out.what = What::upload;
            out.text = asked.name.substr(0, 255);
            out.value = asked.file;
            out.other = asked.bytes;
            out.subject = static_cast<std::uint64_t>(in.last_upload + 1);
            return std::pair{out, cat("c0-", out.subject)};
        }
        Out operator()(const model::RemoveUpload& asked) const {
            const auto id = asked.upload.starts_with("c0-")
                                ? number<std::uint32_t>(std::string_view{asked.upload}.substr(3))
                                : std::nullopt;
            if (!id || !in.uploads.contains(*id))
                return refuse("model.no-such-upload", "there is no such capture",
                              "take the id from the list of captures");
            Decision out;
            out.what = What::upload_gone;
            out.subject = *id;
            return std::pair{out, asked.upload};
        }
        Out operator()(const model::ReplaceLedger& asked) const {
            if (!a_file_of_ours(asked.file))
                return refuse("model.bad-value", "a ledger is a file in the folder of ledgers",
                              "name only the file");
            if (asked.version != in.people.ledger_version)
                return refuse("model.ledger-changed", "somebody changed the ledger meanwhile",
                              "look at what the import would do now, and import it again");
            Decision out;
            out.what = What::ledger;
            out.text = asked.name.substr(0, 255);
            out.value = asked.file;
            out.subject = std::max(asked.last_entry, in.people.ledger_last_entry);
            out.other = asked.version;
            return std::pair{out, std::string{}};
        }
        /// `made`: entries of the same command that are new and come before.
        Result<Decision> entry(const model::PutLedgerEntry& asked, std::uint64_t made) const {
            auto row = store::ledger_row(asked.text);
            if (!row)
                return refuse("model.bad-value",
                              cat("an entry has ", store::ledger_row_most, " bytes at most"),
                              "write less into its note");
            Decision out;
            out.what = What::ledger_entry;
            out.other = !asked.entry;
            out.subject = asked.entry.value_or(in.people.ledger_last_entry + 1 + made);
            row->id = out.subject;
            out.value = store::text_of(*row);
            return out;
        }
        Out operator()(const model::PutLedgerEntry& asked) const {
            YAGURA_TRY(auto out, entry(asked, 0));
            auto id = store::ledger_entry_text(out.subject);
            return std::pair{std::move(out), std::move(id)};
        }
        Out operator()(const model::PutLedgerEntries& asked) const {
            std::vector<Decision> all;
            std::uint64_t made = 0;
            for (const auto& one : asked.entries) {
                YAGURA_TRY(auto out, entry(one, made));
                made += !one.entry;
                all.push_back(std::move(out));
            }
            if (all.empty() || all.size() > 1'000)
                return refuse("model.bad-value", "1 to 1,000 entries are written at once",
                              "write the others afterwards");
            return Judged{std::move(all)};
        }
        Out operator()(const model::DropLedgerEntry& asked) const {
            Decision out;
            out.what = What::ledger_entry_gone;
            out.subject = asked.entry;
            return std::pair{out, store::ledger_entry_text(asked.entry)};
        }
        Out operator()(const model::KeepLedgerLayout& asked) const {
            if (!a_file_of_ours(asked.file))
                return refuse("model.bad-value", "a layout is a file in the folder of ledgers",
                              "name only the file");
            Decision out;
            out.what = What::ledger_layout;
            out.text = asked.name.substr(0, 255);
            out.value = asked.file;
            return std::pair{out, std::string{}};
        }
        Out operator()(const model::PutLedgerRule& asked) const { return in.judge_rule(asked); }
        Out operator()(const model::DropLedgerRule& asked) const { return in.judge_rule(asked); }
        Out operator()(const model::OrderLedgerRules& asked) const { return in.judge_rule(asked); }
        Out operator()(const model::TakeFeed& asked) const {
            if (!a_file_of_ours(asked.file))
                return refuse("model.bad-value", "a feed is a file in the folder of feeds",
                              "name only the file");
            Decision out;
            out.what = What::feed;
            out.text = asked.name.substr(0, 255);
            out.value = asked.file;
            return std::pair{out, std::string{}};
        }
        Out operator()(const model::DropFeed& asked) const {
            Decision out;
            out.what = What::feed_gone;
            out.text = asked.kind.substr(0, 16);
            return std::pair{out, std::string{}};
        }
        Out operator()(const model::DecideWeakness& asked) const {
            YAGURA_TRY(const auto id, in.device(asked.device));
            const auto nodes = in.plant->nodes_of(id);
            if (nodes.empty())
                return refuse("model.no-such-device", "there is no such device",
                              "take the id from the list of devices");
            if (!store::weakness_state(asked.text))
                return refuse("model.bad-value", "this is no decision about a weakness",
                              "write a shorter reason");
            Decision out;
            out.what = What::weakness_state;
            out.subject = nodes.front().value;
            out.value = asked.text;
            return std::pair{out, asked.device};
        }
        Result<std::uint64_t> comments(std::uint64_t list) const {
            if (!in.people.comment_lists.contains(list))
                return refuse("model.no-such-list", "there is no such list of device comments",
                              "look at the lists again: somebody took it out");
            return list;
        }
        Out operator()(const model::PutComments& asked) const {
            if (!a_file_of_ours(asked.file))
                return refuse("model.bad-value", "a list is a file in the folder of comments",
                              "name only the file");
            if (!asked.list && in.people.comment_lists.size() >= store::comment_lists_most)
                return refuse("model.bad-value",
                              cat("there are ", store::comment_lists_most, " lists already"),
                              "take one out that is not used");
            Decision out;
            out.what = What::comments;
            out.text = asked.name.substr(0, 255);
            out.value = asked.file;
            out.subject = in.people.last_comment_list + 1;
            if (asked.list) {
                YAGURA_TRY(out.subject, comments(*asked.list));
            }
            return std::pair{out, store::comment_list_text(out.subject)};
        }
        Out operator()(const model::UseComments& asked) const {
            Decision out;
            out.what = What::comments_of;
            YAGURA_TRY(out.subject, comments(asked.list));
            if (asked.uses.size() > store::comment_uses_most)
                return refuse("model.bad-value",
                              cat("a list is of ", store::comment_uses_most, " controllers at most"),
                              "import it twice");
            std::vector<store::CommentUse> uses;
            for (const auto& use : asked.uses) {
                auto& one = uses.emplace_back();
                YAGURA_TRY(one.node, in.mark(use.device));
                one.part = use.part;
            }
            out.value = store::text_of(uses);
            if (!store::comment_uses(*out.value))
                return refuse("model.bad-value", "the name of a unit has at most 128 bytes",
                              "take the unit from the list of the device's parts");
            return std::pair{out, store::comment_list_text(asked.list)};
        }
        Out operator()(const model::DropComments& asked) const {
            Decision out;
            out.what = What::comments_gone;
            YAGURA_TRY(out.subject, comments(asked.list));
            return std::pair{out, store::comment_list_text(asked.list)};
        }
        Out operator()(const model::DraftAsking& asked) const {
            YAGURA_TRY(auto out, in.judge_draft(asked));
            return std::pair{std::move(out), std::string{}};
        }
        Out operator()(const model::ApproveAsking& asked) const {
            YAGURA_TRY(auto out, in.judge_asking(asked));
            return std::pair{std::move(out), std::string{}};
        }
        Out operator()(const model::StopAsking& asked) const {
            Decision out;
            out.what = What::ask_stop;
            out.text = asked.reason.substr(0, 640);
            return std::pair{out, std::string{}};
        }
        Out operator()(const model::ChangeSetting& asked) const {
            if (asked.name.empty() || asked.name.size() > 128 || asked.value.size() > 512 ||
                asked.name.starts_with("inlet."))
                return refuse("model.bad-value",
                              "a setting has a name of 128 and a value of 512 bytes at most",
                              "choose a shorter one");
            Decision out;
            out.what = What::setting;
            out.text = asked.name;
            out.value = asked.value;
            return std::pair{out, asked.name};
        }
    };
    return std::visit(Judge{*this}, command);
}

Result<std::uint64_t> Inside::decided_now(const Decision& told) {
    const auto record = encode(told);
    auto envelope = journal::open(record);
    if (!envelope) return refuse("model.bad-value", "this is too long", "shorten it");
    YAGURA_TRY(envelope->arrival, journal.append(decisions, *envelope, record, seconds(told.at)));
    if (auto done = journal.write(); !done) return std::unexpected{std::move(done).error()};
    consume(decisions, *envelope);
    return envelope->arrival;
}

void Inside::answer_commands() {
    std::vector<std::pair<std::unique_ptr<Asked>, Result<Answered>>> answers;
    while (auto asked = commands.try_pop()) {
        auto judged = judge((*asked)->command);
        if (!judged) {
            answers.emplace_back(std::move(*asked), std::unexpected{std::move(judged).error()});
            continue;
        }
        const auto at = wall_clock();
        Result<std::uint64_t> arrival{0};
        for (auto& told : judged->told) {
            told.at = at;
            told.who = (*asked)->who.substr(0, 128);
            arrival = decided_now(told);
            if (!arrival) break;
        }
        auto answer = arrival ? Result<Answered>{Answered{{at, std::move(judged->id), *arrival}, *arrival}}
                              : Result<Answered>{std::unexpected{std::move(arrival).error()}};
        answers.emplace_back(std::move(*asked), std::move(answer));
    }
    if (answers.empty()) return;
    // Nobody is told yes before it is on the disk.
    const auto on_disk = journal.sync();
    for (auto& [asked, answer] : answers)
        asked->answer.set_value(on_disk || !answer ? std::move(answer) : std::unexpected{on_disk.error()});
    flush(false); // They wait for the store, so that whoever reads next finds what was answered.
}

} // namespace yagura::center
