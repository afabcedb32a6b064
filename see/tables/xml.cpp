#include "see/tables/xml.h"

#include <expat.h>

#include <new>

#include "see/tables/archive.h"
#include "spine/base/text.h"

namespace yagura::see::tables {
namespace {

constexpr char namespace_end = '\n'; ///< expat writes it between namespace and name; neither can hold it
constexpr std::size_t depth_most = 64;
/// A tag or comment may be this long in bytes: expat 2.5 looks at an unfinished one from its beginning with
/// every piece.
constexpr std::size_t token_most = 1u << 20;

std::string_view local(std::string_view name) noexcept {
    const auto at = name.rfind(namespace_end);
    return at == name.npos ? name : name.substr(at + 1);
}

} // namespace

std::string_view XmlAttributes::get(std::string_view name, bool qualified) const noexcept {
    for (const auto* at = raw_; *at; at += 2) {
        const std::string_view whole{*at};
        if (local(whole) == name && whole.contains(namespace_end) == qualified) return at[1];
    }
    return {};
}

struct XmlReader::Calls {
    static XmlReader& self(void* data) { return *static_cast<XmlReader*>(data); }

    static void stop(XmlReader& reader, Complaint complaint) {
        if (!reader.trouble_) reader.trouble_ = std::move(complaint);
        XML_StopParser(reader.parser_, XML_FALSE);
    }
    /// Nothing may be thrown through expat, which is C.
    template <class Act>
    static void guarded(void* data, Act&& act) {
        auto& reader = self(data);
        if (reader.trouble_ || reader.thrown_) return;
        reader.unanswered_ = 0;
        try {
            if (auto done = act(reader); !done) stop(reader, std::move(done).error());
        } catch (...) {
            reader.thrown_ = std::current_exception();
            XML_StopParser(reader.parser_, XML_FALSE);
        }
    }
    static void start(void* data, const char* name, const char** attributes) {
        guarded(data, [&](XmlReader& reader) -> Result<void> {
            if (++reader.depth_ > depth_most)
                return std::unexpected{
                    unsafe(cat("elements are nested more than ", depth_most, " deep"), reader.where_)};
            return reader.listener_.start(local(name), XmlAttributes{attributes});
        });
    }
    static void end(void* data, const char* name) {
        guarded(data, [&](XmlReader& reader) {
            --reader.depth_;
            return reader.listener_.end(local(name));
        });
    }
    static void text(void* data, const char* begin, int length) {
        guarded(data, [&](XmlReader& reader) -> Result<void> {
            reader.listener_.text({begin, static_cast<std::size_t>(length)});
            return {};
        });
    }
    static void document_type(void* data, const char*, const char*, const char*, int) {
        guarded(data, [](XmlReader& reader) -> Result<void> {
            return std::unexpected{unsafe("a part declares a document type (DTD)", reader.where_)};
        });
    }
};

XmlReader::XmlReader(XmlListener& listener, std::string where)
    : listener_{listener}, where_{std::move(where)}, parser_{XML_ParserCreateNS(nullptr, namespace_end)} {
    if (!parser_) throw std::bad_alloc{};
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(parser_, Calls::start, Calls::end);
    XML_SetCharacterDataHandler(parser_, Calls::text);
    XML_SetStartDoctypeDeclHandler(parser_, Calls::document_type);
}

XmlReader::~XmlReader() { XML_ParserFree(parser_); }

Result<void> XmlReader::feed(Bytes piece, bool last) {
    unanswered_ += piece.size();
    const auto state = XML_Parse(parser_, reinterpret_cast<const char*>(piece.data()),
                                 static_cast<int>(piece.size()), last);
    if (thrown_) std::rethrow_exception(thrown_);
    if (trouble_) return std::unexpected{*trouble_};
    if (state != XML_STATUS_OK)
        return std::unexpected{damaged(cat("a part is no XML: ", XML_ErrorString(XML_GetErrorCode(parser_)),
                                           " in line ", XML_GetCurrentLineNumber(parser_)),
                                       where_)};
    if (unanswered_ > token_most)
        return std::unexpected{unsafe(cat("a tag or comment is longer than ", token_most, " bytes"), where_)};
    return {};
}

} // namespace yagura::see::tables
