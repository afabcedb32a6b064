// yagura-ask: the one program that asks devices who they are; see README.md for what it can never send.
#include <exception>
#include <iostream>

#include "apps/ask/ask.h"

int main(int argc, char** argv) {
    using namespace yagura;
    // The one place that catches everything: past it nobody is left to tell.
    try {
        const auto parsed = ask::parse(argc, argv);
        if (parsed.exits) return parsed.code;
        const auto done = parsed.options.preview ? ask::preview(parsed.options, std::cout)
                                                 : ask::run(parsed.options);
        if (done) return static_cast<int>(*done);
        std::cerr << done.error().text();
        return static_cast<int>(ask::Exit::complaint);
    } catch (const std::exception& error) {
        std::cerr << "error: yagura-ask stopped: " << error.what() << '\n';
        return static_cast<int>(ask::Exit::complaint);
    }
}
