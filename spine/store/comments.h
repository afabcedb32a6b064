// Lists of device comments as persons brought them: the plant's own words for what stands in its controllers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spine/store/answers.h"
#include "spine/store/database.h"

namespace yagura::store {

struct CommentWord {
    std::string object{};  ///< as operations name it
    std::string address{}; ///< as the list does
    std::string name{}, type{}, comment{};
    bool also = false; ///< it only begins there: the word is of another object
};

/// A whole list, as import writes it into the folder comments/ of the data: a line a word, and how many there
/// are, so that half a file is not taken for one. Nothing, if it is none or has more than
/// `comment_words_most`.
struct CommentFile {
    std::string tool{}, notation{}; ///< words of the API
    std::vector<CommentWord> words{};
};
std::string text_of(const CommentFile&);
std::optional<CommentFile> comment_file(std::string_view text);
std::string comment_folder(const std::string& data);
inline constexpr std::size_t comment_words_most = 200'000, comment_lists_most = 200, comment_uses_most = 64;

/// What an object may be a part of, itself first: "D100.05" and D100, "DB1.DBW2" and DB1,
/// "Program:Main.Line[1].Speed", "analog-input 1 present-value".
std::vector<std::string_view> wholes_of(std::string_view object);

/// A controller whose words a list has; `part`: only this unit or module of it.
struct CommentUse {
    std::uint64_t node = 0;
    std::string part{};
    friend auto operator<=>(const CommentUse&, const CommentUse&) = default;
};
/// As a decision has them: at most `comment_uses_most` of 160 bytes.
std::string text_of(const std::vector<CommentUse>&);
std::optional<std::vector<CommentUse>> comment_uses(std::string_view text);

struct CommentList {
    struct Use {
        DeviceRef device{}; ///< id empty: the device is not there any more
        std::string part{};
    };
    std::uint64_t id = 0;
    std::string name{}, tool{}, notation{};
    std::string file{}; ///< of the folder comments/
    std::uint64_t words = 0;
    Time at{};
    std::string who{};
    std::vector<Use> uses{};
};

struct CommentWords {
    std::vector<CommentWord> words{}; ///< in the list's own order: by address
    std::uint64_t total = 0;
    std::string next_cursor{};
};

class CommentReader {
public:
    explicit CommentReader(Readers& state) : state_{state} {}
    Result<std::vector<CommentList>> lists();
    Result<std::optional<CommentList>> list(std::string_view id);
    /// Words whose object, address, name or comment has all of `text`.
    Result<CommentWords> words(std::uint64_t list, std::string_view text, const Page&);
    /// Of these devices the maker, as lists show it.
    Result<std::vector<std::string>> vendors(const std::vector<std::string>& devices);

private:
    Readers& state_;
};

std::string comment_list_text(std::uint64_t id);
std::optional<std::uint64_t> comment_list_number(std::string_view text);

} // namespace yagura::store
