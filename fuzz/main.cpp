// Entry of the fuzz binary. The target's name comes from YAGURA_TARGET; as yagura-fuzz-replay, from the
// command line or from the name of the corpus folder.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/targets.h"
#include "spine/dissect/dissector.h"

namespace {

using namespace yagura;

bool run(std::string_view target, Bytes input) {
    for (const auto& known : fuzz::targets())
        if (known.name == target) {
            known.run(input);
            return true;
        }
    return fuzz::dissector(target, input);
}

void list(std::ostream& out) {
    for (const auto& known : fuzz::targets()) out << known.name << '\n';
    for (const auto* row : dissect::all()) out << row->facts.name << '\n';
}

} // namespace

#ifdef YAGURA_REPLAY

namespace {

std::size_t replay(std::string_view target, const std::filesystem::path& path) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{path}) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file{entry.path(), std::ios::binary};
        const std::string content{std::istreambuf_iterator<char>{file}, {}};
        // Own storage of exactly this size, so that the address sanitizer sees one byte too many.
        const std::vector<char> exact{content.begin(), content.end()};
        if (!run(target, std::as_bytes(std::span{exact}))) {
            std::cerr << "error: there is no fuzz target '" << target << "'\n";
            std::exit(1);
        }
        ++files;
    }
    return files;
}

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words{argv + 1, argv + argc};
    if (words.size() == 1 && words[0] == "--list") {
        list(std::cout);
        return 0;
    }
    if (words.size() == 2 && words[0] == "--all") {
        std::size_t files = 0;
        if (std::filesystem::exists(words[1]))
            for (const auto& folder : std::filesystem::directory_iterator{words[1]})
                if (folder.is_directory()) files += replay(folder.path().filename().string(), folder.path());
        std::cout << "replayed " << files << " files\n";
        return 0;
    }
    if (words.size() == 2) {
        std::cout << "replayed " << replay(words[0], words[1]) << " files\n";
        return 0;
    }
    std::cerr << "usage: yagura-fuzz-replay --list | --all CORPUS | TARGET FOLDER\n";
    return 2;
}

#else

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::string target = [] {
        const char* name = std::getenv("YAGURA_TARGET");
        return std::string{name ? name : ""};
    }();
    if (!run(target, std::as_bytes(std::span{data, size}))) {
        std::cerr << "error: YAGURA_TARGET has to name one of:\n";
        list(std::cerr);
        std::exit(1);
    }
    return 0;
}

#endif
