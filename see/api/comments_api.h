// Lists of device comments: files that are brought, which controllers they are of, and their words
// (see/api.yaml, tag comments).
#pragma once

#include "see/api/table_files.h"
#include "spine/api/service.h"
#include "spine/model/commands.h"
#include "spine/store/comments.h"
#include "spine/store/devices.h"
#include "spine/store/history.h"

namespace yagura::see {

struct CommentParts {
    store::CommentReader& reader;
    store::DeviceReader& devices;
    store::History& history;
    TableFiles& files;
    model::Commands& commands;
    std::string folder; ///< of lists, in the data folder
};
void add_comment_handlers(api::Service&, const CommentParts&);

} // namespace yagura::see
