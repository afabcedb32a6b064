#include "see/makers.h"

#include <algorithm>
#include <charconv>
#include <fstream>

#include "spine/base/text.h"
#include "spine/model/address.h"

namespace yagura::see {
namespace {

struct Known {
    std::uint32_t prefix;
    std::string_view name;
};
/// Blocks of 2^24 addresses (IEEE MA-L).
constexpr Known common[]{
    {0x000054, "Schneider Electric"},
    {0x0080f4, "Schneider Electric"},
    {0x0000bc, "Rockwell Automation"},
    {0x001d9c, "Rockwell Automation"},
    {0x5c8816, "Rockwell Automation"},
    {0xe49069, "Rockwell Automation"},
    {0x000e8c, "Siemens AG"},
    {0x001b1b, "Siemens AG"},
    {0x286336, "Siemens AG"},
    {0x080006, "Siemens AG"},
    {0x00300b, "Siemens AG"},
    {0x0030de, "WAGO Kontakttechnik GmbH"},
    {0x000105, "Beckhoff Automation GmbH"},
    {0x00a045, "Phoenix Contact"},
    {0x0090e8, "Moxa Technologies"},
    {0x00d0c9, "Advantech"},
    {0x008063, "Hirschmann Automation"},
    {0x000a5b, "Power-One"},
    {0x00e0e4, "FANUC Robotics North America"},
    {0x00000a, "Omron"},
    {0x0000ab, "Logic Modeling"},
    {0x00408c, "Axis Communications"},
    {0x008077, "Brother Industries"},
    {0x00a0f8, "Zebra Technologies"},
};

/// Takes a field from the front of a line of comma-separated values (RFC 4180), without its quotes; doubled
/// ones in it stay.
std::string_view field(std::string_view& rest) {
    std::string_view out;
    if (rest.starts_with('"')) {
        auto end = rest.find('"', 1);
        while (end != rest.npos && end + 1 < rest.size() && rest[end + 1] == '"')
            end = rest.find('"', end + 2);
        end = std::min(end, rest.size());
        out = rest.substr(1, end - 1);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    } else {
        out = rest.substr(0, rest.find(','));
        rest.remove_prefix(out.size());
    }
    if (rest.starts_with(',')) rest.remove_prefix(1);
    return out;
}

std::string without_doubled_quotes(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        out += text[at];
        if (text[at] == '"' && at + 1 < text.size() && text[at + 1] == '"') ++at;
    }
    return out;
}

/// Where a block's chain begins: neighbours' prefixes differ in their last bits, kinds in the lowest ones.
std::size_t head_of(std::uint64_t key) noexcept { return (key * 0x9e3779b97f4a7c15U) >> 48U; }

} // namespace

void Makers::add(std::uint64_t prefix, unsigned bits, std::string_view name) {
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (name.empty() || name == "Private" || name == "IEEE Registration Authority") return;
    const auto key = prefix << 8 | bits;
    auto& head = heads_[head_of(key)];
    blocks_.push_back({key, name.substr(0, 128), head});
    head = static_cast<std::uint32_t>(blocks_.size());
}

const Makers& Makers::built_in() {
    static const Makers makers = [] {
        Makers out;
        for (const auto& known : common) out.add(known.prefix, 24, known.name);
        return out;
    }();
    return makers;
}

Result<void> Makers::read(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    std::error_code unknown;
    const auto size = std::filesystem::file_size(file, unknown);
    const auto text = std::make_shared<std::string>(unknown ? 0 : size, ' ');
    in.read(text->data(), static_cast<std::streamsize>(text->size()));
    text->resize(static_cast<std::size_t>(in.gcount()));
    texts_.push_back(text);
    bool any = false;
    for (std::string_view left = *text; !left.empty();) {
        auto rest = left.substr(0, left.find('\n'));
        left.remove_prefix(std::min(rest.size() + 1, left.size()));
        if (rest.ends_with('\r')) rest.remove_suffix(1);
        field(rest); // The registry.
        const auto assignment = field(rest);
        std::uint64_t prefix = 0;
        const auto* end = assignment.data() + assignment.size();
        const auto [stopped, error] = std::from_chars(assignment.data(), end, prefix, 16);
        // The heading, and addresses that go over several lines, are no assignments.
        if (error != std::errc{} || stopped != end || assignment.size() < 6 || assignment.size() > 9)
            continue;
        auto name = field(rest);
        if (name.contains('"'))
            name = *texts_.emplace_back(std::make_shared<const std::string>(without_doubled_quotes(name)));
        add(prefix, static_cast<unsigned>(assignment.size() * 4), name);
        any = true;
    }
    if (any) return {};
    return std::unexpected{
        Complaint{.code = "see.bad-makers",
                  .what = cat("'", file.string(), "' is no table of IEEE's assignments"),
                  .why = "no line has 6 to 9 hexadecimal digits in its second column",
                  .where = file.string(),
                  .next = "install Debian's package ieee-data, or name its folder in the settings"}};
}

Result<Makers> Makers::load(const std::filesystem::path& folder) {
    Makers out = built_in();
    bool any = false;
    for (const auto* name : {"oui.csv", "mam.csv", "iab.csv", "oui36.csv"}) {
        const auto file = folder / name;
        std::error_code unimportant;
        if (!std::filesystem::is_regular_file(file, unimportant)) continue;
        if (auto done = out.read(file); !done) return std::unexpected{std::move(done).error()};
        any = true;
    }
    if (!any)
        return std::unexpected{
            Complaint{.code = "see.no-makers",
                      .what = cat("there are no assignments of MACs in '", folder.string(), "'"),
                      .why = "none of oui.csv, mam.csv, iab.csv, oui36.csv is there",
                      .next = "install Debian's package ieee-data"}};
    return out;
}

const Makers& Makers::installed() {
    static const Makers makers = load(std::filesystem::path{ieee_data}).value_or(built_in());
    return makers;
}

std::string_view Makers::find(std::uint64_t key) const noexcept {
    for (auto at = heads_[head_of(key)]; at != 0; at = blocks_[at - 1].next)
        if (blocks_[at - 1].key == key) return blocks_[at - 1].name;
    return {};
}

std::string_view Makers::of(const observe::Mac& mac) const noexcept {
    if (model::is_local(mac) || model::is_group(mac)) return {};
    std::uint64_t all = 0;
    for (const auto byte : mac) all = all << 8 | byte;
    for (const unsigned bits : {36u, 28u, 24u}) // The smallest block is the one that was given last.
        if (const auto name = find((all >> (48 - bits)) << 8 | bits); !name.empty()) return name;
    return {};
}

} // namespace yagura::see
