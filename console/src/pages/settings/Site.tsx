// The plant's name and time zone.
import { App } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState, type FormEvent } from "react";
import { call, type Schemas } from "../../api/client";
import { useWords } from "../../look/look";
import { useComplaint } from "../../parts/parts";

function zones(): string[] {
  const listed = (Intl as unknown as { supportedValuesOf?: (what: string) => string[] }).supportedValuesOf?.("timeZone") ?? ["Asia/Tokyo"];
  return listed.includes("UTC") ? listed : [...listed, "UTC"];
}

export function Site({ site, onDone }: { site: Schemas["Site"]; onDone?(): void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const [name, setName] = useState(site.name);
  const [zone, setZone] = useState(site.time_zone || Intl.DateTimeFormat().resolvedOptions().timeZone || "Asia/Tokyo");
  const list = useMemo(zones, []);
  const [busy, setBusy] = useState(false);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      client.setQueryData(["site"], await call("put", "/site", { body: { name: name.trim(), time_zone: zone } }));
      void message.success(t("site.saved"));
      onDone?.();
    } catch (error) {
      void message.error(complaint(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="row" style={{ gap: 12, alignItems: "flex-end", flexWrap: "wrap" }} onSubmit={(event) => void save(event)}>
      <div className="field" style={{ flex: "1 1 220px" }}><label htmlFor="s-name">{t("site.name")}</label><input id="s-name" className="input" value={name} maxLength={128} onChange={(event) => setName(event.target.value)} placeholder={t("site.example")} /></div>
      <div className="field" style={{ flex: "1 1 180px" }}><label htmlFor="s-zone">{t("site.zone")}</label>
        <select id="s-zone" className="input" value={zone} onChange={(event) => setZone(event.target.value)}>{!list.includes(zone) && <option value={zone}>{zone}</option>}{list.map((one) => <option key={one} value={one}>{one}</option>)}</select></div>
      <button type="submit" className="btn p" disabled={busy || !name.trim()}>{t("do.save")}</button>
    </form>
  );
}
