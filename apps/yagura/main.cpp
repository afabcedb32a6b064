// yagura: the program for people.
#include <exception>
#include <iostream>

#include "apps/yagura/words.h"

int main(int argc, char** argv) {
    // The one place that catches everything: past it nobody is left to tell.
    try {
        return yagura::run::command_line(argc, argv);
    } catch (const std::exception& unexpected) {
        std::cerr << "error: " << unexpected.what() << '\n';
        return 3;
    }
}
