#include "see/api/pages.h"

namespace yagura::see {

Result<Slice> slice_of(const api::Request& request) {
    const auto page = page_of(request);
    YAGURA_TRY(const auto from, store::offset_of(page));
    return Slice{.from = from, .most = std::clamp<std::size_t>(page.most, 1, store::rows_most)};
}

} // namespace yagura::see
