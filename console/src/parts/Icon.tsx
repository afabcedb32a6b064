// Icons come from one sprite, drawn into the page once; role is told by shape, never by colour.
import { memo, useEffect } from "react";
import sprite from "../look/icons.svg?raw";
import { useWords } from "../look/look";
import type { Schemas } from "../api/client";
import type { Key } from "../words/words";

export type Role = Schemas["DeviceRole"];

/** Puts the sprite into the document; `use` with a fragment finds it there and inherits the page's colours. */
export function Sprite() {
  useEffect(() => {
    if (document.getElementById("sprite")) return;
    const parsed = new DOMParser().parseFromString(sprite, "image/svg+xml").documentElement;
    parsed.id = "sprite";
    parsed.setAttribute("width", "0");
    parsed.setAttribute("height", "0");
    parsed.setAttribute("aria-hidden", "true");
    (parsed as unknown as SVGElement).style.position = "absolute";
    document.body.prepend(document.importNode(parsed, true));
  }, []);
  return null;
}

export const Icon = memo(function Icon({ name, size }: { name: string; size?: 20 | 24 | 28 }) {
  return <svg className={size ? `i i${size}` : "i"} aria-hidden="true"><use href={`#i-${name}`} /></svg>;
});

const icons: Record<Role, string> = {
  plc: "plc", safety_controller: "safety", remote_io: "rio", drive: "drive", robot: "robot", cnc: "cnc", hmi: "hmi",
  operator_panel: "hmi", scada_server: "scada", historian: "hist", opc_server: "server", mes: "server", erp: "server",
  engineering_station: "eng", rtu: "rtu", protection_relay: "relay", meter: "meter", sensor: "probe", camera: "camera",
  barcode_reader: "reader", printer: "printer", switch: "switch", router: "router", firewall: "fw", access_point: "ap",
  wireless_bridge: "ap", gateway: "gw", serial_server: "gw", time_server: "clock", server: "server", workstation: "pc",
  mobile: "hand", virtual_host: "server", building_controller: "building", ups: "relay", unknown: "unknown",
};
export function roleIcon(role: Role | undefined): string {
  return icons[role ?? "unknown"] ?? "unknown";
}
export function RoleIcon({ role, size }: { role: Role | undefined; size?: 20 | 24 | 28 }) {
  return <Icon name={roleIcon(role)} {...(size ? { size } : {})} />;
}

export type Severity = "crit" | "high" | "med" | "low" | "ok";
export function Mark({ severity, size }: { severity: Severity; size?: 18 | 24 }) {
  const { t } = useWords();
  return (
    <svg className={size ? `sv sv${size}` : "sv"} role="img" aria-label={t(`severity.${severity}` as Key)}>
      <use href={`#sv-${severity}`} />
    </svg>
  );
}
