// The table of every long list: two-line rows of 43 px that never change, a head that stays, only the visible
// rows in the document, rows that are not loaded yet as bones in their place. A grid for a screen reader, with
// its true number of rows; one stop for the keyboard, in which the arrows move.
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useCallback, useEffect, useId, useImperativeHandle, useMemo, useRef, type CSSProperties, type KeyboardEvent, type ReactNode, type Ref } from "react";
import { useWords } from "../look/look";
import { useKeys } from "../app/keys";
import { Icon } from "./Icon";
import { Bone } from "./parts";

export interface Column<Row> {
  key: string;
  title: string;
  /** A CSS grid track: "96px", "minmax(160px, 1.6fr)". */
  width: string;
  least: number;
  cell(row: Row): ReactNode;
  sort?: string;
}

export interface TableHandle { focus(): void }

interface Props<Row> {
  label: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  total: number;
  rowKey(row: Row): string;
  selected: string;
  onSelect(key: string): void;
  onOpen(row: Row): void;
  sort?: string;
  order?: "asc" | "desc";
  onSort?(sort: string, order: "asc" | "desc"): void;
  onNear?(index: number): void;
  checked?: ReadonlySet<string>;
  onCheck?(key: string): void;
  /** A row without a tick: something inside of the row above it. */
  inside?(row: Row): boolean;
  /** ArrowRight and ArrowLeft. False: there is nothing to unfold. */
  onUnfold?(row: Row, open: boolean): boolean;
  onRange?(first: number, last: number): void;
  handle?: Ref<TableHandle>;
  rowHeight?: number;
  keys?: boolean;
}

export function Table<Row>(props: Props<Row>) {
  const { columns, rows, total, rowKey, selected, onSelect, onOpen, sort, order, onSort, onNear, checked, onCheck, onRange } = props;
  const { t } = useWords();
  const id = useId();
  const height = props.rowHeight ?? 43;
  const scroll = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLDivElement>(null);
  useImperativeHandle(props.handle, () => ({ focus: () => grid.current?.focus() }));
  const virtual = useVirtualizer({ count: total, getScrollElement: () => scroll.current, estimateSize: () => height, overscan: 8, scrollPaddingStart: 33, useFlushSync: false });
  const items = virtual.getVirtualItems();
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => { onNear?.(last); }, [last, onNear, rows.length]);

  const view = scroll.current;
  const firstSeen = total === 0 ? 0 : Math.min(total, Math.floor((virtual.scrollOffset ?? 0) / height) + 1);
  const lastSeen = Math.min(total, firstSeen - 1 + Math.max(1, Math.floor(((view?.clientHeight ?? 0) - 33) / height)));
  // The page around the table says which rows these are; while it is scrolled that can wait.
  useEffect(() => {
    const timer = setTimeout(() => onRange?.(firstSeen, lastSeen), 100);
    return () => clearTimeout(timer);
  }, [firstSeen, lastSeen, onRange]);

  const index = selected ? rows.findIndex((row) => rowKey(row) === selected) : -1;
  const move = (to: number) => {
    const target = Math.max(0, Math.min(rows.length - 1, to));
    const row = rows[target];
    if (!row) return;
    onSelect(rowKey(row));
    virtual.scrollToIndex(target, { align: "auto" });
  };
  // A pasted address shows its row.
  const arrived = useRef(false);
  useEffect(() => {
    if (arrived.current || index < 0) return;
    arrived.current = true;
    virtual.scrollToIndex(index, { align: "center" });
  }, [index, virtual]);
  const page = Math.max(1, lastSeen - firstSeen);
  const steps: Record<string, () => number> = {
    j: () => index + 1, k: () => (index < 0 ? 0 : index - 1), ArrowDown: () => index + 1, ArrowUp: () => (index < 0 ? 0 : index - 1),
    PageDown: () => index + page, PageUp: () => index - page, Home: () => 0, End: () => rows.length - 1,
  };
  const act = (key: string): boolean => {
    const step = steps[key];
    if (step) {
      move(step());
      return true;
    }
    const row = rows[index];
    if (!row) return false;
    if (key === "Enter") onOpen(row);
    else if (key === "x" && onCheck && !props.inside?.(row)) onCheck(rowKey(row));
    else if ((key === "ArrowRight" || key === "ArrowLeft") && props.onUnfold) return props.onUnfold(row, key === "ArrowRight");
    else return false;
    return true;
  };
  useKeys(Object.fromEntries(["j", "k", "ArrowDown", "ArrowUp", "ArrowRight", "ArrowLeft", "Enter", "x"].map((key) => [key, () => act(key)])), props.keys ?? true);
  const onKey = (event: KeyboardEvent) => {
    if (!["PageDown", "PageUp", "Home", "End"].includes(event.key) || event.ctrlKey) return;
    if (act(event.key)) event.preventDefault();
  };

  const tracks = (onCheck ? "34px " : "") + columns.map((column) => column.width).join(" ");
  const minWidth = columns.reduce((sum, column) => sum + column.least, onCheck ? 34 : 0);
  const line = useMemo<CSSProperties>(() => ({ gridTemplateColumns: tracks, minWidth }), [tracks, minWidth]);
  const latest = useRef(props);
  latest.current = props;
  const select = useCallback((key: string) => latest.current.onSelect(key), []);
  const open = useCallback((row: Row) => latest.current.onOpen(row), []);
  const check = useCallback((key: string) => latest.current.onCheck?.(key), []);
  return (
    <div className="grid" role="grid" aria-label={props.label} aria-rowcount={total + 1} aria-colcount={columns.length + (onCheck ? 1 : 0)} aria-multiselectable={onCheck ? true : undefined}
      tabIndex={0} ref={grid} onKeyDown={onKey} aria-activedescendant={items.some((item) => item.index === index) ? `${id}-${index}` : undefined}>
      <div className="scroll" ref={scroll} role="presentation">
        <div className="ghead" role="row" aria-rowindex={1} style={line}>
          {onCheck && <div className="gh" role="columnheader"><span className="unheard">{t("table.chosen")}</span></div>}
          {columns.map((column) => {
            const on = column.sort !== undefined && column.sort === sort;
            return (
              <div key={column.key} className="gh" role="columnheader" aria-sort={on ? (order === "desc" ? "descending" : "ascending") : column.sort ? "none" : undefined}>
                {column.sort && onSort
                  ? <button type="button" onClick={() => onSort(column.sort as string, on && order === "asc" ? "desc" : "asc")}><span className="cut">{column.title}</span>{on && <Icon name={order === "desc" ? "down" : "up"} />}</button>
                  : <span className="cut">{column.title}</span>}
              </div>
            );
          })}
        </div>
        <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative", minWidth }}>
          {items.map((item) => {
            const row = rows[item.index];
            const key = row ? rowKey(row) : `bone-${item.index}`;
            return (
              <Line key={key} id={`${id}-${item.index}`} name={row ? key : undefined} row={row} index={item.index} start={item.start} height={height} style={line} columns={columns as Column<unknown>[]}
                inside={row !== undefined && (props.inside?.(row) ?? false)} selected={row !== undefined && key === selected} checked={onCheck ? (checked?.has(key) ?? false) : undefined}
                onSelect={select} onOpen={open as (row: unknown) => void} onCheck={check} />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface LineProps {
  id: string;
  /** Undefined, as the row: not loaded yet. */
  name: string | undefined;
  row: unknown;
  index: number;
  start: number;
  height: number;
  style: CSSProperties;
  columns: Column<unknown>[];
  inside: boolean;
  selected: boolean;
  /** Undefined: rows of this table are not chosen. */
  checked: boolean | undefined;
  onSelect(key: string): void;
  onOpen(row: unknown): void;
  onCheck(key: string): void;
}

/** Drawn anew only when something of it is another: scrolling adds rows and leaves the others as they are. */
const Line = memo(function Line({ id, name, row, index, start, height, style, columns, inside, selected, checked, onSelect, onOpen, onCheck }: LineProps) {
  const { t } = useWords();
  return (
    <div id={id} className={inside ? "grow-row inside" : "grow-row"} role="row" aria-rowindex={index + 2} aria-selected={selected}
      style={{ ...style, width: "100%", height, transform: `translateY(${start}px)` }} data-key={name} onClick={() => name !== undefined && onSelect(name)} onDoubleClick={() => row !== undefined && onOpen(row)}>
      {checked !== undefined && (
        <div className="gc" role="gridcell">
          {name !== undefined && !inside && <input type="checkbox" className="cb" tabIndex={-1} checked={checked} onChange={() => onCheck(name)} onClick={(event) => event.stopPropagation()} aria-label={t("table.choose")} />}
        </div>
      )}
      {columns.map((column, at) => (
        <div key={column.key} className="gc" role="gridcell">{row !== undefined ? column.cell(row) : <Bone width={`${60 - ((index + at) % 3) * 12}%`} />}</div>
      ))}
    </div>
  );
});
