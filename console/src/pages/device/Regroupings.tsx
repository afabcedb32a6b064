// What persons said about whose addresses are whose, each with the button that takes it back; and how one device
// becomes two.
import { App } from "antd";
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router-dom";
import { call, type Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { useWords } from "../../look/look";
import { useComplaint } from "../../parts/parts";
import { When } from "../../parts/Time";

export function refreshDevices(client: QueryClient): void {
  const refresh = () => void client.invalidateQueries({ predicate: (query) => ["device", "devices", "facets", "map", "conversations", "operations"].includes(String(query.queryKey[0])) });
  refresh();
  setTimeout(refresh, 1200);
}

export function Regroupings({ list }: { list: Schemas["Regrouping"][] }) {
  const { t } = useWords();
  const { may } = useSession();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const undo = async (id: string) => {
    setBusy(true);
    try {
      await call("post", "/regroupings/{regrouping_id}/undo", { path: { regrouping_id: id } });
      void message.success(t("regroup.undone"));
    } catch (error) {
      void message.error(complaint(error));
    } finally {
      setBusy(false);
      refreshDevices(client);
    }
  };
  if (list.length === 0) return null;
  return (
    <ul className="regroup" aria-label={t("regroup.list")}>
      {list.map((one) => (
        <li key={one.id} className="row" style={{ gap: 10, flexWrap: "wrap" }}>
          <span className="grow s13">{one.device ? t(`regroup.${one.kind}`, { device: one.device, addresses: one.addresses.join(t("list.comma")) }) : t(`regroup.${one.kind}Gone`, { addresses: one.addresses.join(t("list.comma")) })}</span>
          <span className="small t3">{t("approve.by", { who: one.by })} <When at={one.at} as="full" /></span>
          {may("device.edit") && <button type="button" className="btn s" disabled={busy} onClick={() => void undo(one.id)}>{t("regroup.undo")}</button>}
        </li>
      ))}
    </ul>
  );
}

/** Which addresses are another device: at least one stays. */
export function Split({ row, addresses, busy, setBusy, onClose }: { row: Schemas["DeviceRow"]; addresses: Schemas["DeviceAddress"][]; busy: boolean; setBusy(busy: boolean): void; onClose(): void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const now = addresses.filter((one) => !one.until);
  const turn = (address: string) => setChosen((before) => {
    const after = new Set(before);
    if (!after.delete(address)) after.add(address);
    return after;
  });
  const split = async () => {
    setBusy(true);
    try {
      await call("post", "/devices/{device_id}/split", { path: { device_id: row.id }, body: { addresses: [...chosen] } });
      void message.success(t("split.done"));
      onClose();
      navigate(`/devices/${encodeURIComponent(row.id)}?tab=addresses`); // Where it can be taken back.
      refreshDevices(client);
    } catch (error) {
      void message.error(complaint(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="mergebox" aria-label={t("split.title")}>
      <h3 className="b s13">{t("split.title")}</h3>
      <p className="small t2">{t("split.what")}</p>
      <ul className="splitlist">
        {now.map((one) => <li key={one.address}><label className="row" style={{ gap: 8 }}><input type="checkbox" className="cb" checked={chosen.has(one.address)} onChange={() => turn(one.address)} /><span className="mono s13">{one.address}</span>{one.vendor && <span className="small t3">{one.vendor}</span>}</label></li>)}
      </ul>
      <div><button type="button" className="btn s" disabled={busy || chosen.size === 0 || chosen.size >= now.length} onClick={() => void split()}>{t("split.do")}</button></div>
    </section>
  );
}
