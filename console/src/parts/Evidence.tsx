// The drawer that every claim opens: which message of which source says so, with its first bytes.
import { Drawer } from "antd";
import { useQuery } from "@tanstack/react-query";
import { call, type Schemas } from "../api/client";
import { useWords } from "../look/look";
import { Bones, Confidence, Failed, State, useLate } from "./parts";
import { SeenIn } from "./Capture";
import { Hex } from "./Hex";
import { marksOfFact } from "./marks";
import { count } from "../format/numbers";

export function protocolName(protocol: string): string {
  const known: Record<string, string> = {
    modbus: "Modbus", ge_srtp: "GE SRTP", knxnet_ip: "KNXnet/IP", egd: "EGD", c37_118: "C37.118", niagara_fox: "Niagara Fox", moxa: "Moxa", ws_discovery: "WS-Discovery", modbus_rtu: "Modbus RTU", cotp: "COTP", tpkt: "TPKT", s7comm: "S7comm", s7: "S7comm", enip: "EtherNet/IP", cip: "CIP", arp: "ARP", dhcp: "DHCP", dhcpv4: "DHCP", dns: "DNS",
    mdns: "mDNS", lldp: "LLDP", profinet_dcp: "PROFINET DCP", dcp: "PROFINET DCP", slmp: "SLMP", mc_1e: "MC protocol", melsoft: "MELSOFT", fins: "FINS", iec104: "IEC 104", dnp3: "DNP3", bacnet: "BACnet", dns_stream: "DNS", llmnr: "LLMNR", cip_io: "CIP I/O", s7comm_plus: "S7comm-plus", http: "HTTP", tls: "TLS", ssh: "SSH", snmp: "SNMP", opcua: "OPC UA", rtsp: "RTSP", vnc: "VNC", icmp: "ICMP", ntp: "NTP", smb: "SMB", nbns: "NetBIOS", nbdgm: "NetBIOS", ssdp: "SSDP", cdp: "CDP", stp: "STP", rdp: "RDP", telnet: "Telnet", ftp: "FTP", mqtt: "MQTT", ads: "ADS", ethercat: "EtherCAT", mms: "MMS", goose: "GOOSE", iec61850_sv: "IEC 61850 SV", hart_ip: "HART-IP", ike: "IKE", socks: "SOCKS", dlr: "DLR", mrp: "MRP", sercos3: "SERCOS III", coap: "CoAP", rtps: "DDS", hsms: "SECS/GEM", powerlink: "POWERLINK", dcerpc: "DCE/RPC", smtp: "SMTP", ldap: "LDAP", kerberos: "Kerberos", quic: "QUIC", amqp: "AMQP", radius: "RADIUS", dhcpv6: "DHCPv6", mysql: "MySQL", postgresql: "PostgreSQL", openvpn: "OpenVPN", wireguard: "WireGuard", ptp: "PTP", tftp: "TFTP", syslog: "Syslog", vrrp: "VRRP", hsrp: "HSRP", tds: "TDS", icmpv6: "ICMPv6", igmp: "IGMP",
  };
  return known[protocol] ?? protocol;
}

const ofProtocol = new Set<Schemas["Grounds"]["why"]>(["programs", "inspects", "answers_in", "is_programmed"]);
const counts = new Set<Schemas["Grounds"]["why"]>(["answers_and_asks", "reads_many", "reads_and_writes", "reads", "units", "routes_between", "watches"]);

/** Why a role is held, as a sentence: "reads and writes values of 3 controllers". */
function Why({ grounds: { why, of } }: { grounds: Schemas["Grounds"] }) {
  const { t, word } = useWords();
  const said = (text = "") => (ofProtocol.has(why) ? protocolName(text) : counts.has(why) ? Number(text) : why === "asks_address_like" ? word("devicerole", text) : text);
  return <>{t(`why.${why}`, { a: said(of[0]), b: said(of[1]) })}</>;
}

/** "SLMP · #18,240", as short as a table needs it. */
export function SourceLine({ fact }: { fact: Schemas["Fact"] }) {
  const { t } = useWords();
  if (fact.by === "person") return <>{t("fact.byPerson", { who: fact.person ?? t("fact.somebody") })}</>;
  const frame = fact.evidence?.frame ? <> · <span className="mono">#{count(fact.evidence.frame)}</span></> : null;
  if (fact.by === "behaviour") return <>{t("fact.byBehaviour")}{fact.grounds ? <> · <Why grounds={fact.grounds} /></> : null}</>;
  if (fact.by === "rule") return <>{t("rules.by", { because: fact.rule ?? "" })}</>;
  if (fact.by === "catalog") return <>{t("fact.byCatalog")}{fact.protocol ? <> · {protocolName(fact.protocol)}</> : null}{frame}</>;
  return <>{fact.protocol ? protocolName(fact.protocol) : t("fact.message")}{frame}</>;
}

export function EvidenceDrawer({ device, name, attribute, onClose }: { device: string; name: string; attribute?: string; onClose(): void }) {
  const { t, word } = useWords();
  const query = useQuery({
    queryKey: ["device", device, "evidence", attribute ?? ""],
    queryFn: ({ signal }) => call("get", "/devices/{device_id}/evidence", {
      path: { device_id: device }, query: attribute ? { attribute: attribute as Schemas["Attribute"] } : {}, signal,
    }),
  });
  const late = useLate(query.isPending);
  const list = query.data?.evidence ?? [];
  return (
    <Drawer open mask={false} width={420} onClose={onClose} title={t("evidence.of", { name })} rootClassName="evidence" styles={{ body: { padding: 0 } }}>
      {query.error ? <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : query.isPending ? (late ? <Bones rows={8} /> : null)
        : list.length === 0 ? <State why={t("evidence.none")} />
        : (
          <ul>
            {list.map((one, index) => (
              <li key={index} className="piece">
                <div className="row"><span className="t3 s13">{word("attribute", one.fact.attribute)}</span><span className="sp" /><Confidence value={one.fact.confidence} /></div>
                <div className="b">{one.fact.value}</div>
                <div className="small t2"><SourceLine fact={one.fact} /></div>
                {one.fact.evidence && <div className="small t3"><SeenIn evidence={one.fact.evidence} /></div>}
                {!one.fact.chosen && <div className="small t3">{t("fact.notChosen")}</div>}
                {one.message && <Hex hex={one.message} marks={marksOfFact(one.fact, one.message)} offset={one.fact.evidence?.offset} />}
              </li>
            ))}
          </ul>
        )}
    </Drawer>
  );
}
