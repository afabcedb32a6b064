// XML of a stranger, read as it comes: expat, without document types, entities and other files.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "spine/base/bytes.h"
#include "spine/base/result.h"

struct XML_ParserStruct; // expat's, so that nobody else has to know it.

namespace yagura::see::tables {

/// Names are without their namespaces: what stands in a workbook is told apart by where it stands.
class XmlAttributes {
public:
    explicit XmlAttributes(const char** raw) noexcept : raw_{raw} {}
    /// Empty if there is none. Of two in different namespaces, sheet's "id" and "r:id", `qualified` is the
    /// latter.
    std::string_view get(std::string_view name, bool qualified = false) const noexcept;

private:
    const char** raw_; ///< name, value, …, null
};

struct XmlListener {
    XmlListener() = default;
    XmlListener(const XmlListener&) = delete;
    XmlListener& operator=(const XmlListener&) = delete;
    virtual ~XmlListener() = default;
    virtual Result<void> start(std::string_view name, const XmlAttributes& attributes) = 0;
    virtual Result<void> end(std::string_view) { return {}; }
    /// A text may come in several pieces, and between elements there is white space.
    virtual void text(std::string_view) {}
};

class XmlReader {
public:
    /// `where` names the part in complaints.
    XmlReader(XmlListener& listener, std::string where);
    ~XmlReader();
    XmlReader(const XmlReader&) = delete;
    XmlReader& operator=(const XmlReader&) = delete;

    /// `last` with nothing left: then the document has to be whole.
    /// Errors: ledger.damaged-workbook, ledger.unsafe-workbook, and what the listener says.
    Result<void> feed(Bytes piece, bool last = false);

private:
    struct Calls; ///< what expat calls

    XmlListener& listener_;
    std::string where_;
    XML_ParserStruct* parser_;
    std::size_t depth_ = 0;
    std::size_t unanswered_ = 0; ///< bytes fed since anything came of them
    std::optional<Complaint> trouble_{};
    std::exception_ptr thrown_{};
};

} // namespace yagura::see::tables
