// A person's word about a device. It is recorded, shown as such, and no rule overrides it.
import { App, Modal, Select } from "antd";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useNavigate } from "react-router-dom";
import { call, type Schemas } from "../../api/client";
import { useWords } from "../../look/look";
import { useComplaint } from "../../parts/parts";
import { Split } from "./Regroupings";

const roles: Schemas["DeviceRole"][] = ["plc", "safety_controller", "remote_io", "drive", "robot", "cnc", "hmi", "operator_panel", "scada_server", "historian", "opc_server", "mes", "erp",
  "engineering_station", "rtu", "protection_relay", "meter", "sensor", "camera", "barcode_reader", "printer", "switch", "router", "firewall", "access_point", "wireless_bridge", "gateway",
  "serial_server", "time_server", "server", "workstation", "mobile", "virtual_host", "building_controller", "ups", "unknown"];

export function Correct({ row, facts, addresses, onClose }: { row: Schemas["DeviceRow"]; facts: Schemas["Fact"][]; addresses: Schemas["DeviceAddress"][]; onClose(): void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const [name, setName] = useState(row.name);
  const [role, setRole] = useState<string>(row.role);
  const [line, setLine] = useState(row.line?.id ?? "");
  const [busy, setBusy] = useState(false);
  const [merging, setMerging] = useState(false);
  const [splitting, setSplitting] = useState(false);
  const several = addresses.filter((one) => !one.until).length > 1;
  const lines = useQuery({ queryKey: ["lines"], queryFn: ({ signal }) => call("get", "/lines", { signal }) });
  const byHand = useMemo(() => new Set(facts.filter((fact) => fact.by === "person").map((fact) => fact.attribute)), [facts]);

  const save = async (correction: Schemas["DeviceCorrection"]) => {
    if (Object.keys(correction).length === 0) {
      onClose();
      return;
    }
    setBusy(true);
    try {
      await call("patch", "/devices/{device_id}", { path: { device_id: row.id }, body: correction });
      void message.success(t("correct.done"));
      onClose();
      // The answer says "recorded"; lists show it within a second.
      const refresh = () => void client.invalidateQueries({ predicate: (query) => ["device", "devices", "facets", "map"].includes(String(query.queryKey[0])) });
      refresh();
      setTimeout(refresh, 1200);
    } catch (error) {
      void message.error(complaint(error));
    } finally {
      setBusy(false);
    }
  };
  const changed = (): Schemas["DeviceCorrection"] => ({
    ...(name.trim() && name.trim() !== row.name ? { name: name.trim() } : {}),
    ...(role !== row.role ? { role: role as Schemas["DeviceRole"] } : {}),
    ...(line !== (row.line?.id ?? "") ? { line: line || null } : {}),
  });
  const back = (what: "name" | "role" | "line") => byHand.has(what) && (
    <button type="button" className="link small" disabled={busy} onClick={() => void save({ [what]: null })}>{t("correct.giveBack")}</button>
  );
  return (
    <Modal open title={t("correct.title", { name: row.name })} onCancel={onClose} width={480}
      footer={[
        <button key="cancel" type="button" className="btn" onClick={onClose}>{t("do.cancel")}</button>,
        <button key="save" type="button" className="btn p" style={{ marginLeft: 8 }} disabled={busy || Object.keys(changed()).length === 0} onClick={() => void save(changed())}>{t("correct.save")}</button>,
      ]}>
      <div className="col" style={{ gap: 14 }}>
        <div className="field"><label htmlFor="c-name">{t("correct.name")}</label><input id="c-name" className="input" value={name} maxLength={128} autoFocus onChange={(event) => setName(event.target.value)} />{back("name")}</div>
        <div className="field"><label htmlFor="c-role">{t("column.role")}</label>
          <select id="c-role" className="input" value={role} onChange={(event) => setRole(event.target.value)}>{roles.map((one) => <option key={one} value={one}>{t(`devicerole.${one}`)}</option>)}</select>{back("role")}</div>
        <div className="field"><label htmlFor="c-line">{t("column.line")}</label>
          <select id="c-line" className="input" value={line} onChange={(event) => setLine(event.target.value)}><option value="">{t("devices.lineBySubnet")}</option>{(lines.data?.lines ?? []).map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}</select>{back("line")}</div>
        <p className="small t3">{t("correct.what")}</p>
        {merging ? <Merge row={row} busy={busy} setBusy={setBusy} onClose={onClose} />
          : splitting ? <Split row={row} addresses={addresses} busy={busy} setBusy={setBusy} onClose={onClose} />
          : <div className="row" style={{ gap: 16, flexWrap: "wrap" }}><button type="button" className="link acc s13" onClick={() => setMerging(true)}>{t("merge.open")}</button>{several && <button type="button" className="link acc s13" onClick={() => setSplitting(true)}>{t("split.open")}</button>}</div>}
      </div>
    </Modal>
  );
}

/** Two entries for one thing: which one stays, then the same question again with both names, then it is recorded. */
function Merge({ row, busy, setBusy, onClose }: { row: Schemas["DeviceRow"]; busy: boolean; setBusy(busy: boolean): void; onClose(): void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const [into, setInto] = useState<{ id: string; name: string } | null>(null);
  const found = useQuery({
    queryKey: ["devices", "merge", typed], queryFn: ({ signal }) => call("get", "/devices", { query: { ...(typed ? { q: typed } : {}), limit: 20, sort: "name" }, signal }), placeholderData: keepPreviousData,
  });
  const others = (found.data?.devices ?? []).filter((one) => one.id !== row.id);
  const merge = async () => {
    if (!into) return;
    setBusy(true);
    try {
      await call("post", "/devices/{device_id}/merge", { path: { device_id: row.id }, body: { into: into.id } });
      void message.success(t("merge.done", { into: into.name }));
      onClose();
      navigate(`/devices/${encodeURIComponent(into.id)}`);
      const refresh = () => void client.invalidateQueries({ predicate: (query) => ["device", "devices", "facets", "map", "conversations", "operations"].includes(String(query.queryKey[0])) });
      setTimeout(refresh, 1200);
    } catch (error) {
      void message.error(complaint(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="mergebox" aria-label={t("merge.title")}>
      <h3 className="b s13">{t("merge.title")}</h3>
      <p className="small t2">{t("merge.what")}</p>
      <div className="field"><label htmlFor="c-into">{t("merge.into")}</label>
        <Select id="c-into" showSearch filterOption={false} onSearch={setTyped} value={into?.id} placeholder={t("objects.chooseDevice")} notFoundContent={t("palette.nothing")} style={{ width: "100%" }}
          options={others.map((one) => ({ value: one.id, label: one.address && one.address !== one.name ? `${one.name} · ${one.address}` : one.name }))}
          onChange={(id: string) => { const one = others.find((other) => other.id === id); if (one) setInto({ id: one.id, name: one.name }); }} />
      </div>
      {into && <p className="small">{t("merge.sure", { name: row.name, into: into.name })}</p>}
      <div><button type="button" className="btn s" disabled={busy || !into} onClick={() => void merge()}>{t("merge.do")}</button></div>
    </section>
  );
}
