// "?": the keys that work here.
import { Modal } from "antd";
import { Kbd } from "../parts/parts";
import { useWords } from "../look/look";
import type { Key } from "../words/words";

const rows: [string[], Key][] = [
  [["Ctrl K"], "keys.search"], [["/"], "keys.filter"], [["g", "o"], "keys.overview"], [["g", "d"], "keys.devices"],
  [["g", "m"], "keys.map"], [["g", "c"], "keys.conversations"], [["g", "a"], "keys.operations"], [["g", "p"], "keys.capture"], [["j", "k"], "keys.rows"], [["Enter"], "keys.open"],
  [["x"], "keys.select"], [["e"], "keys.evidence"], [["m"], "keys.onMap"], [["[", "]"], "keys.peers"],
  [["a", "t", "r"], "keys.approve"], [["t"], "keys.range"], [["+", "−", "0"], "keys.zoom"], [["f"], "keys.fold"], [["o"], "keys.openDevice"],
  [["Esc"], "keys.back"], [["Shift", "D"], "keys.theme"], [["Shift", "L"], "keys.language"],
];

export function KeyList({ onClose }: { onClose(): void }) {
  const { t } = useWords();
  return (
    <Modal open title={t("keys.title")} footer={null} onCancel={onClose} width={560}>
      <dl className="keylist">
        {rows.map(([keys, does]) => (
          <div key={does} className="row"><dt className="row" style={{ gap: 4 }}>{keys.map((key) => <Kbd key={key}>{key}</Kbd>)}</dt><dd>{t(does)}</dd></div>
        ))}
      </dl>
      <p className="t3 small">{t("keys.off")}</p>
    </Modal>
  );
}
