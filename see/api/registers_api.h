// The register ledger over HTTP.
#pragma once

#include "spine/api/service.h"
#include "spine/store/registers.h"

namespace yagura::see {

void add_register_handlers(api::Service& service, store::RegisterReader& registers);

} // namespace yagura::see
