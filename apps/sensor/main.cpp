// yagura-sensor: the one program that looks at packets. It listens or reads a file, and says records into
// one pipe; see README.md for what it cannot do.
#include <exception>
#include <iostream>
#include <utility>

#include "apps/sensor/attempts.h"
#include "apps/sensor/sensor.h"

int main(int argc, char** argv) {
    using namespace yagura;
    // The one place that catches everything: past it nobody is left to tell.
    try {
        const auto parsed = sensor::parse(argc, argv);
        if (parsed.exits) return parsed.code;
        const auto done = [&options = parsed.options]() -> Result<sensor::Exit> {
            if (!options.self_test) return sensor::run(options);
            YAGURA_TRY(const bool silent, sensor::self_test(options.interfaces, options.user, std::cout));
            return silent ? sensor::Exit::done : sensor::Exit::complaint;
        }();
        if (done) return std::to_underlying(*done);
        std::cerr << done.error().text();
        return std::to_underlying(sensor::Exit::complaint);
    } catch (const std::exception& unexpected) {
        std::cerr << "error: " << unexpected.what() << '\n';
        return std::to_underlying(sensor::Exit::complaint);
    }
}
