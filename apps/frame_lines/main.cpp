// yagura-frame-lines: a capture file in, a line a frame out, as tests/oracle/frames.py compares it with
// tshark: number, time (ns), bytes kept, bytes on the wire, link type, interface. A last line says what is
// damaged.
#include <exception>
#include <iostream>
#include <string>

#include "spine/base/result.h"
#include "spine/base/text.h"
#include "spine/capture/file.h"

namespace {

using namespace yagura;

Result<void> run(const std::string& path, std::ostream& out) {
    YAGURA_TRY(const auto file, capture::File::open(path));
    auto& cursor = file->cursor(0);
    capture::Frame frame;
    while (cursor.next(frame))
        out << cat(frame.number, "\t", frame.at, "\t", frame.bytes.size(), "\t", frame.wire_length, "\t",
                   frame.link_type, "\t", frame.interface, "\n");
    if (cursor.damage()) out << cat("damaged: ", cursor.damage()->text(), "\n");
    return {};
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: yagura-frame-lines FILE\n";
        return 2;
    }
    try {
        std::ios::sync_with_stdio(false);
        if (const auto done = run(argv[1], std::cout); !done) {
            std::cerr << done.error().text();
            return 1;
        }
        return 0;
    } catch (const std::exception& unexpected) {
        std::cerr << "error: " << unexpected.what() << '\n';
        return 3;
    }
}
