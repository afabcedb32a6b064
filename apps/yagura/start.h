// Which programs a box runs, with which arguments: made from its settings, the same for `yagura run` and for
// `yagura exec`, which systemd's units call.
#pragma once

#include <string>
#include <vector>

#include "apps/yagura/settings.h"

namespace yagura::run {

/// Arguments of yagura-center. `records`: the reading ends of the sensors' pipes; `imports`: captures that it
/// takes in at its first start.
std::vector<std::string> center_arguments(const Settings& settings, const std::vector<int>& records,
                                          const std::vector<std::string>& imports = {});
/// Arguments of yagura-sensor, which writes its records to `records`.
std::vector<std::string> sensor_arguments(const Settings& settings, int records, int held = -1);

/// Arguments of yagura-ask, which writes what it hears to `records`; it is not started where there is no
/// plan.
std::vector<std::string> ask_arguments(const Settings& settings, int records, int held = -1);
/// The plan is what is approved in the console, and no file.
bool plan_of_console(const Settings& settings);
/// Where it remembers whom it asked, and its log.
std::string ask_folder(const Settings& settings);

/// The console's files: as set, else beside the program in a source tree, else where the package puts them.
std::string console_folder(const Settings& settings);

} // namespace yagura::run
