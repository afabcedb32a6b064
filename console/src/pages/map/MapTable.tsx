// The same selection as a table: the equivalent for those who do not see the drawing.
import { Link } from "react-router-dom";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { step } from "../../parts/effects";
import { protocolName } from "../../parts/Evidence";
import { Mark, RoleIcon } from "../../parts/Icon";
import { State } from "../../parts/parts";
import { pageOf, type Graph, type Node } from "./model";

export function MapTable({ graph, selected, found }: { graph: Graph; selected: string; found: readonly string[] | null }) {
  const { t, word } = useWords();
  const kept = found ? new Set(found) : null;
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const list = graph.bundles.filter((bundle) => (!selected || bundle.id === selected || bundle.a === selected || bundle.b === selected || !nodes.has(selected) && !selected.includes("~")) && (!kept || kept.has(bundle.a) || kept.has(bundle.b)))
    .sort((a, b) => Number(b.loud !== null) - Number(a.loud !== null) || b.messages - a.messages);
  const most = 500;
  const end = (node: Node | undefined) => node && (
    <span className="row" style={{ gap: 6 }}><RoleIcon role={node.role} />{pageOf(node) ? <Link className="cut" to={`/devices/${encodeURIComponent(pageOf(node) ?? "")}`}>{node.name}</Link> : <span className="cut">{t("map.folded", { name: node.name, n: node.devices.length })}</span>}</span>
  );
  if (list.length === 0) return <State why={t("map.noPairs")} />;
  return (
    <div className="mtable" tabIndex={0} role="region" aria-label={t("do.table")}>
      <table className="lt">
        <thead><tr><th>{t("talk.from")}</th><th>{t("talk.to")}</th><th>{t("map.acts")}</th><th>{t("column.protocols")}</th><th className="r">{t("map.messages")}</th></tr></thead>
        <tbody>
          {list.slice(0, most).map((bundle) => (
            <tr key={bundle.id}>
              <td>{end(nodes.get(bundle.a))}</td><td>{end(nodes.get(bundle.b))}</td>
              <td><span className="row" style={{ gap: 6 }}><i className={`step ${step[bundle.effect]}`} title={t(`effect.${bundle.effect}`)} />{bundle.loud && <Mark severity={bundle.loud} />}<span className="cut">{bundle.acts.map((act) => `${word("act", act.act)} ${count(act.count)}`).join(t("list.comma"))}</span></span>{bundle.acts.some((act) => act.is_new) && <div className="l2">{t("map.firstActs", { acts: bundle.acts.filter((act) => act.is_new).map((act) => word("act", act.act)).join(t("list.comma")) })}</div>}</td>
              <td className="t2"><div className="cut">{bundle.protocols.map(protocolName).join(", ")}</div></td><td className="r">{count(bundle.messages)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {list.length > most && <p className="pad small t3">{t("map.tableCut", { n: list.length, shown: most })}</p>}
    </div>
  );
}
