// What people type, brought into one form: full width and half width, dashes of every kind, addresses.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace yagura::see::ledger {

/// Text to keep and to show: Unicode's NFKC, so that full-width letters and half-width katakana are the usual
/// ones; control characters, line ends and runs of spaces become one space, outer spaces and characters that
/// only steer the display (zero width, direction) go. What is not UTF-8 becomes U+FFFD.
std::string plain(std::string_view text);

/// A number, product code, serial or version: plain, with every dash that people type as "-". The long vowel
/// mark is one only behind a letter or digit of ASCII: "FX5Uー32MT" is FX5U-32MT, "シーケンサー" stays.
std::string code(std::string_view text);

/// Text to compare: plain, case folded, without spaces, dashes (the long vowel mark among them), underscores,
/// dots (・ among them), (株) and 株式会社. Two that are equal so mean the same, "FX5Uー32MT／ES" and
/// "fx5u-32mt/es"; it is not for showing.
std::string compared(std::string_view text);

/// aa:bb:cc:dd:ee:ff, from 00-11-22-33-44-55, 00:1:2:3:4:5, 0011.2233.4455, 001122-334455 and 001122334455,
/// in full width too and with any dash. Nothing for what is none, for groups and for all zeros.
std::optional<std::string> mac(std::string_view text);

/// As inet_ntop writes it, from full width, with leading zeros (decimal: 192.168.001.010), with "/24" behind
/// it. Nothing for what is none and for what no device has: 0.0.0.0, ::, groups, and 240.0.0.0 and above
/// (masks are there).
std::optional<std::string> ip(std::string_view text);

/// One maker by any of its names: 三菱電機, Mitsubishi Electric Corporation, 三菱. By a table of makers that
/// plants in Japan have; for others, if their names are equal but for legal forms. Nothing is the same as an
/// empty name.
bool same_maker(std::string_view a, std::string_view b);

} // namespace yagura::see::ledger
