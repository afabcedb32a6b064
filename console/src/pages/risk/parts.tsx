// What the page of risks and a device's own share: a score with its band, three factors as bars, an action in words.
import type { Schemas } from "../../api/client";
import { useWords } from "../../look/look";
import { protocolName } from "../../parts/Evidence";
import { Mark } from "../../parts/Icon";
import { Chip } from "../../parts/parts";
import type { Key } from "../../words/words";
import { markOfBand, type Band } from "./terms";

export function Score({ score, band, large }: { score: number; band: Band; large?: boolean }) {
  const { t } = useWords();
  const mark = markOfBand(band);
  return (
    <span className={large ? "score large" : "score"} title={t(`risk.band.${band}`)}>
      {mark ? <Mark severity={mark} /> : <span className="svroom" aria-hidden="true" />}<b>{score}</b><span className="unheard">{t(`risk.band.${band}`)}</span>
    </span>
  );
}

/** 0 to 100, in one grey: a factor alone is no reason to look. */
export function FactorBar({ value }: { value: number }) {
  return <span className="fbar"><span className="fbarline" aria-hidden="true"><i style={{ width: `${value}%` }} /></span><span className="fbarn">{value}</span></span>;
}

export interface Said { kind: Schemas["RiskActionKind"]; name?: string; id?: string; missing?: string }

/** What is to be done, as a sentence. */
export function useAction(): (action: Said) => string {
  const { t, word } = useWords();
  return (action) => {
    const name = action.name === undefined ? t("risk.noLineDevices") : action.kind === "close_service" ? protocolName(action.name) : action.name;
    const fact = action.missing ? word("weakness.missing", action.missing) : "";
    return t(`risk.do.${action.kind}` as Key, { name, fact });
  };
}

export function AtBest() {
  const { t } = useWords();
  return <Chip title={t("risk.atBestHow")}>{t("risk.atBest")}</Chip>;
}
