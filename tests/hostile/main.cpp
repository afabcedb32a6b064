// Plays every scene at its full size, each in a pipeline with the settings that are shipped, and says what
// was wrong. tests/checks/62_hostile.sh calls it.
#include <cstdio>
#include <fstream>
#include <string>

#include "tests/hostile/traffic.h"

using namespace yagura;

namespace {

constexpr std::uint64_t anonymous_most = 200'000'000; ///< bytes: what one worker is promised to take at most

/// Anonymous memory of this process, in bytes.
std::uint64_t anonymous() {
    std::ifstream status{"/proc/self/status"};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("RssAnon:")) return std::stoull(line.substr(8)) * 1024;
    return 0;
}

} // namespace

int main(int count, char** words) {
    if (count < 2) {
        std::fputs("usage: yagura-hostile SOURCE [SCENE...]      exit: 0 passed, 1 failed\n", stderr);
        return 2;
    }
    bool failed = false;
    for (const auto& scene : hostile::scenes(words[1])) {
        bool wanted = count == 2;
        for (int i = 2; i < count; ++i) wanted = wanted || scene.name == words[i];
        if (!wanted) continue;
        hostile::Bench bench{{.labels = worker::PipelineSettings::labels_usual}}; // As the sensor has it.
        auto found = scene.play(bench, scene.whole);
        const auto memory = anonymous();
        for (auto& more : hostile::wrong(bench)) found.push_back(std::move(more));
        if (memory > anonymous_most) found.push_back("anonymous memory is above 200 MB");
        std::printf("  %-18s %10llu frames, %4llu MB\n", std::string{scene.name}.c_str(),
                    static_cast<unsigned long long>(bench.frames()),
                    static_cast<unsigned long long>(memory / 1'000'000));
        for (const auto& one : found)
            std::printf("FAILED: %s: %s\n", std::string{scene.name}.c_str(), one.c_str());
        failed = failed || !found.empty();
    }
    return failed ? 1 : 0;
}
