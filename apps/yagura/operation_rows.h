// --what operations: one row for each message, as it is said, before the fold.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "apps/yagura/show.h"
#include "spine/observe/observation.h"

namespace yagura::run {

class OperationRows final : public observe::Listener {
public:
    OperationRows(std::ostream& out, Format format);
    /// Shown in each row while it is not empty.
    void file(std::string name) { file_ = std::move(name); }
    void end();

    using Listener::on;
    void on(const observe::Origin& origin, const observe::Operation& operation) override;

private:
    void row(const observe::Origin& origin, const observe::Operation& operation);
    std::ostream& out_;
    Format format_;
    JsonRows rows_;
    std::string file_, text_;
    bool titled_ = false;
};

} // namespace yagura::run
