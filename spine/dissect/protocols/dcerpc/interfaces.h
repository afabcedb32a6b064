// Interfaces of Windows that can be called from afar, and their operations that change something or tell
// much.
//
// From [MS-SCMR] 3.1.4, [MS-TSCH] 3.2.5, [MS-SAMR] 3.1.5, [MS-LSAD] and [MS-LSAT] 3.1.4, [MS-DRSR] 4.1,
// [MS-NRPC] 3.5.4, [MS-SRVS] 3.1.4, [MS-WKST] 3.2.4, [MS-RRP] 3.1.5, [MS-RPRN] 3.1.4, [MS-EFSR] 3.1.4,
// [MS-EVEN] 3.1.4, [MS-DCOM] 3.1.2, [MS-WMI] 3.1.4, C706 appendix O (endpoint mapper), OPC Data Access Custom
// Interface 3.00 clause 4.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "spine/dissect/protocols/dce_rpc/connectionless.h"
#include "spine/observe/observation.h"

namespace yagura::dissect::dcerpc_family {

/// Where in the arguments a name stands, all of them in UTF-16.
enum class Names : std::uint8_t {
    none,
    at_once,        ///< a string is the first of them
    behind_handle,  ///< a string behind a handle of 20 bytes
    behind_pointer, ///< a string behind a pointer
    counted,        ///< counted string behind a handle: sizes, pointer, string
};

struct Operation {
    std::uint8_t interface; ///< its place in `interfaces`
    std::uint16_t number;
    std::string_view name; ///< with the interface's
    observe::Act act;
    Names names = Names::none;
};

struct Interface {
    dce_rpc::Uuid uuid;
    std::string_view name;
    std::string_view space{}; ///< what its operations' names are: "service", "task"
};

enum Place : std::uint8_t {
    mapper,
    svcctl,
    atsvc,
    tasks,
    samr,
    lsarpc,
    drsuapi,
    netlogon,
    srvsvc,
    wkssvc,
    winreg,
    spoolss,
    efsrpc,
    eventlog,
    activator,
    resolver,
    unknown_2,
    unknown_1,
    wmi_login,
    wmi,
    opc_server,
    opc_browse,
    opc_sync,
    opc_items,
    opc_callback,
    opc_async,
    places, ///< how many
};

consteval dce_rpc::Uuid uuid(std::uint32_t first, std::uint16_t second, std::uint16_t third,
                             std::uint64_t rest) {
    dce_rpc::Uuid out{.first = first, .second = second, .third = third};
    for (std::size_t i = 0; i < 8; ++i) out.rest[i] = static_cast<std::byte>(rest >> (56 - 8 * i) & 0xff);
    return out;
}

inline constexpr std::array<Interface, places> interfaces{{
    {uuid(0xe1af8308, 0x5d1f, 0x11c9, 0x91a408002b14a0fa), "endpoint mapper"},
    {uuid(0x367abb81, 0x9844, 0x35f1, 0xad3298f038001003), "svcctl", "service"},
    {uuid(0x1ff70682, 0x0a51, 0x30e8, 0x076d740be8cee98b), "atsvc", "task"},
    {uuid(0x86d35949, 0x83c9, 0x4044, 0xb424db363231fd0c), "task scheduler", "task"},
    {uuid(0x12345778, 0x1234, 0xabcd, 0xef000123456789ac), "samr", "user"},
    {uuid(0x12345778, 0x1234, 0xabcd, 0xef000123456789ab), "lsarpc", "secret"},
    {uuid(0xe3514235, 0x4b06, 0x11d1, 0xab0400c04fc2dcd2), "drsuapi"},
    {uuid(0x12345678, 0x1234, 0xabcd, 0xef0001234567cffb), "netlogon"},
    {uuid(0x4b324fc8, 0x1670, 0x01d3, 0x12785a47bf6ee188), "srvsvc"},
    {uuid(0x6bffd098, 0xa112, 0x3610, 0x983346c3f87e345a), "wkssvc"},
    {uuid(0x338cd001, 0x2244, 0x31f1, 0xaaaa900038001003), "winreg", "key"},
    {uuid(0x12345678, 0x1234, 0xabcd, 0xef000123456789ab), "spoolss"},
    {uuid(0xc681d488, 0xd850, 0x11d0, 0x8c5200c04fd90f7e), "efsrpc"},
    {uuid(0x82273fdc, 0xe32a, 0x18c3, 0x3f78827929dc23ea), "eventlog"},
    {uuid(0x000001a0, 0x0000, 0x0000, 0xc000000000000046), "DCOM activator"},
    {uuid(0x99fcfec4, 0x5260, 0x101b, 0xbbcb00aa0021347a), "DCOM resolver"},
    {uuid(0x00000143, 0x0000, 0x0000, 0xc000000000000046), "DCOM objects"},
    {uuid(0x00000131, 0x0000, 0x0000, 0xc000000000000046), "DCOM objects"},
    {uuid(0xf309ad18, 0xd86a, 0x11d0, 0xa07500c04fb68820), "WMI login"},
    {uuid(0x9556dc99, 0x828c, 0x11cf, 0xa37e00aa003240c7), "WMI"},
    {uuid(0x39c13a4d, 0x011e, 0x11d0, 0x96750020afd8adb3), "OPC server"},
    {uuid(0x39c13a4f, 0x011e, 0x11d0, 0x96750020afd8adb3), "OPC browsing"},
    {uuid(0x39c13a52, 0x011e, 0x11d0, 0x96750020afd8adb3), "OPC synchronous"},
    {uuid(0x39c13a54, 0x011e, 0x11d0, 0x96750020afd8adb3), "OPC items"},
    {uuid(0x39c13a70, 0x011e, 0x11d0, 0x96750020afd8adb3), "OPC callback"},
    {uuid(0x39c13a71, 0x011e, 0x11d0, 0x96750020afd8adb3), "OPC asynchronous"},
}};

using observe::Act;
inline constexpr Operation operations[]{
    {mapper, 2, "endpoint mapper: look up", Act::browse},
    {mapper, 3, "endpoint mapper: map", Act::browse},
    {svcctl, 0, "svcctl: CloseServiceHandle", Act::disconnect},
    {svcctl, 1, "svcctl: ControlService", Act::stop},
    {svcctl, 2, "svcctl: DeleteService", Act::configure},
    {svcctl, 6, "svcctl: QueryServiceStatus", Act::read},
    {svcctl, 11, "svcctl: ChangeServiceConfigW", Act::configure},
    {svcctl, 12, "svcctl: CreateServiceW", Act::configure, Names::behind_handle},
    {svcctl, 14, "svcctl: EnumServicesStatusW", Act::browse},
    {svcctl, 15, "svcctl: OpenSCManagerW", Act::connect},
    {svcctl, 16, "svcctl: OpenServiceW", Act::connect, Names::behind_handle},
    {svcctl, 17, "svcctl: QueryServiceConfigW", Act::read},
    {svcctl, 19, "svcctl: StartServiceW", Act::start},
    {svcctl, 24, "svcctl: CreateServiceA", Act::configure},
    {svcctl, 27, "svcctl: OpenSCManagerA", Act::connect},
    {svcctl, 28, "svcctl: OpenServiceA", Act::connect},
    {svcctl, 31, "svcctl: StartServiceA", Act::start},
    {svcctl, 45, "svcctl: CreateServiceWOW64W", Act::configure, Names::behind_handle},
    {svcctl, 60, "svcctl: CreateWowService", Act::configure, Names::behind_handle},
    {atsvc, 0, "atsvc: NetrJobAdd", Act::configure},
    {atsvc, 1, "atsvc: NetrJobDel", Act::configure},
    {atsvc, 2, "atsvc: NetrJobEnum", Act::browse},
    {atsvc, 3, "atsvc: NetrJobGetInfo", Act::read},
    {tasks, 1, "task scheduler: RegisterTask", Act::configure, Names::behind_pointer},
    {tasks, 2, "task scheduler: RetrieveTask", Act::read, Names::at_once},
    {tasks, 3, "task scheduler: CreateFolder", Act::configure},
    {tasks, 6, "task scheduler: EnumFolders", Act::browse},
    {tasks, 7, "task scheduler: EnumTasks", Act::browse},
    {tasks, 11, "task scheduler: Stop", Act::stop, Names::at_once},
    {tasks, 12, "task scheduler: Run", Act::start, Names::at_once},
    {tasks, 13, "task scheduler: Delete", Act::configure, Names::at_once},
    {tasks, 19, "task scheduler: EnableTask", Act::configure, Names::at_once},
    {samr, 0, "samr: Connect", Act::connect},
    {samr, 1, "samr: CloseHandle", Act::disconnect},
    {samr, 5, "samr: LookupDomain", Act::browse},
    {samr, 6, "samr: EnumerateDomains", Act::browse},
    {samr, 7, "samr: OpenDomain", Act::connect},
    {samr, 8, "samr: QueryInformationDomain", Act::read},
    {samr, 11, "samr: EnumerateGroups", Act::browse},
    {samr, 12, "samr: CreateUser", Act::protect, Names::counted},
    {samr, 13, "samr: EnumerateUsers", Act::browse},
    {samr, 15, "samr: EnumerateAliases", Act::browse},
    {samr, 16, "samr: GetAliasMembership", Act::browse},
    {samr, 17, "samr: LookupNames", Act::browse},
    {samr, 22, "samr: AddMemberToGroup", Act::protect},
    {samr, 25, "samr: GetMembersInGroup", Act::browse},
    {samr, 31, "samr: AddMemberToAlias", Act::protect},
    {samr, 33, "samr: GetMembersInAlias", Act::browse},
    {samr, 34, "samr: OpenUser", Act::connect},
    {samr, 35, "samr: DeleteUser", Act::protect},
    {samr, 36, "samr: QueryInformationUser", Act::read},
    {samr, 37, "samr: SetInformationUser", Act::protect},
    {samr, 38, "samr: ChangePasswordUser", Act::protect},
    {samr, 39, "samr: GetGroupsForUser", Act::browse},
    {samr, 40, "samr: QueryDisplayInformation", Act::browse},
    {samr, 50, "samr: CreateUser2", Act::protect, Names::counted},
    {samr, 55, "samr: ChangePasswordUser2", Act::protect},
    {samr, 57, "samr: Connect2", Act::connect},
    {samr, 58, "samr: SetInformationUser2", Act::protect},
    {samr, 62, "samr: Connect4", Act::connect},
    {samr, 64, "samr: Connect5", Act::connect},
    {samr, 65, "samr: RidToSid", Act::browse},
    {lsarpc, 0, "lsarpc: Close", Act::disconnect},
    {lsarpc, 6, "lsarpc: OpenPolicy", Act::connect},
    {lsarpc, 7, "lsarpc: QueryInformationPolicy", Act::read},
    {lsarpc, 14, "lsarpc: LookupNames", Act::browse},
    {lsarpc, 15, "lsarpc: LookupSids", Act::browse},
    {lsarpc, 28, "lsarpc: OpenSecret", Act::connect, Names::counted},
    {lsarpc, 29, "lsarpc: SetSecret", Act::protect},
    {lsarpc, 30, "lsarpc: QuerySecret", Act::read},
    {lsarpc, 37, "lsarpc: AddAccountRights", Act::protect},
    {lsarpc, 42, "lsarpc: StorePrivateData", Act::protect},
    {lsarpc, 43, "lsarpc: RetrievePrivateData", Act::read},
    {lsarpc, 44, "lsarpc: OpenPolicy2", Act::connect},
    {lsarpc, 45, "lsarpc: GetUserName", Act::identify},
    {lsarpc, 46, "lsarpc: QueryInformationPolicy2", Act::read},
    {lsarpc, 57, "lsarpc: LookupSids2", Act::browse},
    {lsarpc, 58, "lsarpc: LookupNames2", Act::browse},
    {lsarpc, 68, "lsarpc: LookupNames3", Act::browse},
    {lsarpc, 76, "lsarpc: LookupSids3", Act::browse},
    {lsarpc, 77, "lsarpc: LookupNames4", Act::browse},
    {drsuapi, 0, "drsuapi: Bind", Act::connect},
    {drsuapi, 1, "drsuapi: Unbind", Act::disconnect},
    {drsuapi, 2, "drsuapi: ReplicaSync", Act::configure},
    {drsuapi, 3, "drsuapi: GetNCChanges", Act::read},
    {drsuapi, 4, "drsuapi: UpdateRefs", Act::configure},
    {drsuapi, 12, "drsuapi: CrackNames", Act::browse},
    {drsuapi, 13, "drsuapi: WriteAccountSpn", Act::protect},
    {drsuapi, 16, "drsuapi: DomainControllerInfo", Act::browse},
    {drsuapi, 17, "drsuapi: AddEntry", Act::configure},
    {netlogon, 2, "netlogon: SamLogon", Act::authenticate},
    {netlogon, 4, "netlogon: ServerReqChallenge", Act::authenticate},
    {netlogon, 15, "netlogon: ServerAuthenticate2", Act::authenticate},
    {netlogon, 21, "netlogon: LogonGetCapabilities", Act::read},
    {netlogon, 26, "netlogon: ServerAuthenticate3", Act::authenticate},
    {netlogon, 29, "netlogon: LogonGetDomainInfo", Act::read},
    {netlogon, 30, "netlogon: ServerPasswordSet2", Act::protect},
    {netlogon, 34, "netlogon: GetDcNameEx2", Act::browse},
    {netlogon, 39, "netlogon: SamLogonEx", Act::authenticate},
    {netlogon, 45, "netlogon: SamLogonWithFlags", Act::authenticate},
    {srvsvc, 8, "srvsvc: ConnectionEnum", Act::browse},
    {srvsvc, 9, "srvsvc: FileEnum", Act::browse},
    {srvsvc, 12, "srvsvc: SessionEnum", Act::browse},
    {srvsvc, 14, "srvsvc: ShareAdd", Act::configure},
    {srvsvc, 15, "srvsvc: ShareEnum", Act::browse},
    {srvsvc, 16, "srvsvc: ShareGetInfo", Act::read},
    {srvsvc, 18, "srvsvc: ShareDel", Act::configure},
    {srvsvc, 21, "srvsvc: ServerGetInfo", Act::identify},
    {srvsvc, 28, "srvsvc: RemoteTOD", Act::read},
    {wkssvc, 0, "wkssvc: WkstaGetInfo", Act::identify},
    {wkssvc, 2, "wkssvc: WkstaUserEnum", Act::browse},
    {winreg, 2, "winreg: OpenLocalMachine", Act::connect},
    {winreg, 4, "winreg: OpenUsers", Act::connect},
    {winreg, 5, "winreg: CloseKey", Act::disconnect},
    {winreg, 6, "winreg: CreateKey", Act::configure, Names::counted},
    {winreg, 7, "winreg: DeleteKey", Act::configure, Names::counted},
    {winreg, 8, "winreg: DeleteValue", Act::configure, Names::counted},
    {winreg, 9, "winreg: EnumKey", Act::browse},
    {winreg, 10, "winreg: EnumValue", Act::browse},
    {winreg, 15, "winreg: OpenKey", Act::connect, Names::counted},
    {winreg, 16, "winreg: QueryInfoKey", Act::read},
    {winreg, 17, "winreg: QueryValue", Act::read, Names::counted},
    {winreg, 20, "winreg: SaveKey", Act::file_write, Names::counted},
    {winreg, 22, "winreg: SetValue", Act::configure, Names::counted},
    {winreg, 24, "winreg: InitiateSystemShutdown", Act::stop},
    {winreg, 30, "winreg: InitiateSystemShutdownEx", Act::stop},
    {spoolss, 0, "spoolss: EnumPrinters", Act::browse},
    {spoolss, 1, "spoolss: OpenPrinter", Act::connect},
    {spoolss, 29, "spoolss: ClosePrinter", Act::disconnect},
    {spoolss, 65, "spoolss: FindFirstPrinterChangeNotificationEx", Act::subscribe},
    {spoolss, 69, "spoolss: OpenPrinterEx", Act::connect},
    {spoolss, 89, "spoolss: AddPrinterDriverEx", Act::configure},
    {efsrpc, 0, "efsrpc: OpenFileRaw", Act::connect},
    {efsrpc, 4, "efsrpc: EncryptFileSrv", Act::connect},
    {eventlog, 0, "eventlog: ClearELFW", Act::clear},
    {activator, 3, "DCOM activator: GetClassObject", Act::connect},
    {activator, 4, "DCOM activator: CreateInstance", Act::connect},
    {resolver, 0, "DCOM resolver: ResolveOxid", Act::browse},
    {resolver, 1, "DCOM resolver: SimplePing", Act::diagnose},
    {resolver, 2, "DCOM resolver: ComplexPing", Act::diagnose},
    {resolver, 3, "DCOM resolver: ServerAlive", Act::diagnose},
    {resolver, 4, "DCOM resolver: ResolveOxid2", Act::browse},
    {resolver, 5, "DCOM resolver: ServerAlive2", Act::identify},
    {unknown_2, 3, "DCOM objects: QueryInterface", Act::browse},
    {unknown_2, 5, "DCOM objects: Release", Act::disconnect},
    {unknown_1, 3, "DCOM objects: QueryInterface", Act::browse},
    {unknown_1, 5, "DCOM objects: Release", Act::disconnect},
    {wmi_login, 6, "WMI login: NTLMLogin", Act::connect},
    {wmi, 6, "WMI: GetObject", Act::read},
    {wmi, 20, "WMI: ExecQuery", Act::browse},
    {wmi, 24, "WMI: ExecMethod", Act::call},
    {opc_server, 3, "OPC server: AddGroup", Act::subscribe},
    {opc_server, 6, "OPC server: GetStatus", Act::identify},
    {opc_server, 7, "OPC server: RemoveGroup", Act::disconnect},
    {opc_browse, 5, "OPC browsing: BrowseItemIDs", Act::browse},
    {opc_sync, 3, "OPC synchronous: Read", Act::read},
    {opc_sync, 4, "OPC synchronous: Write", Act::write},
    {opc_items, 3, "OPC items: AddItems", Act::subscribe},
    {opc_callback, 3, "OPC callback: OnDataChange", Act::report},
    {opc_async, 3, "OPC asynchronous: Read", Act::read},
    {opc_async, 4, "OPC asynchronous: Write", Act::write},
};

/// `places` if nobody named it.
constexpr std::uint8_t find_interface(const dce_rpc::Uuid& uuid) noexcept {
    std::uint8_t at = 0;
    while (at < places && !(interfaces[at].uuid == uuid)) ++at;
    return at;
}
constexpr const Operation* find_operation(std::uint8_t interface, std::uint16_t number) noexcept {
    for (const auto& one : operations)
        if (one.interface == interface && one.number == number) return &one;
    return nullptr;
}

} // namespace yagura::dissect::dcerpc_family
