// Handlers of session, accounts, roles, tokens and audit log: spine/api/api.yaml.
#pragma once

#include "spine/api/service.h"

namespace yagura::api {

/// Everything referred to has to outlive the service.
void add_account_handlers(Service&, Gate&, model::AccountBook&, model::AuditLog&, const Clock&);

} // namespace yagura::api
