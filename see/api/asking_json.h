// Plans of active queries as the contract's JSON, and back.
#pragma once

#include <map>

#include "see/api/answers.h"
#include "see/ask/planner.h"
#include "spine/store/asking.h"

namespace yagura::see {

json subnet_json(const ask::Group&, bool approval);
/// What a person wrote, as text for parse_plan(). `where`: the subnet that is wrong, in a complaint.
Result<std::string> draft_text(const json& subnets);
json services_json();
using NamesByAddress = std::map<std::string, store::DeviceRef>;
/// A question that is planned: of whom, which, whether now, and what came of it last.
json question_json(const ask::Planner::Standing&, const NamesByAddress& names);
std::string_view key(ask::Why) noexcept;
std::string_view key(ask::End) noexcept;

} // namespace yagura::see
