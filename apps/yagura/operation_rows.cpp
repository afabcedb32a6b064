#include "apps/yagura/operation_rows.h"

#include "spine/base/rfc3339.h"
#include "spine/dissect/dissector.h"
#include "spine/observe/json.h"

namespace yagura::run {
namespace {

/// A cell of a fixed width: rows come by the million, so no column can wait for its widest cell.
void cell(std::string& row, std::string_view text, std::size_t columns) {
    row += text;
    if (text.size() < columns) row.append(columns - text.size(), ' ');
    row += "  ";
}

std::string address(const observe::Station& station) {
    auto name = observe::text(station);
    if (station.port == 0) return name;
    return name.find(':') == std::string::npos ? cat(name, ":", station.port)
                                               : cat("[", name, "]:", station.port);
}

} // namespace

OperationRows::OperationRows(std::ostream& out, Format format)
    : out_{out}, format_{format}, rows_{out, format} {}

void OperationRows::on(const observe::Origin& origin, const observe::Operation& operation) {
    if (format_ == Format::table) return row(origin, operation);
    text_.clear();
    JsonWriter json{text_};
    observe::append_json(json, origin, operation, dissect::name_of(operation.protocol), file_);
    rows_.add(text_);
}

void OperationRows::row(const observe::Origin& origin, const observe::Operation& op) {
    if (!titled_) {
        text_.clear();
        cell(text_, "time", 30), cell(text_, "frame", 8), cell(text_, "from", 21), cell(text_, "to", 21);
        cell(text_, "protocol", 10), cell(text_, "act", 16), cell(text_, "phase", 8),
            cell(text_, "outcome", 10);
        out_ << text_ << "what\n";
        titled_ = true;
    }
    const bool client = origin.speaker == observe::Speaker::client;
    text_.clear();
    cell(text_, rfc3339(origin.at.time_since_epoch().count()), 30);
    cell(text_, cat(origin.evidence.frame), 8);
    cell(text_, address(client ? origin.parties.client : origin.parties.server), 21);
    cell(text_, address(client ? origin.parties.server : origin.parties.client), 21);
    cell(text_, dissect::name_of(op.protocol), 10);
    cell(text_, observe::word(op.act), 16);
    cell(text_, observe::word(op.phase), 8);
    cell(text_, observe::word(op.outcome), 10);
    text_ += op.function.name;
    if (op.part.size != 0) text_ += cat(" (", observe::text(op.part), ")");
    // Text of objects and values comes from the network: a terminal must not obey it.
    const auto object = observe::text(op.object);
    if (!op.object.space.empty() || !op.object.text.empty() ||
        op.object.form != observe::Object::Form::plain) {
        const auto safe = yagura::quoted(object);
        text_ += cat(" ", std::string_view{safe}.substr(1, safe.size() - 2));
    }
    if (op.count > 1) text_ += cat(" x", op.count);
    if (op.value.index() != 0) {
        const auto value = observe::text(op.value);
        text_ += cat(" = ", value.size() > 60 ? cat(value.substr(0, 57), "...") : value);
    }
    out_ << text_ << '\n';
}

void OperationRows::end() {
    if (format_ != Format::table) return rows_.end();
    if (!titled_) out_ << "No message of a protocol that Yagura reads is in here.\n";
}

} // namespace yagura::run
