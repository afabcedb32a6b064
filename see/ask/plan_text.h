// A plan as the text that parse_plan() reads: how it gets from a person's hand to the program that asks.
#pragma once

#include <string>

#include "see/ask/plan.h"

namespace yagura::see::ask {

/// `approval`: with who approved it and when. The same subnet is the same text, byte for byte.
std::string toml_of(const Group&, bool approval);
std::string toml_of(const Plan&, bool approval);

/// What a person's approval makes of a draft. A subnet that is exactly as it was approved before keeps its
/// earlier approval, so that nobody is asked again who was left alone since; `again`: those, too.
Plan approved(Plan draft, const Plan& before, const std::string& by, observe::Time at, bool again);

/// A text as TOML has it, in quotes.
std::string toml_text(std::string_view);

} // namespace yagura::see::ask
