#include "apps/yagura/asset_rows.h"

#include "see/assets.h"

namespace yagura::run {
namespace {

/// Text from the network, short enough for a column, and nothing that a terminal obeys.
std::string cell(std::string_view text) {
    std::string safe;
    for (std::size_t columns = 0; !text.empty();) {
        const auto length = utf8_length(text);
        const auto first = static_cast<unsigned char>(text[0]);
        const bool plain = length > 1 || (length == 1 && first >= 0x20 && first != 0x7f);
        if (++columns > 36) return safe + "…";
        safe += plain ? text.substr(0, length) : "?";
        text.remove_prefix(length ? length : 1);
    }
    return safe;
}

} // namespace

void show_assets(std::ostream& out, Format format, model::Plant& plant,
                 const std::vector<std::string>& files) {
    const auto devices = see::assets(plant);
    if (format != Format::table) {
        const see::FileOf file_of = [&](std::uint32_t source) -> std::string_view {
            return files.size() > 1 && source >= 1 && source <= files.size()
                       ? std::string_view{files[source - 1]}
                       : std::string_view{};
        };
        JsonRows rows{out, format};
        std::string text;
        for (const auto& device : devices) {
            text.clear();
            JsonWriter json{text};
            see::write(json, device, file_of);
            rows.add(text);
        }
        return rows.end();
    }
    if (devices.empty()) {
        out << "No device was seen in here.\n";
        return;
    }
    TextTable table{
        {{"device"}, {"address"}, {"role"}, {"level"}, {"vendor"}, {"product"}, {"firmware"}, {"protocols"}}};
    for (const auto& device : devices) {
        std::string protocols;
        for (const auto& name : device.protocols) protocols += (protocols.empty() ? "" : " ") + name;
        table.add({cell(device.name),
                   !device.ips.empty()    ? device.ips[0]
                   : !device.macs.empty() ? device.macs[0]
                                          : "",
                   device.role, device.purdue_level, cell(device.vendor), cell(device.product),
                   cell(device.firmware), cell(protocols)});
    }
    table.print(out);
    out << devices.size() << (devices.size() == 1 ? " device\n" : " devices\n");
}

} // namespace yagura::run
