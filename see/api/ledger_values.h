// Entries, problems and columns of a ledger between JSON and what see/ledger works with.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "see/ledger/columns.h"
#include "spine/api/http.h"

namespace yagura::see {

/// For what has the contract's shape and is none all the same.
api::Response unfit(std::string_view where, std::string_view what, std::string_view next);

/// Takes the values of LedgerValues or LedgerValuesEdit over in their normal form; the refusal, where one is
/// none.
std::optional<api::Response> set_values(ledger::Entry& entry, const nlohmann::json& values);
/// For the audit log: "owner 田中, ip 10.0.0.1".
std::string told(const nlohmann::json& values);
/// What is accepted after `more` (LedgerEntryEdit.accept), as JSON: one of each field.
std::string accepted(const std::string& before, const nlohmann::json& more, std::string_view who,
                     std::int64_t at);

std::string place_of(const ledger::Problem&); ///< "row 17, column 3"

nlohmann::json json_of(const ledger::Mapping&);
/// LedgerMapping or LedgerMappingAsk: what is left out is guessed from the sheet.
Result<ledger::Mapping> mapping_of(const nlohmann::json& told, const tables::TableFile&);

bool same_text(std::string_view a, std::string_view b);

} // namespace yagura::see
