// OPC UA's services by the numeric identifiers of their messages, and its status codes.
//
// From OPC 10000-4 (1.05), clause 5 (services) and 7.39 (StatusCode), and OPC 10000-6, annex A: identifiers
// of the binary encodings, names and numbers of status codes.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "spine/observe/observation.h"

namespace yagura::dissect::opcua {

enum Code : std::uint16_t {
    service_fault = 397,
    find_servers = 422,
    get_endpoints = 428,
    register_server = 437,
    open_channel = 446,
    open_channel_answer = 449,
    close_channel = 452,
    create_session = 461,
    activate_session = 467,
    close_session = 473,
    add_nodes = 488,
    add_references = 494,
    delete_nodes = 500,
    delete_references = 506,
    browse = 527,
    browse_next = 533,
    translate = 554,
    register_nodes = 560,
    unregister_nodes = 566,
    read = 631,
    history_read = 664,
    write = 673,
    history_update = 700,
    call = 712,
    create_items = 751,
    modify_items = 763,
    monitoring_mode = 769,
    triggering = 775,
    delete_items = 781,
    create_subscription = 787,
    modify_subscription = 793,
    publishing_mode = 799,
    publish = 826,
    publish_answer = 829,
    republish = 832,
    republish_answer = 835,
    transfer_subscriptions = 841,
    delete_subscriptions = 847,
    register_server_2 = 12211,
};

/// Messages without a type, or whose type nobody can read.
enum Own : std::uint32_t {
    hello = 0x10001,
    acknowledge = 0x10002,
    error = 0x10003,
    reverse_hello = 0x10004,
    encrypted_message = 0x10005,
    encrypted_open = 0x10006,
    encrypted_close = 0x10007,
    aborted = 0x10008,
};

struct Service {
    std::uint16_t asks, answers;
    std::string_view name, answer_name;
    observe::Act act;
};

inline constexpr std::array services{
    Service{397, 397, "service fault", "service fault", observe::Act::unknown},
    Service{410, 413, "test stack", "test stack answer", observe::Act::diagnose},
    Service{416, 419, "test stack ex", "test stack ex answer", observe::Act::diagnose},
    Service{422, 425, "find servers", "find servers answer", observe::Act::identify},
    Service{428, 431, "get endpoints", "get endpoints answer", observe::Act::identify},
    Service{437, 440, "register server", "register server answer", observe::Act::report},
    Service{446, 449, "open secure channel", "open secure channel answer", observe::Act::connect},
    Service{452, 455, "close secure channel", "close secure channel answer", observe::Act::disconnect},
    Service{461, 464, "create session", "create session answer", observe::Act::connect},
    Service{467, 470, "activate session", "activate session answer", observe::Act::authenticate},
    Service{473, 476, "close session", "close session answer", observe::Act::disconnect},
    Service{479, 482, "cancel", "cancel answer", observe::Act::disconnect},
    Service{488, 491, "add nodes", "add nodes answer", observe::Act::configure},
    Service{494, 497, "add references", "add references answer", observe::Act::configure},
    Service{500, 503, "delete nodes", "delete nodes answer", observe::Act::configure},
    Service{506, 509, "delete references", "delete references answer", observe::Act::configure},
    Service{527, 530, "browse", "browse answer", observe::Act::browse},
    Service{533, 536, "browse next", "browse next answer", observe::Act::browse},
    Service{554, 557, "translate browse paths", "translate browse paths answer", observe::Act::browse},
    Service{560, 563, "register nodes", "register nodes answer", observe::Act::browse},
    Service{566, 569, "unregister nodes", "unregister nodes answer", observe::Act::browse},
    Service{615, 618, "query first", "query first answer", observe::Act::browse},
    Service{621, 624, "query next", "query next answer", observe::Act::browse},
    Service{631, 634, "read", "read answer", observe::Act::read},
    Service{664, 667, "history read", "history read answer", observe::Act::read},
    Service{673, 676, "write", "write answer", observe::Act::write},
    Service{700, 703, "history update", "history update answer", observe::Act::write},
    Service{712, 715, "call", "call answer", observe::Act::call},
    Service{751, 754, "create monitored items", "create monitored items answer", observe::Act::subscribe},
    Service{763, 766, "modify monitored items", "modify monitored items answer", observe::Act::subscribe},
    Service{769, 772, "set monitoring mode", "set monitoring mode answer", observe::Act::subscribe},
    Service{775, 778, "set triggering", "set triggering answer", observe::Act::subscribe},
    Service{781, 784, "delete monitored items", "delete monitored items answer", observe::Act::subscribe},
    Service{787, 790, "create subscription", "create subscription answer", observe::Act::subscribe},
    Service{793, 796, "modify subscription", "modify subscription answer", observe::Act::subscribe},
    Service{799, 802, "set publishing mode", "set publishing mode answer", observe::Act::subscribe},
    Service{826, 829, "publish", "publish answer", observe::Act::subscribe},
    Service{832, 835, "republish", "republish answer", observe::Act::subscribe},
    Service{841, 844, "transfer subscriptions", "transfer subscriptions answer", observe::Act::subscribe},
    Service{847, 850, "delete subscriptions", "delete subscriptions answer", observe::Act::subscribe},
    Service{12208, 12209, "find servers on network", "find servers on network answer",
            observe::Act::identify},
    Service{12211, 12212, "register server 2", "register server 2 answer", observe::Act::report},
};

/// nullptr for what is no service's message.
constexpr const Service* find_service(std::uint32_t code) noexcept {
    const auto at = std::ranges::lower_bound(services, code, {}, &Service::answers);
    return at != services.end() && (at->asks == code || at->answers == code) ? &*at : nullptr;
}
static_assert(std::ranges::is_sorted(services, {}, &Service::answers));
static_assert(find_service(631)->act == observe::Act::read && find_service(632) == nullptr);

struct Status {
    std::uint32_t code;
    std::string_view name;
};
/// Those that a plant's servers answer with; by code.
inline constexpr std::array statuses{
    Status{0x40900000, "UncertainLastUsableValue"},
    Status{0x40910000, "UncertainSubstituteValue"},
    Status{0x40920000, "UncertainInitialValue"},
    Status{0x40930000, "UncertainSensorNotAccurate"},
    Status{0x40940000, "UncertainEngineeringUnitsExceeded"},
    Status{0x40950000, "UncertainSubNormal"},
    Status{0x80010000, "BadUnexpectedError"},
    Status{0x80020000, "BadInternalError"},
    Status{0x80030000, "BadOutOfMemory"},
    Status{0x80040000, "BadResourceUnavailable"},
    Status{0x80050000, "BadCommunicationError"},
    Status{0x80060000, "BadEncodingError"},
    Status{0x80070000, "BadDecodingError"},
    Status{0x80080000, "BadEncodingLimitsExceeded"},
    Status{0x800a0000, "BadTimeout"},
    Status{0x800b0000, "BadServiceUnsupported"},
    Status{0x800c0000, "BadShutdown"},
    Status{0x800d0000, "BadServerNotConnected"},
    Status{0x800e0000, "BadServerHalted"},
    Status{0x800f0000, "BadNothingToDo"},
    Status{0x80100000, "BadTooManyOperations"},
    Status{0x80110000, "BadDataTypeIdUnknown"},
    Status{0x80120000, "BadCertificateInvalid"},
    Status{0x80130000, "BadSecurityChecksFailed"},
    Status{0x80140000, "BadCertificateTimeInvalid"},
    Status{0x80160000, "BadCertificateHostNameInvalid"},
    Status{0x80170000, "BadCertificateUriInvalid"},
    Status{0x80180000, "BadCertificateUseNotAllowed"},
    Status{0x801a0000, "BadCertificateUntrusted"},
    Status{0x801d0000, "BadCertificateRevoked"},
    Status{0x801f0000, "BadUserAccessDenied"},
    Status{0x80200000, "BadIdentityTokenInvalid"},
    Status{0x80210000, "BadIdentityTokenRejected"},
    Status{0x80220000, "BadSecureChannelIdInvalid"},
    Status{0x80230000, "BadInvalidTimestamp"},
    Status{0x80240000, "BadNonceInvalid"},
    Status{0x80250000, "BadSessionIdInvalid"},
    Status{0x80260000, "BadSessionClosed"},
    Status{0x80270000, "BadSessionNotActivated"},
    Status{0x80280000, "BadSubscriptionIdInvalid"},
    Status{0x802a0000, "BadRequestHeaderInvalid"},
    Status{0x802b0000, "BadTimestampsToReturnInvalid"},
    Status{0x802c0000, "BadRequestCancelledByClient"},
    Status{0x80310000, "BadNoCommunication"},
    Status{0x80320000, "BadWaitingForInitialData"},
    Status{0x80330000, "BadNodeIdInvalid"},
    Status{0x80340000, "BadNodeIdUnknown"},
    Status{0x80350000, "BadAttributeIdInvalid"},
    Status{0x80360000, "BadIndexRangeInvalid"},
    Status{0x80370000, "BadIndexRangeNoData"},
    Status{0x80380000, "BadDataEncodingInvalid"},
    Status{0x803a0000, "BadNotReadable"},
    Status{0x803b0000, "BadNotWritable"},
    Status{0x803c0000, "BadOutOfRange"},
    Status{0x803d0000, "BadNotSupported"},
    Status{0x803e0000, "BadNotFound"},
    Status{0x803f0000, "BadObjectDeleted"},
    Status{0x80400000, "BadNotImplemented"},
    Status{0x80410000, "BadMonitoringModeInvalid"},
    Status{0x80420000, "BadMonitoredItemIdInvalid"},
    Status{0x80430000, "BadMonitoredItemFilterInvalid"},
    Status{0x80440000, "BadMonitoredItemFilterUnsupported"},
    Status{0x80450000, "BadFilterNotAllowed"},
    Status{0x804a0000, "BadContinuationPointInvalid"},
    Status{0x804b0000, "BadNoContinuationPoints"},
    Status{0x804c0000, "BadReferenceTypeIdInvalid"},
    Status{0x80540000, "BadSecurityModeRejected"},
    Status{0x80550000, "BadSecurityPolicyRejected"},
    Status{0x80560000, "BadTooManySessions"},
    Status{0x80570000, "BadUserSignatureInvalid"},
    Status{0x80580000, "BadApplicationSignatureInvalid"},
    Status{0x805b0000, "BadParentNodeIdInvalid"},
    Status{0x805d0000, "BadNodeIdRejected"},
    Status{0x805e0000, "BadNodeIdExists"},
    Status{0x805f0000, "BadNodeClassInvalid"},
    Status{0x80690000, "BadNoDeleteRights"},
    Status{0x806b0000, "BadViewIdUnknown"},
    Status{0x806f0000, "BadNoMatch"},
    Status{0x80710000, "BadHistoryOperationInvalid"},
    Status{0x80720000, "BadHistoryOperationUnsupported"},
    Status{0x80730000, "BadWriteNotSupported"},
    Status{0x80740000, "BadTypeMismatch"},
    Status{0x80750000, "BadMethodInvalid"},
    Status{0x80760000, "BadArgumentsMissing"},
    Status{0x80770000, "BadTooManySubscriptions"},
    Status{0x80780000, "BadTooManyPublishRequests"},
    Status{0x80790000, "BadNoSubscription"},
    Status{0x807a0000, "BadSequenceNumberUnknown"},
    Status{0x807b0000, "BadMessageNotAvailable"},
    Status{0x807d0000, "BadTcpServerTooBusy"},
    Status{0x807e0000, "BadTcpMessageTypeInvalid"},
    Status{0x807f0000, "BadTcpSecureChannelUnknown"},
    Status{0x80800000, "BadTcpMessageTooLarge"},
    Status{0x80810000, "BadTcpNotEnoughResources"},
    Status{0x80820000, "BadTcpInternalError"},
    Status{0x80830000, "BadTcpEndpointUrlInvalid"},
    Status{0x80840000, "BadRequestInterrupted"},
    Status{0x80850000, "BadRequestTimeout"},
    Status{0x80860000, "BadSecureChannelClosed"},
    Status{0x80870000, "BadSecureChannelTokenUnknown"},
    Status{0x80880000, "BadSequenceNumberInvalid"},
    Status{0x80890000, "BadConfigurationError"},
    Status{0x808a0000, "BadNotConnected"},
    Status{0x808b0000, "BadDeviceFailure"},
    Status{0x808c0000, "BadSensorFailure"},
    Status{0x808d0000, "BadOutOfService"},
    Status{0x80ab0000, "BadInvalidArgument"},
    Status{0x80ac0000, "BadConnectionRejected"},
    Status{0x80ad0000, "BadDisconnect"},
    Status{0x80ae0000, "BadConnectionClosed"},
    Status{0x80af0000, "BadInvalidState"},
    Status{0x80b80000, "BadRequestTooLarge"},
    Status{0x80b90000, "BadResponseTooLarge"},
    Status{0x80be0000, "BadProtocolVersionUnsupported"},
    Status{0x80db0000, "BadTooManyMonitoredItems"},
    Status{0x80e50000, "BadTooManyArguments"},
    Status{0x80e60000, "BadSecurityModeInsufficient"},
    Status{0x810d0000, "BadCertificateChainIncomplete"},
};
static_assert(std::ranges::is_sorted(statuses, {}, &Status::code));

/// The lower half are details of the value, not of the code.
inline std::string_view status_name(std::uint32_t status) noexcept {
    const auto code = status & 0xffff0000u;
    const auto at = std::ranges::lower_bound(statuses, code, {}, &Status::code);
    return at != statuses.end() && at->code == code ? at->name : std::string_view{};
}
constexpr bool bad(std::uint32_t status) noexcept { return status >> 30 >= 2; }

} // namespace yagura::dissect::opcua
