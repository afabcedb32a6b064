// The services of MMS by number (ISO 9506-2:2003, clause 7 and Annex A), with what they do.
#pragma once

#include <cstdint>
#include <string_view>

#include "spine/observe/observation.h"

namespace yagura::dissect::mms {

using observe::Act;

enum Service : std::uint8_t {
    get_name_list = 1,
    identify = 2,
    read = 4,
    write = 5,
    access_attributes = 6,
    define_list = 11,
    list_attributes = 12,
    delete_list = 13,
    initiate_download = 26,
    terminate_upload = 31,
    delete_domain = 36,
    domain_attributes = 37,
    obtain_file = 46,
    file_open = 72,
    file_read = 73,
    file_close = 74,
    file_rename = 75,
    file_delete = 76,
    file_directory = 77,
};
struct NamedService {
    std::string_view name;
    Act act = Act::unknown;
};
inline constexpr NamedService services[]{
    {"status", Act::diagnose},
    {"getNameList", Act::browse},
    {"identify", Act::identify},
    {"rename", Act::configure},
    {"read", Act::read},
    {"write", Act::write},
    {"getVariableAccessAttributes", Act::browse},
    {"defineNamedVariable", Act::configure},
    {"defineScatteredAccess", Act::configure},
    {"getScatteredAccessAttributes", Act::browse},
    {"deleteVariableAccess", Act::configure},
    {"defineNamedVariableList", Act::configure},
    {"getNamedVariableListAttributes", Act::browse},
    {"deleteNamedVariableList", Act::configure},
    {"defineNamedType", Act::configure},
    {"getNamedTypeAttributes", Act::browse},
    {"deleteNamedType", Act::configure},
    {"input", Act::read},
    {"output", Act::write},
    {"takeControl", Act::protect},
    {"relinquishControl", Act::protect},
    {"defineSemaphore", Act::configure},
    {"deleteSemaphore", Act::configure},
    {"reportSemaphoreStatus", Act::diagnose},
    {"reportPoolSemaphoreStatus", Act::diagnose},
    {"reportSemaphoreEntryStatus", Act::diagnose},
    {"initiateDownloadSequence", Act::program_download},
    {"downloadSegment", Act::program_download},
    {"terminateDownloadSequence", Act::program_download},
    {"initiateUploadSequence", Act::program_upload},
    {"uploadSegment", Act::program_upload},
    {"terminateUploadSequence", Act::program_upload},
    {"requestDomainDownload", Act::program_download},
    {"requestDomainUpload", Act::program_upload},
    {"loadDomainContent", Act::program_download},
    {"storeDomainContent", Act::program_upload},
    {"deleteDomain", Act::program_delete},
    {"getDomainAttributes", Act::browse},
    {"createProgramInvocation", Act::program_download},
    {"deleteProgramInvocation", Act::program_delete},
    {"start", Act::start},
    {"stop", Act::stop},
    {"resume", Act::start},
    {"reset", Act::reset},
    {"kill", Act::stop},
    {"getProgramInvocationAttributes", Act::browse},
    {"obtainFile", Act::file_write},
    {"defineEventCondition", Act::configure},
    {"deleteEventCondition", Act::configure},
    {"getEventConditionAttributes", Act::browse},
    {"reportEventConditionStatus", Act::diagnose},
    {"alterEventConditionMonitoring", Act::configure},
    {"triggerEvent", Act::alarm},
    {"defineEventAction", Act::configure},
    {"deleteEventAction", Act::configure},
    {"getEventActionAttributes", Act::browse},
    {"reportEventActionStatus", Act::diagnose},
    {"defineEventEnrollment", Act::subscribe},
    {"deleteEventEnrollment", Act::subscribe},
    {"alterEventEnrollment", Act::subscribe},
    {"reportEventEnrollmentStatus", Act::diagnose},
    {"getEventEnrollmentAttributes", Act::browse},
    {"acknowledgeEventNotification", Act::alarm_ack},
    {"getAlarmSummary", Act::read},
    {"getAlarmEnrollmentSummary", Act::read},
    {"readJournal", Act::read},
    {"writeJournal", Act::write},
    {"initializeJournal", Act::clear},
    {"reportJournalStatus", Act::diagnose},
    {"createJournal", Act::configure},
    {"deleteJournal", Act::configure},
    {"getCapabilityList", Act::browse},
    {"fileOpen", Act::file_read},
    {"fileRead", Act::file_read},
    {"fileClose", Act::file_read},
    {"fileRename", Act::file_write},
    {"fileDelete", Act::file_delete},
    {"fileDirectory", Act::browse},
};
constexpr NamedService find_service(std::uint32_t number) noexcept {
    return number < std::size(services) ? services[number] : NamedService{"unknown service"};
}

/// What writing a variable of IEC 61850-8-1 does is told by its functional constraint.
constexpr Act act_of_write(std::string_view item) noexcept {
    const auto holds = [item](std::string_view part) { return item.find(part) != item.npos; };
    if (holds("$SBO")) return Act::select;
    if (holds("$BR$") || holds("$RP$") || holds("$LG$")) return Act::subscribe;
    if (holds("$GO$") || holds("$GS$") || holds("$MS$") || holds("$US$") || holds("$SP$") || holds("$SE$") ||
        holds("$SG$") || holds("$CF$"))
        return Act::configure;
    return Act::write;
}

/// ISO 9506-2, DataAccessError; from 0x100 on ServiceError's class + 1 << 8 and its code.
constexpr std::string_view status_name(std::uint32_t status) noexcept {
    constexpr std::string_view access[]{
        "object invalidated",        "hardware fault",      "temporarily unavailable",
        "object access denied",      "object undefined",    "invalid address",
        "type unsupported",          "type inconsistent",   "object attribute inconsistent",
        "object access unsupported", "object non-existent", "object value invalid"};
    constexpr std::string_view classes[]{"VMD state",       "application reference",
                                         "definition",      "resource",
                                         "service",         "service preempt",
                                         "time resolution", "access",
                                         "initiate",        "conclude",
                                         "cancel",          "file",
                                         "others"};
    if (status >= 0x100)
        return status / 0x100 - 1 < std::size(classes) ? classes[status / 0x100 - 1] : std::string_view{};
    return status < std::size(access) ? access[status] : std::string_view{};
}

} // namespace yagura::dissect::mms
