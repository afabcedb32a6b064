// What readers say as the contract's JSON. Text comes from the network: it is cut and mended here, and words
// that the contract does not list are left out rather than sent.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "spine/api/http.h"
#include "spine/api/sheet.h"
#include "spine/store/answers.h"
#include "spine/store/devices.h"
#include "spine/store/history.h"

namespace yagura::see {

using nlohmann::json;

std::string time_text(observe::Time);
/// JavaScript loses integers beyond 2^53, and a sensor that fell may count anything.
inline std::uint64_t count(std::uint64_t of) noexcept { return std::min(of, (std::uint64_t{1} << 53) - 1); }
/// Left out if it is empty, or Time{}.
void put_text(json& into, const char* name, std::string_view text, std::size_t most = 512);
void put_time(json& into, const char* name, observe::Time);
/// Left out if it is none of the contract's words of this kind.
void put_protocol(json& into, std::string_view protocol);
json protocols_json(const std::vector<std::string>&);
/// Of a facet's values the contract's 200 at most.
json facets_json(const std::vector<store::Facet>&);

std::string act_word(observe::Act);
std::string_view effect_word(observe::Effect);
std::optional<observe::Act> act(std::string_view word);
std::optional<observe::Effect> effect(std::string_view word);
std::optional<observe::Outcome> outcome(std::string_view word);

json json_of(const store::LineRef&);
json json_of(const store::DeviceRef&);
json json_of(const store::EvidenceRef&);
json json_of(const store::ActCount&);
json json_of(const store::DeviceRow&);
/// Of a device: state, and who, when, why.
json approval_json(const store::DeviceRow&);
json json_of(const store::Fact&);
/// Left out where the plant has no words for it.
void put_comment(json& into, const store::ObjectComment&);
json acts_json(const std::vector<store::ActCount>&);
std::string_view role_word(std::string_view role);
std::string level_word(std::string_view level);
std::string attribute_word(std::string_view attribute);
std::string hex(Bytes);

store::Page page_of(const api::Request&);
/// A query parameter that may be given several times.
std::vector<std::string> words_of(const api::Request&, const char* name);
/// The filter of the request, by who asks, in a workbook.
void about(api::Sheet&, const api::Request&);
store::Range range_of(const api::Request&);

/// A reader's complaint as an answer: a cursor that is none is the request's fault, the rest the machine's.
api::Response failed(const Complaint&);
/// The model's refusal of a command.
api::Response refused(const Complaint&);
api::Response nothing(std::string_view what);

} // namespace yagura::see
