// What every list has above and beside it: the filter box, facets, chips of what is on, export.
import { useEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import { address, type Schemas } from "../api/client";
import { count } from "../format/numbers";
import { useLook, useWords } from "../look/look";
import { Icon } from "./Icon";
import { useKeys, type KeyMap } from "../app/keys";
import { Kbd, Pop } from "./parts";
import type { TableHandle } from "./Table";
import type { Url } from "./url";

/** Typing is local and reaches the address a moment later, so that letters never wait for the network. */
export function FilterBox({ value, onChange, inputRef, onDown, label, how }: { value: string; onChange(value: string): void; inputRef: RefObject<HTMLInputElement>; onDown(): void; label: string; how: string }) {
  const [text, setText] = useState(value);
  const told = useRef(value);
  useEffect(() => {
    if (value !== told.current) { told.current = value; setText(value); }
  }, [value]);
  useEffect(() => {
    if (text === told.current) return;
    const timer = setTimeout(() => { told.current = text; onChange(text); }, 180);
    return () => clearTimeout(timer);
  }, [text, onChange]);
  return (
    <label className="search" style={{ flex: "0 1 340px" }}>
      <Icon name="find" />
      <input ref={inputRef} value={text} onChange={(event) => setText(event.target.value)} placeholder={label} aria-label={label} title={how}
        maxLength={256} spellCheck={false} autoComplete="off" aria-keyshortcuts="/" onKeyDown={(event) => { if (event.key === "ArrowDown" || (event.key === "Enter" && !event.nativeEvent.isComposing)) { event.preventDefault(); onDown(); } }} />
      <Kbd>/</Kbd>
    </label>
  );
}

type Facet = Omit<Schemas["Facet"], "count"> & { count?: number };
export function FacetGroup({ name, title, list, several, most, words, url, also }: { name: string; title: string; list: Facet[]; several: boolean; most: number; words(facet: Facet): string; url: Url; /** What else changes with a tick. */ also?: Record<string, null> }) {
  const { t } = useWords();
  const [all, setAll] = useState(false);
  const on = url.all(name);
  if (list.length === 0) return null;
  const shown = all ? list : list.filter((facet, index) => index < most || on.includes(facet.value));
  const toggle = (value: string) => {
    const next = on.includes(value) ? on.filter((one) => one !== value) : several ? [...on, value] : [value];
    url.set({ sel: null, ...also, [name]: next });
  };
  return (
    <fieldset>
      <legend>{title}</legend>
      {shown.map((facet) => (
        <label key={facet.value} title={words(facet)}>
          <input type="checkbox" className="cb" checked={on.includes(facet.value)} onChange={() => toggle(facet.value)} />
          <span className="cut">{words(facet)}</span><span className="n">{facet.count === undefined ? "" : count(facet.count)}</span>
        </label>
      ))}
      {list.length > most && <button type="button" className="link small" onClick={() => setAll(!all)}>{all ? t("devices.fewer") : t("devices.more", { n: list.length - most })}</button>}
    </fieldset>
  );
}

export interface Chosen { name: string; value: string; words: string }
export function Chips({ chips, url }: { chips: Chosen[]; url: Url }) {
  const { t } = useWords();
  return (
    <div className="row chips">
      {chips.map((chip) => (
        <span key={chip.name + chip.value} className="chip sel"><span>{chip.words}</span>
          <button type="button" className="x" aria-label={t("devices.takeOff", { name: chip.words })} onClick={() => url.set({ sel: null, [chip.name]: url.all(chip.name).filter((one) => one !== chip.value) })}><Icon name="close" /></button>
        </span>
      ))}
    </div>
  );
}

/** The rows of the filter as a file, whichever a reader opens more easily. */
export function Export({ path, query, narrow, pathValues, more }: { path: string; query: object; narrow?: boolean; pathValues?: object; /** Other files that are looked for here. */ more?(close: () => void): ReactNode }) {
  const { t } = useWords();
  const { lang } = useLook();
  return (
    <Pop icon="save" align="right" title={t("export.what")} label={narrow ? <span className="unheard">{t("export.do")}</span> : t("export.do")}>
      {(close) => (
        <>
          <div className="title">{t("export.what")}</div>
          <a className="item" href={address(path, { ...query, format: "xlsx", lang }, pathValues)} download onClick={close}>{t("export.xlsx")}</a>
          <a className="item" href={address(path, { ...query, format: "csv", lang }, pathValues)} download onClick={close}>{t("export.csv")}</a>
          {more?.(close)}
        </>
      )}
    </Pop>
  );
}

/** Which columns a list shows; the first is always there. What is not the usual choice stands in the address. */
export function ColumnsMenu({ all, usual, shown, fixed, narrow, url }: { all: readonly { key: string; title(t: ReturnType<typeof useWords>["t"]): string }[]; usual: readonly string[]; shown: readonly string[]; fixed: string; narrow: boolean; url: Url }) {
  const { t } = useWords();
  const toggle = (changed: string) => {
    const next = all.map((one) => one.key).filter((key) => (key === changed ? !shown.includes(key) : shown.includes(key)));
    url.set({ cols: next.join(",") === usual.join(",") ? null : next.join(",") });
  };
  return (
    <Pop icon="col" align="right" label={narrow ? <span className="unheard">{t("devices.columns")}</span> : t("devices.columns")} title={t("devices.columns")}>
      {all.map((column) => (
        <label key={column.key}>
          <input type="checkbox" className="cb" disabled={column.key === fixed} checked={shown.includes(column.key)} onChange={() => toggle(column.key)} />
          {column.title(t)}
        </label>
      ))}
    </Pop>
  );
}

/** The keys of every list: "/" to its filter, Escape out of it, then out of whatever `leave` closes first; false: nothing was open. */
export function useListKeys(box: RefObject<HTMLInputElement>, table: RefObject<TableHandle>, leave: () => boolean, more: KeyMap): void {
  useKeys({
    "/": () => { box.current?.focus(); box.current?.select(); },
    Escape: () => {
      if (document.activeElement === box.current) { table.current?.focus(); return true; }
      return leave();
    },
    ...more,
  });
}
