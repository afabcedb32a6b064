#include "see/ask/credentials.h"

#include <algorithm>
#include <array>

#include "spine/base/text.h"
#include "spine/base/toml.h"

namespace yagura::see::ask {
namespace {

constexpr std::array<std::string_view, 5> auths{"sha", "sha224", "sha256", "sha384", "sha512"};
constexpr std::size_t text_most = 128, password_least = 8; ///< RFC 3414, 11.2

std::unexpected<Complaint> bad(const toml::node& node, std::string_view path, std::string what,
                               std::string next) {
    const auto place = node.source().begin;
    return std::unexpected{Complaint{
        .code = "ask.bad-credentials",
        .what = std::move(what),
        .where = cat(path, ", line ", std::uint32_t{place.line}, ", column ", std::uint32_t{place.column}),
        .next = std::move(next)}};
}

Result<Credential> read_one(const toml::node& node, std::string_view path) {
    const auto* table = node.as_table();
    if (!table)
        return bad(node, path, "a credential is no table", "write [[credential]] on a line of its own");
    Credential out;
    SnmpUser user;
    for (const auto& [name, value] : *table) {
        const auto text = value.value_exact<std::string>();
        if (!text || text->empty() || text->size() > text_most)
            return bad(value, path, cat("\"", name.str(), "\" is no text of 1 to ", text_most, " characters"),
                       "write it in quotes");
        const bool password = name == "auth-password" || name == "privacy-password";
        if (password && text->size() < password_least)
            return bad(value, path,
                       cat("\"", name.str(), "\" has fewer than ", password_least, " characters"),
                       "devices take none that is shorter (RFC 3414, 11.2)");
        if (name == "name") {
            out.name = *text;
        } else if (name == "community") {
            out.community = *text;
        } else if (name == "user") {
            user.name = *text;
        } else if (name == "auth") {
            const auto found = std::ranges::find(auths, *text);
            if (found == auths.end())
                return bad(value, path, "there is no such \"auth\"",
                           "choose from: sha, sha224, sha256, sha384, sha512");
            user.auth = static_cast<Auth>(found - auths.begin());
        } else if (name == "auth-password") {
            user.auth_password = *text;
        } else if (name == "privacy") {
            if (*text != "aes128" && *text != "none")
                return bad(value, path, "there is no such \"privacy\"", "choose from: aes128, none");
            user.privacy = *text == "aes128" ? Privacy::aes128 : Privacy::none;
        } else if (name == "privacy-password") {
            user.privacy_password = *text;
        } else {
            return bad(value, path,
                       cat("there is no setting ", yagura::quoted(name.str()), " of a credential"),
                       "see docs/operating/active-queries.md for all of them");
        }
    }
    if (out.name.empty())
        return bad(node, path, "a credential has no \"name\"", "give it the one that plans use");
    const bool v3 = !user.name.empty();
    if (v3 == !out.community.empty())
        return bad(node, path, "a credential has a community or a user, and not both",
                   "leave one of them out");
    if (v3 && user.auth_password.empty())
        return bad(node, path, "a user has no \"auth-password\"",
                   "users without one are not supported: add it");
    if (v3 && (user.privacy == Privacy::none) == !user.privacy_password.empty())
        return bad(node, path, "\"privacy\" and \"privacy-password\" go together", "write both, or neither");
    if (v3) out.user = std::move(user);
    return out;
}

} // namespace

const Credential* find(const Credentials& all, std::string_view name) noexcept {
    const auto found = std::ranges::find(all, name, &Credential::name);
    return found == all.end() ? nullptr : &*found;
}

Result<Credentials> parse_credentials(std::string_view toml, std::string_view path) {
    toml::table document;
    try {
        document = toml::parse(toml, path);
    } catch (const toml::parse_error& error) {
        return std::unexpected{Complaint{.code = "ask.bad-credentials",
                                         .what = "the file of credentials cannot be read",
                                         .where = cat(path, ", line ", error.source().begin.line),
                                         .next = "mend that place"}};
    }
    Credentials out;
    for (const auto& [name, node] : document) {
        const auto* list = node.as_array();
        if (name.str() != "credential" || !list)
            return bad(node, path, "there is something that is no credential", "write [[credential]]");
        for (const auto& one : *list) {
            YAGURA_TRY(auto credential, read_one(one, path));
            if (find(out, credential.name))
                return bad(one, path, cat("two credentials are called ", yagura::quoted(credential.name)),
                           "give each a name of its own");
            if (out.size() == credentials_most)
                return bad(one, path, cat("these are more than ", credentials_most, " credentials"),
                           "leave out those that no plan names");
            out.push_back(std::move(credential));
        }
    }
    return out;
}

} // namespace yagura::see::ask
