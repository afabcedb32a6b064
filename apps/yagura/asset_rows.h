// --what assets: the devices, one row each.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "apps/yagura/show.h"
#include "spine/model/plant.h"

namespace yagura::run {

/// Settles the plant. `files` are those that were read, in the order of their source numbers from 1.
void show_assets(std::ostream& out, Format format, model::Plant& plant,
                 const std::vector<std::string>& files);

} // namespace yagura::run
