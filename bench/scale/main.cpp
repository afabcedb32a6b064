// Makes a large plant: `fill` writes its days into a data folder, `feed` tells it through a pipe. Same
// wishes, same plant. Called by bench/scale.py.
#include <CLI/CLI.hpp>
#include <iostream>

#include "bench/scale/feed.h"

int main(int argc, char** argv) {
    using namespace yagura;
    bench::Wanted wanted;
    std::string data;
    int pipe = 3;
    std::uint64_t a_second = 1'000;
    std::int64_t seconds = 600;
    CLI::App app{"A large plant, made from a seed", "scale_plant"};
    app.require_subcommand(1);
    auto* const fill = app.add_subcommand("fill", "Write its days into a data folder");
    fill->add_option("--data", data)->required();
    auto* const feed = app.add_subcommand("feed", "Tell it through a pipe");
    feed->add_option("--pipe", pipe, "Descriptor of the pipe's end");
    feed->add_option("--a-second", a_second, "Records a second");
    feed->add_option("--seconds", seconds);
    fill->add_option("--registers", wanted.registers, "So many more registers are read and written")
        ->check(CLI::Range(0, 1'000'000));
    for (auto* const word : {fill, feed}) {
        word->add_option("--seed", wanted.seed);
        word->add_option("--devices", wanted.devices)->check(CLI::Range(20, 20'000));
        word->add_option("--operations", wanted.operations);
        word->add_option("--days", wanted.days)->check(CLI::Range(1, 365));
        word->add_option("--until-minute", wanted.until_minute, "Minutes since 1970")->required();
    }
    CLI11_PARSE(app, argc, argv);
    if (feed->parsed()) {
        std::cout << bench::feed(wanted, pipe, a_second, seconds) << " records" << std::endl;
        return 0;
    }
    auto writer = store::Writer::open(
        data, {.history_days = 365, .day_cache_kib = 600'000, .registers = {.registers_of_day = 2'000'000}});
    const auto rows = writer ? bench::fill(wanted, *writer)
                             : Result<std::uint64_t>{std::unexpected{writer.error()}};
    if (!rows) {
        std::cerr << rows.error().text();
        return 1;
    }
    std::cout << *rows << " operations" << std::endl;
}
