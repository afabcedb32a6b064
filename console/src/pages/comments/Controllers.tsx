// Which controllers a list is of: the ones that fit, with what was seen of them, and any other by its name.
import { Select } from "antd";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { call, type Schemas } from "../../api/client";
import { useWords } from "../../look/look";
import { RoleIcon } from "../../parts/Icon";
import { Bones, useLate } from "../../parts/parts";
import { unitWords } from "../../parts/units";

export type Of = Schemas["CommentOf"];
type Fit = Schemas["CommentFit"];

export function Controllers({ fits, pending, known, value, onChange }: { fits: Fit[] | undefined; pending: boolean; known?: Schemas["CommentList"]["of"]; value: Of[]; onChange(value: Of[]): void }) {
  const { t } = useWords();
  const late = useLate(pending);
  const [typed, setTyped] = useState("");
  const [more, setMore] = useState<Schemas["DeviceRef"][]>([]);
  const found = useQuery({ queryKey: ["devices", "comments", typed], queryFn: ({ signal }) => call("get", "/devices", { query: { q: typed, limit: 30, sort: "name" }, signal }), enabled: typed !== "", placeholderData: keepPreviousData });
  const rows = useMemo(() => {
    const out: { device: Schemas["DeviceRef"]; fit?: Fit }[] = (fits ?? []).map((fit) => ({ device: fit.device, fit }));
    for (const device of [...(known ?? []).map((one) => one.device), ...more]) if (device.id && !out.some((one) => one.device.id === device.id)) out.push({ device });
    return out;
  }, [fits, known, more]);
  if (pending) return late ? <Bones rows={3} height={40} /> : <div style={{ height: 120 }} />;
  const unitOf = (id: string) => value.find((one) => one.device === id)?.unit ?? "";
  const put = (id: string, on: boolean, unit = "") => onChange([...value.filter((one) => one.device !== id), ...(on ? [{ device: id, ...(unit ? { unit } : {}) }] : [])]);
  const says = (fit: Fit) => (fit.seen === 0 ? t("comments.fitMaker") : t("comments.fit", { n: fit.found, seen: fit.seen }));
  return (
    <div className="controllers">
      {rows.length === 0 && <p className="small t2 pad">{t("comments.noFit")}</p>}
      <ul className="actlist">
        {rows.map(({ device, fit }) => {
          const id = device.id ?? "";
          const on = value.some((one) => one.device === id);
          return (
            <li key={id}>
              <label className="row s13" style={{ gap: 8, flexWrap: "nowrap", alignItems: "flex-start" }}>
                <input type="checkbox" className="cb" checked={on} onChange={() => put(id, !on)} />
                <RoleIcon role={device.role} />
                <span className="grow" style={{ minWidth: 0 }}>
                  <span className="cut" style={{ display: "block" }}>{device.name}{device.address && device.address !== device.name && <span className="t3 mono"> {device.address}</span>}</span>
                  {fit && <span className={fit.found > 0 ? "small t2" : "small t3"} style={{ display: "block" }}>{says(fit)}{fit.product && ` · ${fit.product}`}</span>}
                </span>
              </label>
              {on && fit && fit.units.length > 1 && (
                <label className="row small t2" style={{ gap: 6, paddingLeft: 52 }}>{t("comments.unit")}
                  <select className="input s pick" value={unitOf(id)} onChange={(event) => put(id, true, event.target.value)}>
                    <option value="">{t("comments.allUnits")}</option>
                    {fit.units.map((unit) => <option key={unit} value={unit}>{unitWords(unit, t)}</option>)}
                  </select>
                </label>
              )}
            </li>
          );
        })}
      </ul>
      <div className="pad">
        <Select showSearch value={null as string | null} placeholder={t("comments.other")} aria-label={t("comments.other")} style={{ width: "100%" }} filterOption={false} onSearch={setTyped} notFoundContent={typed ? t("palette.nothing") : null}
          options={(found.data?.devices ?? []).map((one) => ({ value: one.id, label: one.address && one.address !== one.name ? `${one.name} · ${one.address}` : one.name }))}
          onChange={(id: string | null) => {
            const device = found.data?.devices.find((one) => one.id === id);
            if (!device) return;
            setMore((all) => [...all, { id: device.id, name: device.name, ...(device.address ? { address: device.address } : {}), role: device.role }]);
            put(device.id, true);
            setTyped("");
          }} />
      </div>
    </div>
  );
}
