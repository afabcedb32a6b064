// This box itself, where it asks devices (see/ask): its questions are known, so nobody has to wonder who the
// stranger is that reads from every controller. Only its own program says so: no dissector has this protocol.
#include "see/identifier.h"

namespace yagura::see::identifiers {
namespace {

void look(const View& view, Opinions& opinions) {
    for (const auto* fact : view.values(observe::Attribute::application)) {
        if (fact->protocol != "yagura") continue;
        opinions.role("server", 97, because(Why::runs, fact->value));
        opinions.fact(observe::Attribute::name, "Yagura", 50, *fact);
        return;
    }
}

} // namespace

extern constinit const Identifier ourselves{"ourselves", look};

} // namespace yagura::see::identifiers
