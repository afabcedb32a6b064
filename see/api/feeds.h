// A feed that somebody brings, from the connection into its file and its decision.
#pragma once

#include "see/api/weaknesses_api.h"

namespace yagura::see {

std::unique_ptr<api::BodySink> receive_feed(const api::Request&, const WeaknessParts&);

} // namespace yagura::see
