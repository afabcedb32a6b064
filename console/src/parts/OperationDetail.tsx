// One act with its message: what was read from which bytes, of which frame. Asked for when it is opened.
import { Drawer } from "antd";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { call, type Schemas } from "../api/client";
import { count } from "../format/numbers";
import { useWords } from "../look/look";
import { newness, step } from "./effects";
import { protocolName } from "./Evidence";
import { Hex } from "./Hex";
import { Mark } from "./Icon";
import { marksOfOperation } from "./marks";
import { ObjectName } from "./ObjectName";
import { Bones, Chip, Failed, useLate } from "./parts";
import { Ref } from "./Ref";
import { SeenIn } from "./Capture";
import { When } from "./Time";
import { unitWords } from "./units";

export const codeText = (code: number) => `0x${code.toString(16).padStart(2, "0")}`;

export function useOperation(id: string | undefined) {
  return useQuery({ queryKey: ["operation", id], queryFn: ({ signal }) => call("get", "/operations/{operation_id}", { path: { operation_id: id ?? "" }, signal }), enabled: !!id, staleTime: 60_000 });
}

/** The bytes of it, with the frame they came in. */
export function Message({ id }: { id: string }) {
  const { t } = useWords();
  const query = useOperation(id);
  const late = useLate(query.isPending);
  if (query.error) return <Failed error={query.error} onAgain={() => void query.refetch()} />;
  if (!query.data) return late ? <Bones rows={4} height={20} /> : <div style={{ height: 80 }} />;
  const one = query.data;
  return (
    <>
      {one.evidence && <div className="small t2"><SeenIn evidence={one.evidence} withTime={false} /></div>}
      {one.message ? <Hex hex={one.message} marks={marksOfOperation(one)} offset={one.evidence?.offset} /> : <p className="small t3">{t("op.noBytes")}</p>}
    </>
  );
}

/** Everything that is known of an act, two columns. */
export function OperationFacts({ one }: { one: Schemas["Operation"] }) {
  const { t, word } = useWords();
  return (
    <dl className="kv piece" style={{ gridTemplateColumns: "96px minmax(0, 1fr)" }}>
      <dt>{t("op.who")}</dt><dd><Ref of={one.who} /></dd>
      <dt>{t("op.act")}</dt><dd><span className="row" style={{ gap: 6 }}><i className={`step ${step[one.effect]}`} aria-hidden="true" /><b className="b">{word("act", one.act)}</b><span className="t3">{word("effect", one.effect)}</span>{one.is_new && <><Mark severity={newness(one.effect)} /><span>{t("op.first")}</span></>}</span></dd>
      <dt>{t("op.whom")}</dt><dd><Ref of={one.whom} />{one.unit && <div className="small t3">{unitWords(one.unit, t)}</div>}</dd>
      {one.object && <><dt>{t("op.objectOnly")}</dt><dd><ObjectName of={one} wrap /></dd></>}
      {one.value && <><dt>{t("op.value")}</dt><dd className="mono wrap">{one.value}</dd></>}
      <dt>{t("op.outcome")}</dt><dd>{one.outcome === "refused" ? <Chip kind="low" mark="low">{word("outcome", one.outcome)}</Chip> : word("outcome", one.outcome)}{one.status !== undefined && <span className="t3"> · {t("op.status")} <span className="mono">{codeText(one.status)}</span></span>}</dd>
      <dt>{t("op.time")}</dt><dd><When at={one.at} as="full" />{one.last && one.last !== one.at && one.count > 1 && <> – <When at={one.last} as="full" /></>}</dd>
      {one.count > 1 && <><dt>{t("op.count")}</dt><dd>{t("op.times", { n: count(one.count) })}{one.changes ? <span className="t3"> · {t("op.changes", { n: one.changes })}</span> : null}{one.refused ? <span className="t3"> · {t("device.cellRefused", { n: one.refused })}</span> : null}</dd></>}
      <dt>{t("op.function")}</dt><dd>{protocolName(one.protocol)} <span className="t3"><span className="mono">{codeText(one.function.code)}</span> {one.function.name}</span></dd>
    </dl>
  );
}

export function OperationDrawer({ id, row, onClose }: { id: string; row?: Schemas["Operation"] | undefined; onClose(): void }) {
  const { t } = useWords();
  const query = useOperation(id);
  const one = query.data ?? row;
  const late = useLate(!one && query.isPending);
  return (
    <Drawer open mask={false} width={440} onClose={onClose} title={t("op.title")} rootClassName="evidence" styles={{ body: { padding: 0 } }} keyboard={false}>
      {one ? <OperationFacts one={one} /> : query.error ? <Failed error={query.error} onAgain={() => void query.refetch()} /> : late ? <Bones rows={8} /> : null}
      <section className="piece" aria-label={t("op.message")}>
        <h3 className="b s13">{t("op.message")}</h3>
        <Message id={id} />
      </section>
      {one?.whom.id && (
        <div className="piece row" style={{ flexWrap: "wrap" }}>
          {one.register && <Link className="link acc" to={`/registers/${encodeURIComponent(one.register)}`}>{t("registers.toLedger")}</Link>}
          <Link className="link acc" to={`/operations?view=objects&device=${encodeURIComponent(one.whom.id)}${one.object ? `&q=${encodeURIComponent(one.object)}` : ""}`}>{t("op.toObjects")}</Link>
          {one.who.id && <Link className="link acc" to={`/conversations?device=${encodeURIComponent(one.who.id)}&peer=${encodeURIComponent(one.whom.id)}`}>{t("op.toTalk")}</Link>}
        </div>
      )}
    </Drawer>
  );
}
