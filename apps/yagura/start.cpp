#include "apps/yagura/start.h"

#include <algorithm>
#include <filesystem>
#include <thread>

#include "spine/base/text.h"

namespace yagura::run {

std::string console_folder(const Settings& settings) {
    if (!settings.console.empty()) return settings.console;
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    // build/release/yagura in a checkout.
    if (const auto tree = self.parent_path().parent_path() / "console" / "dist";
        std::filesystem::exists(tree / "index.html", error))
        return tree.string();
    return "/usr/share/yagura/console";
}

std::vector<std::string> center_arguments(const Settings& settings, const std::vector<int>& records,
                                          const std::vector<std::string>& imports) {
    std::vector<std::string> words{
        "--data",         settings.data,
        "--listen",       settings.listen,
        "--console",      console_folder(settings),
        "--plant-name",   settings.plant_name,
        "--time-zone",    settings.time_zone,
        "--journal-days", cat(settings.journal_days),
        "--journal-gib",  cat(settings.journal_gib),
        "--upload-gib",   cat(settings.upload_gib),
        "--asking",       settings.ask_plan.empty() ? "off" : plan_of_console(settings) ? "console" : "file"};
    if (!settings.certificate.empty())
        words.insert(words.end(), {"--certificate", settings.certificate, "--key", settings.key});
    if (!settings.protocols.empty()) words.insert(words.end(), {"--protocols", settings.protocols});
    for (const int pipe : records) words.insert(words.end(), {"--records-fd", cat(pipe)});
    for (const auto& file : imports) words.insert(words.end(), {"--import", file});
    return words;
}

std::vector<std::string> sensor_arguments(const Settings& settings, int records, int held) {
    const auto cores = std::max(1u, std::thread::hardware_concurrency());
    const auto workers = settings.workers != 0 ? settings.workers : std::max<std::int64_t>(1, cores - 1);
    std::vector<std::string> words{"--records-fd", cat(records), "--workers",
                                   cat(workers),   "--labels",   cat(settings.labels)};
    if (!settings.protocols.empty()) words.insert(words.end(), {"--protocols", settings.protocols});
    if (held >= 0) words.insert(words.end(), {"--held-fd", cat(held)});
    for (const auto& name : settings.interfaces) words.insert(words.end(), {"--interface", name});
    return words;
}

bool plan_of_console(const Settings& settings) { return settings.ask_plan == "console"; }
std::string ask_folder(const Settings& settings) { return settings.data + "/ask"; }

std::vector<std::string> ask_arguments(const Settings& settings, int records, int held) {
    std::vector<std::string> words{
        "--folder",    ask_folder(settings), "--records-fd", cat(records),
        "--time-zone", settings.time_zone,   "--log-mib",    cat(settings.ask_log_mib)};
    if (plan_of_console(settings))
        words.insert(words.end(), {"--permit", settings.data + "/ask-permit"}); // As center/options.h has it.
    else
        words.insert(words.end(), {"--plan", settings.ask_plan});
    if (!settings.ask_credentials.empty())
        words.insert(words.end(), {"--credentials", settings.ask_credentials});
    if (held >= 0) words.insert(words.end(), {"--held-fd", cat(held)});
    return words;
}

} // namespace yagura::run
