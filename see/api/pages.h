// Lists that are answered page by page, and written into sheets whole.
#pragma once

#include "see/api/answers.h"

namespace yagura::see {

/// A page of a list that is all in memory; its cursor is how many rows stand before it.
struct Slice {
    std::uint64_t from = 0;
    std::size_t most = 0; ///< rows: 1 to store::rows_most
};
/// Else store.bad-cursor, which failed() answers with 400.
Result<Slice> slice_of(const api::Request&);

/// Asks for page after page until there is none, or until the sheet has `most` rows or more: then it says
/// that it is cut.
template <class Ask, class Put>
Result<void> put_pages(api::Sheet& sheet, std::size_t most, Ask ask, Put put) {
    store::Page page{.most = store::rows_most};
    for (;;) {
        YAGURA_TRY(const auto found, ask(page));
        put(found);
        if (found.next_cursor.empty()) return {};
        if (sheet.rows() >= most) {
            sheet.cut();
            return {};
        }
        page.cursor = found.next_cursor;
    }
}

} // namespace yagura::see
