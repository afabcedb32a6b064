// Lines are subnets that people gave a name. Subnets that devices were seen in are offered.
import { App } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, type Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { useWords } from "../../look/look";
import { Bones, Failed, State, useComplaint, useLate } from "../../parts/parts";

export function Lines({ compact }: { compact?: boolean }) {
  const { t } = useWords();
  const { may } = useSession();
  const query = useQuery({ queryKey: ["lines"], queryFn: ({ signal }) => call("get", "/lines", { signal }), ...(compact ? { refetchInterval: 5000 } : {}) });
  const late = useLate(query.isPending);
  if (query.error && !query.data) return <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />;
  if (!query.data) return late ? <Bones rows={4} height={43} /> : <div style={{ height: 172 }} />;
  const { lines, found } = query.data;
  const homeless = found.filter((one) => !one.line);
  if (lines.length === 0 && homeless.length === 0) return <State why={t("lines.none")} />;
  const edit = may("line.edit");
  return (
    <>
      <div className="ltbox"><table className="lt lines">
        <thead><tr><th>{t("lines.name")}</th><th>{t("lines.subnets")}</th><th className="r">{t("nav.devices")}</th><th /></tr></thead>
        <tbody>
          {lines.map((line) => <LineRow key={line.id} line={line} edit={edit} />)}
          {homeless.map((one) => <FoundRow key={`${one.subnet}-${one.vlan ?? ""}`} found={one} lines={lines} edit={edit} />)}
        </tbody>
      </table></div>
      {!edit && <p className="pad t3 s13">{t("devices.editBy")}</p>}
      <p className="pad t3 small">{t("correct.what")}</p>
    </>
  );
}

function useDo() {
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const { t } = useWords();
  return async (what: () => Promise<unknown>): Promise<boolean> => {
    try {
      await what();
      void message.success(t("correct.done"));
      const old = ["lines", "facets", "devices", "overview", "map", "site"];
      const refresh = () => void client.invalidateQueries({ predicate: (query) => old.includes(String(query.queryKey[0])) });
      refresh();
      setTimeout(refresh, 1200);
      return true;
    } catch (error) {
      void message.error(complaint(error));
      return false;
    }
  };
}

function LineRow({ line, edit }: { line: Schemas["Line"]; edit: boolean }) {
  const { t } = useWords();
  const [name, setName] = useState(line.name);
  const run = useDo();
  const changed = name.trim() !== "" && name.trim() !== line.name;
  const save = () => void run(() => call("patch", "/lines/{line_id}", { path: { line_id: line.id }, body: { name: name.trim() } }));
  return (
    <tr>
      <td>{edit ? <input className="input s" value={name} maxLength={128} aria-label={t("lines.nameOf", { name: line.name })} onChange={(event) => setName(event.target.value)} onKeyDown={(event) => { if (event.key === "Enter" && changed && !event.nativeEvent.isComposing) save(); }} /> : <span className="b">{line.name}</span>}</td>
      <td className="mono">{line.subnets.join(", ") || <span className="t3">–</span>}</td>
      <td className="r">{t("unit.devices", { n: line.devices })}</td>
      <td className="r">{edit && (changed ? <button type="button" className="btn s p" onClick={save}>{t("do.save")}</button>
        : <button type="button" className="btn q s" onClick={() => void run(() => call("delete", "/lines/{line_id}", { path: { line_id: line.id } }))}>{t("lines.remove")}</button>)}</td>
    </tr>
  );
}

function FoundRow({ found, lines, edit }: { found: Schemas["LineList"]["found"][number]; lines: Schemas["Line"][]; edit: boolean }) {
  const { t } = useWords();
  const [name, setName] = useState("");
  const run = useDo();
  const save = () => {
    const wanted = name.trim();
    const same = lines.find((line) => line.name === wanted);
    void run(() => same
      ? call("patch", "/lines/{line_id}", { path: { line_id: same.id }, body: { subnets: [...same.subnets, found.subnet] } })
      : call("post", "/lines", { body: { name: wanted, subnets: [found.subnet] } }));
  };
  return (
    <tr>
      <td>{edit ? <input className="input s" value={name} maxLength={128} list="line-names" placeholder={t("lines.unnamed")} aria-label={t("lines.nameOf", { name: found.subnet })} onChange={(event) => setName(event.target.value)} onKeyDown={(event) => { if (event.key === "Enter" && name.trim() && !event.nativeEvent.isComposing) save(); }} /> : <span className="t3">{t("lines.unnamed")}</span>}</td>
      <td className="mono">{found.subnet}{found.vlan !== undefined && <span className="t3"> VLAN {found.vlan}</span>}</td>
      <td className="r">{t("unit.devices", { n: found.devices })}</td>
      <td className="r">{edit && <button type="button" className="btn s" disabled={!name.trim()} onClick={save}>{t("lines.add")}</button>}</td>
    </tr>
  );
}
