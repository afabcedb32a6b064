#include "see/ask/usm.h"

#include <algorithm>

#include "see/ask/ber.h"

namespace yagura::see::ask {
namespace {

using Octets = std::vector<std::byte>;
constexpr std::uint8_t auth_flag = 1, privacy_flag = 2, reportable = 4;
constexpr std::uint8_t sequence = 0x30, integer = 2, octets = 4, get = 0xa0, report_pdu = 0xa8;
constexpr std::size_t salt_bytes = 8, engine_least = 5, engine_most = 32; ///< RFC 3411, 5
constexpr std::uint32_t window = 150;                                     ///< seconds; RFC 3414, 2.2.3

/// How much of the hash stands in a message (RFC 3414, 6.3.1; RFC 7860, 4.1), and what HMAC pads to.
constexpr std::size_t mac_bytes[]{12, 16, 24, 32, 48}, block_bytes[]{64, 64, 64, 128, 128};
std::size_t mac_of(Auth auth) noexcept { return mac_bytes[static_cast<std::size_t>(auth)]; }

void add(Octets& out, Bytes more) { out.insert(out.end(), more.begin(), more.end()); }
void add(Octets& out, std::uint8_t one) { out.push_back(std::byte{one}); }
Octets field(std::uint8_t tag, Bytes content) {
    Octets out;
    add(out, tag);
    if (content.size() < 0x80) {
        add(out, static_cast<std::uint8_t>(content.size()));
    } else {
        add(out, 0x82);
        add(out, static_cast<std::uint8_t>(content.size() >> 8));
        add(out, static_cast<std::uint8_t>(content.size()));
    }
    add(out, content);
    return out;
}
Octets field(std::uint8_t tag, std::string_view text) { return field(tag, std::as_bytes(std::span{text})); }
/// The shortest form that is not negative (X.690, 8.3.2).
Octets whole_number(std::uint32_t value) {
    Octets content;
    for (int shift = 24; shift >= 0; shift -= 8) {
        const auto octet = static_cast<std::uint8_t>(value >> shift);
        if (content.empty() && octet == 0 && shift != 0) continue;
        if (content.empty() && octet >= 0x80) add(content, 0);
        add(content, octet);
    }
    return field(integer, content);
}
Octets joined(std::initializer_list<Octets> parts) {
    Octets out;
    for (const auto& part : parts) add(out, part);
    return out;
}

struct Parsed {
    bool good = false, version_3 = false;
    std::uint32_t id = 0, boots = 0, time = 0;
    std::uint8_t flags = 0;
    Bytes engine{}, user{}, mac{}, salt{}, data{}; ///< data: the scoped PDU's content, or what is encrypted
};
Parsed parsed(Bytes wire) noexcept {
    Parsed out;
    Reader whole{wire};
    Reader in{ber::field(whole).content};
    const auto version = ber::field(in);
    if (!whole.ok() || !in.ok()) return out;
    out.version_3 = ber::number(version.content) == 3;
    const auto head = ber::field(in), security = ber::field(in), data = ber::field(in);
    Reader global{head.content};
    const auto id = ber::field(global), size = ber::field(global), flags = ber::field(global),
               model = ber::field(global);
    Reader carrier{security.content};
    Reader parameters{ber::field(carrier).content};
    const auto engine = ber::field(parameters), boots = ber::field(parameters), time = ber::field(parameters),
               user = ber::field(parameters), mac = ber::field(parameters), salt = ber::field(parameters);
    out.good = in.ok() && global.ok() && carrier.ok() && parameters.ok() && out.version_3 &&
               whole.remaining() == 0 && in.remaining() == 0 && flags.content.size() == 1 &&
               size.tag == integer && ber::number(model.content) == 3;
    if (!out.good) return out;
    out.id = static_cast<std::uint32_t>(ber::number(id.content));
    out.flags = std::to_integer<std::uint8_t>(flags.content[0]);
    out.engine = engine.content;
    out.boots = static_cast<std::uint32_t>(ber::number(boots.content));
    out.time = static_cast<std::uint32_t>(ber::number(time.content));
    out.user = user.content;
    out.mac = mac.content;
    out.salt = salt.content;
    out.data = data.content;
    return out;
}

/// The PDU of a scoped PDU's content, with its tag and length; nothing where it is none. An encrypted one may
/// have padding behind it.
Bytes pdu_in(Bytes scoped) noexcept {
    Reader in{scoped};
    (void)ber::field(in);
    (void)ber::field(in);
    const auto from = in.position();
    const auto pdu = ber::field(in);
    return in.ok() && (pdu.tag & 0xe0) == 0xa0 ? scoped.subspan(from, in.position() - from) : Bytes{};
}
std::vector<std::byte> iv_of(std::uint32_t boots, std::uint32_t time, Bytes salt) {
    Octets out;
    for (const auto value : {boots, time})
        for (int shift = 24; shift >= 0; shift -= 8) add(out, static_cast<std::uint8_t>(value >> shift));
    add(out, salt);
    return out;
}

} // namespace

std::vector<std::byte> hmac(Crypto& crypto, Auth auth, Bytes key, Bytes text) {
    const auto block = block_bytes[static_cast<std::size_t>(auth)];
    Octets inner(block, std::byte{0x36}), outer(block, std::byte{0x5c});
    const auto shortened = key.size() > block ? crypto.digest(auth, key) : Octets{key.begin(), key.end()};
    for (std::size_t i = 0; i < shortened.size(); ++i) inner[i] ^= shortened[i], outer[i] ^= shortened[i];
    add(inner, text);
    add(outer, crypto.digest(auth, inner));
    return crypto.digest(auth, outer);
}

std::vector<std::byte> localized(Crypto& crypto, Auth auth, std::string_view password, Bytes engine) {
    constexpr std::size_t stretched = 1'048'576;
    if (password.empty()) return {};
    Octets text(stretched);
    for (std::size_t i = 0; i < stretched; ++i)
        text[i] = static_cast<std::byte>(password[i % password.size()]);
    const auto key = crypto.digest(auth, text);
    return crypto.digest(auth, joined({key, Octets{engine.begin(), engine.end()}, key}));
}

std::vector<std::byte> Usm::message(std::uint8_t flags, Bytes engine, std::uint32_t boots, std::uint32_t time,
                                    std::string_view name, std::size_t auth, Bytes salt, Bytes data) const {
    const auto head = joined(
        {whole_number(id_), whole_number(65'507), field(octets, Octets{std::byte{flags}}), whole_number(3)});
    const auto security = joined({field(octets, engine), whole_number(boots), whole_number(time),
                                  field(octets, name), field(octets, Octets(auth)), field(octets, salt)});
    return field(sequence,
                 joined({whole_number(3), field(sequence, head), field(octets, field(sequence, security)),
                         Octets{data.begin(), data.end()}}));
}

std::vector<std::byte> Usm::discovery() {
    std::array<std::byte, 4> draw{};
    crypto_.random(draw);
    id_ = 1;
    for (const auto octet : draw)
        id_ = (id_ << 7 | (std::to_integer<std::uint32_t>(octet) & 0x7f)) & 0x3fffffff;
    const auto pdu = field(
        get, joined({whole_number(id_), whole_number(0), whole_number(0), field(sequence, Octets{})}));
    const auto scoped = field(sequence, joined({field(octets, Octets{}), field(octets, Octets{}), pdu}));
    return message(reportable, {}, 0, 0, {}, 0, {}, scoped);
}

std::vector<std::byte> Usm::seal(Bytes v2c, Seconds steady) {
    Reader whole{v2c};
    const auto inside = ber::field(whole).content;
    Reader in{inside};
    (void)ber::field(in);
    (void)ber::field(in);
    const auto from = in.position();
    (void)ber::field(in);
    if (!knows_engine() || !whole.ok() || !in.ok() || in.remaining() != 0 || ber::pdu_of(v2c) == 0) return {};
    ++id_;
    const auto pdu = inside.subspan(from);
    auto scoped = field(
        sequence, joined({field(octets, engine_), field(octets, Octets{}), Octets{pdu.begin(), pdu.end()}}));
    const auto time = time_ + static_cast<std::uint32_t>((steady - heard_).count());
    Octets salt;
    std::uint8_t flags = auth_flag | reportable;
    if (user_.privacy == Privacy::aes128) {
        flags |= privacy_flag;
        salt.resize(salt_bytes);
        crypto_.random(salt);
        if (!crypto_.cfb128(true, privacy_key_, iv_of(boots_, time, salt), scoped)) return {};
        scoped = field(octets, scoped);
    }
    auto out = message(flags, engine_, boots_, time, user_.name, mac_of(user_.auth), salt, scoped);
    const auto mac = hmac(crypto_, user_.auth, auth_key_, out);
    const auto place = parsed(out).mac;
    std::ranges::copy(Bytes{mac}.first(place.size()), out.begin() + (place.data() - out.data()));
    return out;
}

Usm::Opened Usm::report(Bytes pdu, bool authentic, std::uint32_t boots, std::uint32_t time, Seconds steady) {
    // usmStats: 1.3.6.1.6.3.15.1.1, then what it counts, then 0.
    constexpr std::string_view stats{"\x2b\x06\x01\x06\x03\x0f\x01\x01", 8};
    constexpr std::uint32_t not_in_time = 2;
    Reader outside{pdu};
    Reader in{ber::field(outside).content};
    for (int i = 0; i < 3; ++i) (void)ber::field(in);
    Reader list{ber::field(in).content};
    Reader row{ber::field(list).content};
    const auto name = as_text(ber::field(row).content);
    if (!in.ok() || !list.ok() || !row.ok() || !name.starts_with(stats) || name.size() < stats.size() + 1)
        return {Opened::Was::broken};
    const auto what = static_cast<std::uint8_t>(name[stats.size()]);
    if (what != not_in_time) return {Opened::Was::refused, {}, what};
    // Whoever sets our clock has to be the device itself; and once is enough.
    if (!authentic) return {Opened::Was::foreign};
    if (clock_mended_) return {Opened::Was::refused, {}, what};
    clock_mended_ = true;
    boots_ = boots;
    time_ = time;
    heard_ = steady;
    return {Opened::Was::again};
}

Usm::Opened Usm::open(Bytes wire, Seconds steady) {
    using Was = Opened::Was;
    const auto in = parsed(wire);
    if (!in.good) return {in.version_3 || wire.empty() ? Was::broken : Was::foreign};
    if (in.id != id_) return {Was::foreign};
    if (!knows_engine()) {
        const auto pdu = pdu_in(in.data);
        if (pdu.empty() || pdu[0] != std::byte{report_pdu} || in.engine.size() < engine_least ||
            in.engine.size() > engine_most)
            return {Was::broken};
        engine_.assign(in.engine.begin(), in.engine.end());
        boots_ = in.boots;
        time_ = in.time;
        heard_ = steady;
        auth_key_ = localized(crypto_, user_.auth, user_.auth_password, engine_);
        privacy_key_ = localized(crypto_, user_.auth, user_.privacy_password, engine_);
        if (!privacy_key_.empty()) privacy_key_.resize(16);
        return {Was::again};
    }
    const bool authentic = (in.flags & auth_flag) != 0;
    if (!authentic) {
        const auto pdu = (in.flags & privacy_flag) != 0 ? Bytes{} : pdu_in(in.data);
        // It cannot sign to whom it does not know; all it can do is refuse.
        return pdu.empty() || pdu[0] != std::byte{report_pdu} ? Opened{Was::foreign}
                                                              : report(pdu, false, 0, 0, steady);
    }
    if (!std::ranges::equal(in.engine, engine_) || as_text(in.user) != user_.name ||
        in.mac.size() != mac_of(user_.auth))
        return {Was::foreign};
    Octets zeroed{wire.begin(), wire.end()};
    std::ranges::fill(
        std::span{zeroed}.subspan(static_cast<std::size_t>(in.mac.data() - wire.data()), in.mac.size()),
        std::byte{0});
    const auto mac = hmac(crypto_, user_.auth, auth_key_, zeroed);
    std::byte differs{0};
    for (std::size_t i = 0; i < in.mac.size(); ++i) differs |= in.mac[i] ^ mac[i];
    if (differs != std::byte{0}) return {Was::foreign};
    Octets clear{in.data.begin(), in.data.end()};
    Bytes scoped{clear};
    if ((in.flags & privacy_flag) != 0) {
        if (user_.privacy != Privacy::aes128 || in.salt.size() != salt_bytes ||
            !crypto_.cfb128(false, privacy_key_, iv_of(in.boots, in.time, in.salt), clear))
            return {Was::broken};
        Reader inside{clear};
        scoped = ber::field(inside).content;
        if (!inside.ok()) return {Was::broken};
    }
    const auto pdu = pdu_in(scoped);
    if (pdu.empty()) return {Was::broken};
    if (pdu[0] == std::byte{report_pdu}) return report(pdu, true, in.boots, in.time, steady);
    // An answer in the clear to a question that was not: somebody else's.
    if (user_.privacy == Privacy::aes128 && (in.flags & privacy_flag) == 0) return {Was::foreign};
    const auto now = static_cast<std::uint64_t>(time_) +
                     static_cast<std::uint64_t>((steady - heard_).count());
    if (in.boots != boots_ || in.time + std::uint64_t{window} < now) return {Was::foreign}; // told again
    return {Was::answer, field(sequence, joined({whole_number(1), field(octets, Octets{}),
                                                 Octets{pdu.begin(), pdu.end()}}))};
}

void Usm::blank(std::span<std::byte> wire) noexcept {
    const auto mac = parsed(wire).mac;
    if (!mac.empty())
        std::ranges::fill(wire.subspan(static_cast<std::size_t>(mac.data() - wire.data()), mac.size()),
                          std::byte{'*'});
}

} // namespace yagura::see::ask
