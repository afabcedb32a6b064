// What a file's table holds and what is wrong with it, before anything is taken in: the same for every kind of table.
import { useMemo, type ReactNode } from "react";
import { count } from "../format/numbers";
import { useWords } from "../look/look";
import type { Key } from "../words/words";
import { Mark } from "./Icon";
import { Panel } from "./parts";
import { letters } from "./TableDrop";

export interface CellProblem { row: number; column: number; heading: string; value: string; code: string; args: readonly { name: string; value: string }[] }

/**
 * What is wrong with a cell, in plain words: those of its code below `prefix`, without the code's own first word. Codes that
 * this console does not know yet are named. `named` says an argument's value in words.
 */
export function useProblemWords(prefix: string, named: (name: string, value: string) => string = (_, value) => value) {
  const { t } = useWords();
  return (one: CellProblem): string => {
    const values = Object.fromEntries(one.args.map(({ name, value }) => [name, named(name, value)]));
    const key = `${prefix}.${one.code.slice(one.code.indexOf(".") + 1)}` as Key;
    const words = t(key, { row: "", field: "", most: "", ...values, value: one.value, heading: one.heading });
    return words === key ? t("ledgerproblem.other", { code: one.code, value: one.value }) : words;
  };
}
type Say = ReturnType<typeof useProblemWords>;

/** The first rows below a head of one choice a column: what it is taken for. `first` is the first row's number. */
export function Sample<Of extends string>({ headings, rows, first, taken, of, word, problems, say, fresh, height, choose, children }: {
  headings: readonly string[]; rows: readonly (readonly string[])[]; first: number; taken: readonly (Of | null)[]; of: readonly Of[]; word(of: Of): string;
  problems: readonly CellProblem[]; say: Say; fresh: boolean; height?: number; choose(at: number, of: Of | null): void; children: ReactNode;
}) {
  const { t } = useWords();
  const bad = useMemo(() => new Map(problems.map((one) => [`${one.row} ${one.column}`, one])), [problems]);
  return (
    <>
      <div className="pvbox" role="region" tabIndex={0} aria-label={t("ledger.sample")} aria-busy={!fresh} style={height ? { maxHeight: height } : undefined}>
        <table className="pv">
          <thead>
            <tr>
              <th scope="col"><span className="unheard">{t("ledger.row")}</span></th>
              {taken.map((one, at) => (
                <th key={at} scope="col" className={one ? undefined : "unused"}>
                  <select className="input s" value={one ?? ""} aria-label={t("ledger.meaningOf", { column: letters(at + 1), heading: headings[at] ?? "" })} onChange={(event) => choose(at, (event.target.value || null) as Of | null)}>
                    <option value="">{t("ledger.unused")}</option>
                    {of.map((each) => <option key={each} value={each}>{word(each)}</option>)}
                  </select>
                  <div className="heading" title={headings[at]}><span className="t3 mono">{letters(at + 1)}</span> {headings[at] || <span className="t3">{t("ledger.noHeading")}</span>}</div>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((cells, at) => {
              const row = first + at;
              const whole = bad.get(`${row} 0`);
              return (
                <tr key={row}>
                  <th scope="row" className={whole ? "bad" : undefined} title={whole ? say(whole) : undefined}>{whole && <Mark severity="low" />}{row}</th>
                  {taken.map((one, place) => {
                    const problem = bad.get(`${row} ${place + 1}`);
                    return <td key={place} className={problem ? "bad" : one ? undefined : "unused"} title={problem ? say(problem) : cells[place]}>{problem && <Mark severity="low" />}{cells[place]}</td>;
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p className="small t3 pad">{children}</p>
    </>
  );
}

export function Problems({ problems, all, say }: { problems: readonly CellProblem[]; all: number; say: Say }) {
  const { t } = useWords();
  return (
    <Panel title={t("ledger.problems")} count={count(all)}>
      <div className="problems" role="region" tabIndex={0} aria-label={t("ledger.problems")}>
        <table className="id">
          <thead><tr><th scope="col">{t("ledger.row")}</th><th scope="col">{t("ledger.column")}</th><th scope="col">{t("ledger.problem")}</th></tr></thead>
          <tbody>
            {problems.map((one, at) => (
              <tr key={at}>
                <td className="nw">{t("ledger.rowIs", { n: one.row })}</td>
                <td>{one.column > 0 ? <span className="wrap"><span className="mono">{letters(one.column)}</span> {one.heading}</span> : <span className="t3">{t("ledger.wholeRow")}</span>}</td>
                <td className="wrap">{say(one)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {all > problems.length && <p className="small t3 pad">{t("ledger.problemsCut", { n: all, shown: problems.length })}</p>}
    </Panel>
  );
}
