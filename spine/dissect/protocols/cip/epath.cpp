#include "spine/dissect/protocols/cip/epath.h"

namespace yagura::dissect::cip {
namespace {

/// A logical value of the format's width; 16 and 32 bits have a pad byte in front.
std::uint32_t logical(Reader& in, unsigned format, bool& bad) noexcept {
    switch (format) {
    case 0:
        return in.u8();
    case 1:
        in.u8();
        return in.u16le();
    case 2:
        in.u8();
        return in.u32le();
    default:
        bad = true;
        return 0;
    }
}

void hop(Path& path, observe::Part::Hop kind, std::uint32_t number) noexcept {
    auto& part = path.part;
    if (part.size == part.steps.size()) { // The last ones are nearest to what is meant.
        std::copy(part.steps.begin() + 1, part.steps.end(), part.steps.begin());
        --part.size;
        part.cut = true;
    }
    part.steps[part.size++] = {kind, number};
}

/// A link is a number, or text: an address with dots is told as the number that it is.
std::uint32_t link_number(Bytes link) noexcept {
    std::uint32_t address = 0, part = 0;
    for (const auto byte : link) {
        const auto letter = std::to_integer<char>(byte);
        if (letter == '.') {
            address = address << 8 | (part & 0xff);
            part = 0;
        } else if (letter >= '0' && letter <= '9') {
            part = part * 10 + static_cast<std::uint32_t>(letter - '0');
        }
    }
    return address << 8 | (part & 0xff);
}

void port_segment(Reader& in, unsigned segment, Path& path) noexcept {
    const bool long_link = segment & 0x10;
    std::uint32_t port = segment & 0x0f;
    const auto size = long_link ? in.u8() : std::uint8_t{0};
    if (port == 15) port = in.u16le();
    std::uint32_t link = 0;
    if (long_link) {
        link = link_number(in.take(size));
        if (size % 2) in.u8();
    } else {
        link = in.u8();
    }
    if (!in.ok()) return;
    hop(path, observe::Part::Hop::port, port);
    hop(path, observe::Part::Hop::link, link);
}

} // namespace

observe::Object Path::object() const noexcept {
    using observe::Object;
    if (tag || (points && !text.view().empty()))
        return {.form = Object::Form::cip, .space = "tag", .text = text.view()};
    if (!has_class) return {};
    return {.form = Object::Form::cip,
            .space = "class",
            .group = object_class,
            .number = instance,
            .element = attribute};
}

void read_path(Bytes bytes, Path& path) noexcept {
    Reader in{bytes};
    bool index_open = false;
    const auto close = [&] {
        if (index_open) path.text.add(']');
        index_open = false;
    };
    while (in.ok() && in.remaining() > 0) {
        const auto segment = in.u8();
        if (segment < 0x20) {
            port_segment(in, segment, path);
        } else if (segment < 0x40) {
            if (segment == 0x34) { // Electronic key.
                in.u8();
                in.take(8);
                continue;
            }
            const auto value = logical(in, segment & 3u, path.bad);
            if (!in.ok() || path.bad) break;
            switch (segment >> 2 & 7) {
            case 0:
                path.object_class = value; // The last one is what is meant: 0x68, then 0x6A.
                path.has_class = true;
                path.instance = 0;
                path.has_instance = false;
                break;
            case 1:
                path.instance = value;
                path.has_instance = true;
                break;
            case 2: // Member: an index.
                if (!path.tag) break;
                path.text.add(index_open ? ',' : '[').number(value);
                index_open = true;
                break;
            case 3:
                if (path.points == 0 && !path.tag)
                    path.text.add("class 0x04 instance ").number(path.instance).add(" points ").number(value);
                else if (!path.tag)
                    path.text.add(' ').number(value);
                ++path.points;
                break;
            case 4:
                path.attribute = static_cast<std::uint16_t>(value);
                path.has_attribute = true;
                break;
            default:
                break;
            }
        } else if (segment < 0x60) { // Network: one byte, or a size in words.
            if (segment & 0x10)
                in.take(std::size_t{in.u8()} * 2);
            else
                in.u8();
        } else if (segment == 0x91) {
            const auto size = in.u8();
            const auto name = in.take(size);
            if (size % 2) in.u8();
            if (name.empty()) break;
            close();
            if (path.tag) path.text.add('.');
            path.text.add(as_text(name));
            path.tag = true;
        } else if (segment < 0x80) { // Symbol of old: its length stands in the segment.
            const auto name = in.take(segment & 0x1fu);
            if (!in.ok() || name.empty()) break;
            close();
            if (path.tag) path.text.add('.');
            path.text.add(as_text(name));
            path.tag = true;
        } else if (segment == 0x80) {
            in.take(std::size_t{in.u8()} * 2);
        } else {
            path.bad = true;
            break;
        }
    }
    close();
    if (!in.ok()) path.bad = true;
}

} // namespace yagura::dissect::cip
