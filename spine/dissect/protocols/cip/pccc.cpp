#include "spine/dissect/protocols/cip/pccc.h"

#include <array>

#include "spine/dissect/protocols/cip/values.h"

namespace yagura::dissect::cip {
namespace {

using observe::Act;

struct Known {
    std::uint8_t command;
    std::uint16_t function; ///< 0x100: the command has none
    std::string_view name;
    Act act;
};
constexpr std::uint16_t none = 0x100;
constexpr std::array known_functions{
    Known{0x00, none, "protected write", Act::write},
    Known{0x01, none, "unprotected read", Act::read},
    Known{0x02, none, "protected bit write", Act::write},
    Known{0x05, none, "unprotected bit write", Act::write},
    Known{0x08, none, "unprotected write", Act::write},
    Known{0x06, 0x00, "echo", Act::diagnose},
    Known{0x06, 0x01, "read diagnostic counters", Act::diagnose},
    Known{0x06, 0x02, "set variables", Act::configure},
    Known{0x06, 0x03, "diagnostic status", Act::identify},
    Known{0x06, 0x07, "reset diagnostic counters", Act::clear},
    Known{0x0f, 0x00, "word range write", Act::write},
    Known{0x0f, 0x01, "word range read", Act::read},
    Known{0x0f, 0x02, "bit write", Act::write},
    Known{0x0f, 0x07, "disable forces", Act::force},
    Known{0x0f, 0x11, "get edit resource", Act::protect},
    Known{0x0f, 0x12, "return edit resource", Act::protect},
    Known{0x0f, 0x17, "read bytes physical", Act::program_upload},
    Known{0x0f, 0x18, "write bytes physical", Act::program_download},
    Known{0x0f, 0x26, "read-modify-write", Act::write},
    Known{0x0f, 0x29, "read section size", Act::diagnose},
    Known{0x0f, 0x3a, "set cpu mode", Act::mode_change},
    Known{0x0f, 0x41, "disable forces", Act::force},
    Known{0x0f, 0x50, "download all request", Act::program_download},
    Known{0x0f, 0x52, "download completed", Act::program_download},
    Known{0x0f, 0x53, "upload all request", Act::program_upload},
    Known{0x0f, 0x55, "upload completed", Act::program_upload},
    Known{0x0f, 0x57, "initialize memory", Act::clear},
    Known{0x0f, 0x67, "typed write", Act::write},
    Known{0x0f, 0x68, "typed read", Act::read},
    Known{0x0f, 0x79, "read-modify-write n", Act::write},
    Known{0x0f, 0x80, "change mode", Act::mode_change},
    Known{0x0f, 0x81, "open file", Act::file_read},
    Known{0x0f, 0x82, "close file", Act::file_read},
    Known{0x0f, 0x88, "execute command list", Act::call},
    Known{0x0f, 0x8f, "apply port configuration", Act::configure},
    Known{0x0f, 0xa1, "protected typed logical read with two addresses", Act::read},
    Known{0x0f, 0xa2, "protected typed logical read", Act::read},
    Known{0x0f, 0xa7, "protected typed file read", Act::file_read},
    Known{0x0f, 0xa9, "protected typed logical write with two addresses", Act::write},
    Known{0x0f, 0xaa, "protected typed logical write", Act::write},
    Known{0x0f, 0xab, "protected typed logical write with mask", Act::write},
    Known{0x0f, 0xaf, "protected typed file write", Act::file_write},
};

/// Address fields of one byte, or 0xFF and two.
std::uint16_t field(Reader& in) noexcept {
    const auto one = in.u8();
    return one == 0xff ? in.u16le() : one;
}
constexpr char letter_of(std::uint8_t type) noexcept {
    switch (type) {
    case 0x82:
    case 0x8b:
        return 'O';
    case 0x83:
    case 0x8c:
        return 'I';
    case 0x84:
        return 'S';
    case 0x85:
        return 'B';
    case 0x86:
        return 'T';
    case 0x87:
        return 'C';
    case 0x88:
        return 'R';
    case 0x89:
        return 'N';
    case 0x8a:
        return 'F';
    case 0x8d:
        return 'Z'; // Strings are ST in the tools.
    case 0x8e:
        return 'A';
    case 0x91:
        return 'L';
    default:
        return 0;
    }
}
observe::Value elements(std::uint8_t type, Bytes data) noexcept {
    if (type == 0x8a) return value_of(0xca, data);
    if (type == 0x91) return value_of(0xc4, data);
    return data.size() % 2 == 0 ? value_of(0xc3, data) : observe::Value{data};
}

struct Asked {
    std::uint8_t command = 0, function = 0, type = 0;
    bool ok = false, typed = false;
};
/// Requester's identification, command, status, transaction, function.
Asked head(Reader& in) noexcept {
    Asked asked;
    const auto size = in.u8();
    in.take(size ? size - 1u : 0u);
    asked.command = in.u8();
    in.take(3);
    asked.function = asked.command == 0x0f || asked.command == 0x06 ? in.u8() : std::uint8_t{0};
    asked.ok = in.ok();
    return asked;
}

} // namespace

void read_pccc(Bytes request, observe::Operation& operation, TextRoom<64>& text) noexcept {
    Reader in{request};
    auto asked = head(in);
    if (!asked.ok) return;
    const auto command = asked.command & 0x0fu;
    const Known* known = nullptr;
    for (const auto& one : known_functions)
        if (one.command == command && (one.function == none || one.function == asked.function)) known = &one;
    operation.act = known ? known->act : Act::unknown;
    text.add(known ? known->name : "unknown");
    if (!known) text.add(" ").number(command).add("/").number(asked.function);
    if (command == 0x0f && (asked.function == 0xa1 || asked.function == 0xa2 || asked.function == 0xa9 ||
                            asked.function == 0xaa || asked.function == 0xab)) {
        const auto bytes = in.u8();
        const auto file = field(in);
        const auto type = in.u8();
        const auto element = field(in);
        const bool with_sub = asked.function != 0xa1 && asked.function != 0xa9;
        const auto sub = with_sub ? field(in) : std::uint16_t{0};
        const bool writes = asked.function >= 0xa9;
        if (asked.function == 0xab) in.u16();
        if (!in.ok()) return;
        text.clear();
        const auto letter = letter_of(type);
        if (type == 0x8d)
            text.add("ST");
        else if (letter)
            text.add(letter);
        else
            text.add("type ").number(type).add(" ");
        text.number(file).add(':').number(element);
        if (sub) text.add('.').number(sub);
        operation.object = {.space = "file", .text = text.view()};
        operation.count = bytes;
        if (writes) operation.value = elements(type, in.rest());
        return;
    }
    if (command == 0x0f && (asked.function == 0x80 || asked.function == 0x3a)) {
        const auto mode = in.u8();
        if (in.ok()) {
            // Modes of 0x80: 1 and 2 program, 6 run, 7 to 9 test; of 0x3A: 0 program, 1 test, 2 run.
            const bool run = asked.function == 0x80 ? mode == 6 : mode == 2;
            const bool program = asked.function == 0x80 ? mode <= 2 : mode == 0;
            operation.act = run ? Act::start : program ? Act::stop : Act::mode_change;
            operation.value = std::uint64_t{mode};
        }
    }
    operation.object = {.space = "pccc", .text = text.view()};
}

void read_pccc_answer(Bytes answer, Bytes asked_bytes, observe::Operation& operation) noexcept {
    Reader in{answer};
    const auto size = in.u8();
    in.take(size ? size - 1u : 0u);
    in.u8();
    const auto status = in.u8();
    in.take(2);
    if (!in.ok()) return;
    if (status != 0) {
        operation.outcome = observe::Outcome::refused;
        operation.status = status;
        return;
    }
    Reader request{asked_bytes};
    const auto asked = head(request);
    if (!asked.ok || (asked.command & 0x0fu) != 0x0f || (asked.function != 0xa1 && asked.function != 0xa2))
        return;
    request.u8();
    (void)field(request);
    const auto type = request.u8();
    if (request.ok()) operation.value = elements(type, in.rest());
}

} // namespace yagura::dissect::cip
