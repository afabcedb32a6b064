// The scenes, small and in small tables, for the sanitizers. At full size: ./yagura test hostile.
#include <gtest/gtest.h>

#include "tests/hostile/traffic.h"

using namespace yagura;

namespace {

class Hostile : public testing::TestWithParam<hostile::Scene> {};

TEST_P(Hostile, TrafficStaysInsideTheLimitsWithTheLossCounted) {
    const auto& scene = GetParam();
    hostile::Bench bench{scene.few, 100};
    for (const auto& wrong : scene.play(bench, scene.small)) ADD_FAILURE() << wrong;
    for (const auto& wrong : hostile::wrong(bench)) ADD_FAILURE() << wrong;
}

INSTANTIATE_TEST_SUITE_P(Scenes, Hostile, testing::ValuesIn(hostile::scenes(YAGURA_SOURCE)),
                         [](const auto& scene) {
                             std::string name{scene.param.name};
                             for (auto& c : name)
                                 if (c == ' ') c = '_';
                             return name;
                         });

} // namespace
